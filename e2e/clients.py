"""The clients of these tests: plain HTTP, and the unchanged SDK with a signature or with a token."""

import http.client
import json
import re

import requests
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.http.http_handler import HttpHandler
from huaweicloudsdkcore.signer.signer import Signer
from huaweicloudsdkcph.v1 import (
    CphClient,
    ListCloudPhonesRequest,
    ListJobsRequest,
    PhoneProperty,
    RestartCloudPhoneRequest,
    RestartCloudPhoneRequestBody,
    ShowCloudPhoneDetailRequest,
    ShowJobRequest,
)

import signing
from yard import until

HEX32 = re.compile("[0-9a-f]{32}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
MISSING = "00000000000000000000000000000000"


def check_answer(response):
    """What holds for every CPH answer: its id, its type, and one shape for errors. Returns it."""
    request_id = response.headers["X-Request-Id"]
    assert HEX32.fullmatch(request_id), request_id
    assert response.headers["Content-Type"].startswith("application/json"), response.headers
    body = response.json()
    if response.status_code >= 400:
        assert set(body) == {"request_id", "error_code", "error_msg"}, body
        assert body["request_id"] == request_id
        assert re.fullmatch(r"(CPS|APIGW)\.\d{4}", body["error_code"]), body
        assert body["error_msg"], body
    return response


def error(response):
    """An error answer as (HTTP status, code, message)."""
    body = check_answer(response).json()
    return response.status_code, body["error_code"], body["error_msg"]


class Account:
    """A project with its credentials on one endpoint, and plain HTTP in its name."""

    def __init__(self, endpoint, project_id, ak, sk, token=None):
        self.endpoint = endpoint
        self.project_id = project_id
        self.ak = ak
        self.sk = sk
        self.token = token
        self.session = requests.Session()
        self.session.trust_env = False

    @property
    def base(self):
        return f"/v1/{self.project_id}/cloud-phone"

    def request(self, method, path, token=True, headers=None, check=True, **more):
        """`path` starts at cloud-phone, or at the root when it begins with `//`."""
        target = path[1:] if path.startswith("//") else self.base + path
        headers = dict(headers or {})
        if token:
            headers.setdefault("X-Auth-Token", self.token)
        response = self.session.request(
            method, self.endpoint + target, headers=headers, allow_redirects=False, timeout=60, **more
        )
        return check_answer(response) if check else response

    def get(self, path, **params):
        return self.request("GET", path, params=params)

    def post(self, path, body, **more):
        return self.request("POST", path, json=body, **more)

    def restart(self, *phones, **more):
        """Restarts entries given as ids or as objects; returns the answer's body."""
        entries = [{"phone_id": phone} if isinstance(phone, str) else phone for phone in phones]
        response = self.post("/phones/batch-restart", {"phones": entries, **more})
        assert response.status_code == 200, response.text
        return response.json()

    def phone(self, phone_id):
        response = self.get(f"/phones/{phone_id}")
        assert response.status_code == 200, response.text
        return response.json()

    def job(self, job_id):
        response = self.get(f"/jobs/{job_id}")
        assert response.status_code == 200, response.text
        return response.json()

    def ended(self, job_id, seconds=60):
        """The job once it has ended."""

        def look():
            job = self.job(job_id)
            return job if job["status"] != 1 else None

        return until(look, f"job {job_id} ends", seconds)

    def jobs(self, request_id):
        """All jobs of a request, page by page."""
        found = []
        while True:
            page = self.get("/jobs", request_id=request_id, limit=100, offset=len(found)).json()["jobs"]
            found += page
            if not page:
                return found

    def settled(self, phone_id, seconds=60):
        """The phone once no power job holds it."""

        def look():
            phone = self.phone(phone_id)
            return phone if phone["status"] not in (0, 1, 3, 4, 7) else None

        return until(look, f"phone {phone_id} settles", seconds)

    def all_phones(self, **filters):
        """Every phone, as the Terraform data source pages: until an empty page."""
        found = []
        while True:
            page = self.get("/phones", limit=200, offset=len(found), **filters).json()["phones"]
            found += page
            if not page:
                return found

    def raw(self, method, target, headers=(), body=b""):
        """Sends `target` byte by byte as it is; requests would tidy it up."""
        host, port = self.endpoint.split("//", 1)[1].split(":")
        connection = http.client.HTTPConnection(host, int(port), timeout=60)
        connection.putrequest(method, target, skip_accept_encoding=True)
        for name, value in dict(headers).items():
            connection.putheader(name, value)
        if body or method not in ("GET", "DELETE"):
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        answer = connection.getresponse()
        response = requests.Response()
        response.status_code = answer.status
        response.headers.update(answer.headers.items())
        response._content = answer.read()
        connection.close()
        return response

    def signed(self, method, target, body=b"", headers=None, **how):
        """Sends a request signed by our own signer; `how` goes to it."""
        host = self.endpoint.split("//", 1)[1]
        headers = {"Host": host, "X-Sdk-Date": signing.now(), **(headers or {})}
        headers = signing.sign(self.ak, self.sk, method, target, headers, body, **how)
        headers.pop("Host")
        return self.raw(method, target, headers, body)

    def domain(self):
        """The only domain, as a signed GET /v3/auth/domains tells it."""
        return self.signed("GET", "/v3/auth/domains").json()["domains"][0]

    def login(self, name, password, scope=None, query=""):
        """POST /v3/auth/tokens by password, for this project unless told otherwise."""
        user = {"name": name, "password": password, "domain": {"id": self.domain()["id"]}}
        scope = scope or {"project": {"id": self.project_id}}
        body = {"auth": {"identity": {"methods": ["password"], "password": {"user": user}}, "scope": scope}}
        return self.request("POST", "//v3/auth/tokens" + query, token=False, json=body, check=False)

    def client(self, kind="signature", endpoint=None):
        """The SDK's client, signing ("signature") or with X-Auth-Token alone ("token")."""
        if kind == "signature":
            credentials = BasicCredentials(self.ak, self.sk, self.project_id)
        else:
            credentials = token_credentials(self.project_id, self.token)
        handler = HttpHandler().add_response_handler(lambda response, **_: check_answer(response))
        builder = CphClient.new_builder().with_credentials(credentials).with_http_handler(handler)
        return builder.with_endpoint(endpoint or self.endpoint).build()

    def sdk(self, kind="signature"):
        return Sdk(self, self.client(kind))


def token_credentials(project_id, token):
    """Credentials that put the token where the signature would be. The SDK goes by the class's name."""

    def sign_request(_self, request):
        request.header_params["X-Auth-Token"] = token
        Signer.process_request_uri(request)
        return request

    kind = type("BasicCredentials", (BasicCredentials,), {"sign_request": sign_request})
    return kind("unused", "unused", project_id)


class Sdk:
    """The calls most tests make through the SDK, and its client for the others."""

    def __init__(self, account, client):
        self.account = account
        self.client = client

    def restart(self, *phones, image_id=None):
        entries = [p if isinstance(p, PhoneProperty) else PhoneProperty(phone_id=p) for p in phones]
        body = RestartCloudPhoneRequestBody(phones=entries, image_id=image_id)
        return self.client.restart_cloud_phone(RestartCloudPhoneRequest(body=body))

    def phone(self, phone_id):
        return self.client.show_cloud_phone_detail(ShowCloudPhoneDetailRequest(phone_id=phone_id))

    def job(self, job_id):
        return self.client.show_job(ShowJobRequest(job_id=job_id))

    def jobs(self, request_id, **more):
        return self.client.list_jobs(ListJobsRequest(request_id=request_id, **more)).jobs

    def phones(self, **filters):
        return self.client.list_cloud_phones(ListCloudPhonesRequest(**filters))

    def ended(self, job_id, seconds=60):
        def look():
            job = self.job(job_id)
            return job if job.status != 1 else None

        return until(look, f"job {job_id} ends", seconds)


def with_property(phone_id, **properties):
    """An SDK entry with properties; `a__b` stands for the key `a.b`."""
    text = json.dumps({key.replace("__", "."): value for key, value in properties.items()})
    return PhoneProperty(phone_id=phone_id, _property=text)


def properties(phone):
    """The stored properties of a detail answer, from the SDK or from JSON."""
    text = phone["property"] if isinstance(phone, dict) else phone._property
    return json.loads(text) if text else {}
