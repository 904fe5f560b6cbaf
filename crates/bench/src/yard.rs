//! The service under test: the same parts as `phoneyard serve`, in this process, on a loopback socket.

use emulator::Emulator;
use jobs::Worker;
use model::clock::SystemClock;
use model::id::{ImageId, PhoneId, ProjectId, ServerId};
use model::image::{Image, LABEL_CLOUD_PHONE};
use model::phone_state::Policy;
use runtime::EmulatedRuntime;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use store::{Db, Limits, NewServer, Scope, SealingKey, Store};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Phones of one server.
const PHONES_PER_SERVER: usize = 1000;
/// Boots take no time, so this is never reached.
const BOOT_DEADLINE: Duration = Duration::from_secs(60);

/// A running service.
pub struct Service {
    /// Where clients reach it.
    pub endpoint: String,
    /// Its store.
    pub store: Store,
    worker: Worker,
    stop: CancellationToken,
    http: JoinHandle<std::io::Result<()>>,
    _dir: TempDir,
}

impl Service {
    /// Starts on a database; returns when clients can connect.
    pub async fn start(url: &str) -> Result<Self, String> {
        let dir = tempfile::tempdir().map_err(|e| e.to_string())?;
        let sealing_key = SealingKey::open(&dir.path().join("key")).map_err(|e| e.to_string())?;
        let db = Db::open(url).await.map_err(|e| e.to_string())?;
        let policy = Policy { restart_failed_phones: false };
        let store = Store::new(db, Arc::new(SystemClock), Limits::default(), policy, sealing_key);
        let emulator = Emulator::new(emulator::Config {
            boot_ms: 0,
            data_dir: Some(dir.path().join("phones")),
            ..emulator::Config::default()
        });
        let emulator = Arc::new(emulator.map_err(|e| e.to_string())?);
        let runtime = Arc::new(EmulatedRuntime::new(emulator, BOOT_DEADLINE));
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(|e| e.to_string())?;
        let address = listener.local_addr().map_err(|e| e.to_string())?;
        let worker = Worker::start(store.clone(), runtime, jobs::Config::default());
        let worker = worker.await.map_err(|e| e.to_string())?;
        let stop = CancellationToken::new();
        let config = api::Config::default();
        let adapter = Arc::new(api::adapter(api::State::new(store.clone(), config, None)));
        let http = tokio::spawn(api::serve(listener, None, adapter, stop.clone()));
        Ok(Self { endpoint: format!("http://{address}"), store, worker, stop, http, _dir: dir })
    }

    /// Stops gracefully.
    pub async fn stop(self) {
        self.stop.cancel();
        let _ = self.http.await;
        self.worker.stop().await;
        self.store.db().close().await;
    }
}

/// A service with a project, a token and running phones.
pub struct Yard {
    /// The service.
    pub service: Service,
    /// Its database.
    pub url: String,
    /// The project of all phones.
    pub project_id: ProjectId,
    /// The first of the servers.
    pub server_id: ServerId,
    /// Its phones, in the order of their ids.
    pub phones: Vec<PhoneId>,
    /// A token for the project.
    pub token: String,
}

impl Yard {
    /// Starts a service on an empty database and fills it.
    pub async fn furnish(url: &str, phones: usize) -> Result<Self, String> {
        let text = |e: store::StoreError| e.to_string();
        let service = Service::start(url).await?;
        let store = &service.store;
        let project = store.project_create("bench", "bench", None).await.map_err(text)?;
        let user = store.user_create("bench", model::id::generate(), &project).await.map_err(text)?;
        let scope = Scope::Project(project.id.clone());
        let (token, _) = store.token_create(&user, scope, "password").await.map_err(text)?;
        let image_id = ImageId::generate();
        let image = Image {
            id: image_id.clone(),
            project_id: None,
            name: "bench".into(),
            android_version: "11".into(),
            label: LABEL_CLOUD_PHONE.into(),
            build_properties: BTreeMap::new(),
            receive_status: None,
            create_ms: store.clock().now_ms(),
        };
        store.image_insert(&image).await.map_err(text)?;
        let mut all = Vec::with_capacity(phones);
        let mut server_id = None;
        for number in 0..phones.div_ceil(PHONES_PER_SERVER) {
            let new = NewServer {
                project_id: project.id.clone(),
                name: format!("rack-{number}"),
                server_model: "bench".into(),
                phone_model: "bench".into(),
                image_id: image_id.clone(),
                phones: PHONES_PER_SERVER.min(phones - all.len()),
            };
            let (server, made) = store.server_create(&new).await.map_err(text)?;
            server_id.get_or_insert(server.id);
            all.extend(made);
        }
        let server_id = server_id.ok_or("a yard needs phones")?;
        let (url, project_id) = (url.to_string(), project.id);
        Ok(Self { service, url, project_id, server_id, phones: all, token })
    }

    /// Stops the service.
    pub async fn stop(self) {
        self.service.stop().await;
    }
}
