"""No bad input gets a 5xx, changes anything or goes without an id: the corpus of `bad_input/`, case by case."""

import re
import sqlite3
from contextlib import closing

import pytest

import bad_input
from bad_input import raw
from conftest import NORTH, SOUTH, Town
from raw_http import Keeper, exchange, request_bytes

HEX32 = re.compile("[0-9a-f]{32}")
CASES_MIN = 500
# An answer to a batch in which every entry was refused is kept, so that its request can be asked for, and repeated;
# the audit log says that it was asked.
MAY_GROW = {"audit", "client_token", "request"}


class BadTown(Town):
    """Two projects, and what the cases must know of them."""

    def world(self):
        alice, bob = self.alice, self.bob
        domain = alice.domain()["id"]

        def token(scope):
            return alice.login("alice", self.passwords["alice"], scope).headers["X-Subject-Token"]

        tokens = {"token": alice.token, "other": bob.token}
        tokens |= {"domain": token({"domain": {"id": domain}}), "unscoped": token("unscoped")}
        return bad_input.World(
            host=alice.endpoint[7:],
            project=NORTH,
            other_project=SOUTH,
            phone=alice.all_phones()[0]["phone_id"],
            foreign_phone=bob.all_phones()[0]["phone_id"],
            server=self.server,
            image=self.image,
            foreign_image=self.bobs_image,
            user="alice",
            password=self.passwords["alice"],
            domain=domain,
            ak=alice.ak,
            sk=alice.sk,
            tokens=tokens,
        )

    def state(self):
        """All that is stored, row by row, and what both projects are shown of it."""
        path = self.operator.data_dir / "phoneyard.db"
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            names = database.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
            stored = {name: sorted(database.execute(f'SELECT * FROM "{name}"'), key=repr) for (name,) in names}
        seen = [
            account.get(path).json()[key]
            for account in (self.alice, self.bob)
            for path, key in (("/phones", "phones"), ("/servers", "servers"), ("/phone-images", "phone_images"))
        ]
        return {name: rows for name, rows in stored.items() if name not in MAY_GROW} | {"seen": seen}


@pytest.fixture(scope="module")
def bad_town(tmp_path_factory):
    town = BadTown(tmp_path_factory.mktemp("bad") / "data")
    try:
        yield town
        assert town.service.stop() == 0
    finally:
        town.service.process.stop()


@pytest.fixture(scope="module")
def world(bad_town):
    return bad_town.world()


def as_bytes(world, case):
    headers = [] if "Host" in case.headers else [("Host", world.host)]
    if case.credentials != "none":
        headers.append(("X-Auth-Token", world.tokens[case.credentials]))
    return request_bytes(case.method, case.target, [*headers, *case.headers.items()], case.body)


def form(answer, iam):
    """What is wrong with the form of an answer; its id, its type and the three fields of an error."""
    request_id = answer.headers.get("x-request-id", "")
    if not HEX32.fullmatch(request_id):
        return f"X-Request-Id is {request_id!r}"
    if answer.headers.get("content-type") != "application/json":
        return f"the type is {answer.headers.get('content-type')!r}"
    if answer.status < 400:
        return None
    body = answer.json()
    if iam:
        error = body.get("error")
        good = set(body) == {"error"} and set(error) == {"code", "message", "title"} and error["code"] == answer.status
    else:
        good = set(body) == {"request_id", "error_code", "error_msg"} and body["request_id"] == request_id
        good = good and body["error_msg"]
    return None if good else f"the error's body is {body}"


def verdict(case, answer):
    """What is wrong with an answer, if anything."""
    if answer.status != case.status:
        return f"{answer.status} instead of {case.status}: {answer.body[:200]}"
    if complaint := form(answer, case.iam):
        return complaint
    body = answer.json()
    if case.code and body["error_code"] != case.code:
        return f"{body['error_code']} instead of {case.code}"
    if case.entry:
        first = body["jobs"][0]
        if first.get("error_code") != case.entry or "job_id" in first:
            return f"{first} instead of {case.entry}"
    return None


@pytest.mark.parametrize("topic", bad_input.TOPICS)
def test_every_bad_request_gets_its_answer_and_changes_nothing(bad_town, world, topic):
    before = bad_town.state()
    keeper = Keeper(world_endpoint(world))
    cases = [case for at, case in bad_input.all_cases(world) if at == topic]
    wrong = []
    for case in cases:
        if complaint := verdict(case, keeper.ask(as_bytes(world, case))):
            wrong.append(f"{case.name}: {complaint}")
    keeper.close()
    assert not wrong, f"{len(wrong)} of {len(cases)}:\n" + "\n".join(wrong[:60])
    assert bad_town.state() == before


def world_endpoint(world):
    return f"http://{world.host}"


def test_every_piece_of_junk_gets_its_answers_and_changes_nothing(bad_town, world):
    before = bad_town.state()
    wrong = []
    for case in raw.cases(world):
        answers = exchange(world_endpoint(world), case.data)
        statuses = [answer.status for answer in answers]
        if statuses != case.statuses:
            wrong.append(f"{case.name}: {statuses} instead of {case.statuses}")
        # What an operation answered says so; the parser's own answers have no body.
        for answer in answers:
            if answer.body and (complaint := form(answer, False)):
                wrong.append(f"{case.name}: {complaint}")
            if answer.status in (200, 401, 404, 413) and not answer.body:
                wrong.append(f"{case.name}: {answer.status} without a body")
    assert not wrong, "\n".join(wrong)
    assert bad_town.state() == before


def test_the_corpus_is_large_and_each_of_its_cases_has_a_name_of_its_own_and_an_answer(world):
    names = [(topic, case.name) for topic, case in bad_input.all_cases(world)]
    names += [("raw", case.name) for case in raw.cases(world)]
    assert len(names) >= CASES_MIN
    twice = {name for name in names if names.count(name) > 1} if len(set(names)) < len(names) else set()
    assert not twice
    for _, case in bad_input.all_cases(world):
        assert 200 <= case.status < 500
        assert case.code or case.entry or case.iam or case.status == 200, case.name


def test_a_service_that_read_all_of_it_still_restarts_phones(bad_town, world):
    job = bad_town.alice.restart(world.phone)["jobs"][0]
    assert bad_town.alice.ended(job["job_id"])["status"] == 2
    assert "panicked" not in bad_town.service.log.read_text(errors="replace")
