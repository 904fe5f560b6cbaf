//! Wiring: the store, the runtime, the worker and the HTTP side, started and stopped in order.

use crate::config::{Config, ServeArguments};
use crate::view::View;
use crate::{descriptors, operator_http, phone_access, socket};
use emulator::{Emulator, FaultRates};
use jobs::Worker;
use jobs::scheduler::Caps;
use model::clock::SystemClock;
use model::phone_state::Policy;
use runtime::EmulatedRuntime;
use std::net::SocketAddr;
use std::sync::Arc;
use store::{Db, SealingKey, Store};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// How long phones that die later run, when faults are drawn by probability.
const DIES_LATER_MS: u64 = 60_000;
/// How much longer late boots take, when faults are drawn by probability.
const LATE_FACTOR: f64 = 10.0;
/// Share of properties that are dropped, when faults are drawn by probability.
const DROPPED: f64 = 0.5;

/// A running service.
#[derive(Debug)]
pub struct Service {
    /// Where clients reach it, for example `http://127.0.0.1:8080`.
    pub endpoint: String,
    /// Where health and metrics are, when they are served.
    pub operator_endpoint: Option<String>,
    /// Its store.
    pub store: Store,
    /// Its emulated phones.
    pub runtime: Arc<EmulatedRuntime>,
    worker: Worker,
    stop: CancellationToken,
    /// The operator's listener goes last: it tells how the stop goes on.
    gone: CancellationToken,
    watching: Option<JoinHandle<()>>,
    http: JoinHandle<std::io::Result<()>>,
    operator: JoinHandle<()>,
}

/// Opens the store that the settings name; makes the data directory if there is none.
///
/// # Errors
/// A line for the operator.
pub async fn open_store(config: &Config) -> Result<Store, String> {
    make_data_dir(config)?;
    let sealing_key = SealingKey::open(&config.secret_key()).map_err(|e| e.to_string())?;
    let db = Db::open(&config.database()).await.map_err(|e| e.to_string())?;
    let limits = store::Limits {
        queue_budget_ms: config.limits.queue_budget.ms(),
        execution_budget_ms: config.limits.execution_budget.ms(),
        jobs_per_project_max: config.limits.jobs_per_project,
        jobs_max: config.limits.jobs,
        audit_kept_ms: i64::from(config.audit_days) * 24 * 60 * 60 * 1000,
        ..store::Limits::default()
    };
    let policy = Policy { restart_failed_phones: config.restart_failed_phones };
    Ok(Store::new(db, Arc::new(SystemClock), limits, policy, sealing_key))
}

/// The data directory holds keys: nobody else may look into it.
fn make_data_dir(config: &Config) -> Result<(), String> {
    use std::os::unix::fs::DirBuilderExt;
    let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&config.data_dir);
    made.map_err(|e| format!("data_dir {}: {e}", config.data_dir.display()))
}

impl Service {
    /// Starts everything; returns when clients can connect.
    ///
    /// # Errors
    /// A line for the operator.
    pub async fn start(config: &Config) -> Result<Self, String> {
        descriptors::raise(config);
        let tls = match (&config.tls_certificate, &config.tls_key) {
            (Some(certificate), Some(key)) => Some(api::Tls::open(certificate, key)?),
            _ => None,
        };
        let store = open_store(config).await?;
        let listener =
            TcpListener::bind(config.listen).await.map_err(|e| format!("listen {}: {e}", config.listen))?;
        let address = listener.local_addr().map_err(|e| e.to_string())?;
        let operator_listener = operator_listener(config).await?;
        let runtime = Arc::new(emulated(config)?);
        let worker = Worker::start(store.clone(), runtime.clone(), worker_config(config))
            .await
            .map_err(|e| e.to_string())?;
        let stop = CancellationToken::new();
        let view = View::new(store.clone(), worker.health().clone(), config.limits.jobs, stop.clone());
        let asked = socket::Asked { store: store.clone(), runtime: runtime.clone(), view: view.clone() };
        let operator = socket::listen(&config.data_dir, asked, stop.clone())?;
        let access = phone_access::open(config, &store, runtime.clone(), stop.clone()).await?;
        let api_config = api::Config {
            phones_per_request_max: config.limits.phones_per_request,
            old_http_statuses: config.old_http_statuses,
            region: config.region.clone(),
            connections_max: config.limits.connections,
            headers_wait_max: config.limits.headers_wait.0,
            body_wait_max: config.limits.body_wait.0,
            answer_wait_max: config.limits.answer_wait.0,
            ..api::Config::default()
        };
        let scheme = if tls.is_some() { "https" } else { "http" };
        let adapter = Arc::new(api::adapter(api::State::new(store.clone(), api_config, access)));
        let http = api::serve(listener, tls, adapter, stop.clone());
        let http = tokio::spawn(http);
        let gone = CancellationToken::new();
        let (operator_endpoint, watching) = match operator_listener {
            None => (None, None),
            Some((address, listener)) => {
                let serving = operator_http::serve(listener, view, gone.clone());
                (Some(format!("http://{address}")), Some(tokio::spawn(serving)))
            }
        };
        let endpoint = format!("{scheme}://{address}");
        Ok(Self { endpoint, operator_endpoint, store, runtime, worker, stop, gone, watching, http, operator })
    }

    /// Stops gracefully: answers under way end, running jobs get their grace, the rest is given back.
    pub async fn stop(self) {
        self.stop.cancel();
        let _ = self.http.await;
        let _ = self.operator.await;
        self.worker.stop().await;
        self.gone.cancel();
        if let Some(watching) = self.watching {
            let _ = watching.await;
        }
        self.store.db().close().await;
    }
}

/// Binds the address for health and metrics, when there is one.
async fn operator_listener(config: &Config) -> Result<Option<(SocketAddr, TcpListener)>, String> {
    let Some(address) = config.operator_listen else { return Ok(None) };
    let failed = |e: std::io::Error| format!("operator_listen {address}: {e}");
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    if !address.ip().is_loopback() {
        tracing::warn!("health and metrics beyond this machine: they are shown without credentials");
    }
    let address = listener.local_addr().map_err(failed)?;
    Ok(Some((address, listener)))
}

fn worker_config(config: &Config) -> jobs::Config {
    let limits = &config.limits;
    jobs::Config {
        caps: Caps {
            per_server: limits.running_per_server,
            per_project: limits.running_per_project,
            total: limits.running,
        },
        lease: limits.lease.0,
        reap_period: limits.reap_period.0,
        ..jobs::Config::default()
    }
}

fn emulated(config: &Config) -> Result<EmulatedRuntime, String> {
    let settings = &config.emulated;
    let emulator = Emulator::new(emulator::Config {
        boot_ms: u32::try_from(settings.boot_time.ms()).unwrap_or(u32::MAX),
        boot_variance: settings.boot_variance,
        // Boot ids of two processes must differ.
        seed: seed(),
        faults: FaultRates {
            never_boots: settings.never_boots,
            boots_late: settings.boots_late,
            late_factor: LATE_FACTOR,
            dies_booting: settings.dies_booting,
            dies_later: settings.dies_later,
            later_ms: DIES_LATER_MS,
            refuses: settings.refuses,
            drops_properties: settings.drops_properties,
            dropped_fraction: DROPPED,
            ..FaultRates::default()
        },
        data_dir: Some(config.data_dir.join("phones")),
        data_bytes_max: settings.data_mib * 1024 * 1024,
        ..emulator::Config::default()
    });
    let emulator = emulator.map_err(|e| format!("emulated phones: {e}"))?;
    Ok(EmulatedRuntime::new(Arc::new(emulator), settings.boot_deadline.0))
}

fn seed() -> u64 {
    u64::from_str_radix(&model::id::generate()[16..], 16).unwrap_or(0)
}

/// `phoneyard serve`.
///
/// # Errors
/// A line for the operator.
pub async fn run(arguments: ServeArguments) -> Result<(), String> {
    let config = Config::load(&arguments)?;
    let service = Service::start(&config).await?;
    say!("phoneyard {} listens on {}", crate::VERSION, service.endpoint);
    if let Some(endpoint) = &service.operator_endpoint {
        say!("health and metrics on {endpoint}");
    }
    if !config.listen.ip().is_loopback() && config.tls_certificate.is_none() {
        tracing::warn!(
            "listening beyond this machine without TLS: signatures can be replayed and tokens read"
        );
    }
    until_signal().await?;
    say!("stopping: what runs may end, the rest is kept for the next start");
    // A second signal ends the process at once: everything accepted is on disk anyway.
    tokio::select! {
        () = service.stop() => Ok(()),
        Ok(()) = until_signal() => Err("stopped at once".into()),
    }
}

/// Waits for SIGTERM or SIGINT.
///
/// # Errors
/// When the system does not let us listen.
pub async fn until_signal() -> Result<(), String> {
    let listen = |kind| signal(kind).map_err(|e| format!("signals: {e}"));
    let (mut term, mut int) = (listen(SignalKind::terminate())?, listen(SignalKind::interrupt())?);
    tokio::select! {
        _ = term.recv() => {}
        _ = int.recv() => {}
    }
    Ok(())
}
