"""HTTP/1.1 as bytes on a socket: sends what no library would, and reads every answer that comes."""

import contextlib
import json
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Answer:
    """One answer; header names in small letters."""

    status: int
    headers: dict
    body: bytes

    def json(self):
        return json.loads(self.body)


def address(endpoint):
    at = urlsplit(endpoint)
    return at.hostname, at.port


def connect(endpoint, timeout=30):
    return socket.create_connection(address(endpoint), timeout)


def request_bytes(method, target, headers, body=b""):
    """A request; `headers` are pairs, each value text of single bytes."""
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers)]
    if body or method not in ("GET", "HEAD", "DELETE"):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def read_answer(stream):
    """The next answer of a stream, or None at its end."""
    line = stream.readline(65536)
    if not line:
        return None
    headers = {}
    while (field := stream.readline(65536).rstrip(b"\r\n")):
        name, _, value = field.partition(b":")
        headers[name.decode("latin-1").lower()] = value.strip().decode("latin-1")
    return Answer(int(line.split()[1]), headers, stream.read(int(headers.get("content-length", 0))))


class Keeper:
    """A connection that is kept as long as the service keeps it."""

    def __init__(self, endpoint):
        self.endpoint = endpoint
        self.socket = None
        self.opened = 0

    def ask(self, data):
        """The answer to a request; a service that closed the connection meanwhile gets another."""
        for _ in range(2):
            if self.socket is None:
                self.socket = connect(self.endpoint)
                self.stream = self.socket.makefile("rb")
                self.opened += 1
            # Who is refused before the body may be told so while still sending.
            with contextlib.suppress(OSError):
                self.socket.sendall(data)
            answer = None
            with contextlib.suppress(ConnectionError):
                answer = read_answer(self.stream)
            if answer is None or answer.headers.get("connection") == "close":
                self.close()
            if answer:
                return answer
        raise AssertionError(f"no answer to {data[:200]!r}")

    def close(self):
        if self.socket:
            self.stream.close()
            self.socket.close()
            self.socket = None


def exchange(endpoint, data, timeout=30):
    """Sends bytes, closes for writing, and returns all answers until the service closes too."""
    answers = []
    with connect(endpoint, timeout) as connection, connection.makefile("rb") as stream:
        with contextlib.suppress(OSError):
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
        with contextlib.suppress(ConnectionError):
            while (answer := read_answer(stream)):
                answers.append(answer)
    return answers
