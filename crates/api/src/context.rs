//! What a handler knows of its request beside the decoded value.

use crate::auth::{Authenticator, Caller};
use async_trait::async_trait;
use http::{HeaderMap, HeaderName, HeaderValue};
use metrics::limits::Limit;
use model::code::{self, Refusal};
use model::id::{PhoneId, ProjectId, RequestId};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use store::{ClientToken, Store};

/// Longest client token, in bytes (`X-Client-Token`).
pub const CLIENT_TOKEN_BYTES_MAX: usize = 64;
/// Largest body, in bytes (`contract/README.md`, "Base URL").
pub(crate) const BODY_BYTES_MAX: usize = 12 * 1024 * 1024;
/// Passwords checked at once; each takes a core and 19 MiB for some tens of milliseconds.
pub(crate) const PASSWORDS_MAX: usize = 16;
/// Bodies over 64 KiB held at once: 32 of the largest are 384 MB.
pub(crate) const LARGE_BODIES_MAX: usize = 32;

/// What the HTTP side is told at start.
#[derive(Debug, Clone)]
pub struct Config {
    /// Most phones in one batch request (`contract/restart.md`, question 2).
    pub phones_per_request_max: usize,
    /// Largest request body in bytes (`contract/README.md`, "Base URL").
    pub body_bytes_max: usize,
    /// Answer failures with the HTTP statuses of the 2021 pages: 400 for every CPS code.
    pub old_http_statuses: bool,
    /// Name of the region and availability zone that answers show.
    pub region: String,
    /// Connections served at once; more wait.
    pub connections_max: usize,
    /// Longest wait for a request's headers, and for the next request on a kept connection. Clients of CPH keep
    /// connections for a minute and take a closed one for a failed request, so the default is no shorter.
    pub headers_wait_max: Duration,
    /// Longest time for a body to arrive.
    pub body_wait_max: Duration,
    /// Longest wait for a client to take an answer.
    pub answer_wait_max: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            phones_per_request_max: 1000,
            body_bytes_max: BODY_BYTES_MAX,
            old_http_statuses: false,
            region: "local-1".into(),
            connections_max: 10_000,
            headers_wait_max: Duration::from_secs(75),
            body_wait_max: Duration::from_secs(60),
            answer_wait_max: Duration::from_secs(60),
        }
    }
}

/// Opens ways to phones; what lies behind is not the API's to know.
#[async_trait]
pub trait PhoneAccess: std::fmt::Debug + Send + Sync + 'static {
    /// Where the phone's adbd can be reached from now on; none when it cannot.
    async fn adb(&self, phone_id: &PhoneId) -> Option<SocketAddr>;
}

/// What all requests share.
#[derive(Debug)]
pub struct State {
    /// The store.
    pub store: Store,
    /// Opens ways to phones; none where phones cannot be reached.
    pub access: Option<Arc<dyn PhoneAccess>>,
    /// Settings.
    pub config: Config,
    /// Checks credentials.
    pub auth: Authenticator,
    /// Large bodies that may be in memory at once.
    pub body_places: tokio::sync::Semaphore,
    /// Passwords that may be checked at once.
    pub password_turns: tokio::sync::Semaphore,
}

impl State {
    /// Over an open store.
    pub fn new(store: Store, config: Config, access: Option<Arc<dyn PhoneAccess>>) -> Arc<Self> {
        let auth = Authenticator::new(store.clone());
        Limit::PasswordChecks.set_max(PASSWORDS_MAX);
        Limit::LargeBodies.set_max(LARGE_BODIES_MAX);
        let password_turns = tokio::sync::Semaphore::new(PASSWORDS_MAX);
        let body_places = tokio::sync::Semaphore::new(LARGE_BODIES_MAX);
        Arc::new(Self { auth, store, access, config, password_turns, body_places })
    }
}

/// One request.
#[derive(Debug)]
pub struct Context {
    /// What all requests share.
    pub state: Arc<State>,
    /// The request's id: `X-Request-Id` of the answer, and `request_id` of its body.
    pub request_id: RequestId,
    /// Who asks; none for operations that need no credentials.
    pub caller: Option<Caller>,
    /// The path's project, which the caller may use; none for operations outside projects.
    pub project: Option<ProjectId>,
    /// The request's headers.
    pub headers: HeaderMap,
    /// `http://host:port`, as the client sees the service.
    pub base_url: String,
    /// SHA-256 of the body, made when a client token needs it.
    pub body_digest: Option<String>,
}

impl Context {
    /// The store.
    pub fn store(&self) -> &Store {
        &self.state.store
    }

    /// The request's id as text.
    pub fn request_text(&self) -> String {
        self.request_id.to_string()
    }

    /// Who asks.
    ///
    /// # Errors
    /// APIGW.0301 when nobody was identified.
    pub fn caller(&self) -> Result<&Caller, Refusal> {
        self.caller.as_ref().ok_or_else(|| Refusal::unauthenticated("x-auth-token not found"))
    }

    /// The path's project.
    ///
    /// # Errors
    /// CPS.0046 for an operation without one.
    pub fn project(&self) -> Result<&ProjectId, Refusal> {
        self.project.as_ref().ok_or_else(|| code::PROJECT_ID_INVALID.into())
    }

    /// The client's own key for this request, if it sent one.
    ///
    /// # Errors
    /// APIGW.0201 for a key that is empty, longer than 64 bytes or not printable ASCII.
    pub fn client_token(&self) -> Result<Option<ClientToken>, Refusal> {
        let Some(value) = self.headers.get("x-client-token") else { return Ok(None) };
        let bad = || {
            Refusal::new(code::API_REQUEST_ERROR).saying("X-Client-Token must be 1 to 64 printable bytes.")
        };
        let token = value.to_str().map_err(|_| bad())?;
        let printable = token.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        if token.is_empty() || token.len() > CLIENT_TOKEN_BYTES_MAX || !printable {
            return Err(bad());
        }
        let body_digest = self.body_digest.clone().unwrap_or_default();
        Ok(Some(ClientToken { token: token.into(), body_digest }))
    }
}

/// A reply with what goes beside its body.
#[derive(Debug)]
pub struct Done<Reply> {
    /// The body.
    pub reply: Reply,
    /// Additional headers.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// An earlier request's id, when this answer is that one's again.
    pub request_id: Option<RequestId>,
}

impl<Reply> From<Reply> for Done<Reply> {
    fn from(reply: Reply) -> Self {
        Self { reply, headers: Vec::new(), request_id: None }
    }
}
