"""X-Client-Token: a request sent twice is carried out once."""

import uuid

import pytest

from clients import check_answer, error


def send(demo, token, body, path="/phones/batch-restart"):
    return demo.post(path, body, headers={"X-Client-Token": token})


def test_the_same_request_gets_the_same_answer_byte_for_byte(demo, phones):
    first, second = phones(2)
    body = {"phones": [{"phone_id": first}, {"phone_id": "nonsense"}, {"phone_id": second}]}
    token = uuid.uuid4().hex
    answer = send(demo, token, body)
    again = send(demo, token, body)
    assert (again.status_code, again.content) == (200, answer.content)
    for job in answer.json()["jobs"]:
        if "job_id" in job:
            demo.ended(job["job_id"])
    later = send(demo, token, body)
    assert later.content == answer.content
    assert len(demo.jobs(answer.json()["request_id"])) == 2


def test_the_same_token_with_another_body_is_refused(demo, phones):
    first, second = phones(2)
    token = uuid.uuid4().hex
    answer = send(demo, token, {"phones": [{"phone_id": first}]})
    demo.ended(answer.json()["jobs"][0]["job_id"])
    refused = send(demo, token, {"phones": [{"phone_id": second}]})
    assert 400 <= refused.status_code < 500
    assert error(refused)[2]
    assert demo.phone(second)["status"] == 2


def test_a_token_is_scoped_to_its_operation(demo, phones):
    phone_id = phones()
    token = uuid.uuid4().hex
    for path in ("/phones/batch-restart", "/phones/batch-reset"):
        job = send(demo, token, {"phones": [{"phone_id": phone_id}]}, path).json()["jobs"][0]
        assert demo.ended(job["job_id"])["status"] == 2


def test_a_token_is_scoped_to_its_project(town):
    token = uuid.uuid4().hex
    for account, server in ((town.alice, town.server), (town.bob, town.bobs_server)):
        phone_id = account.all_phones(server_id=server)[-1]["phone_id"]
        job = send(account, token, {"phones": [{"phone_id": phone_id}]}).json()["jobs"][0]
        assert account.ended(job["job_id"])["status"] == 2


@pytest.mark.parametrize("token", ["x" * 65, "x" * 8000])
def test_a_token_that_is_too_long_is_refused(demo, phones, token):
    phone_id = phones()
    refused = send(demo, token, {"phones": [{"phone_id": phone_id}]})
    assert 400 <= refused.status_code < 500
    check_answer(refused)
    assert demo.phone(phone_id)["status"] == 2


def test_without_a_token_a_repeat_meets_status_4(demo, phones):
    phone_id = phones()
    first = demo.restart(phone_id)["jobs"][0]
    repeat = demo.restart(phone_id)["jobs"][0]
    assert "job_id" in first
    assert repeat.get("error_code") == "CPS.0165"


def test_different_tokens_are_different_requests(demo, phones):
    phone_id = phones()
    first = send(demo, uuid.uuid4().hex, {"phones": [{"phone_id": phone_id}]}).json()["jobs"][0]
    second = send(demo, uuid.uuid4().hex, {"phones": [{"phone_id": phone_id}]}).json()["jobs"][0]
    assert "job_id" in first and second.get("error_code") == "CPS.0165"
