//! A logged-in connection to one project of the service.

use crate::failure::Failure;
use crate::http::{Answer, Call, Http, Patience, Refused, Sender, Trouble};
use crate::screen::Screen;
use crate::secret::Secret;
use crate::settings::{self, Credential, Key, Settings};
use crate::sign::encode;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use wire::iam::{Project, Projects, TokenReply};

/// How long an ordinary request goes on when the service is away or busy.
const AWAY: Duration = Duration::from_secs(3);
const BUSY: Duration = Duration::from_secs(30);

/// The connection.
#[derive(Debug)]
pub struct Session {
    http: Http,
    settings: Settings,
    project_id: String,
    /// The token that a password got; it is got anew when it expires.
    token: Mutex<Option<Secret>>,
}

/// A token and what it is good for.
#[derive(Debug)]
pub struct LoggedIn {
    /// The token.
    pub token: Secret,
    /// What the service says of it.
    pub reply: TokenReply,
}

/// The patience of an ordinary request.
pub fn ordinary() -> Patience {
    Patience::of(AWAY, BUSY)
}

impl Session {
    /// Connects: logs in if that takes a password, and finds the project.
    ///
    /// # Errors
    /// The service is not reached, does not let this user in, or the project is not told and not the only one.
    pub async fn open(settings: Settings, screen: Arc<Screen>, profiles: &str) -> Result<Self, Failure> {
        let mut session = Self::unopened(settings, screen)?;
        if let Credential::Password { .. } = session.settings.credential {
            let logged_in = session.log_in(profiles).await?;
            session.project_id = logged_in.reply.token.project.map_or_else(String::new, |project| project.id);
            session.keep(logged_in.token);
        } else {
            session.project_id = match session.settings.project_id.clone() {
                Some(id) => id,
                None => session.only_project(profiles).await?,
            };
        }
        Ok(session)
    }

    /// The connection before anything is sent.
    ///
    /// # Errors
    /// The file of certificates cannot be used.
    pub fn unopened(settings: Settings, screen: Arc<Screen>) -> Result<Self, Failure> {
        let http = Http::new(&settings.endpoint, settings.ca.as_deref(), screen)?;
        Ok(Self { http, settings, project_id: String::new(), token: Mutex::default() })
    }

    /// A token for the project: by password, or by another token.
    ///
    /// # Errors
    /// As [`Session::open`].
    pub async fn log_in(&self, profiles: &str) -> Result<LoggedIn, Failure> {
        let scope = match (&self.settings.project_id, &self.settings.region) {
            (Some(id), _) => json!({"project": {"id": id}}),
            (None, Some(name)) => json!({"project": {"name": name}}),
            (None, None) => json!({"project": {"id": self.project_behind_the_log_in(profiles).await?}}),
        };
        Ok(self.token_for(scope).await?)
    }

    /// Without a project told: a token for the domain may list the projects.
    async fn project_behind_the_log_in(&self, profiles: &str) -> Result<String, Failure> {
        if let Credential::Password { domain, .. } = &self.settings.credential {
            let logged_in = self.token_for(json!({"domain": {"name": domain}})).await?;
            self.keep(logged_in.token);
        }
        self.only_project(profiles).await
    }

    async fn token_for(&self, scope: Value) -> Result<LoggedIn, Trouble> {
        let identity = match &self.settings.credential {
            Credential::Password { user, password, domain } => json!({
                "methods": ["password"],
                "password": {"user": {"name": user, "password": password.0, "domain": {"name": domain}}}}),
            Credential::Token(token) => json!({"methods": ["token"], "token": {"id": token.0}}),
            Credential::Keys { .. } => {
                return Err(Trouble::Unsendable("an access key gets no token".into()));
            }
        };
        let call = Call {
            method: "POST",
            path: "/v3/auth/tokens".into(),
            query: vec![("nocatalog", "true".into())],
            body: Some(json!({"auth": {"identity": identity, "scope": scope}})),
            client_token: None,
            repeatable: true,
        };
        let answer = self.http.send(&self.settings.iam_endpoint, &call, Sender::Open, ordinary()).await?;
        let header = answer.headers.get("x-subject-token").and_then(|value| value.to_str().ok());
        let token = header.map(|token| Secret(token.into()));
        let token = token.ok_or_else(|| Trouble::Away("the answer to the log-in holds no token".into()))?;
        Ok(LoggedIn { token, reply: answer.json()? })
    }

    /// The project called as the region, or else the only one.
    async fn only_project(&self, profiles: &str) -> Result<String, Failure> {
        let name = self.settings.region.as_ref().map(|name| ("name", name.clone()));
        let call = Call::get("/v3/projects".into(), name.into_iter().collect());
        let found: Projects = self.sent(&self.settings.iam_endpoint, &call, ordinary()).await?.json()?;
        choose(&found.projects, self.settings.region.as_deref(), profiles)
    }

    /// Sends a request about the project; an expired token is renewed once if a password is there.
    ///
    /// # Errors
    /// The refusal, or why the service is not reached.
    pub async fn send(&self, call: &Call, patience: Patience) -> Result<Answer, Trouble> {
        let result = self.sent(&self.settings.endpoint, call, patience).await;
        match (&result, &self.settings.credential) {
            (Err(Trouble::Refused(Refused { status: 401, .. })), Credential::Password { .. }) => {
                let logged_in = self.token_for(json!({"project": {"id": self.project_id}})).await?;
                self.keep(logged_in.token);
                self.sent(&self.settings.endpoint, call, patience).await
            }
            _ => result,
        }
    }

    async fn sent(&self, endpoint: &str, call: &Call, patience: Patience) -> Result<Answer, Trouble> {
        let kept = self.token.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let sender = match (&self.settings.credential, &kept) {
            (Credential::Keys { ak, sk }, _) => {
                Sender::Keys(ak, sk, Some(self.project_id.as_str()).filter(|id| !id.is_empty()))
            }
            (Credential::Token(token), _) | (Credential::Password { .. }, Some(token)) => {
                Sender::Token(token)
            }
            (Credential::Password { .. }, None) => Sender::Open,
        };
        self.http.send(endpoint, call, sender, patience).await
    }

    fn keep(&self, token: Secret) {
        *self.token.lock().unwrap_or_else(PoisonError::into_inner) = Some(token);
    }

    /// The path of a part of the project's phones.
    pub fn path(&self, parts: &[&str]) -> String {
        let parts: Vec<String> = parts.iter().map(|part| encode(part)).collect();
        format!("/v1/{}/cloud-phone/{}", encode(&self.project_id), parts.join("/"))
    }
}

/// The project of a list that must hold one.
fn choose(projects: &[Project], region: Option<&str>, profiles: &str) -> Result<String, Failure> {
    match (projects, region) {
        ([only], _) => Ok(only.id.clone()),
        ([], Some(name)) => Err(Failure::usage(format!("--region: there is no project called {name}"))),
        ([], None) => Err(Failure::usage("this user has no project")),
        (many, _) => {
            let names: Vec<String> = many.iter().map(|p| format!("{} ({})", p.name, p.id)).collect();
            let places = settings::places(Key::ProjectId, profiles);
            Err(Failure::usage(format!("which project? Set {places}. There are: {}", names.join(", "))))
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn project(name: &str) -> Project {
        let value = json!({"id": format!("id-{name}"), "name": name, "domain_id": "", "parent_id": "",
            "is_domain": false, "description": "", "enabled": true, "links": {"self": ""}});
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn the_only_project_is_chosen_and_several_are_named() {
        assert_eq!(choose(&[project("a")], None, "p").unwrap(), "id-a");
        let error = choose(&[project("a"), project("b")], None, "p").unwrap_err().message;
        for word in ["--project-id", "HUAWEICLOUD_SDK_PROJECT_ID", "a (id-a), b (id-b)"] {
            assert!(error.contains(word), "{error}");
        }
        assert!(choose(&[], Some("x"), "p").unwrap_err().message.contains("no project called x"));
    }
}
