"""What junk may not do: grow answers or the store, get memory without a credential, make things up."""

import socket
import subprocess
from urllib.parse import urlsplit

import pytest

from yard import BINARY

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
