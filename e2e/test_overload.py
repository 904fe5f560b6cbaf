"""More than can be done: 10,000 batch requests at once are accepted or told to come again, and what was accepted ends."""

import asyncio
import json
import time

import pytest

import signing
from clients import Account, check_answer
from raw_http import request_bytes
from yard import Operator, Service, until

PROJECT, OTHER = "a" * 32, "b" * 32
REQUESTS = 10_000
CONNECTIONS = 1000
PHONES = 2000
JOBS_MAX, JOBS_PER_PROJECT = 600, 400
SECONDS_MAX = 60
MEMORY_BYTES = 256 << 20


class Crowd:
    """A service of two projects whose limits are far below what is asked of it."""

    def __init__(self, data_dir, limits, phones, boot_time):
        data_dir.mkdir()
        operator = Operator(data_dir)
        image = operator.image("plain", 11)
        self.accounts = []
        keys = []
        for name, project, user in (("cn-north-4", PROJECT, "alice"), ("cn-south-1", OTHER, "bob")):
            operator.project(name, project)
            keys.append(operator.user(user, "correct horse battery", name))
            operator.server(name, name, phones, image)
        self.service = Service(operator, boot_time, limits=limits).start()
        for project, user, key in zip((PROJECT, OTHER), ("alice", "bob"), keys, strict=True):
            account = Account(self.service.endpoint, project, *key)
            account.token = account.login(user, "correct horse battery").headers["X-Subject-Token"]
            account.phone_ids = [phone["phone_id"] for phone in account.all_phones()]
            self.accounts.append(account)

    def restart(self, account, phone_id, signed):
        """The bytes of a restart."""
        target = account.base + "/phones/batch-restart"
        body = json.dumps({"phones": [{"phone_id": phone_id}]}).encode()
        headers = {"Host": account.endpoint[7:]}
        if signed:
            headers = signing.sign(account.ak, account.sk, "POST", target, {**headers, "X-Sdk-Date": signing.now()}, body)
        else:
            headers["X-Auth-Token"] = account.token
        return request_bytes("POST", target, headers.items(), body)


async def answer(reader):
    """Status, headers and body of the next answer."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
    return int(head[0].split()[1]), headers, await reader.readexactly(int(headers["content-length"]))


async def flood(endpoint, requests):
    """Opens all connections, then sends everything on all of them at once, and reads all answers."""
    host, port = endpoint[7:].split(":")
    connections = [await asyncio.open_connection(host, int(port)) for _ in range(CONNECTIONS)]

    async def one(connection, mine):
        reader, writer = connection
        writer.write(b"".join(mine))
        found = [await answer(reader) for _ in mine]
        writer.close()
        return found

    lots = [requests[number::CONNECTIONS] for number in range(CONNECTIONS)]
    answers = await asyncio.gather(*(one(*pair) for pair in zip(connections, lots, strict=True)))
    return [each for lot in answers for each in lot]


def test_ten_thousand_batches_at_once_are_accepted_or_told_when_to_come_again(tmp_path):
    limits = [f"jobs = {JOBS_MAX}", f"jobs_per_project = {JOBS_PER_PROJECT}"]
    crowd = Crowd(tmp_path / "data", limits, PHONES, "300ms")
    try:
        requests = []
        for number in range(REQUESTS):
            account = crowd.accounts[number % 2]
            phone_id = account.phone_ids[number // 2 % PHONES]
            requests.append(crowd.restart(account, phone_id, signed=number % 4 < 2))
        before = crowd.service.process.rss_bytes()
        begun = time.monotonic()
        answers = asyncio.run(flood(crowd.service.endpoint, requests))
        took = time.monotonic() - begun
        grown = crowd.service.process.rss_bytes() - before
        accepted, refused, jobs = 0, 0, []
        for status, headers, body in answers:
            assert status in (200, 429), body
            assert headers["x-request-id"] == json.loads(body)["request_id"]
            if status == 429:
                refused += 1
                assert json.loads(body)["error_code"] == "CPS.0042" and int(headers["retry-after"]) >= 1
            else:
                accepted += 1
                jobs += [job["job_id"] for job in json.loads(body)["jobs"] if "job_id" in job]
        assert accepted + refused == REQUESTS
        assert jobs and len(set(jobs)) == len(jobs)
        assert refused, "the limits were never met"
        assert took < SECONDS_MAX
        assert grown < MEMORY_BYTES
        ended = everybodys_jobs(crowd, jobs)
        assert set(ended.values()) == {2}
        # The service has room again, and the phones are up.
        for account in crowd.accounts:
            assert account.ended(account.restart(account.phone_ids[0])["jobs"][0]["job_id"])["status"] == 2
    finally:
        assert crowd.service.stop() == 0


def everybodys_jobs(crowd, jobs):
    """The last status of each of the jobs, once none is active."""
    north, south = crowd.accounts
    for account in crowd.accounts:
        until(lambda account=account: not account.all_phones(status=4), "no phone is restarting", SECONDS_MAX)

    def status(job_id):
        for account in (north, south):
            response = account.get(f"/jobs/{job_id}")
            if response.status_code == 200:
                return response.json()["status"]
        raise AssertionError(f"job {job_id} is lost")

    return {job_id: status(job_id) for job_id in jobs}


@pytest.fixture(scope="module")
def narrow(tmp_path_factory):
    """Four active jobs for a project, six in all, and phones that take their time."""
    limits = ["jobs = 6", "jobs_per_project = 4"]
    crowd = Crowd(tmp_path_factory.mktemp("narrow") / "data", limits, 8, "1500ms")
    yield crowd
    crowd.service.stop()


def entries(account, first, last):
    return {"phones": [{"phone_id": phone_id} for phone_id in account.phone_ids[first:last]]}


def ask(account, first, last):
    return account.post("/phones/batch-restart", entries(account, first, last))


def busy(response):
    check_answer(response)
    return (response.status_code, response.json()["error_code"]) == (429, "CPS.0042") and int(response.headers["Retry-After"]) >= 1


def all_end(*answers):
    for account, response in answers:
        for job in response.json()["jobs"]:
            assert account.ended(job["job_id"])["status"] == 2


def test_jobs_of_a_project_and_jobs_in_all_have_a_limit(narrow):
    """At it all are accepted; a job more and the whole request is refused, and nothing of it is begun."""
    alice, bob = narrow.accounts
    assert busy(ask(alice, 0, 5)), "five at once are more than four"
    first = ask(alice, 0, 4)
    assert first.status_code == 200 and all("job_id" in job for job in first.json()["jobs"])
    assert busy(ask(alice, 4, 5))
    # Two are left in all: a third of another project is refused, too.
    assert busy(ask(bob, 0, 3))
    second = ask(bob, 0, 2)
    assert second.status_code == 200
    assert busy(ask(bob, 2, 3))
    # Reads go on.
    assert alice.get("/phones").status_code == bob.get("/phones").status_code == 200
    assert {phone["status"] for phone in bob.all_phones() if phone["phone_id"] in bob.phone_ids[2:]} <= {2, 8}
    all_end((alice, first), (bob, second))
    third = ask(alice, 4, 5)
    assert third.status_code == 200
    all_end((alice, third))
