"""What belongs to another project answers exactly like what does not exist."""

import pytest

from clients import MISSING, error


@pytest.fixture(scope="module")
def bobs(town):
    """One of everything that is Bob's."""
    phone_id = town.bob.all_phones()[0]["phone_id"]
    answer = town.bob.restart(phone_id)
    job_id = answer["jobs"][0]["job_id"]
    town.bob.ended(job_id)
    return {
        "phone": phone_id,
        "server": town.bobs_server,
        "image": town.bobs_image,
        "job": job_id,
        "request": answer["request_id"],
    }


GETS = [
    "/phones/{phone}",
    "/servers/{server}",
    "/jobs/{job}",
    "/jobs?request_id={request}",
    "/jobs?request_ids={request}",
    "/phones?server_id={server}",
    "/servers?server_id={server}",
]

POSTS = [
    ("/phones/batch-restart", '{{"phones":[{{"phone_id":"{phone}"}}]}}'),
    ("/phones/batch-reset", '{{"phones":[{{"phone_id":"{phone}"}}]}}'),
    ("/phones/batch-stop", '{{"phone_ids":["{phone}"]}}'),
    ("/phones/batch-update-property", '{{"phones":[{{"phone_id":"{phone}","property":"{{}}"}}]}}'),
    ("/servers/batch-restart", '{{"server_ids":["{server}"]}}'),
]


def same(alice, method, path, body, names):
    """Asks once for the foreign object and once for a missing one; compares all but the ids."""
    answers = []
    for values in (names, dict.fromkeys(names, MISSING)):
        data = body.format(**values) if body else None
        response = alice.request(method, path.format(**values), data=data)
        text = response.text.replace(response.headers["X-Request-Id"], "REQUEST")
        for value in values.values():
            text = text.replace(value, "ID")
        answers.append((response.status_code, text))
    assert answers[0] == answers[1]
    return answers[0]


@pytest.mark.parametrize("path", GETS)
def test_reading(town, bobs, path):
    same(town.alice, "GET", path, None, bobs)


@pytest.mark.parametrize("path, body", POSTS, ids=[path for path, _ in POSTS])
def test_acting(town, bobs, path, body):
    status, text = same(town.alice, "POST", path, body, bobs)
    assert status == 200 and "job_id" not in text
    assert town.bob.phone(bobs["phone"])["status"] == 2
    assert town.bob.get(f"/servers/{bobs['server']}").json()["status"] == 5


def test_renaming(town, bobs):
    assert same(town.alice, "PUT", "/phones/{phone}", '{{"phone_name":"mine"}}', bobs)[0] == 404
    assert town.bob.phone(bobs["phone"])["phone_name"] != "mine"


def test_a_private_image_serves_its_project_only(town, bobs):
    phone_id = town.alice.all_phones(server_id=town.server)[0]["phone_id"]
    for image in (bobs["image"], MISSING):
        body = {"phones": [{"phone_id": phone_id}], "image_id": image}
        wanted = (400, "CPS.0166", "Phone image not found.")
        assert error(town.alice.post("/phones/batch-restart", body)) == wanted
    for image in (town.alices_image, town.image):
        job = town.alice.restart(phone_id, image_id=image)["jobs"][0]
        assert town.alice.ended(job["job_id"])["status"] == 2
        assert town.alice.phone(phone_id)["image_id"] == image


def test_a_token_or_key_opens_its_own_project_only(town):
    path = f"/v1/{town.bob.project_id}/cloud-phone/phones"
    wanted = (403, "CPS.0001", "No permission to request resources.")
    assert error(town.alice.request("GET", "/" + path)) == wanted
    assert error(town.alice.signed("GET", path)) == wanted
    assert error(town.alice.signed("GET", path, headers={"X-Project-Id": town.bob.project_id})) == wanted


def test_neither_sees_the_others_in_lists(town):
    ids = [{phone["phone_id"] for phone in account.all_phones()} for account in (town.alice, town.bob)]
    assert [len(one) for one in ids] == [7, 2]
    assert not ids[0] & ids[1]
