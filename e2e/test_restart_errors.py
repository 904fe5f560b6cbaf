"""Every row of restart.md's tables of oddities, per-phone errors and whole-request errors."""

import json

import pytest

from clients import MISSING, error, properties
from yard import caught

BAD_ID = ("CPS.0004", "Parameter: phone_id is invalid.")
NO_PHONE = ("CPS.0005", "Phone is not found.")
STATE = ("CPS.0165", "The phone must be in stopped or running status.")
BAD_PROPERTY = ("CPS.0078", "Parameter: Property is invalid.")
NO_PHONES = (400, "CPS.0077", "Parameter: phones list is invalid.")
BAD_IMAGE = (400, "CPS.0030", "Parameter: image_id is invalid.")
NO_IMAGE = (400, "CPS.0166", "Phone image not found.")


def verdict(entry):
    assert "job_id" not in entry
    return entry["error_code"], entry["error_msg"]


@pytest.mark.parametrize(
    "phone_id",
    ["", "x", "g" * 32, "a" * 33, "A" * 32, " " + "a" * 31, "a" * 32 + " ", "a" * 1024, "päss", "a/../b", "\x00"],
)
def test_a_malformed_id_is_CPS_0004_and_echoed(demo, phone_id):
    entry = demo.restart(phone_id)["jobs"][0]
    assert verdict(entry) == BAD_ID
    assert entry["phone_id"] == phone_id


def test_a_running_phone_is_not_found_under_another_spelling(demo, phones):
    """Upper-case hex and surrounding spaces are not normalised."""
    phone_id = phones()
    for spelling in {phone_id.upper(), f" {phone_id}", f"{phone_id} "} - {phone_id}:
        assert verdict(demo.restart(spelling)["jobs"][0]) == BAD_ID
    assert demo.phone(phone_id)["status"] == 2


@pytest.mark.parametrize("entry", [{}, {"phone_id": None}, {"property": "{}"}])
def test_an_entry_without_id_is_CPS_0004(demo, entry):
    assert verdict(demo.restart(entry)["jobs"][0]) == BAD_ID


def test_a_phone_that_does_not_exist_is_CPS_0005(demo):
    entry = demo.restart(MISSING)["jobs"][0]
    assert verdict(entry) == NO_PHONE
    assert entry["phone_id"] == MISSING


def test_the_second_restart_of_a_phone_is_refused_while_the_first_runs(demo, phones):
    """A repeat meets status 4; within one request the first entry wins."""
    phone_id = phones()
    answer = demo.restart(phone_id, phone_id)
    assert "job_id" in answer["jobs"][0]
    assert verdict(answer["jobs"][1]) == STATE
    assert answer["jobs"][1]["phone_id"] == phone_id
    assert len(demo.jobs(answer["request_id"])) == 1


@pytest.mark.parametrize(
    "text",
    [
        '{"com.cph.mainkeys":"1",}',
        "nonsense",
        "[]",
        '"text"',
        "1",
        "null",
        "true",
        '{"a":',
        "{} {}",
        {"com.cph.mainkeys": "1"},
        {},
        [],
        1,
        True,
    ],
)
def test_a_property_that_is_no_text_of_a_JSON_object_is_CPS_0078(demo, phones, text):
    phone_id = phones()
    assert verdict(demo.restart({"phone_id": phone_id, "property": text})["jobs"][0]) == BAD_PROPERTY
    assert demo.phone(phone_id)["status"] == 2


def test_a_property_text_over_2048_bytes_is_CPS_0078(demo, phones):
    phone_id = phones()
    text = json.dumps({"com.cph.mainkeys": "1"})
    for length, refused in ((2048, False), (2049, True)):
        entry = {"phone_id": phone_id, "property": text + " " * (length - len(text))}
        job = demo.restart(entry)["jobs"][0]
        if refused:
            assert verdict(job) == BAD_PROPERTY
        else:
            assert demo.ended(job["job_id"])["status"] == 2


@pytest.mark.parametrize("key", ["no.such.key", "", "COM.CPH.MAINKEYS", "ключ"])
def test_an_unknown_key_is_CPS_0163_and_named(demo, phones, key):
    entry = {"phone_id": phones(), "property": json.dumps({key: "1"})}
    assert verdict(demo.restart(entry)["jobs"][0]) == ("CPS.0163", f"Parameter: property {key} not supported.")


@pytest.mark.parametrize(
    "key, value",
    [
        ("com.cph.mainkeys", "2"),
        ("com.cph.mainkeys", ""),
        ("com.cph.mainkeys", True),
        ("com.cph.mainkeys", None),
        ("com.cph.mainkeys", []),
        ("com.cph.mainkeys", {}),
        ("com.cph.mainkeys", 1.5),
        ("com.cph.bandwidth_limit", "0"),
        ("com.cph.bandwidth_limit", 100000000),
        ("com.cph.cg.app_port", "9999"),
        ("com.cph.cg.app_port", 11001),
        ("sys.prop.writeimsi", "4600216246171130"),
        ("sys.prop.writewifissid", ""),
        ("persist.sys.locale", "zh_CN"),
        ("com.cph.cam_local_pic_path", "a\nb"),
        ("com.cph.cg.sign_check_url", "ftp://x"),
    ],
)
def test_a_bad_value_is_CPS_0164_and_its_key_named(demo, phones, key, value):
    phone_id = phones()
    before = properties(demo.phone(phone_id))
    entry = {"phone_id": phone_id, "property": json.dumps({key: value})}
    assert verdict(demo.restart(entry)["jobs"][0]) == ("CPS.0164", f"Parameter: Invalid property {key}.")
    after = demo.phone(phone_id)
    assert (after["status"], properties(after)) == (2, before)


@pytest.mark.parametrize(
    "change, stored",
    [
        ({"com.cph.mainkeys": 1}, {"com.cph.mainkeys": "1"}),
        ({"ro.horizontal.screen": 1}, {"ro.horizontal.screen": "1"}),
        ({"com.cph.bandwidth_limit": -1}, {"com.cph.bandwidth_limit": "-1"}),
        ({"com.cph.cg.app_port": 10000, "com.cph.cg.h5_port": "11000"}, None),
        ({"gsm.sim.operator.numeric": 46000}, {"gsm.sim.operator.numeric": "46000"}),
    ],
)
def test_numbers_are_taken_as_text(demo, phones, change, stored):
    phone_id = phones()
    job = demo.restart({"phone_id": phone_id, "property": json.dumps(change)})["jobs"][0]
    assert demo.ended(job["job_id"])["status"] == 2
    assert (stored or {}).items() <= properties(demo.phone(phone_id)).items()


def test_deprecated_keys_are_accepted_and_ignored(demo, phones):
    """Even with values that no pattern would take."""
    phone_id = phones()
    old = {"ro.product.name": "monbox", "ro.com.cph.sfs_enable": 1, "qemu.hw.mainkeys": 0, "phone_num": "x y"}
    text = json.dumps({**old, "disable.status.bar": "1"})
    job = demo.restart({"phone_id": phone_id, "property": text})["jobs"][0]
    assert demo.ended(job["job_id"])["status"] == 2
    stored = properties(demo.phone(phone_id))
    assert stored["disable.status.bar"] == "1"
    assert not stored.keys() & old.keys()


@pytest.mark.parametrize("nothing", [None, "", "{}", " {} "])
def test_no_property_in_every_spelling(demo, phones, nothing):
    job = demo.restart({"phone_id": phones(), "property": nothing})["jobs"][0]
    assert demo.ended(job["job_id"])["status"] == 2


@pytest.mark.parametrize("nothing", [None, ""])
def test_no_image_in_every_spelling(demo, phones, nothing):
    job = demo.restart(phones(), image_id=nothing)["jobs"][0]
    assert demo.ended(job["job_id"])["status"] == 2


def test_an_entry_is_judged_by_id_then_existence_then_state_then_property(demo, phones):
    phone_id = phones()
    bad = '{"no.such.key":"1"}'
    entries = [{"phone_id": one, "property": bad} for one in ("nonsense", MISSING, phone_id)]

    def attempt():
        job_id = demo.restart(phone_id)["jobs"][0]["job_id"]
        answer = demo.restart(*entries)
        in_time = demo.job(job_id)["status"] == 1
        demo.ended(job_id)
        if in_time:
            assert [verdict(entry) for entry in answer["jobs"]] == [BAD_ID, NO_PHONE, STATE]
        return in_time

    caught(attempt, "the phone during its restart")


def test_refused_entries_do_not_hinder_the_others(demo, phones):
    first, last = phones(2)
    answer = demo.restart(first, "nonsense", MISSING, {"phone_id": last, "property": "["}, last)
    codes = [entry.get("error_code") for entry in answer["jobs"]]
    assert codes == [None, "CPS.0004", "CPS.0005", "CPS.0078", None]
    assert all(demo.ended(answer["jobs"][at]["job_id"])["status"] == 2 for at in (0, 4))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\n",
        b"{}",
        b"[]",
        b"null",
        b"nonsense",
        b'{"phones":',
        b'{"phones":[]}',
        b'{"phones":null}',
        b'{"phones":{}}',
        b'{"phones":"x"}',
        b'{"phones":["a7f3a1c5258347d6b6f1def79e11f2bc"]}',
        b'{"phones":[null]}',
        b'{"phones":[[]]}',
        b'{"phones":[{"phone_id":"a7f3a1c5258347d6b6f1def79e11f2bc"},1]}',
        b'\xff\xfe',
        b'{"phones":[{"phone_id":"\xff"}]}',
        b"[" * 100_000,
    ],
    ids=lambda body: repr(body[:60])[2:-1] or "empty",
)
def test_a_bad_list_of_phones_is_CPS_0077(demo, body):
    response = demo.request("POST", "/phones/batch-restart", data=body)
    assert error(response) == NO_PHONES


@pytest.mark.parametrize("phone_id", [["a7f3a1c5258347d6b6f1def79e11f2bc"], {"a": "b"}, 5, True])
def test_an_id_that_is_no_text_is_refused_for_that_phone(demo, phones, phone_id):
    """The old tables type it as an array; no sample and no client sends one."""
    answer = demo.restart({"phone_id": phone_id}, phones())
    assert verdict(answer["jobs"][0]) == BAD_ID
    assert answer["jobs"][0]["phone_id"]
    assert "job_id" in answer["jobs"][1]


def test_nothing_starts_when_the_whole_request_is_refused(demo, phones):
    phone_id = phones()
    good = {"phone_id": phone_id}
    assert error(demo.post("/phones/batch-restart", {"phones": [good, 1]})) == NO_PHONES
    assert error(demo.post("/phones/batch-restart", {"phones": [good], "image_id": MISSING})) == NO_IMAGE
    assert error(demo.post("/phones/batch-restart", {"phones": [good] * 1001}))[1] == "CPS.0190"
    assert demo.phone(phone_id)["status"] == 2


def test_a_thousand_phones_are_taken_and_one_more_is_CPS_0190(demo):
    entries = [{"phone_id": f"{number:032x}"} for number in range(1001)]
    answer = demo.post("/phones/batch-restart", {"phones": entries[:1000]})
    assert [job["phone_id"] for job in answer.json()["jobs"]] == [entry["phone_id"] for entry in entries[:1000]]
    too_many = demo.post("/phones/batch-restart", {"phones": entries})
    assert error(too_many) == (400, "CPS.0190", "The number of phones exceeds the limit.")


@pytest.mark.parametrize("image_id", [1, True, [], {}, "x", "A" * 32, "a" * 33, " "])
def test_a_malformed_image_is_CPS_0030(demo, phones, image_id):
    body = {"phones": [{"phone_id": phones()}], "image_id": image_id}
    assert error(demo.post("/phones/batch-restart", body)) == BAD_IMAGE


def test_an_unknown_image_is_CPS_0166(demo, phones):
    body = {"phones": [{"phone_id": phones()}], "image_id": MISSING}
    assert error(demo.post("/phones/batch-restart", body)) == NO_IMAGE


def test_a_body_over_12_MB_is_413(demo):
    body = b'{"phones":[{"phone_id":"' + b"a" * (12 * 1024 * 1024) + b'"}]}'
    response = demo.request("POST", "/phones/batch-restart", data=body)
    assert error(response) == (413, "APIGW.0201", "Request entity too large.")


def test_no_credentials_are_401(demo):
    body = {"phones": [{"phone_id": demo.pool[0]}]}
    for headers in ({}, {"X-Auth-Token": "nonsense"}, {"Authorization": "Basic eDp5"}, {"Authorization": ""}):
        status, code, message = error(demo.post("/phones/batch-restart", body, token=False, headers=headers))
        assert (status, code) == (401, "APIGW.0301")
        assert message.startswith("Incorrect IAM authentication information")


def test_the_path_of_another_project_is_CPS_0001(demo):
    path = f"//v1/{MISSING}/cloud-phone/phones/batch-restart"
    body = {"phones": [{"phone_id": demo.pool[0]}]}
    assert error(demo.post(path, body)) == (403, "CPS.0001", "No permission to request resources.")


def test_unknown_fields_and_parameters_are_ignored(demo, phones):
    entry = {"phone_id": phones(), "from_the_future": {"a": [1]}}
    answer = demo.request(
        "POST", "/phones/batch-restart", json={"phones": [entry], "x": None}, params={"y": "1"}
    )
    assert demo.ended(answer.json()["jobs"][0]["job_id"])["status"] == 2
