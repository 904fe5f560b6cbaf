"""The AK/SK signature: both of the contract's vectors, and what must be refused."""

import hashlib
import json

import pytest

import signing
from clients import check_answer, error

AK = "AKEXAMPLE00000000001"
SK = "not-a-real-secret-key-0000000000000001"
PROJECT = "0503dda878000fed2f78c00909158a4d"
DATE = "20260101T000000Z"
JSON = "application/json"
FAILED = "Incorrect IAM authentication information"

VECTORS = [
    (
        "POST",
        f"/v1/{PROJECT}/cloud-phone/phones/batch-restart",
        {"Content-Type": JSON, "Host": "cph.local:8080", "X-Project-Id": PROJECT, "X-Sdk-Date": DATE},
        b'{"phones": [{"phone_id": "a7f3a1c5258347d6b6f1def79e11f2bc"}]}',
        "239cf48f9a908dd7935d5ca4b7f5095b5f6d9ea25c68cc2ea34151cf1428cf91",
        "053175e84e6c38bc7c82dc0bdee44a0c20a65c59d60920e15b95c7dcee39f546",
    ),
    (
        "GET",
        f"/v1/{PROJECT}/cloud-phone/jobs?request_id=6837531fd3f54550927b930180a706bf",
        {"Accept": JSON, "User-Agent": "golangsdk/2.0.0", "X-Sdk-Date": DATE},
        b"",
        "0104593022488be455973c47a00cb2b3ee48c8aa08505494dc292dfbaef7337a",
        "71c2ea96d11eec4aa3db7e0e81f7a04bf3ad26514e9b86300fe51254fadc2da5",
    ),
]


@pytest.mark.parametrize("method, target, headers, body, canonical_hash, signature", VECTORS, ids=["POST", "GET"])
def test_our_own_signer_keeps_to_the_vectors(method, target, headers, body, canonical_hash, signature):
    signed = sorted(name.lower() for name in headers)
    canonical = signing.canonical_request(method, target, headers, signed, body)
    assert hashlib.sha256(canonical.encode()).hexdigest() == canonical_hash
    authorization = signing.sign(AK, SK, method, target, headers, body)["Authorization"]
    assert authorization.endswith(f"Signature={signature}")


def refused(response):
    status, code, message = error(response)
    assert (status, code) == (401, "APIGW.0301")
    assert message.startswith(FAILED)


def restart_body(phone_id):
    return json.dumps({"phones": [{"phone_id": phone_id}]}).encode()


def target(demo, path):
    return demo.base + path


def test_terraforms_signature_is_taken(demo, phones):
    """T1, T2, T3: no host signed, project id unsigned, a line feed ends the body, property is ""."""
    path = target(demo, "/phones/batch-restart")
    body = {"phones": [{"phone_id": phones(), "property": ""}]}
    headers, data = signing.go_style(demo.ak, demo.sk, demo.project_id, "POST", path, body)
    assert data.endswith(b"\n")
    answer = check_answer(demo.raw("POST", path, headers, data)).json()
    assert demo.ended(answer["jobs"][0]["job_id"])["status"] == 2
    path = target(demo, f"/jobs?request_id={answer['request_id']}")
    headers, _ = signing.go_style(demo.ak, demo.sk, demo.project_id, "GET", path)
    listed = check_answer(demo.raw("GET", path, headers)).json()
    assert listed["jobs"][0]["status"] == 2


def test_the_date_alone_may_be_signed(demo):
    response = demo.signed("GET", target(demo, "/phones?limit=1"), signed=["x-sdk-date"])
    assert response.status_code == 200


def test_signed_headers_keep_the_clients_order(demo):
    headers = {"X-B": "2", "X-A": "1"}
    response = demo.signed("GET", target(demo, "/phones"), headers=headers, signed=["x-sdk-date", "x-b", "host", "x-a"])
    assert response.status_code == 200


def test_header_values_are_signed_without_their_outer_spaces(demo):
    """P23: the bytes in between stay as they are."""
    response = demo.signed("GET", target(demo, "/phones"), headers={"User-Agent": "  a;  b/#c (d)  "})
    assert response.status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        "limit=1&offset=0",
        "offset=0&limit=1",
        "phone_name=&limit=1",
        "phone_name&limit=1",
        "phone_name=a%20b",
        "phone_name=%E6%89%8B%2C%2F%7E~-_.",
        "phone_name=%41",
        "b=2&b=1&a=%26%3D",
    ],
)
def test_queries_are_signed_decoded_and_sorted(demo, query):
    """P5."""
    assert demo.signed("GET", target(demo, "/phones?" + query)).status_code == 200


@pytest.mark.parametrize("path", ["/phones/a%2Fb", "/phones/%41%20b", "/phones/%e6%89%8b", "/phones/~a-_.b"])
def test_paths_are_signed_decoded(demo, path):
    """P7: the signature is right, only the id is not."""
    assert error(demo.signed("GET", target(demo, path)))[:2] == (400, "CPS.0004")


def test_a_trailing_slash_is_signed_once(demo):
    assert demo.signed("GET", target(demo, "/phones/")).status_code == 200


@pytest.mark.parametrize("skew", [-14 * 60, 14 * 60])
def test_a_clock_that_is_a_little_off_is_taken(demo, skew):
    response = demo.signed("GET", target(demo, "/phones"), headers={"X-Sdk-Date": signing.now(skew)})
    assert response.status_code == 200


@pytest.mark.parametrize("skew", [-16 * 60, 16 * 60, -86400 * 365])
def test_a_clock_that_is_more_than_15_minutes_off_is_refused(demo, skew):
    refused(demo.signed("GET", target(demo, "/phones"), headers={"X-Sdk-Date": signing.now(skew)}))


@pytest.mark.parametrize("date", ["", "nonsense", "20260101", "20261301T000000Z", "2026-01-01T00:00:00Z", "9" * 16])
def test_a_date_that_is_none_is_refused(demo, date):
    refused(demo.signed("GET", target(demo, "/phones"), headers={"X-Sdk-Date": date}))


def test_an_altered_request_is_refused(demo, phones):
    phone_id = phones()
    path = target(demo, "/phones/batch-restart")
    body = restart_body(phone_id)
    headers = {"Host": demo.endpoint[7:], "Content-Type": JSON, "X-Sdk-Date": signing.now()}
    good = signing.sign(demo.ak, demo.sk, "POST", path, headers, body)
    good.pop("Host")
    refused(demo.raw("POST", path, good, body + b" "))
    refused(demo.raw("POST", path, good, b""))
    refused(demo.raw("POST", target(demo, "/phones/batch-reset"), good, body))
    refused(demo.raw("POST", path + "?a=b", good, body))
    refused(demo.raw("POST", path, {**good, "Content-Type": "text/plain"}, body))
    refused(demo.raw("POST", path, {**good, "X-Sdk-Date": signing.now(-60)}, body))
    assert demo.phone(phone_id)["status"] == 2
    assert check_answer(demo.raw("POST", path, good, body)).status_code == 200


def test_a_wrong_secret_or_an_unknown_key_is_refused(demo):
    path = target(demo, "/phones")
    headers = {"X-Sdk-Date": signing.now()}
    for ak, sk in ((demo.ak, demo.sk + "x"), (demo.ak, "x"), ("NOSUCHKEY00000000000", demo.sk)):
        refused(demo.raw("GET", path, signing.sign(ak, sk, "GET", path, headers)))


@pytest.mark.parametrize(
    "authorization",
    [
        "SDK-HMAC-SHA256",
        "SDK-HMAC-SHA256 ",
        "SDK-HMAC-SHA256 Access=a",
        "SDK-HMAC-SHA256 Access=, SignedHeaders=, Signature=",
        "SDK-HMAC-SHA256 Access=a, SignedHeaders=x-sdk-date, Signature=" + "0" * 64,
        "SDK-HMAC-SHA256 Access=a, SignedHeaders=no-such-header;x-sdk-date, Signature=" + "0" * 64,
        "SDK-HMAC-SM3 Access=a, SignedHeaders=x-sdk-date, Signature=" + "0" * 64,
        "V11-HMAC-SHA256 Credential=a, SignedHeaders=x-sdk-date, Signature=" + "0" * 64,
        "Bearer x",
    ],
)
def test_other_schemes_and_broken_headers_are_refused(demo, authorization):
    headers = {"Authorization": authorization, "X-Sdk-Date": signing.now()}
    refused(demo.raw("GET", target(demo, "/phones"), headers))


def test_a_signature_that_leaves_out_its_date_is_refused(demo):
    refused(demo.signed("GET", target(demo, "/phones"), signed=["host"]))


def test_a_wrong_signature_beside_a_good_token_is_refused(demo):
    """The signature wins."""
    headers = {"X-Auth-Token": demo.token, "X-Sdk-Date": signing.now()}
    signed = signing.sign(demo.ak, "wrong", "GET", target(demo, "/phones"), headers)
    refused(demo.raw("GET", target(demo, "/phones"), signed))


def test_a_body_hash_in_the_header_must_be_the_bodys(demo, phones):
    phone_id = phones()
    path = target(demo, "/phones/batch-restart")
    body = restart_body(phone_id)
    for payload_hash in (signing.EMPTY, "0" * 64, "nonsense", "unsigned-payload"):
        headers = {"X-Sdk-Content-Sha256": payload_hash}
        refused(demo.signed("POST", path, body, headers, payload_hash=payload_hash))
    assert demo.phone(phone_id)["status"] == 2
    true = hashlib.sha256(body).hexdigest()
    answer = demo.signed("POST", path, body, {"X-Sdk-Content-Sha256": true}, payload_hash=true)
    assert check_answer(answer).status_code == 200


def test_UNSIGNED_PAYLOAD_counts_only_when_it_is_signed_itself(demo, phones):
    phone_id = phones()
    path = target(demo, "/phones/batch-restart")
    body = restart_body(phone_id)
    headers = {"X-Sdk-Content-Sha256": "UNSIGNED-PAYLOAD"}
    left_out = ["host", "x-sdk-date"]
    refused(demo.signed("POST", path, body, headers, signed=left_out, payload_hash="UNSIGNED-PAYLOAD"))
    assert demo.phone(phone_id)["status"] == 2
    answer = demo.signed("POST", path, body, headers, payload_hash="UNSIGNED-PAYLOAD")
    assert check_answer(answer).status_code == 200


def test_a_content_type_that_is_not_json_is_hashed_all_the_same(demo, phones):
    """C1."""
    path = target(demo, "/phones/batch-restart")
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = demo.signed("POST", path, restart_body(phones()), headers)
    assert "job_id" in check_answer(answer).json()["jobs"][0]
