//! A small client of the API, as any program would use it: HTTP, JSON, a token.

use super::Yard;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::HashMap;
use wire::job::{Job, Jobs};
use wire::phone::CloudPhoneDetail;
use wire::phone_batch::PhoneJobs;

/// Jobs on one page of ListJobs.
const PAGE: usize = 100;

/// The client.
#[derive(Debug)]
pub(super) struct Client {
    http: reqwest::Client,
    endpoint: String,
    project_id: String,
    token: String,
}

impl Client {
    pub(super) fn new(yard: &Yard) -> Result<Self, String> {
        let http = reqwest::Client::builder().no_proxy().build().map_err(|e| e.to_string())?;
        Ok(Self {
            http,
            endpoint: yard.endpoint.clone(),
            project_id: yard.project_id.clone(),
            token: String::new(),
        })
    }

    /// Gets a project-scoped token with a password.
    pub(super) async fn log_in(
        &mut self,
        user: &str,
        password: &str,
        project: &str,
    ) -> Result<String, String> {
        let body = json!({"auth": {
            "identity": {"methods": ["password"], "password": {"user": {
                "name": user, "password": password, "domain": {"name": "phoneyard"}}}},
            "scope": {"project": {"name": project}}}});
        let answer = self
            .http
            .post(format!("{}/v3/auth/tokens", self.endpoint))
            .json(&body)
            .send()
            .await
            .map_err(|e| e.to_string())?;
        let token = answer.headers().get("x-subject-token").and_then(|v| v.to_str().ok()).map(String::from);
        self.token = token.ok_or_else(|| format!("no token: {}", answer.status()))?;
        Ok(self.token.clone())
    }

    async fn send<T: DeserializeOwned>(&self, request: reqwest::RequestBuilder) -> Result<T, String> {
        let answer = request.header("X-Auth-Token", &self.token).send().await.map_err(|e| e.to_string())?;
        let status = answer.status();
        let text = answer.text().await.map_err(|e| e.to_string())?;
        if !status.is_success() {
            return Err(format!("{status}: {text}"));
        }
        serde_json::from_str(&text).map_err(|e| format!("{e}: {text}"))
    }

    fn url(&self, rest: &str) -> String {
        format!("{}/v1/{}/cloud-phone/{rest}", self.endpoint, self.project_id)
    }

    pub(super) async fn get<T: DeserializeOwned>(&self, rest: &str) -> Result<T, String> {
        self.send(self.http.get(self.url(rest))).await
    }

    pub(super) async fn post(&self, rest: &str, body: &Value) -> Result<PhoneJobs, String> {
        self.send(self.http.post(self.url(rest)).json(body)).await
    }

    pub(super) async fn phone(&self, phone_id: &str) -> Result<CloudPhoneDetail, String> {
        self.get(&format!("phones/{phone_id}")).await
    }

    /// Every job of a request, by id.
    pub(super) async fn jobs(&self, request_id: &str) -> Result<HashMap<String, Job>, String> {
        let mut jobs = HashMap::new();
        for offset in (0..).step_by(PAGE) {
            let rest = format!("jobs?request_id={request_id}&offset={offset}&limit={PAGE}");
            let page: Jobs = self.get(&rest).await?;
            let last = page.jobs.len() < PAGE;
            jobs.extend(page.jobs.into_iter().map(|job| (job.job_id.clone(), job)));
            if last {
                break;
            }
        }
        Ok(jobs)
    }
}
