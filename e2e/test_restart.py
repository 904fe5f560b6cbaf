"""RestartCloudPhone through the SDK, over both credentials (contract/restart.md)."""

import itertools

import pytest
from huaweicloudsdkcph.v1 import PhoneProperty, StopCloudPhoneRequest, StopCloudPhoneRequestBody

from clients import HEX32, TIME, properties, with_property
from yard import caught


def test_a_restart_brings_image_and_properties_into_force(demo, sdk, phones):
    ids = phones(3)
    image = demo.other_image(ids[0])
    before = {phone_id: sdk.phone(phone_id) for phone_id in ids}

    answer = sdk.restart(*[with_property(i, com__cph__mainkeys="1") for i in ids], image_id=image)

    assert answer.status_code == 200
    assert HEX32.fullmatch(answer.request_id)
    assert [job.phone_id for job in answer.jobs] == ids
    for job in answer.jobs:
        assert HEX32.fullmatch(job.job_id)
        assert job.error_code is None and job.error_msg is None
        assert sdk.ended(job.job_id).status == 2
        after = sdk.phone(job.phone_id)
        assert after.status == 2
        assert after.image_id == image != before[job.phone_id].image_id
        assert after.image_version
        assert properties(after)["com.cph.mainkeys"] == "1"
        assert after.update_time >= before[job.phone_id].update_time


def test_the_phone_is_at_4_from_the_answer_to_the_end_and_old_values_hold_until_then(demo, sdk, phones):
    phone_id = phones()
    number = itertools.count()

    def attempt():
        old = sdk.phone(phone_id)
        image = demo.other_image(phone_id)
        changed = with_property(phone_id, sys__prop__writephonenum=str(next(number)))
        job_id = sdk.restart(changed, image_id=image).jobs[0].job_id
        seen = sdk.phone(phone_id)
        running = sdk.job(job_id)
        done = sdk.ended(job_id)
        if running.status == 1:  # it still ran after we had looked at the phone
            assert seen.status == 4
            assert (seen.image_id, seen.image_version) == (old.image_id, old.image_version)
            assert properties(seen) == properties(old)
            check_running(running, job_id, phone_id, seen.server_id)
            check_done(done)
            assert done.begin_time == running.begin_time
            assert sdk.phone(phone_id).image_id == image
        return running.status == 1

    caught(attempt, "the phone during its restart")


def check_running(job, job_id, phone_id, server_id):
    assert (job.job_id, job.phone_id, job.server_id) == (job_id, phone_id, server_id)
    assert TIME.fullmatch(job.begin_time)
    assert not job.end_time and not job.error_code and not job.error_msg and not job.execute_msg


def check_done(job):
    assert job.status == 2
    assert TIME.fullmatch(job.begin_time) and TIME.fullmatch(job.end_time)
    assert job.begin_time <= job.end_time
    assert not job.error_code and not job.error_msg and not job.execute_msg


def test_a_stopped_phone_is_powered_on(sdk, phones):
    phone_id = phones()
    stop = StopCloudPhoneRequest(body=StopCloudPhoneRequestBody(phone_ids=[phone_id]))
    sdk.ended(sdk.client.stop_cloud_phone(stop).jobs[0].job_id)
    assert sdk.phone(phone_id).status == 8
    assert sdk.ended(sdk.restart(phone_id).jobs[0].job_id).status == 2
    assert sdk.phone(phone_id).status == 2


def test_properties_merge_by_key(sdk, phones):
    phone_id = phones()
    for change in ({"sys__prop__writeimsi": "460021624617113"}, {"sys__prop__writewifissid": "test_wifi"}):
        assert sdk.ended(sdk.restart(with_property(phone_id, **change)).jobs[0].job_id).status == 2
    stored = properties(sdk.phone(phone_id))
    assert stored["sys.prop.writeimsi"] == "460021624617113"
    assert stored["sys.prop.writewifissid"] == "test_wifi"


@pytest.mark.parametrize("text", ["", "{}", None], ids=["empty", "no keys", "absent"])
@pytest.mark.parametrize("image_id", ["", None], ids=["image empty", "image absent"])
def test_empty_values_change_nothing(sdk, phones, text, image_id):
    """P3, C3: "" stands for absent."""
    phone_id = phones()
    before = sdk.phone(phone_id)
    job = sdk.restart(PhoneProperty(phone_id=phone_id, _property=text), image_id=image_id).jobs[0]
    assert sdk.ended(job.job_id).status == 2
    after = sdk.phone(phone_id)
    assert (after.image_id, properties(after)) == (before.image_id, properties(before))


def test_non_ascii_values_arrive_as_they_were(sdk, phones):
    """P4: the SDK writes \\uXXXX."""
    phone_id = phones()
    job = sdk.restart(with_property(phone_id, com__cph__cam_local_pic_path="/data/图片/1.png")).jobs[0]
    assert sdk.ended(job.job_id).status == 2
    assert properties(sdk.phone(phone_id))["com.cph.cam_local_pic_path"] == "/data/图片/1.png"


def test_good_phones_restart_beside_refused_ones(sdk, phones):
    """P14: a refused phone inside a 200 raises nothing and has no job."""
    first, last = phones(2)
    answer = sdk.restart(first, "nonsense", last)
    assert [job.phone_id for job in answer.jobs] == [first, "nonsense", last]
    refused = answer.jobs[1]
    assert refused.job_id is None
    assert (refused.error_code, refused.error_msg) == ("CPS.0004", "Parameter: phone_id is invalid.")
    for job in (answer.jobs[0], answer.jobs[2]):
        assert sdk.ended(job.job_id).status == 2


def test_accepted_and_refused_entries_have_just_their_fields(demo, phones):
    """T4, T5: no null and no "" where a field is not meant."""
    phone_id = phones()
    answer = demo.restart(phone_id, "nonsense")
    assert set(answer) == {"request_id", "jobs"}
    assert set(answer["jobs"][0]) == {"phone_id", "job_id"}
    assert set(answer["jobs"][1]) == {"phone_id", "error_code", "error_msg"}


def test_a_request_of_refused_phones_only_is_still_a_200(demo):
    answer = demo.restart("nonsense")
    assert "job_id" not in answer["jobs"][0]
    assert demo.get("/jobs", request_id=answer["request_id"]).json()["jobs"] == []


def test_the_answer_comes_long_before_the_boot(demo, phones):
    """P18: the work is done later."""
    ids = phones(10)
    response = demo.post("/phones/batch-restart", {"phones": [{"phone_id": phone_id} for phone_id in ids]})
    assert response.elapsed.total_seconds() < 5
    assert all("job_id" in job for job in response.json()["jobs"])
