"""What junk may not do: grow answers or the store, get memory without a credential, make things up."""

import socket
import subprocess
from urllib.parse import urlsplit

import pytest

from clients import Account
from yard import BINARY, Operator, Service, free_port_range, until

RESTART = "/v1/5e/cloud-phone/phones/batch-restart"
UNKNOWN_KEY = "Authorization: SDK-HMAC-SHA256 Access=no, SignedHeaders=x-sdk-date, Signature=no"


def verb(*arguments):
    return subprocess.run([BINARY, *arguments], capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("length", [33, 1024, 1025, 1_000_000])
def test_a_long_id_is_echoed_cut_short(demo, length):
    entry = demo.restart({"phone_id": "a" * length})["jobs"][0]
    assert entry["error_code"] == "CPS.0004"
    assert entry["phone_id"] == "a" * min(length, 1024)


def test_a_server_id_no_database_could_hold_is_refused_alone(demo):
    server = demo.get("/servers").json()["servers"][0]["server_id"]
    answer = demo.post("/servers/batch-restart", {"server_ids": ["\u0000", "x" * 1000]}).json()
    assert [job["error_code"] for job in answer["jobs"]] == ["CPS.0097", "CPS.0097"]
    assert demo.get(f"/servers/{server}").json()["status"] == 5


@pytest.mark.parametrize(
    "target, header, status",
    [
        ("/nothing", "X-Any: 1", 404),
        (RESTART, "X-Any: 1", 401),
        (RESTART, "X-Auth-Token: no", 401),
        (RESTART, UNKNOWN_KEY, 401),
    ],
)
def test_who_may_not_ask_is_answered_before_the_body(demo, target, header, status):
    at = urlsplit(demo.endpoint)
    with socket.create_connection((at.hostname, at.port), timeout=10) as connection:
        head = f"POST {target} HTTP/1.1\r\nHost: a\r\nContent-Length: 12582912\r\n{header}\r\n\r\n"
        connection.sendall(head.encode() + b"{")
        answer = connection.recv(65536).decode()
    assert answer.startswith(f"HTTP/1.1 {status} "), answer
    assert "x-request-id: " in answer.lower()


def test_operators_are_told_what_there_is_not(demo, tmp_path):
    nowhere = tmp_path / "nowhere"
    done = verb("project", "list", "--data-dir", nowhere)
    assert done.returncode != 0 and "there is no data directory" in done.stderr
    assert not nowhere.exists()
    done = verb("phone", "fault", "f" * 32, "never-boots", "--data-dir", demo.operator.data_dir)
    assert done.returncode != 0 and "there is no phone" in done.stderr


def test_custom_properties_have_a_bound(demo, phones):
    phone_id = phones()
    ends = []
    for number in range(2):
        custom = {f"key{number}": "v" * 7000}
        body = {"phones": [{"phone_id": phone_id, "property": "{}", "custom_property": custom}]}
        job = demo.post("/phones/batch-update-property", body).json()["jobs"][0]
        ended = demo.ended(job["job_id"])
        ends.append((ended["status"], ended["error_code"]))
    assert ends == [(2, None), (-1, "CPS.0078")]
    assert list(demo.phone(phone_id)["custom_property"]) == ["key0"]


def test_connections_over_adb_have_a_limit(tmp_path):
    """Two to one phone and three in all: what is more is closed at once, and a place that is left is given again."""
    data = tmp_path / "data"
    data.mkdir()
    operator = Operator(data)
    operator.project("cn-north-4", "a" * 32)
    ak, sk = operator.user("alice", "correct horse battery", "cn-north-4")
    operator.server("north", "cn-north-4", 2, operator.image("plain", 11))
    first = free_port_range(4)
    lines = [f'adb_ports = "{first}-{first + 3}"', "adb_connections = 3", "adb_connections_per_phone = 2"]
    service = Service(operator, emulated=lines).start()
    opened = []

    def connect(port):
        opened.append(socket.create_connection(("127.0.0.1", port), 10))
        return opened[-1]

    def kept(connection):
        """Whether it stays open; who is refused is told by the end."""
        connection.settimeout(0.3)
        try:
            return connection.recv(1) != b""
        except TimeoutError:
            return True
        except ConnectionError:
            return False

    try:
        account = Account(service.endpoint, "a" * 32, ak, sk)
        account.token = account.login("alice", "correct horse battery").headers["X-Subject-Token"]
        ports = []
        for phone in account.all_phones():
            infos = account.phone(phone["phone_id"])["access_infos"]
            ports.append(next(info["access_port"] for info in infos if info["type"] == "adb"))
        mine, other = ports
        two = [connect(mine), connect(mine)]
        assert all(kept(connection) for connection in two)
        assert not kept(connect(mine)), "a third to one phone"
        assert kept(connect(other)), "the third in all"
        assert not kept(connect(other)), "a fourth in all"
        two[0].close()
        until(lambda: kept(connect(mine)), "the place is given again", 10)
    finally:
        for connection in opened:
            connection.close()
        service.stop()
