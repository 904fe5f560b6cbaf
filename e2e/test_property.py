"""UpdateCloudPhoneProperty and UpdatePhoneName: changes without a restart."""

import json

import pytest
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException
from huaweicloudsdkcph.v1 import (
    PropertyToUpdate,
    StopCloudPhoneRequest,
    StopCloudPhoneRequestBody,
    UpdateCloudPhonePropertyRequest,
    UpdateCloudPhonePropertyRequestBody,
    UpdatePhoneNameRequest,
    UpdatePhoneNameRequestBody,
)

from clients import HEX32, MISSING, error, properties


def update(sdk, *entries):
    body = UpdateCloudPhonePropertyRequestBody(phones=list(entries))
    return sdk.client.update_cloud_phone_property(UpdateCloudPhonePropertyRequest(body=body))


def test_properties_change_while_the_phone_stays_at_2(sdk, phones):
    phone_id = phones()
    answer = update(sdk, PropertyToUpdate(phone_id=phone_id, _property='{"disable.status.bar":"1"}'))
    assert sdk.phone(phone_id).status == 2
    job = sdk.ended(answer.jobs[0].job_id)
    assert (job.status, job.phone_id) == (2, phone_id)
    assert properties(sdk.phone(phone_id))["disable.status.bar"] == "1"


def test_terraforms_update_is_taken(demo, phones):
    """T10, T11: sorted keys, integers for every type, deprecated keys, an accepted job has its job_id first."""
    phone_id = phones()
    change = {
        "com.cph.mainkeys": 0,
        "disable.status.bar": 0,
        "ro.com.cph.sfs_enable": 1,
        "ro.horizontal.screen": 1,
        "ro.install.auto": 0,
        "ro.permission.changed": 1,
        "ro.product.manufacturer": "Huawei",
        "ro.product.name": "monbox",
    }
    entry = {"phone_id": phone_id, "property": json.dumps(change, sort_keys=True, separators=(",", ":"))}
    job = demo.post("/phones/batch-update-property", {"phones": [entry]}).json()["jobs"][0]
    assert set(job) == {"phone_id", "job_id"}
    assert demo.ended(job["job_id"])["status"] == 2
    stored = properties(demo.phone(phone_id))
    assert stored.items() >= {"ro.horizontal.screen": "1", "ro.permission.changed": "1"}.items()
    assert "ro.product.name" not in stored


def test_a_stopped_phone_stores_the_values_until_it_runs(sdk, phones):
    phone_id = phones()
    stop = StopCloudPhoneRequest(body=StopCloudPhoneRequestBody(phone_ids=[phone_id]))
    sdk.ended(sdk.client.stop_cloud_phone(stop).jobs[0].job_id)
    answer = update(sdk, PropertyToUpdate(phone_id=phone_id, _property='{"com.cph.mainkeys":"1"}'))
    assert sdk.ended(answer.jobs[0].job_id).status == 2
    assert sdk.phone(phone_id).status == 8
    assert sdk.ended(sdk.restart(phone_id).jobs[0].job_id).status == 2
    assert properties(sdk.phone(phone_id))["com.cph.mainkeys"] == "1"


def test_errors_per_phone(demo, phones):
    phone_id = phones()
    good = '{"com.cph.mainkeys":"0"}'
    entries = [
        {"phone_id": "nonsense", "property": good},
        {"phone_id": MISSING, "property": good},
        {"phone_id": phone_id},
        {"phone_id": phone_id, "property": ""},
        {"phone_id": phone_id, "property": "["},
        {"phone_id": phone_id, "property": '{"a":"1"}'},
        {"phone_id": phone_id, "property": '{"com.cph.mainkeys":"x"}'},
        {"phone_id": phone_id, "property": good},
    ]
    jobs = demo.post("/phones/batch-update-property", {"phones": entries}).json()["jobs"]
    codes = [job.get("error_code") for job in jobs]
    assert codes == ["CPS.0004", "CPS.0005", *["CPS.0078"] * 3, "CPS.0163", "CPS.0164", None]
    assert jobs[5]["error_msg"] == "Parameter: property a not supported."
    assert demo.ended(jobs[7]["job_id"])["status"] == 2


@pytest.mark.parametrize("body", [b"", b"{}", b'{"phones":[]}', b'{"phones":["x"]}', b"nonsense"])
def test_a_bad_list_is_CPS_0077(demo, body):
    response = demo.request("POST", "/phones/batch-update-property", data=body)
    assert error(response)[:2] == (400, "CPS.0077")


@pytest.mark.parametrize("name", ["a", "Phone-1_x", "云手机-1", "x" * 60])
def test_a_phone_is_renamed(sdk, phones, name):
    phone_id = phones()
    body = UpdatePhoneNameRequestBody(phone_name=name)
    answer = sdk.client.update_phone_name(UpdatePhoneNameRequest(phone_id=phone_id, body=body))
    assert HEX32.fullmatch(answer.request_id)
    assert sdk.phone(phone_id).phone_name == name
    assert [phone.phone_id for phone in sdk.phones(phone_name=name).phones if phone.phone_name == name] == [phone_id]
    body.phone_name = f"free-{phone_id[-8:]}"
    sdk.client.update_phone_name(UpdatePhoneNameRequest(phone_id=phone_id, body=body))


@pytest.mark.parametrize("name", ["", " ", "a b", "a.b", "x" * 61, "a/b", "<b>", "é", None, 1, [], {}])
def test_a_bad_name_is_CPS_0025(demo, phones, name):
    phone_id = phones()
    before = demo.phone(phone_id)["phone_name"]
    response = demo.request("PUT", f"/phones/{phone_id}", json={"phone_name": name})
    assert error(response) == (400, "CPS.0025", "Parameter: phone_name is invalid.")
    assert demo.phone(phone_id)["phone_name"] == before


def test_renaming_a_phone_that_is_not_there(sdk):
    for phone_id, code, status in ((MISSING, "CPS.0005", 404), ("nonsense", "CPS.0004", 400)):
        request = UpdatePhoneNameRequest(phone_id=phone_id, body=UpdatePhoneNameRequestBody(phone_name="a"))
        with pytest.raises(ClientRequestException) as raised:
            sdk.client.update_phone_name(request)
        assert (raised.value.status_code, raised.value.error_code) == (status, code)
