//! The HTTP side in process: a real store, no socket, no worker. What is accepted stays at its pending status.
#![allow(clippy::unwrap_used, clippy::panic)]

use super::adapter;
use crate::{Adapter, Config, State};
use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use model::clock::SystemClock;
use model::image::Image;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use store::{Db, Limits, NewServer, Project, Scope, SealingKey, Store};

struct Yard {
    adapter: Adapter,
    store: Store,
    project: Project,
    phones: Vec<String>,
    server: String,
    image: String,
    token: String,
    _dir: tempfile::TempDir,
}

async fn yard_with(config: Config) -> Yard {
    let dir = tempfile::tempdir().unwrap();
    let db = Db::open(&format!("sqlite:{}", dir.path().join("yard.db").display())).await.unwrap();
    let key = SealingKey::open(&dir.path().join("key")).unwrap();
    let store = Store::new(db, Arc::new(SystemClock), Limits::default(), Default::default(), key);
    let project = store.project_create("yard", "cn-north-4", None).await.unwrap();
    let image = Image {
        id: model::id::ImageId::generate(),
        project_id: None,
        name: "aosp".into(),
        android_version: "11".into(),
        label: "cloud_phone".into(),
        build_properties: BTreeMap::new(),
        receive_status: None,
        create_ms: 0,
    };
    store.image_insert(&image).await.unwrap();
    let new = NewServer {
        project_id: project.id.clone(),
        name: "rack".into(),
        server_model: "physical.rx1.xlarge".into(),
        phone_model: "rx1.cp.c15.d10.e1v1".into(),
        image_id: image.id.clone(),
        phones: 3,
    };
    let (server, phones) = store.server_create(&new).await.unwrap();
    let user = store.user_create("alice", "pass".into(), &project).await.unwrap();
    let (token, _) = store.token_create(&user, Scope::Project(project.id.clone()), "password").await.unwrap();
    Yard {
        adapter: adapter(State::new(store.clone(), config, None)),
        store,
        project,
        phones: phones.into_iter().map(|p| p.into_string()).collect(),
        server: server.id.into_string(),
        image: image.id.into_string(),
        token,
        _dir: dir,
    }
}

async fn yard() -> Yard {
    yard_with(Config::default()).await
}

struct Got {
    status: StatusCode,
    headers: http::HeaderMap,
    body: Value,
}

impl Yard {
    async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Got {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (head, ()) = request.body(()).unwrap().into_parts();
        let response = self.adapter.answer_read(head, Ok(Bytes::from(body.to_string())), "http").await;
        let (head, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let body: Value = serde_json::from_slice(&body).unwrap_or_else(|e| panic!("{path}: {e}: {body:?}"));
        let id = head.headers["x-request-id"].to_str().unwrap();
        assert_eq!((id.len(), head.headers["content-type"].to_str().unwrap()), (32, "application/json"));
        Got { status: head.status, headers: head.headers, body }
    }

    fn path(&self, rest: &str) -> String {
        format!("/v1/{}/cloud-phone/{rest}", self.project.id)
    }

    async fn call(&self, method: &str, rest: &str, body: &Value) -> Got {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.send(method, &self.path(rest), &[("X-Auth-Token", &self.token)], &body).await
    }

    async fn code(&self, method: &str, rest: &str, body: &Value) -> String {
        let got = self.call(method, rest, body).await;
        assert_eq!(got.body["request_id"].as_str(), got.headers["x-request-id"].to_str().ok());
        format!("{} {}", got.status.as_u16(), got.body["error_code"].as_str().unwrap_or("-"))
    }

    fn one(&self, n: usize) -> Value {
        json!({"phones": [{"phone_id": self.phones[n]}]})
    }
}

#[tokio::test]
async fn every_operation_of_the_table_is_served_once() {
    let yard = yard().await;
    let mut served: Vec<&str> = yard.adapter.operations().collect();
    let mut table: Vec<&str> = wire::op::OPERATIONS.iter().map(|op| op.name).collect();
    served.sort_unstable();
    table.sort_unstable();
    assert_eq!(served, table);
    for op in wire::op::OPERATIONS {
        let path = op.path.replace("{project_id}", yard.project.id.as_str()).replace("{phone_id}", "5e");
        let path = path.replace("{server_id}", "5e").replace("{job_id}", "5e");
        let headers = [("X-Auth-Token", yard.token.as_str())];
        let got = yard.send(op.method.as_str(), &path, &headers, "").await;
        let code = got.body["error_code"].as_str().unwrap_or("");
        assert!(!code.starts_with("APIGW.0101") && got.status.as_u16() < 500, "{op:?}: {}", got.body);
    }
}

#[tokio::test]
async fn paths_and_methods() {
    let yard = yard().await;
    let none = Value::Null;
    for (method, rest, expected) in [
        ("GET", "phones", "200 -"),
        ("GET", "phones/", "200 -"),
        ("GET", "phones//", "404 APIGW.0101"),
        ("GET", "/phones", "404 APIGW.0101"),
        ("DELETE", "phones", "404 APIGW.0101"),
        ("GET", "nothing", "404 APIGW.0101"),
        ("GET", "phones/5e", "404 CPS.0005"),
        ("GET", "phones/NO", "400 CPS.0004"),
        ("GET", "phones/a%2Fb", "400 CPS.0004"),
        ("GET", "phones/%ff", "400 APIGW.0201"),
        ("GET", "phones?limit=%ff", "400 APIGW.0201"),
        ("GET", "jobs/5e", "404 CPS.0011"),
        ("GET", "jobs?request_id=5e", "400 CPS.0050"),
        ("GET", "jobs", "400 CPS.0049"),
        ("GET", "servers/5e", "404 CPS.0015"),
        ("GET", "phones?offset=100000", "200 -"),
        ("GET", "phones?limit=201", "400 CPS.0002"),
    ] {
        assert_eq!(yard.code(method, rest, &none).await, expected, "{method} {rest}");
    }
}

#[tokio::test]
async fn nobody_gets_in_without_a_good_credential_for_that_project() {
    let yard = yard().await;
    let other = yard.store.project_create("elsewhere", "cn-east-3", None).await.unwrap();
    let mine = yard.path("phones");
    let token = yard.token.as_str();
    let user = yard.store.user_find("alice", None).await.unwrap().unwrap();
    let (unscoped, _) = yard.store.token_create(&user, Scope::Domain, "password").await.unwrap();
    let (late, _) = yard
        .store
        .token_create_until(&user, Scope::Project(yard.project.id.clone()), "password", 1)
        .await
        .unwrap();
    for (path, headers, expected) in [
        (mine.clone(), vec![], "401 APIGW.0301"),
        (mine.clone(), vec![("X-Auth-Token", "x")], "401 APIGW.0301"),
        (mine.clone(), vec![("X-Auth-Token", late.as_str())], "401 APIGW.0301"),
        (mine.clone(), vec![("X-Auth-Token", unscoped.as_str())], "403 CPS.0001"),
        (mine.clone(), vec![("Authorization", "Basic x"), ("X-Auth-Token", token)], "401 APIGW.0301"),
        (mine, vec![("X-Auth-Token", token)], "200 null"),
        (format!("/v1/{}/cloud-phone/phones", other.id), vec![("X-Auth-Token", token)], "403 CPS.0001"),
        ("/v1/5e/cloud-phone/phones".into(), vec![("X-Auth-Token", token)], "403 CPS.0001"),
        ("/v1/%7Bproject_id%7D/cloud-phone/phones".into(), vec![("X-Auth-Token", token)], "400 CPS.0046"),
    ] {
        let got = yard.send("GET", &path, &headers, "").await;
        let code = got.body["error_code"].as_str().unwrap_or("null");
        assert_eq!(format!("{} {code}", got.status.as_u16()), expected, "{path} {headers:?}");
    }
}

#[tokio::test]
async fn whole_request_errors_of_a_restart() {
    let yard = yard_with(Config { phones_per_request_max: 2, ..Config::default() }).await;
    let phone = &yard.phones[0];
    for (body, expected) in [
        (Value::Null, "400 CPS.0077"),
        (json!({}), "400 CPS.0077"),
        (json!({"phones": []}), "400 CPS.0077"),
        (json!({"phones": {}}), "400 CPS.0077"),
        (json!({"phones": ["x"]}), "400 CPS.0077"),
        (json!([]), "400 CPS.0077"),
        (json!({"phones": [{"phone_id": phone}], "image_id": 5}), "400 CPS.0030"),
        (json!({"phones": [{"phone_id": phone}], "image_id": "NO"}), "400 CPS.0030"),
        (json!({"phones": [{"phone_id": phone}], "image_id": "5e"}), "400 CPS.0166"),
        (json!({"phones": [{}, {}, {}]}), "400 CPS.0190"),
    ] {
        assert_eq!(yard.code("POST", "phones/batch-restart", &body).await, expected, "{body}");
    }
    let list = yard.call("GET", "phones?status=2", &Value::Null).await;
    assert_eq!(list.body["count"], 3, "nothing was moved");
}

#[tokio::test]
async fn a_restart_answers_in_order_and_shows_4_at_once() {
    let yard = yard().await;
    let body = json!({"image_id": yard.image, "phones": [
        {"phone_id": yard.phones[1], "property": ""},
        {"phone_id": "nope"},
        {"phone_id": yard.phones[0], "property": "{\"com.cph.mainkeys\":1}"},
        {"phone_id": yard.phones[1]},
    ]});
    let got = yard.call("POST", "phones/batch-restart", &body).await;
    assert_eq!(got.status, 200);
    let jobs = got.body["jobs"].as_array().unwrap();
    let keys = |n: usize| jobs[n].as_object().unwrap().keys().map(String::as_str).collect::<Vec<_>>();
    assert_eq!((keys(0), keys(2)), (vec!["phone_id", "job_id"], vec!["phone_id", "job_id"]));
    assert_eq!((keys(1), keys(3)), (vec!["phone_id", "error_code", "error_msg"], keys(1)));
    assert_eq!(jobs[1]["error_code"], "CPS.0004");
    assert_eq!(jobs[3]["error_code"], "CPS.0165");

    let detail = yard.call("GET", &format!("phones/{}", yard.phones[0]), &Value::Null).await.body;
    assert_eq!(detail["status"], 4);
    let request = got.body["request_id"].as_str().unwrap();
    let listed = yard.call("GET", &format!("jobs?request_id={request}"), &Value::Null).await.body;
    assert_eq!(listed["jobs"].as_array().unwrap().len(), 2);
    let job = jobs[0]["job_id"].as_str().unwrap();
    let shown = yard.call("GET", &format!("jobs/{job}"), &Value::Null).await.body;
    assert_eq!(
        (&shown["request_id"], &shown["status"], &shown["phone_id"]),
        (&json!(request), &json!(1), &json!(yard.phones[1]))
    );
    assert!(shown["begin_time"].as_str().unwrap().ends_with('Z') && shown["end_time"].is_null());
}

#[tokio::test]
async fn a_client_token_repeats_the_answer_to_the_byte() {
    let yard = yard().await;
    let path = yard.path("phones/batch-restart");
    let token = yard.token.clone();
    let send = |key: &'static str, body: String| {
        let headers =
            [("X-Auth-Token", token.as_str()), ("X-Client-Token", key)].map(|(n, v)| (n, v.to_string()));
        let (yard, path) = (&yard, &path);
        async move {
            let headers: Vec<(&str, &str)> = headers.iter().map(|(n, v)| (*n, v.as_str())).collect();
            yard.send("POST", path, &headers, &body).await
        }
    };
    let first = send("k1", yard.one(0).to_string()).await;
    let again = send("k1", yard.one(0).to_string()).await;
    assert_eq!(first.body.to_string(), again.body.to_string());
    assert_eq!(first.headers["x-request-id"], again.headers["x-request-id"]);
    let other = send("k1", yard.one(1).to_string()).await;
    assert_eq!((other.status.as_u16(), &other.body["error_code"]), (400, &json!("CPS.0023")));
    let long = "x".repeat(65).leak();
    assert_eq!(send(long, yard.one(1).to_string()).await.status, 400);
    let second = yard.call("GET", &format!("phones/{}", yard.phones[1]), &Value::Null).await;
    assert_eq!(second.body["status"], 2, "refused requests move nothing");
}

#[tokio::test]
async fn stop_accepts_both_shapes_and_a_server_leaves_5_at_once() {
    let yard = yard().await;
    let stopped = yard.call("POST", "phones/batch-stop", &json!({"phone_ids": [yard.phones[0]]})).await;
    assert!(stopped.body["jobs"][0]["job_id"].is_string(), "{}", stopped.body);
    let stopped = yard.call("POST", "phones/batch-stop", &yard.one(1)).await;
    assert!(stopped.body["jobs"][0]["job_id"].is_string(), "{}", stopped.body);
    let body = json!({"server_ids": [yard.server, "zz"]});
    let restarted = yard.call("POST", "servers/batch-restart", &body).await.body;
    assert!(restarted["jobs"][0]["job_id"].is_string() && restarted["jobs"][0]["server_id"] == *yard.server);
    assert_eq!(restarted["jobs"][1]["error_code"], "CPS.0097");
    let shown = yard.call("GET", &format!("servers/{}", yard.server), &Value::Null).await;
    assert_eq!(shown.body["status"], 11);
    let refused = yard.call("POST", "phones/batch-restart", &yard.one(2)).await.body;
    assert_eq!(refused["jobs"][0]["error_code"], "CPS.0099");
}

#[tokio::test]
async fn tokens_by_password_and_by_token() {
    let yard = yard().await;
    let body = |password: &str| {
        json!({"auth": {"identity": {"methods": ["password"], "password": {"user": {
            "name": "alice", "password": password, "domain": {"name": "yard"}}}},
            "scope": {"project": {"name": "cn-north-4"}}}})
        .to_string()
    };
    let wrong = yard.send("POST", "/v3/auth/tokens", &[], &body("wrong")).await;
    assert_eq!((wrong.status.as_u16(), &wrong.body["error"]["code"]), (401, &json!(401)));
    let made = yard.send("POST", "/v3/auth/tokens?nocatalog", &[], &body("pass")).await;
    assert_eq!(made.status, 201);
    assert!(made.body["token"]["catalog"].is_null());
    let token = made.headers["x-subject-token"].to_str().unwrap();
    let list = yard.send("GET", &yard.path("phones"), &[("X-Auth-Token", token)], "").await;
    assert_eq!(list.status, 200);
    let again = json!({"auth": {"identity": {"methods": ["token"], "token": {"id": token}},
        "scope": {"project": {"id": yard.project.id}}}});
    let rescoped = yard.send("POST", "/v3/auth/tokens", &[], &again.to_string()).await;
    assert_eq!(rescoped.status, 201);
    assert_eq!(rescoped.body["token"]["expires_at"], made.body["token"]["expires_at"], "does not outlive it");
    let headers = [("X-Auth-Token", token), ("X-Subject-Token", token), ("Host", "h:1")];
    let valid = yard.send("GET", "/v3/auth/tokens", &headers, "").await;
    assert_eq!(valid.body["token"]["project"]["id"], json!(yard.project.id));
    let urls: Vec<&Value> = valid.body["token"]["catalog"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| &e["endpoints"][0]["url"])
        .collect();
    assert_eq!(urls, [&json!("http://h:1/v3"), &json!(format!("http://h:1/v1/{}", yard.project.id))]);
}

#[tokio::test]
async fn a_token_is_good_until_it_expires() {
    let yard = yard().await;
    let user = yard.store.user_find("alice", None).await.unwrap().unwrap();
    let now_ms = yard.store.clock().now_ms();
    for (until_ms, status) in [(now_ms + 60_000, 200), (now_ms - 1, 401)] {
        let scope = Scope::Project(yard.project.id.clone());
        let made = yard.store.token_create_until(&user, scope, "token", until_ms).await.unwrap();
        let list = yard.send("GET", &yard.path("phones"), &[("X-Auth-Token", &made.0)], "").await;
        assert_eq!(list.status.as_u16(), status);
    }
}

#[tokio::test]
async fn only_so_many_passwords_are_checked_at_once() {
    let config = Config::default();
    let dir = tempfile::tempdir().unwrap();
    let db = Db::open(&format!("sqlite:{}", dir.path().join("yard.db").display())).await.unwrap();
    let key = SealingKey::open(&dir.path().join("key")).unwrap();
    let store = Store::new(db, Arc::new(SystemClock), Limits::default(), Default::default(), key);
    let state = State::new(store, config, None);
    let adapter = adapter(state.clone());
    let log_in = || async {
        let body =
            r#"{"auth":{"identity":{"methods":["password"],"password":{"user":{"id":"a","password":"b"}}}}}"#;
        let (head, ()) = Request::post("/v3/auth/tokens").body(()).unwrap().into_parts();
        let response = adapter.answer_read(head, Ok(Bytes::from(body)), "http").await;
        (response.status().as_u16(), response.headers().contains_key("retry-after"))
    };
    let turns = u32::try_from(crate::context::PASSWORDS_MAX).unwrap();
    let all_but_one = state.password_turns.acquire_many(turns - 1).await.unwrap();
    assert_eq!(log_in().await, (401, false));
    let last = state.password_turns.acquire().await.unwrap();
    assert_eq!(log_in().await, (429, true));
    drop((all_but_one, last));
}

#[tokio::test]
async fn the_switch_for_the_2021_statuses() {
    let yard = yard_with(Config { old_http_statuses: true, ..Config::default() }).await;
    assert_eq!(yard.code("GET", "phones/5e", &Value::Null).await, "400 CPS.0005");
}
