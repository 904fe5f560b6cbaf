//! ADB: clients' connections, and our own to prove that a phone answers.

use super::{EmulatedRuntime, failure};
use crate::adb_call::AdbCall;
use crate::error::{Reason, RuntimeError, Stage};
use crate::want::PhoneSpec;
use adb::host::Host;
use emulator::Clock;
use emulator::adbd::{self, Access, AdbdError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::time::Instant;

/// Bytes under way between us and a phone.
const PIPE_BYTES: usize = 1024;
/// Longest that a phone which has booted may take to answer.
const ANSWER_MAX: Duration = Duration::from_secs(5);

/// The time in which the emulator's phones live.
#[derive(Debug)]
pub(super) struct PhoneClock {
    pub(super) origin: Instant,
}

impl Clock for PhoneClock {
    fn now_ms(&self) -> u64 {
        u64::try_from(self.origin.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn wall_ms(&self) -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    }
}

impl EmulatedRuntime {
    /// Serves a client.
    pub(super) async fn serve_client(&self, spec: &PhoneSpec, call: AdbCall) -> Result<(), RuntimeError> {
        // A phone on its way up is made by whoever carries it there.
        if !call.pending {
            self.materialise(spec)?;
        }
        let access = Access { keys: call.keys, pending: call.pending, phone_name: spec.phone_name.clone() };
        let (emulator, clock) = (self.emulator.clone(), self.clock.clone());
        let served = adbd::serve(emulator, spec.phone_id.as_str(), clock, access, call.stream).await;
        served.map_err(|error| match error {
            AdbdError::Phone(error) => failure(error, Stage::Adb),
            AdbdError::Protocol(_) | AdbdError::Unauthorized | AdbdError::Late(_) | AdbdError::Io(_) => {
                RuntimeError::new(Reason::Refused, Stage::Adb, error.to_string())
            }
        })
    }

    /// Says hello to the phone over ADB: one that does not answer in kind has not come back. That the boot is
    /// completed is read with the properties.
    pub(super) async fn answers_adb(&self, spec: &PhoneSpec) -> Result<(), RuntimeError> {
        let (ours, theirs) = tokio::io::duplex(PIPE_BYTES);
        let access = Access { phone_name: spec.phone_name.clone(), ..Access::default() };
        let (emulator, clock) = (self.emulator.clone(), self.clock.clone());
        let asking = async {
            let host = Host::connect(ours, None, ANSWER_MAX).await.map_err(|e| e.to_string())?;
            match host.banner().kind.as_str() {
                "device" => Ok(()),
                kind => Err(format!("it says that it is a {kind:?}")),
            }
        };
        let serving = adbd::serve(emulator, spec.phone_id.as_str(), clock, access, theirs);
        // Both sides run in this one task; the asker ends it.
        let answered = tokio::select! {
            biased;
            answered = asking => answered,
            served = serving => Err(served.err().map_or("it hung up".into(), |e| e.to_string())),
        };
        answered.map_err(|detail| RuntimeError::new(Reason::NoAnswer, Stage::Adb, detail))
    }
}
