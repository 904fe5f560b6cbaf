"""The IAM subset: tokens, projects, domains, catalogue, discovery; keystoneauth1 as it comes."""

import re
from datetime import datetime, timedelta, timezone

import pytest
from keystoneauth1 import exceptions, session
from keystoneauth1.identity import generic, v3

from clients import HEX32, error
from conftest import NORTH, SOUTH

TIMES = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


def iam_error(response, status):
    """IAM's own error shape. Returns the message."""
    assert response.status_code == status, response.text
    body = response.json()["error"]
    assert body["code"] == status and body["title"] and body["message"]
    assert HEX32.fullmatch(response.headers["X-Request-Id"])
    return body["message"]


def catalog_types(body):
    return {entry["type"]: entry for entry in body}


def test_a_token_for_a_project(town):
    for scope in ({"id": NORTH}, {"name": "cn-north-4"}, {"name": "cn-north-4", "domain": {"id": town.domain()["id"]}}):
        response = town.login("alice", {"project": scope})
        assert response.status_code == 201
        token = response.json()["token"]
        assert token["project"]["id"] == NORTH and token["project"]["name"] == "cn-north-4"
        assert token["project"]["domain"]["id"] == token["user"]["domain"]["id"] == town.domain()["id"]
        assert token["user"]["name"] == "alice" and HEX32.fullmatch(token["user"]["id"])
        assert token["methods"] == ["password"] and isinstance(token["roles"], list)
        assert TIMES.fullmatch(token["issued_at"]) and TIMES.fullmatch(token["expires_at"])
        life = datetime.fromisoformat(token["expires_at"]) - datetime.now(timezone.utc)
        assert timedelta(hours=23, minutes=59) < life <= timedelta(hours=24)
        check_catalog(town, token["catalog"])
        headers = {"X-Auth-Token": response.headers["X-Subject-Token"]}
        assert town.alice.request("GET", "/phones", token=False, headers=headers).status_code == 200


def check_catalog(town, catalog):
    cph = catalog_types(catalog)["cph"]
    endpoint = cph["endpoints"][0]
    assert cph["id"] and cph["name"]
    assert endpoint["interface"] == "public" and endpoint["id"]
    assert endpoint["region"] == endpoint["region_id"] == "cn-north-4"
    assert endpoint["url"].startswith(town.service.endpoint)


@pytest.mark.parametrize("query", ["?nocatalog", "?nocatalog=", "?nocatalog=true"])
def test_a_token_without_catalog(town, query):
    """K2: a bare name too."""
    response = town.login("alice", {"project": {"id": NORTH}}, query=query)
    assert response.status_code == 201
    assert not response.json()["token"].get("catalog")


def test_a_user_may_be_named_by_id_or_by_the_domains_name(town):
    token = town.login("alice", {"project": {"id": NORTH}}).json()["token"]
    password = town.passwords["alice"]
    for user in (
        {"id": token["user"]["id"], "password": password},
        {"name": "alice", "password": password, "domain": {"name": town.domain()["name"]}},
    ):
        body = {"auth": {"identity": {"methods": ["password"], "password": {"user": user}}}}
        body["auth"]["scope"] = {"project": {"id": NORTH}}
        response = town.alice.request("POST", "//v3/auth/tokens", token=False, json=body, check=False)
        assert response.status_code == 201, response.text


def test_a_domain_token_opens_no_phones(town):
    response = town.login("alice", {"domain": {"id": town.domain()["id"]}})
    assert response.status_code == 201
    assert "project" not in response.json()["token"]
    headers = {"X-Auth-Token": response.headers["X-Subject-Token"]}
    phones = town.alice.request("GET", "/phones", token=False, headers=headers)
    assert error(phones) == (403, "CPS.0001", "No permission to request resources.")


def test_a_token_is_exchanged_for_another_scope(town):
    domain = town.login("alice", {"domain": {"id": town.domain()["id"]}}).headers["X-Subject-Token"]
    body = {"auth": {"identity": {"methods": ["token"], "token": {"id": domain}}, "scope": {"project": {"id": NORTH}}}}
    response = town.alice.request("POST", "//v3/auth/tokens", token=False, json=body, check=False)
    assert response.status_code == 201
    headers = {"X-Auth-Token": response.headers["X-Subject-Token"]}
    assert town.alice.request("GET", "/phones", token=False, headers=headers).status_code == 200
    body["auth"]["scope"] = {"project": {"id": SOUTH}}
    foreign = town.alice.request("POST", "//v3/auth/tokens", token=False, json=body, check=False)
    assert foreign.status_code in (401, 403, 404)


def test_a_token_is_shown(town):
    headers = {"X-Subject-Token": town.alice.token}
    response = town.alice.request("GET", "//v3/auth/tokens", headers=headers, check=False)
    assert response.status_code == 200
    assert response.headers["X-Subject-Token"] == town.alice.token
    assert response.json()["token"]["project"]["id"] == NORTH


def test_wrong_logins_all_look_the_same(town):
    scope = {"project": {"id": NORTH}}
    messages = {
        iam_error(town.login("alice", scope, password="not-her-password"), 401),
        iam_error(town.login("nobody", scope, password="not-her-password"), 401),
    }
    assert len(messages) == 1
    assert not any("alice" in message or "not-her" in message for message in messages)


def test_a_user_gets_no_token_for_a_foreign_project_and_does_not_learn_whether_it_exists(town):
    answers = [town.login("alice", {"project": {"id": one}}) for one in (SOUTH, "0" * 32)]
    assert answers[0].status_code == answers[1].status_code in (401, 403, 404)
    assert answers[0].json() == answers[1].json()


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"nonsense", b"[]", b'{"auth":1}', b'{"auth":{"identity":{"methods":["totp"]}}}', b"[" * 9999]
)
def test_a_login_that_is_none_is_a_4xx(town, body):
    response = town.alice.request("POST", "//v3/auth/tokens", token=False, data=body, check=False)
    assert response.status_code in (400, 401)
    iam_error(response, response.status_code)


def test_projects(town):
    def projects(query=""):
        body = town.alice.signed("GET", "/v3/projects" + query).json()
        assert body["links"]["next"] is None and body["links"]["previous"] is None
        return {project["name"]: project for project in body["projects"]}

    everything = projects()
    assert set(everything) == {"cn-north-4"}
    project = everything["cn-north-4"]
    assert project["id"] == NORTH and project["enabled"] is True and project["is_domain"] is False
    assert project["domain_id"] == town.domain()["id"]
    assert set(projects("?name=cn-north-4")) == {"cn-north-4"}
    for name in ("cn-north", "CN-NORTH-4", "cn-south-1"):
        assert projects(f"?name={name}") == {}
    response = town.alice.request("GET", "//v3/projects?name=cn-north-4", check=False)
    assert [project["id"] for project in response.json()["projects"]] == [NORTH]


def test_domains_and_catalogue(town):
    for path, key in (("/v3/auth/domains", "domains"), ("/v3/auth/catalog", "catalog")):
        by_key = town.alice.signed("GET", path)
        by_token = town.alice.request("GET", "/" + path, check=False)
        assert by_key.status_code == by_token.status_code == 200
        assert by_key.json()[key] == by_token.json()[key]
        assert "links" in by_key.json()
    domain = town.domain()
    assert domain["enabled"] is True and domain["name"] and HEX32.fullmatch(domain["id"])
    check_catalog(town, town.alice.signed("GET", "/v3/auth/catalog").json()["catalog"])


@pytest.mark.parametrize("path", ["/v3/projects", "/v3/auth/domains", "/v3/auth/catalog", "/v3/auth/tokens"])
def test_iam_without_credentials_is_a_401(town, path):
    response = town.alice.request("GET", "/" + path, token=False, check=False)
    assert response.status_code == 401
    assert HEX32.fullmatch(response.headers["X-Request-Id"])


def test_version_documents(town):
    """K5, T27."""
    root = town.alice.request("GET", "//", token=False, check=False)
    assert root.status_code == 300
    values = root.json()["versions"]["values"]
    assert values[0]["id"].startswith("v3") and values[0]["status"] == "stable"
    assert values[0]["links"][0]["href"] == town.service.endpoint + "/v3/"
    for path in ("//v3", "//v3/"):
        assert town.alice.request("GET", path, token=False, check=False).status_code == 200


def plugin(town, kind, auth_url, **more):
    return kind(
        auth_url=auth_url,
        username="bob",
        password=town.passwords["bob"],
        user_domain_name=town.domain()["name"],
        project_name="cn-south-1",
        project_domain_name=town.domain()["name"],
        **more,
    )


@pytest.mark.parametrize("kind, path", [(v3.Password, "/v3"), (generic.Password, ""), (generic.Password, "/v3")])
def test_keystoneauth_gets_a_token_and_uses_it(town, kind, path):
    """K1, K3, K5, K7: no X-Project-Id, Accept only."""
    auth = plugin(town, kind, town.service.endpoint + path)
    client = session.Session(auth=auth)
    assert client.get_project_id() == SOUTH
    assert client.get_user_id()
    access = auth.get_access(client)
    assert not access.will_expire_soon(3600 * 23)
    url = f"{town.service.endpoint}/v1/{SOUTH}/cloud-phone/phones"
    assert client.get(url).json()["count"] == 2


def test_keystoneauth_finds_the_endpoint_in_the_catalogue(town):
    """K4."""
    auth = plugin(town, v3.Password, town.service.endpoint + "/v3")
    client = session.Session(auth=auth)
    found = client.get_endpoint(service_type="cph", interface="public", region_name="cn-south-1")
    assert found and found.startswith(town.service.endpoint)


def test_keystoneauth_logs_in_again_after_a_401(town):
    """K8: an unknown or expired token is 401, not 403."""
    auth = plugin(town, v3.Password, town.service.endpoint + "/v3", include_catalog=False)
    client = session.Session(auth=auth)
    first = client.get_token()
    auth.auth_ref._auth_token = "gone"
    url = f"{town.service.endpoint}/v1/{SOUTH}/cloud-phone/phones"
    assert client.get(url).json()["count"] == 2
    assert client.get_token() not in ("gone", first)


def test_keystoneauth_says_what_went_wrong(town):
    """K6."""
    auth = plugin(town, v3.Password, town.service.endpoint + "/v3")
    auth.auth_methods[0].password = "wrong"
    with pytest.raises(exceptions.Unauthorized) as raised:
        session.Session(auth=auth).get_token()
    assert raised.value.http_status == 401
