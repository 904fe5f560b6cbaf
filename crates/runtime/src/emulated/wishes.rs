//! What phones ask for from inside: a reboot over ADB, a power-off in a shell.

use super::EmulatedRuntime;
use crate::want::Wish;
use emulator::{Emulator, PowerRequest};
use model::id::PhoneId;
use std::sync::Arc;
use tokio::sync::{Mutex, mpsc};

/// Wishes that may wait; a phone whose wish finds no place stays as it is.
const WISHES_MAX: usize = 4096;

/// Wishes on their way to the service.
#[derive(Debug)]
pub(super) struct Wishes(Mutex<mpsc::Receiver<Wish>>);

impl Wishes {
    /// Listens to an emulator's phones.
    pub(super) fn of(emulator: &Arc<Emulator>) -> Self {
        let (sender, wishes) = mpsc::channel(WISHES_MAX);
        let told = emulator.on_power_request(Box::new(move |phone_id, boot_id, request| {
            let (power_off, reason) = match request {
                PowerRequest::Off => (true, String::new()),
                PowerRequest::Reboot { reason } => (false, reason),
            };
            let _ = sender.try_send(Wish { phone_id: PhoneId::new(phone_id), boot_id, power_off, reason });
        }));
        debug_assert!(told, "an emulator has one runtime");
        Self(Mutex::new(wishes))
    }

    /// The next one.
    pub(super) async fn next(&self) -> Wish {
        match self.0.lock().await.recv().await {
            Some(wish) => wish,
            // The emulator, which holds the other end, lives as long as we do.
            None => std::future::pending().await,
        }
    }
}

impl EmulatedRuntime {
    pub(super) fn stands(&self, wish: &Wish) -> bool {
        let seen = self.emulator.observe(wish.phone_id.as_str(), self.now_ms());
        seen.is_ok_and(|seen| seen.boot_id == Some(wish.boot_id))
    }

    /// Does at once what the phone wants, while nobody else acts on it.
    pub(super) fn grant_now(&self, wish: &Wish) {
        self.fence.alone(&wish.phone_id, || {
            if !self.stands(wish) {
                return;
            }
            let (phone_id, now_ms) = (wish.phone_id.as_str(), self.now_ms());
            let stopped = self.emulator.stop(phone_id, now_ms);
            if stopped.is_ok() && !wish.power_off {
                // One that refuses to start stays off, as it would on its own.
                let _ = self.emulator.start(phone_id, now_ms);
            }
        });
    }
}
