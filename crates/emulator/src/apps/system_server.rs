//! What programs need of the phone's system: its log, its processes, how far it has booted, and that changes
//! to its state come one after the other.

use crate::apps::{self, Row, SYSTEM_SERVER_PID};
use crate::error::Error;
use crate::files::disk::on_disk;
use crate::guest::Guest;
use crate::logcat::{Buffer, LogBuffer, Priority};
use crate::phone::boot::Stage;
use crate::phone::derived;
use std::sync::PoisonError;

/// The SDK level of a phone that does not say.
const SDK_UNKNOWN: u32 = 30;

impl Guest {
    /// Writes a line of the system to the phone's log. A boot that has ended has none.
    pub fn log(&self, priority: Priority, tag: &str, text: &str) {
        self.log_as(SYSTEM_SERVER_PID, Buffer::System, priority, tag, text);
    }

    /// Writes a line of any process to the phone's log.
    pub fn log_as(&self, pid: u32, buffer: Buffer, priority: Priority, tag: &str, text: &str) {
        let wall_ms = self.clock().wall_ms();
        // A boot that has ended has no log any more.
        let _ = self.with_log(|log| log.push(wall_ms, pid, priority, buffer, tag, text));
    }

    /// Works on the log, after what the boot itself has said.
    ///
    /// # Errors
    /// [`Error::NotOn`] once this boot has ended.
    pub fn with_log<T>(&self, work: impl FnOnce(&mut LogBuffer) -> T) -> Result<T, Error> {
        let (now_ms, wall_ms) = (self.clock().now_ms(), self.clock().wall_ms());
        self.inside(|phone, _| {
            let boot = phone.on(now_ms)?.clone();
            let log = &mut phone.session().log;
            log.catch_up(|stage, permille| {
                let at_ms = boot.at_ms(stage, permille).filter(|at_ms| *at_ms <= now_ms)?;
                Some(wall_ms - i64::try_from(now_ms - at_ms).unwrap_or(0))
            });
            Ok(work(log))
        })
    }

    /// Whether the boot has come to a stage; none is its end.
    pub(crate) fn reached(&self, stage: Option<Stage>) -> bool {
        let now_ms = self.clock().now_ms();
        let at_ms = self.inside(|phone, _| Ok(phone.on(now_ms)?.at_ms(stage, 0)));
        at_ms.ok().flatten().is_some_and(|at_ms| at_ms <= now_ms)
    }

    /// The phone's processes.
    ///
    /// # Errors
    /// [`Error::NotOn`] once this boot has ended.
    pub(crate) fn processes(&self) -> Result<Vec<Row>, Error> {
        let (now_ms, wall_ms) = (self.clock().now_ms(), self.clock().wall_ms());
        self.inside(|phone, _| {
            let boot = phone.on(now_ms)?.clone();
            let reached = |stage| boot.at_ms(stage, 0).is_some_and(|at_ms| at_ms <= now_ms);
            let up_ms = i64::try_from(now_ms.saturating_sub(boot.started_ms)).unwrap_or(0);
            Ok(apps::processes(&phone.session().apps, wall_ms - up_ms, reached))
        })
    }

    /// The SDK level of its Android.
    pub(crate) fn sdk(&self) -> u32 {
        self.getprop(derived::SDK).ok().and_then(|sdk| sdk.parse().ok()).unwrap_or(SDK_UNKNOWN)
    }

    /// Runs what reads and then writes the phone's packages, nobody else in between. Not to be nested.
    ///
    /// # Errors
    /// [`Error::NotOn`] once this boot has ended.
    pub(crate) fn one_at_a_time<T>(&self, work: impl FnOnce() -> T) -> Result<T, Error> {
        let lock = self.session(|session| session.packages.clone())?;
        Ok(on_disk(self.disk(), || {
            let _held = lock.lock().unwrap_or_else(PoisonError::into_inner);
            work()
        }))
    }

    /// The same for its settings. It may be called from the above, never the other way round.
    ///
    /// # Errors
    /// [`Error::NotOn`] once this boot has ended.
    pub(crate) fn one_setting_at_a_time<T>(&self, work: impl FnOnce() -> T) -> Result<T, Error> {
        let lock = self.session(|session| session.settings.clone())?;
        Ok(on_disk(self.disk(), || {
            let _held = lock.lock().unwrap_or_else(PoisonError::into_inner);
            work()
        }))
    }
}
