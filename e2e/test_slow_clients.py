"""Clients that are slow, silent or half gone are cut in the time that the settings say, and cost nobody anything."""

import contextlib
import os
import socket
import ssl
import subprocess
import threading
import time

import pytest
import requests

from clients import Account
from raw_http import address, connect, read_answer, request_bytes
from yard import Operator, Process, Service, free_port, until

WAIT_S = 2
# Cut later than this is not cut in time; the machine may be busy.
LATE_S = WAIT_S + 4
EACH = 25
# What one that sends slowly may cost: the parser's buffer, at most 128 KiB. One that does not take its answer costs
# that answer, and what it took to make it: here a request and an answer of a megabyte each.
SLOW_BYTES = 512 << 10
ANSWER_BYTES = 8 << 20
LIMITS = [f'headers_wait = "{WAIT_S}s"', f'body_wait = "{WAIT_S}s"', f'answer_wait = "{WAIT_S}s"']


class SlowYard:
    """A service with short waits and one phone."""

    def __init__(self, data_dir, limits=()):
        data_dir.mkdir()
        operator = Operator(data_dir)
        operator.project("cn-north-4", "a" * 32)
        ak, sk = operator.user("alice", "correct horse battery", "cn-north-4")
        operator.server("north", "cn-north-4", 1, operator.image("plain", 11))
        self.service = Service(operator, limits=[*LIMITS, *limits]).start()
        self.account = Account(self.service.endpoint, "a" * 32, ak, sk)
        self.account.token = self.account.login("alice", "correct horse battery").headers["X-Subject-Token"]
        self.endpoint = self.service.endpoint

    def sockets(self):
        """How many sockets the process holds."""
        folder = f"/proc/{self.service.process.child.pid}/fd"
        count = 0
        for name in os.listdir(folder):
            with contextlib.suppress(OSError):
                count += os.readlink(f"{folder}/{name}").startswith("socket:")
        return count

    def request(self, method, path, body=b"", headers=()):
        token = ("X-Auth-Token", self.account.token)
        return request_bytes(method, self.account.base + path, [("Host", "a"), token, *headers], body)


@pytest.fixture(scope="module")
def slow(tmp_path_factory):
    yard = SlowYard(tmp_path_factory.mktemp("slow") / "data")
    yield yard
    yard.service.stop()


class Others:
    """Somebody who asks all the while, and how long the slowest answer took."""

    def __init__(self, yard):
        self.yard = yard
        self.answers = 0
        self.slowest = 0.0
        self.failures = []
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def run(self):
        while not self.ended.wait(0.02):
            begun = time.monotonic()
            try:
                response = self.yard.account.get("/phones")
                assert response.status_code == 200, response.text
            except Exception as failure:  # shown by the test
                self.failures.append(failure)
                return
            self.answers += 1
            self.slowest = max(self.slowest, time.monotonic() - begun)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join(30)


def cut(sockets, drip, pace=0.1):
    """Sends `drip` on every socket at a pace until each is closed; returns what came and when each was closed."""
    begun = time.monotonic()
    open_ones = dict(enumerate(sockets))
    came = [b"" for _ in sockets]
    closed = [None for _ in sockets]
    for each in sockets:
        each.settimeout(0)
    while open_ones and time.monotonic() - begun < LATE_S + 2:
        time.sleep(pace)
        for number, each in list(open_ones.items()):
            with contextlib.suppress(BlockingIOError):
                try:
                    if drip:
                        each.send(drip)
                    got = each.recv(65536)
                except ConnectionError:
                    got = b""
                came[number] += got
                if not got:
                    closed[number] = time.monotonic() - begun
                    del open_ones[number]
    return came, closed


HALF_A_BODY = b'{"phones":['
SLOW = {
    "connects and waits": (lambda yard: b"", b"", b""),
    "sends its headers byte by byte": (lambda yard: b"GET / HTTP/1.1\r\nA: ", b"a", b""),
    "stops in the middle of its headers": (lambda yard: b"GET / HTTP/1.1\r\nHost: ", b"", b""),
    "asks once and stays": (lambda yard: yard.request("GET", "/phones"), b"", b"HTTP/1.1 200"),
    "sends its body byte by byte": (
        lambda yard: yard.request("POST", "/phones/batch-restart", b"").replace(b"Length: 0", b"Length: 9999"),
        b" ",
        b"HTTP/1.1 400",
    ),
    "stops in the middle of its body": (
        lambda yard: yard.request("POST", "/phones/batch-restart", b"").replace(b"Length: 0", b"Length: 9999") + HALF_A_BODY,
        b"",
        b"HTTP/1.1 400",
    ),
    "stops in the middle of a large body": (
        lambda yard: yard.request("POST", "/phones/batch-restart", b"").replace(b"Length: 0", b"Length: 9999999") + HALF_A_BODY,
        b"",
        b"HTTP/1.1 400",
    ),
    "sends chunks byte by byte": (
        lambda yard: yard.request("POST", "/phones/batch-restart", b"").replace(b"Content-Length: 0", b"Transfer-Encoding: chunked"),
        b"1\r\n \r\n",
        b"HTTP/1.1 400",
    ),
}


@pytest.mark.parametrize("kind", SLOW)
def test_whoever_is_slow_is_cut_in_time_while_others_are_served(slow, kind):
    begins, drip, answer = SLOW[kind]
    baseline = slow.sockets()
    before = slow.service.process.rss_bytes()
    with contextlib.ExitStack() as stack, Others(slow) as others:
        sockets = [stack.enter_context(connect(slow.endpoint)) for _ in range(EACH)]
        for each in sockets:
            each.sendall(begins(slow))
        came, closed = cut(sockets, drip)
    assert all(when is not None and WAIT_S - 1 < when < LATE_S for when in closed), closed
    assert all(text.startswith(answer) for text in came), came[0][:200]
    assert not others.failures and others.answers > 10 and others.slowest < 2
    assert slow.service.process.rss_bytes() - before < EACH * SLOW_BYTES
    until(lambda: slow.sockets() <= baseline + 1, "the sockets are closed", 10)


def test_whoever_takes_no_answers_is_cut_in_time_and_costs_a_bounded_number_of_bytes(slow):
    """Each asks again and again for a megabyte and reads nothing."""
    entry = b'{"phone_id":"' + b"x" * 1024 + b'"}'
    ask = slow.request("POST", "/phones/batch-restart", b'{"phones":[' + b",".join([entry] * 1000) + b"]}")
    baseline = slow.sockets()
    before = slow.service.process.rss_bytes()
    with contextlib.ExitStack() as stack, Others(slow) as others:
        sockets = []
        for _ in range(EACH):
            each = stack.enter_context(socket.socket())
            each.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            each.connect(address(slow.endpoint))
            each.settimeout(0)
            sockets.append([each, ask * 8])
        # All that the service takes; it stops when nobody takes its answers.
        most = 0

        def gone():
            nonlocal most
            most = max(most, slow.service.process.rss_bytes() - before)
            for pair in sockets:
                with contextlib.suppress(OSError):
                    pair[1] = pair[1][pair[0].send(pair[1][:262144]) :]
            return slow.sockets() <= baseline + 1

        begun = time.monotonic()
        until(lambda: not gone(), "they are connected", 5)
        until(gone, "they are cut", WAIT_S + 15)
        took = time.monotonic() - begun
    assert took >= WAIT_S - 1
    assert not others.failures and others.slowest < 5
    assert most < EACH * ANSWER_BYTES


def test_a_client_that_is_done_sending_gets_its_answer(slow):
    """Half closed is not gone: the answer may name jobs."""
    with connect(slow.endpoint) as connection, connection.makefile("rb") as stream:
        connection.sendall(slow.request("GET", "/phones"))
        connection.shutdown(socket.SHUT_WR)
        assert read_answer(stream).status == 200
        assert read_answer(stream) is None


def stranger(slow, body):
    """The head and the body of a request without a credential."""
    data = request_bytes("POST", slow.account.base + "/phones/batch-restart", [("Host", "a")], body)
    return data[: -len(body)], body


def test_a_refusal_leaves_the_connection_to_the_next_request(slow):
    """Many clients send a body behind its headers, and take a closed connection for a lost answer."""
    head, body = stranger(slow, b'{"phones": []}')
    with connect(slow.endpoint) as connection, connection.makefile("rb") as stream:
        for _ in range(3):
            connection.sendall(head)
            time.sleep(0.1)
            connection.sendall(body)
            answer = read_answer(stream)
            assert (answer.status, answer.headers.get("connection")) == (401, None)
        connection.sendall(slow.request("GET", "/phones"))
        assert read_answer(stream).status == 200


@pytest.mark.parametrize("size", [14, 70_000])
def test_a_refusal_that_ends_the_connection_says_so(slow, size):
    """A body that does not come, or would be long to wait for."""
    head, _ = stranger(slow, b"x" * size)
    with connect(slow.endpoint) as connection, connection.makefile("rb") as stream:
        connection.sendall(head)
        answer = read_answer(stream)
        assert (answer.status, answer.headers.get("connection")) == (401, "close")
        assert read_answer(stream) is None


def test_more_connections_than_the_limit_wait_until_one_of_them_ends(tmp_path):
    yard = SlowYard(tmp_path / "data", limits=["connections = 8"])
    yard.account.session.close()
    try:
        with contextlib.ExitStack() as stack:
            begun = time.monotonic()
            silent = [stack.enter_context(connect(yard.endpoint)) for _ in range(8)]
            # At the limit all of them are served.
            silent[7].sendall(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            assert read_answer(silent[7].makefile("rb")).status == 300
            silent[7] = stack.enter_context(connect(yard.endpoint))
            ninth = stack.enter_context(connect(yard.endpoint))
            ninth.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            assert read_answer(ninth.makefile("rb")).status == 300
            assert WAIT_S - 1 < time.monotonic() - begun < LATE_S
    finally:
        yard.service.stop()


def test_large_bodies_have_a_number_of_places(slow):
    """32 clients stop in the middle of a large body: the next one waits until they are cut. With 31 nobody waits."""
    whole = slow.request("POST", "/phones/batch-restart", b"{}" + b" " * 70_000)
    head, _ = whole.split(b"\r\n\r\n", 1)

    def stops_half_way(stack):
        client = stack.enter_context(connect(slow.endpoint))
        client.sendall(head + b"\r\nExpect: 100-continue\r\n\r\n")
        # Said once the body has its place and is read.
        assert b" 100 " in client.recv(1024)
        client.sendall(b"{}")

    def asked_beside(count):
        with contextlib.ExitStack() as stack:
            for _ in range(count):
                stops_half_way(stack)
            # A small body needs no place.
            with connect(slow.endpoint) as small, small.makefile("rb") as stream:
                small.sendall(slow.request("POST", "/phones/batch-restart", b"{}"))
                assert read_answer(stream).status == 400
            begun = time.monotonic()
            with connect(slow.endpoint) as large, large.makefile("rb") as stream:
                large.sendall(whole)
                assert read_answer(stream).status in (400, 429)
            return time.monotonic() - begun

    assert asked_beside(31) < WAIT_S - 1
    # What the first ones held is free once the service has seen that they are gone.
    assert WAIT_S - 1 < asked_beside(32) < LATE_S


def test_a_handshake_that_does_not_end_is_cut(tmp_path):
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    arguments = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    arguments += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate]
    subprocess.run(arguments, check=True, capture_output=True)
    config = tmp_path / "phoneyard.toml"
    listen = f"127.0.0.1:{free_port()}"
    text = f'data_dir = "{tmp_path}/data"\nlisten = "{listen}"\n'
    text += f'tls_certificate = "{certificate}"\ntls_key = "{key}"\n[limits]\n' + "\n".join(LIMITS)
    config.write_text(text + "\n")
    process = Process(["serve", "--config", config], tmp_path / "log")
    endpoint = f"https://{listen}"

    def answers():
        try:
            return requests.get(endpoint, verify=str(certificate), timeout=5)
        except requests.ConnectionError:
            return None

    try:
        until(lambda: process.alive() and answers(), "the service listens", 60)
        with contextlib.ExitStack() as stack:
            silent = [stack.enter_context(connect(endpoint)) for _ in range(EACH)]
            for each in silent[::2]:
                each.sendall(b"\x16\x03\x01\x02\x00\x01")
            _, closed = cut(silent, b"")
            assert all(when is not None and WAIT_S - 1 < when < LATE_S for when in closed), closed
            # Past the handshake the wait for headers counts.
            trusted = ssl.create_default_context(cafile=certificate)
            shaken = trusted.wrap_socket(connect(endpoint), server_hostname="127.0.0.1")
            begun = time.monotonic()
            with contextlib.suppress(ConnectionError, ssl.SSLEOFError):
                assert shaken.recv(1) == b""
            assert time.monotonic() - begun < LATE_S
    finally:
        process.stop()
