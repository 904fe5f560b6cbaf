//! Listeners for ADB: opened on demand, kept for good.

use crate::ports::Ports;
use crate::prompt_stream::PromptStream;
use adb::auth::PublicKey;
use async_trait::async_trait;
use metrics::limits::Limit;
use model::id::{PhoneId, ProjectId};
use runtime::{AdbCall, PhoneSpec, Runtime};
use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use store::Store;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OnceCell, Semaphore};
use tokio_util::sync::CancellationToken;

/// Ports tried before a phone is left without one: other programs may sit on some of the range.
const BIND_TRIES: usize = 64;
/// Pause after the system refused to accept a connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How phones are reached.
#[derive(Debug, Clone)]
pub struct AdbConfig {
    /// Ports of the loopback address that phones may get.
    pub ports: RangeInclusive<u16>,
    /// Only registered keys open a phone; otherwise everybody who can connect.
    pub authentication: bool,
    /// Connections at once, to all phones.
    pub connections_max: usize,
    /// Connections at once to one phone.
    pub phone_connections_max: usize,
}

/// A phone that a connection is for.
#[derive(Debug, Clone)]
pub struct Found {
    /// Whose it is.
    pub project_id: ProjectId,
    /// The phone as it is in force.
    pub spec: PhoneSpec,
    /// It is on its way up: a client may wait for it.
    pub pending: bool,
}

/// Looks a phone up.
#[async_trait]
pub trait FindPhone: Send + Sync + 'static {
    /// The phone; none when there is no such phone, or it cannot be told now.
    async fn find(&self, phone_id: &PhoneId) -> Option<Found>;
}

/// The listeners.
pub struct AdbGateway {
    store: Store,
    runtime: Arc<dyn Runtime>,
    phones: Arc<dyn FindPhone>,
    config: AdbConfig,
    ports: Mutex<Ports>,
    /// The phones' addresses, each opened by one asker while others wait.
    open: Mutex<HashMap<PhoneId, Arc<OnceCell<SocketAddr>>>>,
    connections: Arc<Semaphore>,
    stop: CancellationToken,
}

impl std::fmt::Debug for AdbGateway {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AdbGateway").field("config", &self.config).finish_non_exhaustive()
    }
}

impl AdbGateway {
    /// Opens the ports that phones got earlier, and more on demand, until `stop`.
    ///
    /// # Errors
    /// What the database says.
    pub async fn start(
        store: Store,
        runtime: Arc<dyn Runtime>,
        phones: Arc<dyn FindPhone>,
        config: AdbConfig,
        stop: CancellationToken,
    ) -> Result<Arc<Self>, store::StoreError> {
        let ports = Ports::new(config.ports.clone(), store.adb_ports().await?);
        let earlier = ports.phones();
        Limit::AdbConnections.set_max(config.connections_max);
        let connections = Arc::new(Semaphore::new(config.connections_max));
        let gateway = Arc::new(Self {
            store,
            runtime,
            phones,
            config,
            ports: Mutex::new(ports),
            open: Mutex::default(),
            connections,
            stop,
        });
        for phone_id in earlier {
            gateway.open(&phone_id).await;
        }
        Ok(gateway)
    }

    /// Where the phone's adbd is reached from this machine; opens the port if it is not. None when that
    /// cannot be done: all ports are taken, or the phone's own is in another program's hands.
    pub async fn open(self: &Arc<Self>, phone_id: &PhoneId) -> Option<SocketAddr> {
        let cell = lock(&self.open).entry(phone_id.clone()).or_default().clone();
        if let Some(address) = cell.get() {
            return Some(*address);
        }
        // In a task of its own: an asker that goes away must not leave a port half given.
        let (gateway, phone_id) = (self.clone(), phone_id.clone());
        let opening = tokio::spawn(async move {
            let opened = cell.get_or_try_init(|| gateway.bind(&phone_id)).await.copied();
            opened.inspect_err(|error| {
                tracing::warn!(%phone_id, %error, "no port for adb");
                lock(&gateway.open).remove(&phone_id);
            })
        });
        opening.await.ok()?.ok()
    }

    /// Binds the phone's port, or gives it one, and listens there from now on.
    async fn bind(self: &Arc<Self>, phone_id: &PhoneId) -> io::Result<SocketAddr> {
        let given = lock(&self.ports).of(phone_id);
        let listener = match given {
            Some(port) => bind(port).await?,
            None => self.give(phone_id).await?,
        };
        let address = listener.local_addr()?;
        tokio::spawn(self.clone().listen(listener, phone_id.clone()));
        Ok(address)
    }

    /// Binds a free port and stores that it is the phone's.
    async fn give(&self, phone_id: &PhoneId) -> io::Result<TcpListener> {
        for _ in 0..BIND_TRIES {
            let Some(port) = lock(&self.ports).take() else {
                return Err(io::Error::other("all ports of the range are given or in others' hands"));
            };
            let listener = match bind(port).await {
                Ok(listener) => listener,
                // It stays out of the table: whoever has it will have it for a while.
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => continue,
                Err(error) => {
                    lock(&self.ports).put_back(port);
                    return Err(error);
                }
            };
            if let Err(error) = self.store.adb_port_set(phone_id, port).await {
                lock(&self.ports).put_back(port);
                return Err(io::Error::other(error));
            }
            lock(&self.ports).give(phone_id.clone(), port);
            return Ok(listener);
        }
        Err(io::Error::other(format!("{BIND_TRIES} ports in a row are in other programs' hands")))
    }

    async fn listen(self: Arc<Self>, listener: TcpListener, phone_id: PhoneId) {
        let places = Arc::new(Semaphore::new(self.config.phone_connections_max));
        loop {
            let accepted = tokio::select! {
                () = self.stop.cancelled() => return,
                accepted = listener.accept() => accepted,
            };
            let stream = match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tracing::warn!(%phone_id, %error, "accepting an adb connection");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            };
            // Over a limit the connection is closed: a client that waits would look like a phone that hangs.
            let (Ok(place), Ok(one)) =
                (self.connections.clone().try_acquire_owned(), places.clone().try_acquire_owned())
            else {
                tracing::warn!(%phone_id, "too many adb connections: one is closed");
                continue;
            };
            let (gateway, phone_id) = (self.clone(), phone_id.clone());
            tokio::spawn(async move {
                let _places = (place, one, Limit::AdbConnections.take());
                let stop = gateway.stop.clone();
                stop.run_until_cancelled(gateway.connection(stream, &phone_id)).await;
            });
        }
    }

    async fn connection(&self, stream: TcpStream, phone_id: &PhoneId) {
        let Some(Found { project_id, spec, pending }) = self.phones.find(phone_id).await else { return };
        let keys = if self.config.authentication {
            match self.keys(&project_id).await {
                Ok(keys) => Some(keys),
                Err(error) => return tracing::error!(%phone_id, %error, "reading adb keys"),
            }
        } else {
            None
        };
        let call = AdbCall { stream: Box::new(PromptStream::new(stream)), keys, pending };
        if let Err(error) = self.runtime.serve_adb(&spec, call).await {
            tracing::debug!(%phone_id, %error, "adb connection");
        }
    }

    async fn keys(&self, project_id: &ProjectId) -> Result<Vec<PublicKey>, store::StoreError> {
        let stored = self.store.adb_keys(project_id).await?;
        Ok(stored.iter().filter_map(|key| PublicKey::parse(&key.text).ok()).collect())
    }
}

async fn bind(port: u16) -> io::Result<TcpListener> {
    TcpListener::bind(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port)).await
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
