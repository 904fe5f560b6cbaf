//! Phones that live in this process. A phone that the emulator does not know yet is made from what is
//! believed of it the first time somebody acts on it, so a start with any number of stored phones costs
//! nothing.
//!
//! Everything that changes a phone's power happens in one piece under the phone's lock, with the epoch
//! checked there; only the wait for the boot lies outside. A call that is dropped while it waits therefore
//! leaves a whole, if unproven, generation behind, and the next call starts over from it.

mod adb;
mod fence;
mod images;
mod live;
mod power;
mod wishes;

use crate::Runtime;
use crate::adb_call::AdbCall;
use crate::error::{Reason, RuntimeError, Stage};
use crate::want::{Generation, PhoneSpec, Want, Wish};
use adb::PhoneClock;
use async_trait::async_trait;
use emulator::{Clock, Emulator};
use fence::Fence;
use images::Images;
use model::id::{PhoneId, ServerId};
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::time::Instant;
use wishes::Wishes;

/// Drives emulated phones.
#[derive(Debug)]
pub struct EmulatedRuntime {
    emulator: Arc<Emulator>,
    boot_deadline: Duration,
    clock: Arc<PhoneClock>,
    wishes: Wishes,
    fence: Fence,
    images: Images,
}

impl EmulatedRuntime {
    /// Drives the emulator's phones; each must have booted within `boot_deadline` of its start.
    pub fn new(emulator: Arc<Emulator>, boot_deadline: Duration) -> Self {
        let wishes = Wishes::of(&emulator);
        Self {
            emulator,
            boot_deadline,
            clock: Arc::new(PhoneClock { origin: Instant::now() }),
            wishes,
            fence: Fence::new(),
            images: Images::default(),
        }
    }

    /// The emulator, for faults and a look at the phones.
    pub fn emulator(&self) -> &Arc<Emulator> {
        &self.emulator
    }

    /// The time that the emulator's phones live in, in milliseconds.
    pub fn now_ms(&self) -> u64 {
        self.clock.now_ms()
    }

    /// Makes the phone if the emulator does not know it yet.
    fn materialise(&self, spec: &PhoneSpec) -> Result<(), RuntimeError> {
        let phone_id = spec.phone_id.as_str();
        if self.emulator.knows(phone_id) {
            return Ok(());
        }
        let Generation { image, properties } = &spec.was;
        self.emulator
            .add(phone_id, self.images.get(image), properties, spec.was_running, self.now_ms())
            .map(|_| ())
            .map_err(|error| failure(error, Stage::Check))
    }

    /// Does work that may wait for the disk without holding up what else this thread has to do.
    fn on_disk<T>(&self, work: impl FnOnce() -> T) -> T {
        let threads = Handle::try_current().map(|handle| handle.runtime_flavor());
        if self.emulator.persistent() && matches!(threads, Ok(RuntimeFlavor::MultiThread)) {
            tokio::task::block_in_place(work)
        } else {
            work()
        }
    }
}

#[async_trait]
impl Runtime for EmulatedRuntime {
    async fn apply(&self, spec: &PhoneSpec, want: &Want) -> Result<(), RuntimeError> {
        let result = match want {
            Want::Running { generation, wipe } => self.run(spec, generation, *wipe).await,
            Want::Stopped => self.stop(spec),
            Want::Live { properties } => self.set_live(spec, properties),
        };
        result.inspect_err(|error| metrics::phones::failed(error.reason.name(), error.stage.name()))
    }

    async fn dead(&self, server: &ServerId) -> Result<Vec<PhoneId>, RuntimeError> {
        let dead = self.emulator.dead(self.now_ms()).into_iter().map(PhoneId::new);
        Ok(dead.filter(|phone_id| self.fence.lives_on(phone_id, server)).collect())
    }

    async fn serve_adb(&self, spec: &PhoneSpec, call: AdbCall) -> Result<(), RuntimeError> {
        self.serve_client(spec, call).await
    }

    async fn wish(&self) -> Wish {
        self.wishes.next().await
    }

    async fn wish_stands(&self, wish: &Wish) -> bool {
        self.stands(wish)
    }

    async fn grant(&self, wish: &Wish) {
        self.grant_now(wish);
    }
}

/// What an error of the emulator means.
fn failure(error: emulator::Error, stage: Stage) -> RuntimeError {
    use emulator::Error;
    let reason = match &error {
        Error::Refused | Error::PhoneId | Error::DataFull { .. } => Reason::Refused,
        Error::NotOn => Reason::Died,
        Error::Property { name, .. } => Reason::PropertyMismatch { key: name.clone() },
        Error::UnknownPhone | Error::NotOff | Error::Data(_) => Reason::Unavailable,
    };
    let detail = match reason {
        Reason::Refused | Reason::Unavailable | Reason::PropertyMismatch { .. } => error.to_string(),
        Reason::Fenced | Reason::NotBooted | Reason::Died | Reason::NoAnswer | Reason::ImageMismatch => {
            String::new()
        }
    };
    RuntimeError::new(reason, stage, detail)
}
