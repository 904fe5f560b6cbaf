"""RestartCloudPhoneServer: its errors, its status numbers, its phones."""

import pytest
from huaweicloudsdkcph.v1 import RestartCloudPhoneServerRequest, RestartCloudPhoneServerRequestBody

from clients import MISSING, error
from yard import caught, until


@pytest.mark.parametrize("kind", ["signature", "token"])
def test_a_server_leaves_5_at_once_and_comes_back(town, kind):
    """T13: Terraform waits for 5 only, so a server still at 5 would be a false success."""
    alice, server_id = town.alice, town.spare_server
    client = alice.client(kind)
    phone_id = alice.all_phones(server_id=server_id)[0]["phone_id"]
    body = RestartCloudPhoneServerRequestBody(server_ids=[server_id])

    def attempt():
        answer = client.restart_cloud_phone_server(RestartCloudPhoneServerRequest(body=body))
        accepted = answer.jobs[0]
        assert accepted.server_id == server_id and accepted.error_code is None
        seen = alice.get(f"/servers/{server_id}").json()["status"]
        refused = alice.restart(phone_id)["jobs"][0]
        in_time = alice.job(accepted.job_id)["status"] == 1
        job = alice.ended(accepted.job_id)
        assert (job["status"], job["server_id"]) == (2, server_id)
        listed = alice.jobs(answer.request_id)
        ids = [(one["job_id"], one["server_id"], one["node_id"]) for one in listed]
        assert ids == [(job["job_id"], server_id, server_id)]
        assert alice.get(f"/servers/{server_id}").json()["status"] == 5
        back(alice, server_id)
        if in_time:
            assert seen in (11, 13)
            assert refused.get("error_code") == "CPS.0099", refused
        return in_time

    caught(attempt, "the server during its restart")
    assert alice.ended(alice.restart(phone_id)["jobs"][0]["job_id"])["status"] == 2


def back(account, server_id):
    """Waits until all phones of the server run."""

    def look():
        return {phone["status"] for phone in account.all_phones(server_id=server_id)} == {2}

    until(look, "the server's phones run again", 30)


def test_errors_per_server(town):
    ids = ["nonsense", MISSING, "", "a" * 33]
    jobs = town.alice.post("/servers/batch-restart", {"server_ids": ids}).json()["jobs"]
    assert [job["server_id"] for job in jobs] == ids
    for job in jobs:
        assert set(job) == {"server_id", "error_code", "error_msg"}
    assert {job["error_code"] for job in jobs} <= {"CPS.0097", "CPS.0015", "CPS.0159"}


@pytest.mark.parametrize(
    "body, code",
    [
        (b"", "CPS.0095"),
        (b"{}", "CPS.0095"),
        (b'{"server_ids":[]}', "CPS.0095"),
        (b'{"server_ids":"x"}', "CPS.0094"),
        (b'{"server_ids":[1]}', "CPS.0094"),
        (b"nonsense", "CPS.0094"),
    ],
)
def test_a_bad_list_of_servers_is_refused(town, body, code):
    response = town.alice.request("POST", "/servers/batch-restart", data=body)
    assert error(response)[:2] == (400, code)


def test_more_than_100_servers_are_CPS_0096(town):
    ids = [f"{number:032x}" for number in range(101)]
    response = town.alice.post("/servers/batch-restart", {"server_ids": ids})
    assert error(response) == (400, "CPS.0096", "The number of servers exceeds the limit.")
