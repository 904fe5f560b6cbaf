"""kill -9 in the middle of a large restart, again and again, on both databases; then the invariants.

PHONEYARD_KILL_ROUNDS and PHONEYARD_KILL_PHONES make it longer; `make soak` does.
"""

import json
import os
import random
import threading
import time
import uuid

import pytest
import requests

import postgres
from clients import Account, check_answer, properties
from yard import Operator, Service, until

ROUNDS = int(os.environ.get("PHONEYARD_KILL_ROUNDS", 3))
PHONES = int(os.environ.get("PHONEYARD_KILL_PHONES", 1000))
PHONES_PER_SERVER = 100
PROJECT = "0503dda878000fed2f78c00909158a4d"
PASSWORD = "correct horse battery"


class Yard:
    """A service full of phones that may be killed; it looks the same afterwards."""

    def __init__(self, data_dir, database_url):
        data_dir.mkdir()
        operator = Operator(data_dir, database_url)
        operator.project("cn-north-4", PROJECT)
        key = operator.user("alice", PASSWORD, "cn-north-4")
        self.images = [operator.image("one", 11), operator.image("two", 12)]
        for number in range(-(-PHONES // PHONES_PER_SERVER)):
            count = min(PHONES_PER_SERVER, PHONES - number * PHONES_PER_SERVER)
            operator.server(f"s{number}", "cn-north-4", count, self.images[0])
        self.service = Service(operator, boot_time="50ms")
        self.account = Account(self.service.endpoint, PROJECT, *key)

    def start(self):
        self.service.start()
        if not self.account.token:
            self.account.token = self.account.login("alice", PASSWORD).headers["X-Subject-Token"]

    def kill(self):
        self.service.process.kill()

    def statuses(self):
        return {phone["phone_id"]: phone["status"] for phone in self.account.all_phones()}

    def send(self, body, client_token):
        """The restart, or nothing when the service was killed before it could answer."""
        try:
            headers = {"X-Client-Token": client_token}
            return check_answer(self.account.post("/phones/batch-restart", body, headers=headers, check=False))
        except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
            return None


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def yard(request, tmp_path_factory):
    server = postgres.start() if request.param == "postgres" else None
    yard = Yard(tmp_path_factory.mktemp(request.param) / "data", server and server.database())
    try:
        yard.start()
        bring_up(yard)
        yield yard
    finally:
        if yard.service.process:
            yard.service.stop()
        if server:
            server.stop()


def bring_up(yard):
    """Fresh phones may be off."""
    until(lambda: set(yard.statuses().values()) <= {2, 8}, "fresh phones settle", 120)
    off = [phone_id for phone_id, status in yard.statuses().items() if status == 8]
    for at in range(0, len(off), 1000):
        yard.account.restart(*off[at : at + 1000])
    until(lambda: set(yard.statuses().values()) == {2}, "all phones run", 180)


def ended(yard, request_id):
    return {job["phone_id"]: job for job in yard.account.jobs(request_id) if job["status"] != 1}


def check_start_and_end(yard, request_id):
    """A phone shows 4 exactly while its job runs: what had ended before we looked does not show 4, and
    what does not show 4 has ended by now."""
    before = ended(yard, request_id)
    statuses = yard.statuses()
    after = ended(yard, request_id)
    for phone_id, status in statuses.items():
        if status == 4:
            assert phone_id not in before, (phone_id, before[phone_id])
        else:
            assert phone_id in after, (phone_id, status)
    return len(after) == len(statuses)


def test_every_accepted_restart_ends_whatever_is_killed(yard):
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    final = {}
    for number in range(ROUNDS):
        one_round(yard, number, chance, final)


def one_round(yard, number, chance, final):
    phone_ids = list(yard.statuses())
    chance.shuffle(phone_ids)
    image = yard.images[(number + 1) % 2]
    text = json.dumps({"sys.prop.writephonenum": str(number)})
    # One request holds at most a thousand phones, so a larger yard restarts a part of it each round.
    phone_ids = phone_ids[:1000]
    body = {"phones": [{"phone_id": one, "property": text} for one in phone_ids], "image_id": image}
    client_token = uuid.uuid4().hex

    answer = interrupted(yard, body, client_token, chance, before_the_answer=number % 3 == 0)
    yard.start()
    if chance.random() < 0.5:  # once more, inside the recovery
        time.sleep(chance.uniform(0, 0.5))
        yard.kill()
        yard.start()
    again = yard.send(body, client_token)
    assert again.status_code == 200
    if answer is not None:
        assert again.content == answer.content

    reply = again.json()
    assert [entry["phone_id"] for entry in reply["jobs"]] == phone_ids
    assert all("job_id" in entry for entry in reply["jobs"])
    listed = {job["job_id"]: job["phone_id"] for job in yard.account.jobs(reply["request_id"])}
    assert listed == {entry["job_id"]: entry["phone_id"] for entry in reply["jobs"]}
    if len(phone_ids) == PHONES:
        until(lambda: check_start_and_end(yard, reply["request_id"]), "all jobs end", 300)
    until(lambda: len(ended(yard, reply["request_id"])) == len(phone_ids), "all jobs end", 300)

    jobs = ended(yard, reply["request_id"])
    assert {job["status"] for job in jobs.values()} == {2}, [job for job in jobs.values() if job["status"] != 2][:3]
    assert all(job["end_time"] >= job["begin_time"] for job in jobs.values())
    phones = {phone["phone_id"]: phone for phone in yard.account.all_phones()}
    assert {(phones[one]["status"], phones[one]["image_id"]) for one in phone_ids} == {(2, image)}
    for one in chance.sample(phone_ids, min(20, len(phone_ids))):
        assert properties(yard.account.phone(one))["sys.prop.writephonenum"] == str(number)
    for request_id, jobs_then in final.items():
        assert ended(yard, request_id) == jobs_then, "an ended job changed"
    final[reply["request_id"]] = jobs


def interrupted(yard, body, client_token, chance, before_the_answer):
    """Sends the restart and kills the service: around the answer, or while the jobs run. Returns the answer
    if one came."""
    if before_the_answer:
        answers = []
        sender = threading.Thread(target=lambda: answers.append(yard.send(body, client_token)))
        sender.start()
        time.sleep(chance.uniform(0, 0.1))
        yard.kill()
        sender.join()
        return answers[0]
    answer = yard.send(body, client_token)
    request_id = answer.json()["request_id"]
    wanted = chance.uniform(0, 0.8) * len(body["phones"])
    until(lambda: len(ended(yard, request_id)) >= wanted, "some jobs end", 300)
    yard.kill()
    return answer


def test_a_graceful_stop_loses_nothing(yard):
    phone_ids = list(yard.statuses())[:200]
    answer = yard.account.restart(*phone_ids)
    assert yard.service.stop() == 0
    yard.start()
    until(lambda: len(ended(yard, answer["request_id"])) == len(phone_ids), "all jobs end", 120)
    assert {job["status"] for job in ended(yard, answer["request_id"]).values()} == {2}


def test_a_second_service_on_the_same_store(yard):
    """Two writers on one database would be two truths: the second is refused, with a word on what to do."""
    second = Service(yard.service.operator)
    with pytest.raises(AssertionError, match="ended with [1-9]") as raised:
        second.start()
    assert "stop it first" in str(raised.value)
    assert set(yard.statuses().values()) == {2}
