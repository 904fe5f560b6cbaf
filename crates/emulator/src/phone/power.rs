//! What a phone's own programs may ask of the machine around it: to be rebooted or switched off.

use crate::emulator::Emulator;
use std::fmt;
use std::sync::OnceLock;

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PowerRequest {
    /// Off and on again.
    Reboot {
        /// What was given as the reason, such as `bootloader`; empty when nothing was.
        reason: String,
    },
    /// Off.
    Off,
}

/// Told the phone's id, the boot that asks, and what it asks for. Must not wait.
pub type PowerHook = Box<dyn Fn(&str, u64, PowerRequest) + Send + Sync>;

/// Where the hook is kept.
#[derive(Default)]
pub(crate) struct PowerHooks(OnceLock<PowerHook>);

impl fmt::Debug for PowerHooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PowerHooks").field(&self.0.get().is_some()).finish()
    }
}

impl Emulator {
    /// Installs who carries out what phones ask for; without one the emulator does it itself, at once. False
    /// when there is one already, which stays.
    pub fn on_power_request(&self, hook: PowerHook) -> bool {
        self.power_hooks.0.set(hook).is_ok()
    }

    /// Passes on what a phone asks for.
    pub(crate) fn power_requested(&self, phone_id: &str, boot_id: u64, now_ms: u64, request: PowerRequest) {
        if let Some(hook) = self.power_hooks.0.get() {
            return hook(phone_id, boot_id, request);
        }
        // A phone that is gone meanwhile, or refuses to start, is as a real one would be: off.
        let _ = self.stop(phone_id, now_ms);
        if matches!(request, PowerRequest::Reboot { .. }) {
            let _ = self.start(phone_id, now_ms);
        }
    }
}
