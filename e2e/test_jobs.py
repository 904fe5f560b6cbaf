"""ShowJob and ListJobs (contract/restart.md, job life cycle)."""

import pytest
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException

from clients import HEX32, MISSING, TIME, error


def test_every_job_is_listed_from_the_moment_of_the_answer(demo, phones):
    """T12: a client takes "no jobs" for "done"."""
    answer = demo.restart(*phones(5), "nonsense")
    listed = demo.get("/jobs", request_id=answer["request_id"]).json()
    jobs = {job["job_id"]: job for job in listed["jobs"]}
    accepted = {job["job_id"]: job["phone_id"] for job in answer["jobs"] if "job_id" in job}
    assert {job_id: job["phone_id"] for job_id, job in jobs.items()} == accepted
    for job in jobs.values():
        assert type(job["status"]) is int
        assert job["node_id"] == job["server_id"] and HEX32.fullmatch(job["server_id"])
        assert TIME.fullmatch(job["begin_time"])


def test_running_jobs_come_first_then_failed_then_succeeded(demo, phones):
    slow, failing, *good = phones(4)
    demo.fault(failing, "dies-while-booting")
    demo.fault(slow, "never-boots")
    answer = demo.restart(*good, failing, slow)
    for job in answer["jobs"][:-1]:
        demo.ended(job["job_id"])
    listed = demo.get("/jobs", request_id=answer["request_id"]).json()["jobs"]
    assert [(job["status"], job["phone_id"]) for job in listed[:2]] == [(1, slow), (-1, failing)]
    assert [job["status"] for job in listed[2:]] == [2, 2]


def test_the_sdk_lists_and_shows_the_same(sdk, phones):
    ids = phones(2)
    answer = sdk.restart(*ids)
    for job in answer.jobs:
        sdk.ended(job.job_id)
    listed = {job.job_id: job for job in sdk.jobs(answer.request_id)}
    for job in answer.jobs:
        shown, in_list = sdk.job(job.job_id), listed[job.job_id]
        for field in ("phone_id", "server_id", "begin_time", "end_time", "status"):
            assert getattr(shown, field) == getattr(in_list, field), field
        assert shown.request_id == answer.request_id
        assert (shown.job_id, shown.phone_id) == (job.job_id, job.phone_id)


def test_several_requests_are_listed_together(demo, phones):
    first, second = (demo.restart(phone_id) for phone_id in phones(2))
    both = f"{first['request_id']},{second['request_id']}"
    wanted = {first["jobs"][0]["job_id"], second["jobs"][0]["job_id"]}
    listed = demo.get("/jobs", request_ids=both).json()["jobs"]
    assert {job["job_id"] for job in listed} == wanted
    repeated = demo.request("GET", f"/jobs?request_ids={first['request_id']}&request_ids={second['request_id']}")
    assert {job["job_id"] for job in repeated.json()["jobs"]} == wanted
    wins = demo.get("/jobs", request_id=first["request_id"], request_ids=second["request_id"]).json()["jobs"]
    assert [job["job_id"] for job in wins] == [second["jobs"][0]["job_id"]]


def test_jobs_are_paged(demo, phones):
    answer = demo.restart(*phones(5))
    for job in answer["jobs"]:
        demo.ended(job["job_id"])
    pages = [
        demo.get("/jobs", request_id=answer["request_id"], limit=2, offset=offset).json()["jobs"]
        for offset in (0, 2, 4, 5, 100)
    ]
    assert [len(page) for page in pages] == [2, 2, 1, 0, 0]
    assert {job["job_id"] for page in pages for job in page} == {job["job_id"] for job in answer["jobs"]}


@pytest.mark.parametrize("bad", [{"limit": 0}, {"limit": 101}, {"offset": -1}, {"limit": "x"}, {"offset": ""}])
def test_bad_paging_is_CPS_0002(demo, bad):
    answer = demo.restart("nonsense")
    response = demo.get("/jobs", request_id=answer["request_id"], **bad)
    if bad == {"offset": ""}:
        assert response.status_code == 200
    else:
        assert error(response) == (400, "CPS.0002", "Parameter: offset or limit is invalid.")


def test_a_list_without_a_request_is_CPS_0049(demo):
    for path in ("/jobs", "/jobs?request_id=", "/jobs?request_id=&request_ids="):
        assert error(demo.request("GET", path)) == (400, "CPS.0049", "Parameter: request_id is empty.")


def test_an_unknown_request_is_CPS_0050(demo):
    wanted = (400, "CPS.0050", "Jobs related to this requestId is not found.")
    for request_id in (MISSING, "nonsense", "x" * 1000):
        assert error(demo.get("/jobs", request_id=request_id)) == wanted


def test_more_than_20_requests_are_CPS_0161(demo):
    ids = [f"{number:032x}" for number in range(21)]
    response = demo.get("/jobs", request_ids=",".join(ids))
    assert error(response) == (400, "CPS.0161", "Parameter: the number of request IDs has exceeded the limit.")


@pytest.mark.parametrize("job_id", [MISSING, "nonsense", "a/b", "ü", "x" * 300])
def test_an_unknown_job_is_a_404(sdk, job_id):
    """P7: a slash inside an id stays inside it. P15, P16: code, message and id arrive."""
    with pytest.raises(ClientRequestException) as raised:
        sdk.job(job_id)
    assert raised.value.status_code == 404
    assert (raised.value.error_code, raised.value.error_msg) == ("CPS.0011", "Job not found.")
    assert HEX32.fullmatch(raised.value.request_id)


def test_an_ended_job_never_changes(demo, phones):
    phone_id = phones()
    first = demo.ended(demo.restart(phone_id)["jobs"][0]["job_id"])
    demo.ended(demo.restart(phone_id)["jobs"][0]["job_id"])
    assert demo.job(first["job_id"]) == first
