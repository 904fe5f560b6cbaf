"""Malformed requests with the answer each must get, written down by hand or as honest products of two lists.

A module of this package has `cases(world)`, which yields them; `world` knows the service's ids and credentials.
"""

import importlib
import zlib
from dataclasses import dataclass, field
from urllib.parse import quote

TOPICS = ("bodies", "fields", "headers", "identity", "ids", "logins", "paths", "properties", "queries", "signatures")


@dataclass(frozen=True)
class Case:
    """One request and its answer. `code` is that of the whole answer; `entry` that of the first of its `jobs`."""

    name: str
    method: str
    target: str
    status: int
    code: str | None = None
    entry: str | None = None
    body: bytes = b""
    headers: dict = field(default_factory=dict)
    credentials: str = "token"
    iam: bool = False


@dataclass(frozen=True)
class World:
    """What the cases are about."""

    host: str
    project: str
    other_project: str
    phone: str
    foreign_phone: str
    server: str
    image: str
    foreign_image: str
    user: str
    password: str
    domain: str
    ak: str
    sk: str
    tokens: dict

    @property
    def base(self):
        return f"/v1/{self.project}/cloud-phone"

    def at(self, path):
        return self.base + path


def all_cases(world):
    """Every case, its name preceded by its topic."""
    for topic in TOPICS:
        for case in importlib.import_module(f"bad_input.{topic}").cases(world):
            yield topic, case


def shown(value):
    """A value as part of a case's name."""
    text = value if isinstance(value, str) else repr(value)
    text = quote(text, safe="{}[]\":,. ()=;/'@-_<>")
    return text if len(text) <= 40 else f"{text[:30]}..{len(text)}-{zlib.crc32(text.encode()):x}"
