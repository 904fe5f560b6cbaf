"""Stop, reset and failed boots: what a phone shows, and the way back (contract/statuses.md)."""

import json

import pytest
from huaweicloudsdkcph.v1 import (
    ResetCloudPhoneRequest,
    ResetCloudPhoneRequestBody,
    ResetPhoneProperty,
    StopCloudPhoneRequest,
    StopCloudPhoneRequestBody,
)

from clients import MISSING, error, properties, with_property
from yard import caught, until

STATE = "CPS.0165"


def stop(sdk, *phone_ids):
    request = StopCloudPhoneRequest(body=StopCloudPhoneRequestBody(phone_ids=list(phone_ids)))
    return sdk.client.stop_cloud_phone(request)


def reset(sdk, *entries, image_id=None):
    entries = [e if isinstance(e, ResetPhoneProperty) else ResetPhoneProperty(phone_id=e) for e in entries]
    body = ResetCloudPhoneRequestBody(phones=entries, image_id=image_id)
    return sdk.client.reset_cloud_phone(ResetCloudPhoneRequest(body=body))


def test_stop_ends_at_8_and_a_second_stop_at_once(sdk, phones):
    phone_id = phones()
    answer = stop(sdk, phone_id)
    assert answer.jobs[0].phone_id == phone_id
    assert sdk.phone(phone_id).status in (7, 8)
    assert sdk.ended(answer.jobs[0].job_id).status == 2
    assert sdk.phone(phone_id).status == 8
    again = stop(sdk, phone_id).jobs[0]
    assert again.error_code is None
    assert sdk.job(again.job_id).status == 2
    assert sdk.phone(phone_id).status == 8


def test_stop_errors_per_phone(sdk, phones):
    phone_id = phones()
    answer = stop(sdk, "nonsense", MISSING, phone_id, phone_id)
    assert [job.error_code for job in answer.jobs] == ["CPS.0004", "CPS.0005", None, STATE]
    assert [job.phone_id for job in answer.jobs] == ["nonsense", MISSING, phone_id, phone_id]
    assert sdk.ended(answer.jobs[2].job_id).status == 2


@pytest.mark.parametrize("body", [b"", b"{}", b'{"phone_ids":[]}', b'{"phone_ids":null}', b'{"phones":[]}'])
def test_stop_without_phones_is_refused(demo, body):
    status, code, _ = error(demo.request("POST", "/phones/batch-stop", data=body))
    assert status == 400
    assert code in ("CPS.0009", "CPS.0081")


@pytest.mark.parametrize("body", [b"nonsense", b'{"phone_ids":"x"}', b'{"phone_ids":{}}', b'{"phone_ids":[1]}'])
def test_stop_with_a_list_of_the_wrong_kind_is_refused(demo, body):
    assert error(demo.request("POST", "/phones/batch-stop", data=body))[0] == 400


def test_stop_takes_the_list_of_restart_too(demo, phones):
    """C4: a public client posts that shape."""
    phone_id = phones()
    answer = demo.post("/phones/batch-stop", {"phones": [{"phone_id": phone_id}]}).json()
    assert demo.ended(answer["jobs"][0]["job_id"])["status"] == 2
    assert demo.phone(phone_id)["status"] == 8


def test_reset_shows_3_and_ends_at_2(sdk, phones):
    phone_id = phones()

    def attempt():
        job_id = reset(sdk, phone_id).jobs[0].job_id
        seen = sdk.phone(phone_id).status
        in_time = sdk.job(job_id).status == 1
        assert sdk.ended(job_id).status == 2
        assert sdk.phone(phone_id).status == 2
        assert seen == 3 or not in_time
        return in_time

    caught(attempt, "the phone during its reset")


def test_reset_powers_on_and_changes_image_and_properties(demo, sdk, phones):
    phone_id = phones()
    sdk.ended(stop(sdk, phone_id).jobs[0].job_id)
    image = demo.other_image(phone_id)
    entry = ResetPhoneProperty(phone_id=phone_id, _property='{"ro.horizontal.screen":1}')
    assert sdk.ended(reset(sdk, entry, image_id=image).jobs[0].job_id).status == 2
    after = sdk.phone(phone_id)
    assert (after.status, after.image_id) == (2, image)
    assert properties(after)["ro.horizontal.screen"] == "1"


def test_reset_keeps_properties_unless_told_to_forget_them(sdk, phones):
    phone_id = phones()
    sdk.ended(sdk.restart(with_property(phone_id, disable__status__bar="1")).jobs[0].job_id)
    sdk.ended(reset(sdk, phone_id).jobs[0].job_id)
    assert properties(sdk.phone(phone_id))["disable.status.bar"] == "1"
    entry = ResetPhoneProperty(
        phone_id=phone_id, _property='{"com.cph.mainkeys":"1"}', factory_reset_enabled=True
    )
    assert sdk.ended(reset(sdk, entry).jobs[0].job_id).status == 2
    assert properties(sdk.phone(phone_id)) == {"com.cph.mainkeys": "1"}


def test_reset_errors_per_phone(demo, phones):
    phone_id = phones()
    entries = [
        {"phone_id": "nonsense"},
        {"phone_id": MISSING},
        {"phone_id": phone_id, "property": "["},
        {"phone_id": phone_id, "property": '{"a":"1"}'},
        {"phone_id": phone_id, "property": '{"com.cph.mainkeys":"9"}'},
        {"phone_id": phone_id, "property": ""},
        {"phone_id": phone_id},
    ]
    jobs = demo.post("/phones/batch-reset", {"phones": entries}).json()["jobs"]
    codes = [job.get("error_code") for job in jobs]
    assert codes == ["CPS.0004", "CPS.0005", "CPS.0078", "CPS.0163", "CPS.0164", None, STATE]
    assert demo.ended(jobs[5]["job_id"])["status"] == 2


@pytest.mark.parametrize("body", [b"", b"{}", b'{"phones":[]}', b'{"phones":["x"]}', b"nonsense"])
def test_reset_without_phones_is_refused(demo, body):
    assert error(demo.request("POST", "/phones/batch-reset", data=body))[:2] == (400, "CPS.0077")


def test_reset_image_errors(demo, phones):
    phone = {"phone_id": phones()}
    for image_id, code in (("x", "CPS.0030"), (MISSING, "CPS.0166")):
        body = {"phones": [phone], "image_id": image_id}
        assert error(demo.post("/phones/batch-reset", body))[:2] == (400, code)


@pytest.mark.parametrize("fault", ["dies-while-booting", "refuses", "drops-properties", "never-boots"])
def test_a_boot_that_is_not_proven_fails_the_job_and_keeps_the_old_values(demo, phones, fault):
    phone_id = phones()
    first = {"phone_id": phone_id, "property": '{"com.cph.mainkeys":"0"}'}
    assert demo.ended(demo.restart(first)["jobs"][0]["job_id"])["status"] == 2
    before = demo.phone(phone_id)
    demo.fault(phone_id, fault)

    changed = {"phone_id": phone_id, "property": '{"com.cph.mainkeys":"1"}'}
    answer = demo.restart(changed, image_id=demo.other_image(phone_id))
    job = demo.ended(answer["jobs"][0]["job_id"], 120)

    assert job["status"] == -1
    assert job["error_code"].startswith("CPS.") and job["error_msg"]
    assert job["end_time"] >= job["begin_time"]
    assert (job["phone_id"], job["server_id"]) == (phone_id, before["server_id"])
    listed = demo.jobs(answer["request_id"])
    assert [(one["job_id"], one["error_code"]) for one in listed] == [(job["job_id"], job["error_code"])]
    after = demo.phone(phone_id)
    assert after["status"] == -6
    assert (after["image_id"], after["image_version"]) == (before["image_id"], before["image_version"])
    assert json.loads(after["property"]) == json.loads(before["property"])

    assert demo.restart(phone_id)["jobs"][0]["error_code"] == STATE
    assert demo.post("/phones/batch-stop", {"phone_ids": [phone_id]}).json()["jobs"][0]["error_code"] == STATE
    demo.fault(phone_id, "none")
    entry = demo.post("/phones/batch-reset", {"phones": [{"phone_id": phone_id}]}).json()["jobs"][0]
    assert demo.ended(entry["job_id"])["status"] == 2
    assert demo.phone(phone_id)["status"] == 2


def test_a_reset_that_fails_shows_minus_5_and_another_reset_brings_it_back(demo, phones):
    phone_id = phones()
    demo.fault(phone_id, "dies-while-booting")
    entry = demo.post("/phones/batch-reset", {"phones": [{"phone_id": phone_id}]}).json()["jobs"][0]
    assert demo.ended(entry["job_id"])["status"] == -1
    assert demo.phone(phone_id)["status"] == -5
    assert demo.restart(phone_id)["jobs"][0]["error_code"] == STATE
    demo.fault(phone_id, "none")
    entry = demo.post("/phones/batch-reset", {"phones": [{"phone_id": phone_id}]}).json()["jobs"][0]
    assert demo.ended(entry["job_id"])["status"] == 2
    assert demo.phone(phone_id)["status"] == 2


def test_a_phone_that_dies_later_is_shown_as_abnormal(demo, phones):
    """Its restart was a success; what became of it is the phone's status, within a minute."""
    phone_id = phones()
    demo.fault(phone_id, "dies-later")
    job = demo.ended(demo.restart(phone_id)["jobs"][0]["job_id"])
    assert job["status"] == 2
    until(lambda: demo.phone(phone_id)["status"] == -7, "the phone is shown as abnormal", 90)
    assert demo.restart(phone_id)["jobs"][0]["error_code"] == STATE
    assert demo.job(job["job_id"]) == job


@pytest.mark.parametrize("first", ["batch-restart", "batch-reset"])
def test_power_operations_exclude_each_other(demo, phones, first):
    """One power operation a phone: 4 and 3 refuse all three."""
    phone_id = phones()
    calls = {
        "batch-restart": {"phones": [{"phone_id": phone_id}]},
        "batch-reset": {"phones": [{"phone_id": phone_id}]},
        "batch-stop": {"phone_ids": [phone_id]},
    }

    def attempt():
        demo.mend([phone_id])
        job_id = demo.post(f"/phones/{first}", calls[first]).json()["jobs"][0]["job_id"]
        others = [demo.post(f"/phones/{name}", body).json()["jobs"][0] for name, body in calls.items()]
        in_time = demo.job(job_id)["status"] == 1
        demo.ended(job_id)
        if in_time:
            assert [entry.get("error_code") for entry in others] == [STATE] * 3
        return in_time

    caught(attempt, "the phone during its operation")
