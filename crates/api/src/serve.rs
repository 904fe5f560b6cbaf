//! The listener: connections in, answers out, bounded in number, size and time.

use crate::adapter::{Adapter, HEADER_BYTES_MAX};
use crate::taken::Taken;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use metrics::limits::Limit;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use std::convert::Infallible;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

/// Longest TLS handshake; shorter when headers may not take that long either.
pub(crate) const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// Bytes that the parser takes for request line and headers. Twice what is allowed, so that a request somewhat too
/// large is refused by name; beyond, the parser answers 431 itself.
const PARSED_BYTES_MAX: usize = 2 * HEADER_BYTES_MAX;
/// Most headers of a request.
pub(crate) const HEADERS_MAX: usize = 100;
/// How long answers under way may take at a graceful stop.
const STOP_GRACE: Duration = Duration::from_secs(10);
/// Pause after the system could not give another connection (out of file descriptors, say).
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Certificates for TLS, read once at start.
#[derive(Clone)]
pub struct Tls(TlsAcceptor);

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tls(..)")
    }
}

impl Tls {
    /// Reads a certificate chain and its private key from PEM files.
    ///
    /// # Errors
    /// Which file cannot be read or used, and why.
    pub fn open(certificates: &Path, key: &Path) -> Result<Self, String> {
        let named = |path: &Path, e: &dyn std::fmt::Display| format!("{}: {e}", path.display());
        let chain = CertificateDer::pem_file_iter(certificates)
            .and_then(|iter| iter.collect::<Result<Vec<_>, _>>())
            .map_err(|e| named(certificates, &e))?;
        if chain.is_empty() {
            return Err(named(certificates, &"holds no certificate"));
        }
        let private = PrivateKeyDer::from_pem_file(key).map_err(|e| named(key, &e))?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, private))
            .map_err(|e| named(certificates, &e))?;
        Ok(Self(TlsAcceptor::from(Arc::new(config))))
    }
}

/// Serves until `stop`, then lets answers under way end.
///
/// # Errors
/// None at present; the type leaves room for listeners that fail for good.
pub async fn serve(
    listener: TcpListener,
    tls: Option<Tls>,
    adapter: Arc<Adapter>,
    stop: CancellationToken,
) -> io::Result<()> {
    Limit::Connections.set_max(adapter.config().connections_max);
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(adapter.config().connections_max));
    let handshake_wait_max = adapter.config().headers_wait_max.min(HANDSHAKE_TIMEOUT);
    let scheme = if tls.is_some() { "https" } else { "http" };
    loop {
        let place = tokio::select! {
            () = stop.cancelled() => break,
            place = places.clone().acquire_owned() => place,
        };
        let stream = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tracing::warn!(%error, "accepting a connection");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            },
        };
        let _ = stream.set_nodelay(true);
        let (adapter, watcher, tls) = (adapter.clone(), graceful.watcher(), tls.clone());
        tokio::spawn(async move {
            let _place = (place, Limit::Connections.take());
            match tls {
                None => connection(stream, adapter, watcher, scheme).await,
                Some(Tls(acceptor)) => {
                    if let Ok(Ok(stream)) = timeout(handshake_wait_max, acceptor.accept(stream)).await {
                        connection(stream, adapter, watcher, scheme).await;
                    }
                }
            }
        });
    }
    drop(listener);
    let _ = timeout(STOP_GRACE, graceful.shutdown()).await;
    Ok(())
}

async fn connection<S>(stream: S, adapter: Arc<Adapter>, watcher: Watcher, scheme: &'static str)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let config = adapter.config();
    let (headers_wait_max, stream) = (config.headers_wait_max, Taken::new(stream, config.answer_wait_max));
    let service = service_fn(move |request| {
        let adapter = adapter.clone();
        async move { Ok::<_, Infallible>(adapter.answer(request, scheme).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        // Who has said all and closes for writing still gets the answer: it may name jobs.
        .half_close(true)
        .header_read_timeout(headers_wait_max)
        .max_buf_size(PARSED_BYTES_MAX)
        .max_headers(HEADERS_MAX)
        .serve_connection(TokioIo::new(stream), service);
    // A client that breaks off, or speaks something else, is no event of ours.
    let _ = watcher.watch(connection).await;
}
