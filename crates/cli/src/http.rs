//! Sends requests: signs them, repeats them when that is safe, and reads refusals.

use crate::failure::{Failure, Kind};
use crate::retry::{self, Attempt, Step};
use crate::screen::Screen;
use crate::secret::Secret;
use crate::sign::{self, Unsigned};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

const CONNECT: Duration = Duration::from_secs(10);
/// How long one answer may take.
const ANSWER: Duration = Duration::from_secs(60);
/// Attempts at one request, whatever time there is.
const TRIES_MAX: u32 = 100_000;

/// One request.
#[derive(Debug, Clone)]
pub struct Call {
    /// Method in capitals.
    pub method: &'static str,
    /// Path from the root, encoded.
    pub path: String,
    /// Query parameters, not encoded.
    pub query: Vec<(&'static str, String)>,
    /// The body, if it has one.
    pub body: Option<Value>,
    /// The `X-Client-Token` by which the service knows a repeat.
    pub client_token: Option<String>,
    /// Sending it twice does it once.
    pub repeatable: bool,
}

impl Call {
    /// A request that only reads.
    pub fn get(path: String, query: Vec<(&'static str, String)>) -> Self {
        Self { method: "GET", path, query, body: None, client_token: None, repeatable: true }
    }
}

/// Who sends a request.
#[derive(Debug, Clone, Copy)]
pub enum Sender<'a> {
    /// Nobody: it is a log-in.
    Open,
    /// AK and SK, for a project if there is one.
    Keys(&'a str, &'a Secret, Option<&'a str>),
    /// A token.
    Token(&'a Secret),
}

/// How long to go on when the service is away or busy.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// Until when a service that is not reached is tried again.
    pub away: Instant,
    /// Until when a service that is busy is tried again.
    pub busy: Instant,
}

impl Patience {
    /// From now on, for these times.
    pub fn of(away: Duration, busy: Duration) -> Self {
        let now = Instant::now();
        Self { away: now + away, busy: now + busy }
    }
}

/// A successful answer.
#[derive(Debug)]
pub struct Answer {
    /// Its headers.
    pub headers: HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    /// The body as JSON of this form.
    ///
    /// # Errors
    /// It has another form.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Trouble> {
        serde_json::from_slice(&self.body)
            .map_err(|error| Trouble::Away(format!("the answer is none of this service's: {error}")))
    }
}

/// Why there is no successful answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// The service refused.
    Refused(Refused),
    /// The service was not reached, or did not answer.
    Away(String),
    /// A setting makes a request that cannot be sent.
    Unsendable(String),
}

/// A refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// HTTP status.
    pub status: u16,
    /// Code of the error catalogue; "" when there is none.
    pub code: String,
    /// Its text.
    pub message: String,
    /// The id of the request, for the operator.
    pub request_id: String,
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Away(message) => Self::unreachable(message),
            Trouble::Unsendable(message) => Self::usage(message),
            Trouble::Refused(Refused { status, code, message, request_id }) => {
                let kind = match status {
                    401 | 403 | 429 | 502..=504 => Kind::Unreachable,
                    _ => Kind::Refused,
                };
                let id =
                    if request_id.is_empty() { String::new() } else { format!(" (request {request_id})") };
                let code = if code.is_empty() { format!("HTTP {status}") } else { code };
                Self { kind, message: format!("{code} {message}{id}") }
            }
        }
    }
}

/// A sender of requests.
#[derive(Debug)]
pub struct Http {
    client: reqwest::Client,
    screen: Arc<Screen>,
}

impl Http {
    /// With the system's certificates and, if given, those of a file. Redirects are not followed: they
    /// would carry the credential to somebody else.
    ///
    /// # Errors
    /// The file of certificates cannot be used.
    pub fn new(endpoint: &str, ca: Option<&str>, screen: Arc<Screen>) -> Result<Self, Failure> {
        let mut builder = reqwest::Client::builder()
            .connect_timeout(CONNECT)
            .timeout(ANSWER)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("phoneyard/", env!("CARGO_PKG_VERSION")));
        if is_loopback(endpoint) {
            builder = builder.no_proxy();
        }
        if let Some(path) = ca {
            let usage = |error: &dyn Error| Failure::usage(format!("--ca {path}: {error}"));
            let pem = std::fs::read(path).map_err(|e| usage(&e))?;
            for certificate in reqwest::Certificate::from_pem_bundle(&pem).map_err(|e| usage(&e))? {
                builder = builder.add_root_certificate(certificate);
            }
        }
        let client = builder.build().map_err(|e| Failure::usage(format!("no HTTP client: {e}")))?;
        Ok(Self { client, screen })
    }

    /// Sends a request until it is answered, refused or patience ends.
    ///
    /// # Errors
    /// The refusal, or why the service is not reached.
    pub async fn send(
        &self,
        endpoint: &str,
        call: &Call,
        sender: Sender<'_>,
        patience: Patience,
    ) -> Result<Answer, Trouble> {
        let mut told = false;
        for tries in 0..TRIES_MAX {
            let (attempt, result) = self.attempt(endpoint, call, sender).await;
            let (pause, end) = match retry::step(attempt, call.repeatable, tries) {
                Step::Take | Step::GiveUp => return result,
                Step::Busy(pause) => (pause, patience.busy),
                Step::Away(pause) => (pause, patience.away),
            };
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return result;
            }
            if !told && let Err(trouble) = &result {
                told = true;
                self.screen.note(&format!("{}; trying again", Failure::from(trouble.clone())));
            }
            tokio::time::sleep(pause.min(left)).await;
        }
        Err(Trouble::Away(format!("{endpoint}: given up after {TRIES_MAX} attempts")))
    }

    async fn attempt(
        &self,
        endpoint: &str,
        call: &Call,
        sender: Sender<'_>,
    ) -> (Attempt, Result<Answer, Trouble>) {
        let request = match build(&self.client, endpoint, call, sender) {
            Ok(request) => request,
            Err(message) => return (Attempt::Unsendable, Err(Trouble::Unsendable(message))),
        };
        let away = |error: &reqwest::Error| Trouble::Away(unreached(endpoint, &root(error)));
        let response = match self.client.execute(request).await {
            Ok(response) => response,
            Err(error) if distrusted(&root(&error)) => return (Attempt::Unsendable, Err(away(&error))),
            Err(error) if error.is_connect() => return (Attempt::NotSent, Err(away(&error))),
            Err(error) => return (Attempt::Broken, Err(away(&error))),
        };
        let status = response.status();
        let headers = response.headers().clone();
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let attempt = Attempt::Answered(status.as_u16(), retry::retry_after(text("retry-after")));
        let body = match response.bytes().await {
            Ok(body) => body.to_vec(),
            Err(error) => return (Attempt::Broken, Err(away(&error))),
        };
        if status.is_success() {
            return (attempt, Ok(Answer { headers, body }));
        }
        let refused = refused(status.as_u16(), text("x-request-id").unwrap_or(""), &body);
        (attempt, Err(Trouble::Refused(refused)))
    }
}

/// The request as reqwest wants it, with what its sender adds.
fn build(
    client: &reqwest::Client,
    endpoint: &str,
    call: &Call,
    sender: Sender<'_>,
) -> Result<reqwest::Request, String> {
    let query = sign::query(&call.query);
    let mark = if query.is_empty() { "" } else { "?" };
    let url = reqwest::Url::parse(&format!("{endpoint}{}{mark}{query}", call.path))
        .map_err(|e| format!("{endpoint}: {e}"))?;
    let body = call.body.as_ref().map_or_else(Vec::new, |body| body.to_string().into_bytes());
    let host = match (url.host_str(), url.port()) {
        (Some(host), Some(port)) => format!("{host}:{port}"),
        (host, _) => host.unwrap_or("").to_string(),
    };
    let date = sign::date(now_ms());
    let mut headers: Vec<(&str, &str)> = Vec::new();
    if call.body.is_some() {
        headers.push(("content-type", "application/json"));
    }
    headers.push(("host", &host));
    let authorization;
    match sender {
        Sender::Open => {}
        Sender::Token(token) => headers.push(("x-auth-token", &token.0)),
        Sender::Keys(ak, sk, project_id) => {
            headers.extend(project_id.map(|id| ("x-project-id", id)));
            headers.push(("x-sdk-date", &date));
            let (method, path) = (call.method, call.path.as_str());
            let unsigned = Unsigned { method, path, query: &query, headers: &headers, body: &body };
            authorization = sign::authorization(&unsigned, ak, &sk.0).ok_or("the SK is no key")?;
            headers.push(("authorization", &authorization));
        }
    }
    headers.extend(call.client_token.as_deref().map(|token| ("x-client-token", token)));
    let method = reqwest::Method::from_bytes(call.method.as_bytes()).map_err(|e| e.to_string())?;
    let mut request = client.request(method, url).body(body);
    for (name, value) in headers {
        let secret = ["authorization", "x-auth-token"].contains(&name);
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|e| e.to_string())?;
        let mut value = HeaderValue::from_str(value)
            .map_err(|_| format!("the header {name} would hold letters that no header may have"))?;
        value.set_sensitive(secret);
        request = request.header(name, value);
    }
    request.build().map_err(|e| e.to_string())
}

/// Reads the body of a refusal: CPH's form, IAM's, or anything.
fn refused(status: u16, request_id: &str, body: &[u8]) -> Refused {
    /// Most of a body that is shown when it has no form that we know.
    const SHOWN: usize = 200;
    let value: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
    let text = |value: &Value| value.as_str().map(String::from);
    let message = text(&value["error_msg"])
        .or_else(|| text(&value["error"]["message"]))
        .unwrap_or_else(|| String::from_utf8_lossy(body).chars().take(SHOWN).collect());
    let code = text(&value["error_code"]).unwrap_or_default();
    Refused { status, code, message, request_id: request_id.into() }
}

/// Whether the other side showed a certificate that we do not trust: trying again does not help.
fn distrusted(reason: &str) -> bool {
    reason.contains("invalid peer certificate")
}

/// A service that is not reached, and what helps.
fn unreached(endpoint: &str, reason: &str) -> String {
    let hint = if reason.contains("CaUsedAsEndEntity") {
        "; make a self-signed certificate with openssl's -addext basicConstraints=CA:FALSE"
    } else if distrusted(reason) {
        "; a file of certificates to trust is named with --ca"
    } else {
        ""
    };
    format!("cannot reach {endpoint}: {reason}{hint}")
}

/// The innermost reason, which is what a user can act on.
fn root(error: &(dyn Error + 'static)) -> String {
    /// No chain of reasons is longer.
    const DEPTH: usize = 16;
    let mut reason = error;
    for _ in 0..DEPTH {
        let Some(source) = reason.source() else { break };
        reason = source;
    }
    reason.to_string()
}

fn is_loopback(endpoint: &str) -> bool {
    let host = reqwest::Url::parse(endpoint).ok().and_then(|url| url.host_str().map(String::from));
    host.is_some_and(|host| host == "localhost" || host == "[::1]" || host.starts_with("127."))
}

fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn refusals_of_cph_iam_and_strangers_are_read() {
        let cph = br#"{"request_id":"r","error_code":"CPS.0005","error_msg":"Phone is not found."}"#;
        let failure = Failure::from(Trouble::Refused(refused(404, "r", cph)));
        assert_eq!(failure, Failure::refused("CPS.0005 Phone is not found. (request r)"));
        let iam = br#"{"error":{"code":401,"message":"no","title":"Unauthorized"}}"#;
        assert_eq!(
            Failure::from(Trouble::Refused(refused(401, "", iam))),
            Failure::unreachable("HTTP 401 no")
        );
        assert_eq!(refused(500, "", b"<html>").message, "<html>");
    }

    #[test]
    fn a_project_is_signed_only_when_there_is_one() {
        let client = reqwest::Client::new();
        let call = Call::get("/v3/projects".into(), vec![]);
        let sk = Secret("s".into());
        for project in [None, Some("p")] {
            let request = build(&client, "http://a:1", &call, Sender::Keys("a", &sk, project)).unwrap();
            let authorization = request.headers()["authorization"].to_str().unwrap();
            assert_eq!(authorization.contains("x-project-id"), project.is_some());
            assert_eq!(request.headers()["host"], "a:1");
        }
    }

    #[test]
    fn a_token_with_a_line_break_is_an_error_that_does_not_show_it() {
        let call = Call::get("/".into(), vec![]);
        let token = Secret("hush\n".into());
        let error = build(&reqwest::Client::new(), "http://a", &call, Sender::Token(&token)).unwrap_err();
        assert!(error.contains("x-auth-token") && !error.contains("hush"), "{error}");
    }

    #[test]
    fn a_distrusted_certificate_is_told_with_what_helps() {
        let told = |reason: &str| unreached("https://a", reason);
        assert!(told("invalid peer certificate: UnknownIssuer").ends_with("named with --ca"));
        assert!(told("invalid peer certificate: CaUsedAsEndEntity").contains("basicConstraints"));
        assert_eq!(told("refused"), "cannot reach https://a: refused");
    }

    #[test]
    fn loopback_needs_no_proxy() {
        for (endpoint, expected) in
            [("http://127.0.0.1:80", true), ("http://[::1]:80", true), ("https://cph.example", false)]
        {
            assert_eq!(is_loopback(endpoint), expected, "{endpoint}");
        }
    }
}
