"""The traps of contract/clients.md that no other file holds; each test names its row."""

import os
import re
import socket
import subprocess

import pytest
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException, SdkException
from huaweicloudsdkcore.region.region import Region
from huaweicloudsdkcph.v1 import (
    CphClient,
    ListCloudPhonesRequest,
    RestartCloudPhoneRequest,
    RestartCloudPhoneRequestBody,
)

import signing
from clients import HEX32, MISSING, check_answer, error


@pytest.mark.parametrize("body", [None, RestartCloudPhoneRequestBody(), RestartCloudPhoneRequestBody(phones=[])])
def test_P2_a_call_without_body_is_the_lists_error(sdk, body):
    with pytest.raises(ClientRequestException) as raised:
        sdk.client.restart_cloud_phone(RestartCloudPhoneRequest(body=body))
    assert (raised.value.status_code, raised.value.error_code) == (400, "CPS.0077")
    assert HEX32.fullmatch(raised.value.request_id)


def test_P1_a_GET_with_a_json_content_type_and_no_body(demo):
    assert demo.request("GET", "/phones", headers={"Content-Type": "application/json"}).status_code == 200


def test_P8_a_path_with_its_placeholder_is_told_so(demo):
    client = CphClient.new_builder().with_credentials(BasicCredentials(demo.ak, demo.sk))
    client = client.with_endpoint(demo.endpoint).build()
    with pytest.raises(ClientRequestException) as raised:
        client.list_cloud_phones(ListCloudPhonesRequest())
    assert 400 <= raised.value.status_code < 500
    assert raised.value.error_code == "CPS.0046"
    assert raised.value.error_msg == "Parameter: project_id is invalid."


def test_P9_a_prefix_in_the_endpoint_is_dropped_by_the_client(demo):
    client = demo.client(endpoint=demo.endpoint + "/prefix/")
    assert client.list_cloud_phones(ListCloudPhonesRequest()).count == 30


def test_P10_P11_every_answer_is_json_and_no_redirect(demo):
    for path in ("/phones", "/phones/", "/nonsense", "//", "//v1", "//nonsense", "//v3", "//v1/x/cloud-phone/phones"):
        response = demo.request("GET", path, check=False)
        assert not 301 <= response.status_code < 400, path
        assert response.headers["Content-Type"].startswith("application/json"), path
        assert HEX32.fullmatch(response.headers["X-Request-Id"]), path
        response.json()


def test_P19_a_token_beside_a_signature(demo):
    request = ListCloudPhonesRequest(limit=1)
    invoker = demo.client().list_cloud_phones_invoker(request)
    assert invoker.add_header("X-Auth-Token", demo.token).invoke().count == 30


def region_client(demo, name, monkeypatch):
    monkeypatch.setenv("HUAWEICLOUD_SDK_IAM_ENDPOINT", demo.values["HUAWEICLOUD_SDK_IAM_ENDPOINT"])
    BasicCredentials._CACHE.clear()
    credentials = BasicCredentials(demo.ak, demo.sk)
    return CphClient.new_builder().with_credentials(credentials).with_region(Region(name, demo.endpoint)).build()


def test_P20_the_project_is_found_by_the_regions_name(demo, monkeypatch):
    projects = demo.signed("GET", "/v3/projects").json()["projects"]
    name = next(project["name"] for project in projects if project["id"] == demo.project_id)
    client = region_client(demo, name, monkeypatch)
    assert client.get_credentials().project_id == demo.project_id
    assert client.list_cloud_phones(ListCloudPhonesRequest()).count == 30


def test_P20_a_region_without_project_is_told_so(demo, monkeypatch):
    with pytest.raises(SdkException, match="Failed to get project id"):
        region_client(demo, "xx-nowhere-1", monkeypatch)


def test_P22_the_environment_of_demo_env_is_enough(demo):
    """As a user does it: `. demo.env`, then curl."""
    script = f'. "{demo.operator.data_dir}/demo.env" && printf %s "$PHONEYARD_ENDPOINT $PHONEYARD_TOKEN"'
    said = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True, env={"PATH": os.environ["PATH"]})
    assert said.stdout == f"{demo.endpoint} {demo.token}"
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", demo.endpoint)
    assert demo.endpoint == demo.values["HUAWEICLOUD_SDK_IAM_ENDPOINT"].removesuffix("/v3").rstrip("/")


def test_T6_polling_the_phone_ends_at_2(demo, phones):
    """Terraform reads the phone, not the job: never 2 before the end, no error in between (T8)."""
    phone_id = phones()
    job_id = demo.restart(phone_id)["jobs"][0]["job_id"]
    seen = []
    while not seen or seen[-1] != 2:
        seen.append(demo.phone(phone_id)["status"])
    assert demo.job(job_id)["status"] == 2
    assert set(seen[:-1]) <= {4}


def test_C1_curls_default_content_type(demo, phones):
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    body = '{"phones":[{"phone_id":"%s"}]}' % phones()
    response = demo.request("POST", "/phones/batch-restart", data=body, headers=headers)
    assert "job_id" in response.json()["jobs"][0]


@pytest.mark.parametrize("name", ["x-auth-token", "X-AUTH-TOKEN"])
def test_C2_header_names_in_any_case(demo, name):
    assert demo.request("GET", "/phones", token=False, headers={name: demo.token}).status_code == 200


READS = [
    "/phones",
    "/phones/{phone}",
    "/phone-images",
    "/phone-models",
    "/servers",
    "/servers/{server}",
    "/server-models",
    "/jobs?request_id={request}",
    "/jobs/{job}",
]


@pytest.mark.parametrize("path", READS)
def test_C6_both_credentials_read_the_same(demo, phones, path):
    phone_id = phones()
    answer = demo.restart(phone_id)
    job_id = answer["jobs"][0]["job_id"]
    server_id = demo.ended(job_id)["server_id"]
    path = path.format(phone=phone_id, server=server_id, request=answer["request_id"], job=job_id)
    by_token = demo.request("GET", path).json()
    by_key = check_answer(demo.signed("GET", demo.base + path)).json()
    if not path.startswith("/jobs/"):
        by_token.pop("request_id"), by_key.pop("request_id")
    assert by_token == by_key


def test_C7_slashes(demo):
    headers = {"X-Auth-Token": demo.token}
    assert demo.raw("GET", demo.base + "/phones/", headers).status_code == 200
    for target in (demo.base + "//phones", "/" + demo.base + "/phones", demo.base + "/phones//"):
        response = demo.raw("GET", target, headers)
        assert error(response)[:2] == (404, "APIGW.0101"), target


def test_C8_expect_100_continue(demo, phones):
    body = b'{"phones":[{"phone_id":"%s"}]}' % phones().encode()
    host, port = demo.endpoint[7:].split(":")
    with socket.create_connection((host, int(port)), 10) as connection:
        head = (
            f"POST {demo.base}/phones/batch-restart HTTP/1.1\r\nHost: {host}:{port}\r\nX-Auth-Token: {demo.token}\r\n"
            f"Content-Length: {len(body)}\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"
        )
        connection.sendall(head.encode())
        assert connection.recv(4096).startswith(b"HTTP/1.1 100")
        connection.sendall(body)
        answer = b""
        while part := connection.recv(65536):
            answer += part
    assert answer.startswith(b"HTTP/1.1 200") and b"job_id" in answer


@pytest.mark.parametrize(
    "method, path",
    [
        ("GET", "//nonsense"),
        ("GET", "/nonsense"),
        ("POST", "//v1"),
        ("GET", "//v9/{project}/cloud-phone/phones"),
        ("GET", "/phones/a/b/c"),
        ("DELETE", "/phones"),
        ("PATCH", "/phones/batch-restart"),
        ("GET", "/phones/batch-restart/x"),
    ],
)
def test_what_is_not_there_is_APIGW_0101(demo, method, path):
    response = demo.request(method, path.format(project=demo.project_id))
    assert error(response)[:2] == (404, "APIGW.0101")


@pytest.mark.parametrize("target", ["/v1/%00/cloud-phone/phones", "/%ff%fe", "/v1/%2e%2e/cloud-phone/phones", "/" + "a" * 9000])
def test_strange_targets_are_answered_below_500(demo, target):
    response = demo.raw("GET", target, {"X-Auth-Token": demo.token})
    assert 400 <= response.status_code < 500
    assert HEX32.fullmatch(response.headers["X-Request-Id"])


def test_every_answer_has_an_id_of_its_own(demo):
    ids = {demo.get("/phones", limit=1).headers["X-Request-Id"] for _ in range(20)}
    assert len(ids) == 20
    answer = demo.get("/phones", limit=1)
    assert answer.json()["request_id"] == answer.headers["X-Request-Id"]
    assert error(demo.get(f"/phones/{MISSING}"))[1] == "CPS.0005"


def test_a_restarts_request_id_is_its_headers(demo):
    response = demo.post("/phones/batch-restart", {"phones": [{"phone_id": "nonsense"}]})
    assert response.json()["request_id"] == response.headers["X-Request-Id"]


def test_a_secret_is_never_echoed(demo):
    wrong = "0123456789secret"
    headers = signing.sign(demo.ak, wrong, "GET", demo.base + "/phones", {"X-Sdk-Date": signing.now()})
    response = demo.raw("GET", demo.base + "/phones", headers)
    assert wrong not in response.text and demo.sk not in response.text and headers["Authorization"] not in response.text


def test_no_secret_is_logged(town):
    log = town.service.process.log.read_text(errors="replace")
    secrets = [town.alice.sk, town.bob.sk, town.alice.token, town.bob.token, *town.passwords.values()]
    assert not any(secret in log for secret in secrets)
