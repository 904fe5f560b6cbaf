//! The operator's listener: health, readiness and metrics over HTTP, and nothing else. It asks for no
//! credential, so it belongs on loopback or a network of the operator's own.

use crate::view::View;
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::{Value, json};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

/// Connections at once; more wait.
const CONNECTIONS_MAX: usize = 64;
/// Longest wait for a request's headers, and for the next request on a kept connection.
const HEADERS_TIMEOUT: Duration = Duration::from_secs(75);
/// Longest life of a connection: one that reads no answer must not keep its place.
const CONNECTION_MAX: Duration = Duration::from_secs(600);
/// Most bytes of request line and headers.
const HEADER_BYTES_MAX: usize = 16 * 1024;
/// Pause after the system could not give another connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

const JSON: &str = "application/json";

/// Serves until `stop`.
pub async fn serve(listener: TcpListener, view: Arc<View>, stop: CancellationToken) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let accepting = async {
        while let Ok(place) = places.clone().acquire_owned().await {
            match listener.accept().await {
                Ok((stream, _)) => {
                    let (view, stop) = (view.clone(), stop.clone());
                    tokio::spawn(async move {
                        let _place = place;
                        stop.run_until_cancelled(connection(stream, view)).await;
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "accepting an operator's connection");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    };
    stop.run_until_cancelled(accepting).await;
}

async fn connection(stream: TcpStream, view: Arc<View>) {
    let service = service_fn(move |request| {
        let view = view.clone();
        async move { Ok::<_, Infallible>(answer(&request, &view).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS_TIMEOUT)
        .max_buf_size(HEADER_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), service);
    // A client that breaks off is no event of ours.
    let _ = tokio::time::timeout(CONNECTION_MAX, connection).await;
}

async fn answer(request: &Request<Incoming>, view: &View) -> Response<Full<Bytes>> {
    let known = ["/healthz", "/readyz", "/metrics"].contains(&request.uri().path());
    match (request.method(), request.uri().path()) {
        (&Method::GET, "/healthz") => told(StatusCode::OK, &json!({"status": "ok"})),
        (&Method::GET, "/readyz") => match view.not_ready().await {
            reasons if reasons.is_empty() => told(StatusCode::OK, &json!({"status": "ready"})),
            reasons => {
                told(StatusCode::SERVICE_UNAVAILABLE, &json!({"status": "not ready", "reasons": reasons}))
            }
        },
        (&Method::GET, "/metrics") => respond(StatusCode::OK, metrics::CONTENT_TYPE, view.metrics().await),
        _ if known => told(StatusCode::METHOD_NOT_ALLOWED, &json!({"error": "only GET is answered here"})),
        _ => told(
            StatusCode::NOT_FOUND,
            &json!({"error": "there is /healthz, /readyz and /metrics, and nothing else"}),
        ),
    }
}

fn told(status: StatusCode, body: &Value) -> Response<Full<Bytes>> {
    respond(status, JSON, format!("{body}\n"))
}

fn respond(status: StatusCode, content_type: &'static str, body: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
