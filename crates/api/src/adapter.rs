//! The one adapter between HTTP and operations: identify the request, find its operation, read the body,
//! authenticate, decode, call, answer. Every answer made here carries `X-Request-Id`; what is not HTTP at all is
//! refused by the parser below, without one.

use crate::access_log::{Answered, Asker, tell};
use crate::auth::signature::{self, Signed};
use crate::context::{Config, Context, Done, State};
use bytes::Bytes;
use futures::FutureExt;
use futures::future::BoxFuture;
use http::header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, EXPECT, HOST, RETRY_AFTER, TRANSFER_ENCODING};
use http::{HeaderName, HeaderValue, Request as HttpRequest, Response, StatusCode, Version};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Body as _, Incoming};
use metrics::limits::{Limit, Taken};
use metrics::requests::OK;
use model::code::{self, Refusal};
use model::id::RequestId;
use percent_encoding::percent_decode_str;
use serde::Serialize;
use std::collections::HashMap;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::SemaphorePermit;
use tokio::time::timeout;
use wire::error::{ErrorBody, ErrorForm, IamErrorBody};
use wire::op::{Access, Op, OpInfo};
use wire::request::{Parts, Request};

/// Most bytes of request line and headers.
pub(crate) const HEADER_BYTES_MAX: usize = 64 * 1024;
/// Bodies up to this size need no place of their own.
const SMALL_BODY_BYTES: usize = 64 * 1024;

/// Longest that the rest of a body is waited for that nobody wants. Clients send theirs with the headers or
/// right behind them.
const UNWANTED_BODY_WAIT: Duration = Duration::from_secs(1);

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// keystoneauth reads the request's id from here (`contract/clients.md`, K6).
const OPENSTACK_REQUEST_ID: HeaderName = HeaderName::from_static("x-openstack-request-id");

/// A serialised reply.
struct Answer {
    status: StatusCode,
    body: Vec<u8>,
    headers: Vec<(HeaderName, HeaderValue)>,
    request_id: Option<RequestId>,
}

/// A place for a large body.
type BodyPlace<'a> = (SemaphorePermit<'a>, Taken);

/// Decoded parameters by name.
type Pairs = Vec<(String, String)>;

type Handler = Box<dyn Fn(Context, &Parts<'_>) -> BoxFuture<'static, Result<Answer, Refusal>> + Send + Sync>;

struct Route {
    info: OpInfo,
    handler: Handler,
}

/// Operations by path and method.
pub struct Adapter {
    state: Arc<State>,
    routes: Vec<Route>,
    /// Path template to the path's operations.
    paths: matchit::Router<&'static str>,
    by_path: HashMap<&'static str, Vec<usize>>,
}

impl std::fmt::Debug for Adapter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Adapter").field("routes", &self.routes.len()).finish_non_exhaustive()
    }
}

impl Adapter {
    /// An adapter without operations.
    pub fn new(state: Arc<State>) -> Self {
        Self { state, routes: Vec::new(), paths: matchit::Router::new(), by_path: HashMap::new() }
    }

    /// Adds an operation. The handler's types are the operation's: another handler does not compile.
    pub fn on<Req, Reply, Out, F, Fut>(mut self, op: &'static Op<Req, Reply>, handler: F) -> Self
    where
        Req: Request + Send + 'static,
        Reply: Serialize,
        Out: Into<Done<Reply>> + 'static,
        F: Fn(Context, Req) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Out, Refusal>> + Send + 'static,
    {
        let info = op.info;
        let status = StatusCode::from_u16(info.success).unwrap_or(StatusCode::OK);
        let handler: Handler = Box::new(move |context, parts| match Req::decode(parts) {
            Err(refusal) => Box::pin(async { Err(refusal) }),
            Ok(request) => {
                let reply = handler(context, request);
                Box::pin(async move { serialise(status, reply.await?.into()) })
            }
        });
        self.routes.push(Route { info, handler });
        let at = self.routes.len() - 1;
        let methods = self.by_path.entry(info.path).or_default();
        methods.push(at);
        if methods.len() == 1
            && let Err(error) = self.paths.insert(info.path, info.path)
        {
            // The table's paths are checked by a test: each can be routed.
            tracing::error!(%error, path = info.path, "this path cannot be served");
        }
        self
    }

    /// The settings.
    pub(crate) fn config(&self) -> &Config {
        &self.state.config
    }

    /// The names of the operations served.
    pub fn operations(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.routes.iter().map(|r| r.info.name)
    }

    /// Answers one request. Never fails: what goes wrong is an answer too.
    pub async fn answer(&self, request: HttpRequest<Incoming>, scheme: &str) -> Response<Full<Bytes>> {
        let begin = Instant::now();
        let (head, mut body) = request.into_parts();
        let version = head.version;
        let (read, _place) = match self.read(&head, &mut body).await {
            Ok((bytes, place)) => (Ok(bytes), place),
            Err(refusal) => (Err(refusal), None),
        };
        // A connection with a rest of a body on it cannot be used again, and the client has to know.
        let spent = read.is_ok() || pass_over(&head, &mut body).await;
        let mut response = self.answer_since(begin, head, read, scheme).await;
        if !spent && version < Version::HTTP_2 {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }

    /// The body of a request that may have one read, and its place until the answer is there.
    async fn read(
        &self,
        head: &http::request::Parts,
        body: &mut Incoming,
    ) -> Result<(Bytes, Option<BodyPlace<'_>>), Refusal> {
        // Nobody gets memory for a body before there is an operation and a credential for it.
        self.admit(head).await?;
        let place = self.body_place(head).await?;
        let limited = Limited::new(body, self.state.config.body_bytes_max);
        match timeout(self.state.config.body_wait_max, limited.collect()).await {
            Ok(Ok(collected)) => Ok((collected.to_bytes(), place)),
            Ok(Err(error)) if error.is::<LengthLimitError>() => Err(code::BODY_TOO_LARGE.into()),
            Ok(Err(_)) | Err(_) => Err(code::API_REQUEST_ERROR.into()),
        }
    }

    /// What can be refused before the body is read: no such operation, no credential, a bad token, an unknown
    /// access key. The signature itself can only be checked with the body.
    async fn admit(&self, head: &http::request::Parts) -> Result<(), Refusal> {
        let (route, _) = self.route(head)?;
        if head_bytes(head) > HEADER_BYTES_MAX {
            return Err(code::HEADERS_TOO_LARGE.into());
        }
        match route.info.access {
            Access::Open => Ok(()),
            Access::Login | Access::Permission(_) => self.state.auth.admit(&head.headers).await,
        }
    }

    /// A place for a large body; none is needed for one that says it is small, and one that says it is too large
    /// is not waited for.
    async fn body_place(&self, head: &http::request::Parts) -> Result<Option<BodyPlace<'_>>, Refusal> {
        let length = announced(head);
        if length.is_some_and(|length| length > self.state.config.body_bytes_max) {
            return Err(code::BODY_TOO_LARGE.into());
        }
        let chunked = head.headers.contains_key(TRANSFER_ENCODING);
        if !chunked && length.unwrap_or(0) <= SMALL_BODY_BYTES {
            return Ok(None);
        }
        let busy = || Refusal::busy(self.state.store.limits().retry_after_s);
        let place = timeout(self.state.config.body_wait_max, self.state.body_places.acquire()).await;
        let place = place.map_err(|_| busy())?.map_err(|_| busy())?;
        Ok(Some((place, Limit::LargeBodies.take())))
    }

    /// As [`Adapter::answer`], with the body read or refused.
    pub async fn answer_read(
        &self,
        head: http::request::Parts,
        body: Result<Bytes, Refusal>,
        scheme: &str,
    ) -> Response<Full<Bytes>> {
        self.answer_since(Instant::now(), head, body, scheme).await
    }

    async fn answer_since(
        &self,
        begin: Instant,
        head: http::request::Parts,
        body: Result<Bytes, Refusal>,
        scheme: &str,
    ) -> Response<Full<Bytes>> {
        let request_id = RequestId::generate();
        let route = self.route(&head);
        let info = route.as_ref().ok().map(|(route, _)| &route.info);
        let mut asker = Asker::default();
        let form = match &route {
            Ok((route, _)) => route.info.errors,
            Err(_) => ErrorForm::Cph,
        };
        let result = match (route, body) {
            (Err(refusal), _) => Err(refusal),
            (Ok(_), Err(refusal)) => Err(refusal),
            (Ok((route, path)), Ok(body)) => {
                let work = self.call(route, &path, (&head, &body), request_id.clone(), scheme, &mut asker);
                // A defect in one request is that request's 500 and nobody else's.
                AssertUnwindSafe(work).catch_unwind().await.unwrap_or_else(|_| {
                    tracing::error!(%request_id, operation = route.info.name, "the request panicked");
                    Err(code::INTERNAL_ERROR.into())
                })
            }
        };
        let (code, request_id, response) = match result {
            Ok(answer) => {
                let id = answer.request_id.unwrap_or(request_id);
                let response = respond(answer.status, &id, answer.body, &answer.headers);
                (OK, id, response)
            }
            Err(refusal) => {
                let response = self.refuse(&refusal, form, &request_id);
                (refusal.code.text(), request_id, response)
            }
        };
        let (status, took) = (response.status(), begin.elapsed());
        tell(&Answered { info, request_id: &request_id, code, status, took }, &asker);
        response
    }

    /// The operation of a path and method. One trailing slash is passed over, a doubled one is not
    /// (`contract/clients.md`, C7). Parameters are split before they are decoded (P7).
    fn route(&self, head: &http::request::Parts) -> Result<(&Route, Pairs), Refusal> {
        let path = head.uri.path();
        let path = path.strip_suffix('/').filter(|p| !p.is_empty() && !p.ends_with('/')).unwrap_or(path);
        let found = self.paths.at(path).map_err(|_| Refusal::from(code::API_NOT_FOUND))?;
        let routes = self.by_path.get(found.value).into_iter().flatten().map(|at| &self.routes[*at]);
        let mut route = routes.filter(|r| head.method.as_str() == r.info.method.as_str());
        let route = route.next().ok_or(code::API_METHOD_NOT_FOUND)?;
        let decoded = |value: &str| percent_decode_str(value).decode_utf8().map(|v| v.into_owned());
        let parameters = found.params.iter().map(|(name, value)| Ok((name.to_string(), decoded(value)?)));
        match parameters.collect::<Result<_, std::str::Utf8Error>>() {
            Ok(parameters) => Ok((route, parameters)),
            Err(_) => Err(code::API_REQUEST_ERROR.into()),
        }
    }

    async fn call(
        &self,
        route: &Route,
        path: &[(String, String)],
        (head, body): (&http::request::Parts, &Bytes),
        request_id: RequestId,
        scheme: &str,
        asker: &mut Asker,
    ) -> Result<Answer, Refusal> {
        let raw_query = head.uri.query().unwrap_or("");
        let signed = Signed {
            method: head.method.as_str(),
            path: head.uri.path(),
            query: raw_query,
            headers: &head.headers,
            body,
        };
        let caller = match route.info.access {
            Access::Open => None,
            Access::Login | Access::Permission(_) => Some(self.state.auth.caller(&signed).await?),
        };
        asker.user = caller.as_ref().map(|caller| caller.user.name.clone());
        let parts = Parts { path, query: &signature::pairs(raw_query).ok_or(code::API_REQUEST_ERROR)?, body };
        let project = match (&caller, route.info.access) {
            (Some(caller), Access::Permission(_)) => Some(caller.project(parts.path("project_id"))?),
            _ => None,
        };
        asker.project_id = project.clone();
        let host = head.headers.get(HOST).and_then(|v| v.to_str().ok()).unwrap_or("localhost");
        let body_digest = head.headers.contains_key("x-client-token").then(|| store::digest(body));
        let context = Context {
            state: self.state.clone(),
            request_id,
            caller,
            project,
            headers: head.headers.clone(),
            base_url: format!("{scheme}://{host}"),
            body_digest,
        };
        (route.handler)(context, &parts).await
    }

    fn refuse(&self, refusal: &Refusal, form: ErrorForm, request_id: &RequestId) -> Response<Full<Bytes>> {
        let number = if self.state.config.old_http_statuses { refusal.http_doc() } else { refusal.http() };
        let status = StatusCode::from_u16(number).unwrap_or(StatusCode::BAD_REQUEST);
        let body = match form {
            ErrorForm::Cph => serde_json::to_vec(&ErrorBody::new(request_id.as_str(), refusal)),
            ErrorForm::Iam => serde_json::to_vec(&IamErrorBody::new(refusal)),
        };
        let retry = refusal.retry_after_s.map(|s| (RETRY_AFTER, HeaderValue::from(s)));
        respond(status, request_id, body.unwrap_or_default(), retry.as_slice())
    }
}

/// Bytes that a body says it has.
fn announced(head: &http::request::Parts) -> Option<usize> {
    head.headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok())
}

/// Reads what is left of a small body that nobody wants; says whether all of it came. Who waits to be asked for
/// the body is not asked.
async fn pass_over(head: &http::request::Parts, body: &mut Incoming) -> bool {
    if body.is_end_stream() {
        return true;
    }
    if announced(head).is_none_or(|length| length > SMALL_BODY_BYTES) || head.headers.contains_key(EXPECT) {
        return false;
    }
    let rest = async {
        while let Some(frame) = body.frame().await {
            if frame.is_err() {
                return false;
            }
        }
        true
    };
    timeout(UNWANTED_BODY_WAIT, rest).await.unwrap_or(false)
}

/// Bytes of the headers, and of the path and query, as they came; what separates them aside.
fn head_bytes(head: &http::request::Parts) -> usize {
    let target = head.uri.path_and_query().map_or(0, |target| target.as_str().len());
    head.headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum::<usize>() + target
}

fn serialise<Reply: Serialize>(status: StatusCode, done: Done<Reply>) -> Result<Answer, Refusal> {
    let body = serde_json::to_vec(&done.reply).map_err(|error| {
        tracing::error!(%error, "a reply that cannot be written");
        code::INTERNAL_ERROR
    })?;
    Ok(Answer { status, body, headers: done.headers, request_id: done.request_id })
}

fn respond(
    status: StatusCode,
    request_id: &RequestId,
    body: Vec<u8>,
    headers: &[(HeaderName, HeaderValue)],
) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    let answer = response.headers_mut();
    answer.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Ok(id) = HeaderValue::from_str(request_id.as_str()) {
        answer.insert(OPENSTACK_REQUEST_ID, id.clone());
        answer.insert(REQUEST_ID, id);
    }
    for (name, value) in headers {
        answer.insert(name, value.clone());
    }
    response
}
