//! A phone's adbd, asked by our own host and by raw packets over a pipe.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

extern crate phoneyard_emulator as emulator;

mod coming_in;
mod hostile;
mod services;

use adb::auth::{PrivateKey, PublicKey};
use adb::host::{Host, HostError, ShellLimits, ShellOutput};
use emulator::adbd::{self, Access, AdbdError};
use emulator::{Clock, Config, Emulator, Image};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::io::DuplexStream;
use tokio::task::JoinHandle;

const PHONE: &str = "a7f3a1c5258347d6b6f1def79e11f2bc";
/// Boots take exactly this long.
const BOOT_MS: u64 = 1000;
const SOON: Duration = Duration::from_secs(10);
/// Bytes under way between a host and its phone.
const PIPE_BYTES: usize = 64 * 1024;

/// A clock that stands until it is told to go on.
#[derive(Debug)]
pub struct ManualClock(AtomicU64);

impl ManualClock {
    fn advance(&self, ms: u64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now_ms(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }

    fn wall_ms(&self) -> i64 {
        1_800_000_000_000 + i64::try_from(self.now_ms()).unwrap()
    }
}

/// An emulator with one phone that runs.
pub struct Yard {
    emulator: Arc<Emulator>,
    clock: Arc<ManualClock>,
}

type Served = JoinHandle<Result<(), AdbdError>>;

impl Yard {
    fn new() -> Self {
        let boot_ms = u32::try_from(BOOT_MS).unwrap();
        let config = Config { boot_ms, boot_variance: 0.0, log_entries_max: 100, ..Config::default() };
        let emulator = Emulator::new(config).unwrap();
        let build =
            [("ro.product.model", "Yard One"), ("ro.product.name", "yard"), ("ro.product.device", "y1")];
        let build: BTreeMap<String, String> =
            build.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let image = Image {
            id: "image1".into(),
            name: "image one".into(),
            android_version: "11".into(),
            build_properties: Arc::new(build),
        };
        let clock = Arc::new(ManualClock(AtomicU64::new(10 * BOOT_MS)));
        emulator.add(PHONE, Arc::new(image), &BTreeMap::new(), true, clock.now_ms()).unwrap();
        Self { emulator: Arc::new(emulator), clock }
    }

    /// A client's end of a connection, and how it is served.
    fn dial(&self, access: Access) -> (DuplexStream, Served) {
        let (ours, theirs) = tokio::io::duplex(PIPE_BYTES);
        let (emulator, clock) = (self.emulator.clone(), self.clock.clone());
        (ours, tokio::spawn(async move { adbd::serve(emulator, PHONE, clock, access, theirs).await }))
    }

    async fn host(&self) -> Host {
        Host::connect(self.dial(Access::default()).0, None, SOON).await.unwrap()
    }

    async fn enter(&self, access: Access, key: &PrivateKey) -> Result<Host, HostError> {
        Host::connect(self.dial(access).0, Some(key), SOON).await
    }

    fn restart(&self) {
        let now_ms = self.clock.now_ms();
        self.emulator.stop(PHONE, now_ms).unwrap();
        self.emulator.start(PHONE, now_ms).unwrap();
    }
}

fn limits() -> ShellLimits {
    ShellLimits { output_bytes_max: 1 << 20, deadline: SOON }
}

async fn shell(host: &mut Host, command: &str) -> (String, String, Option<u8>) {
    let ShellOutput { stdout, stderr, exit } = host.shell(command, limits()).await.unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (text(stdout), text(stderr), exit)
}

fn opened_by(keys: &[&PrivateKey]) -> Access {
    let keys: Vec<PublicKey> = keys.iter().map(|key| key.public()).collect();
    Access { keys: Some(keys), ..Access::default() }
}
