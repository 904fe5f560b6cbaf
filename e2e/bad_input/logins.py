"""Requests for tokens with every field missing, empty, too long or of another type; and wrong ones."""

import copy
import json
from dataclasses import replace

from bad_input import Case, shown

BAD_TYPES = [0, 1.5, True, [], ["a"], {}]


def cases(world):
    good = {
        "auth": {
            "identity": {
                "methods": ["password"],
                "password": {"user": {"name": world.user, "password": world.password, "domain": {"id": world.domain}}},
            },
            "scope": {"project": {"id": world.project}},
        }
    }

    def case(status, change, name):
        body = copy.deepcopy(good)
        body = change(body) or body
        return Case(name, "POST", "/v3/auth/tokens", status, body=json.dumps(body).encode(), credentials="none", iam=True)

    def put(path, value):
        def change(body):
            at = body
            for step in path[:-1]:
                at = at[step]
            at[path[-1]] = value

        return change

    def drop(path):
        def change(body):
            at = body
            for step in path[:-1]:
                at = at[step]
            del at[path[-1]]

        return change

    identity = ("auth", "identity")
    user = (*identity, "password", "user")
    required = [("auth",), identity, (*identity, "methods"), (*identity, "password"), user]
    required += [(*user, "name"), (*user, "password"), (*user, "domain")]
    for path in required:
        yield case(400, drop(path), f"without {'.'.join(path)}")
    for path in [*required, ("auth", "scope"), ("auth", "scope", "project"), ("auth", "scope", "project", "id")]:
        for value in BAD_TYPES:
            if acceptable(path, value):
                continue
            yield case(400, put(path, value), f"{'.'.join(path)} = {shown(json.dumps(value))}")
    for value in ([], ["password", "token"], ["password", "password"], ["totp"], ["PASSWORD"], [""], ["token"], [1]):
        yield case(400, put((*identity, "methods"), value), f"methods {value}")
    for path in ((*user, "name"), (*user, "password"), (*user, "domain", "id"), ("auth", "scope", "project", "id")):
        for value in ("", "a" * 4097, "a\0", "a\n"):
            yield case(400, put(path, value), f"{'.'.join(path)} {shown(value)}")
    for value in ("project", "", "Unscoped"):
        yield case(400, put(("auth", "scope"), value), f"scope {value!r}")
    for value in ({"project": {}}, {"project": {"name": ""}}, {"domain": {}}, {"domain": {"id": ""}}):
        yield case(400, put(("auth", "scope"), value), f"scope {json.dumps(value)}")
    for value in (world.other_project, "0" * 32, "a", "' or 1=1 --"):
        yield case(401, put(("auth", "scope"), {"project": {"id": value}}), f"project {value}")
        yield case(401, put(("auth", "scope"), {"project": {"name": value}}), f"project name {value}")
        yield case(401, put(("auth", "scope"), {"domain": {"id": value}}), f"domain {value}")
    for value in ("nobody", world.user + " ", world.user.upper(), "' or 1=1 --", "*"):
        yield case(401, put((*user, "name"), value), f"user {value!r}")
    for value in (world.password + " ", world.password.upper(), "x", "é", "x" * 4096):
        yield case(401, put((*user, "password"), value), f"password {shown(value)}")
    yield from by_token(world)
    yield from at_the_limit(case, put, user)


def at_the_limit(case, put, user):
    """At the limit only the password is wrong."""
    for length, status in ((4096, 401), (4097, 400)):
        yield case(status, put((*user, "password"), "p" * length), f"a password of {length} bytes")
    for length, status in ((16384, 401), (16385, 400)):
        wrong = case(401, put((*user, "password"), "wrong"), "")
        body = wrong.body + b" " * (length - len(wrong.body))
        yield replace(wrong, name=f"a log-in of {length} bytes", body=body, status=status)


def acceptable(path, value):
    """What is no mistake: a scope and a domain may be left out, and an empty object is nearly that."""
    return path == ("auth", "scope") and value == {}


def by_token(world):
    def case(status, token, name, scope=None):
        body = {"auth": {"identity": {"methods": ["token"], "token": token}, "scope": scope or "unscoped"}}
        return Case(name, "POST", "/v3/auth/tokens", status, body=json.dumps(body).encode(), credentials="none", iam=True)

    for token in ({}, {"id": ""}, {"id": 1}, {"id": None}, {"id": []}, "a", 1, [], {"id": "a" * 4097}, {"id": "\0"}):
        yield case(400, token, f"token {shown(json.dumps(token))}")
    for token in ("x", "0" * 64, world.tokens["token"][:-1], world.tokens["token"].upper()):
        yield case(401, {"id": token}, f"token {shown(token)}")
    for scope in ({"project": {"id": world.other_project}}, {"project": {"name": "nowhere"}}, {"domain": {"name": "x"}}):
        yield case(401, {"id": world.tokens["token"]}, f"scope {json.dumps(scope)}", scope)
