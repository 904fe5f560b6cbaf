//! A phone that is on, as a program inside it sees it. Every call fails once that boot has ended: what belongs
//! to one boot never reaches into the next.

use crate::clock::Clock;
use crate::emulator::Emulator;
use crate::error::Error;
use crate::files::disk::DataDir;
use crate::files::keeper::Keeper;
use crate::log::Action;
use crate::phone::power::PowerRequest;
use crate::phone::{Observation, Phone};
use crate::session::Session;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::sleep;

/// How long somebody inside does at most not look whether the phone is still on.
const LOOKS_AGAIN_MS: u64 = 60_000;

/// The inside of one boot of a phone; cheap to clone.
#[derive(Clone)]
pub struct Guest {
    emulator: Arc<Emulator>,
    phone_id: Arc<str>,
    boot_id: u64,
    clock: Arc<dyn Clock>,
    privileged: bool,
    root: bool,
}

impl std::fmt::Debug for Guest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Guest").field("phone_id", &self.phone_id).finish_non_exhaustive()
    }
}

impl Guest {
    /// The inside of the boot that the phone is in.
    ///
    /// # Errors
    /// [`Error::UnknownPhone`], and [`Error::NotOn`] unless init runs.
    pub fn enter(emulator: Arc<Emulator>, phone_id: &str, clock: Arc<dyn Clock>) -> Result<Self, Error> {
        let boot_id = emulator.with(phone_id, |phone, _| Ok(phone.on(clock.now_ms())?.id))?;
        Ok(Self { emulator, phone_id: phone_id.into(), boot_id, clock, privileged: false, root: false })
    }

    /// The phone's id.
    pub fn phone_id(&self) -> &str {
        &self.phone_id
    }

    /// The boot that this is the inside of.
    pub fn boot_id(&self) -> u64 {
        self.boot_id
    }

    /// Its clock.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// How it looks from outside.
    ///
    /// # Errors
    /// [`Error::NotOn`] once this boot has ended.
    pub fn observe(&self) -> Result<Observation, Error> {
        let now_ms = self.clock.now_ms();
        self.inside(|phone, _| Ok(phone.observe(now_ms)))
    }

    /// When the phone, left alone, next comes to run or dies; none when it never does.
    ///
    /// # Errors
    /// [`Error::NotOn`] once this boot has ended.
    pub(crate) fn next_change_ms(&self) -> Result<Option<u64>, Error> {
        let now_ms = self.clock.now_ms();
        self.inside(|phone, _| Ok(phone.boot.as_ref().and_then(|boot| boot.next_change_ms(now_ms))))
    }

    /// Waits until adbd restarts, or this boot has ended: true for the first. `alive` is the session's.
    pub(crate) async fn adbd_restarts(&self, alive: &mut watch::Receiver<u32>) -> bool {
        loop {
            let wait_ms = match self.next_change_ms() {
                Ok(Some(at_ms)) => at_ms.saturating_sub(self.clock.now_ms()).min(LOOKS_AGAIN_MS),
                Ok(None) => LOOKS_AGAIN_MS,
                Err(_) => return false,
            };
            tokio::select! {
                // An error says that the session, and so the boot, is no more.
                changed = alive.changed() => return changed.is_ok(),
                () = sleep(Duration::from_millis(wait_ms)) => {}
            }
        }
    }

    /// The value of a property; empty when it is not set.
    ///
    /// # Errors
    /// [`Error::NotOn`], [`Error::Data`].
    pub fn getprop(&self, name: &str) -> Result<String, Error> {
        let now_ms = self.clock.now_ms();
        self.inside(|phone, keeper| {
            let value = phone.getprop(keeper, &self.phone_id, now_ms, name)?;
            Ok(value.map(|value| value.into_owned()).unwrap_or_default())
        })
    }

    /// Every property that is set.
    ///
    /// # Errors
    /// As [`Guest::getprop`].
    pub fn getprop_all(&self) -> Result<BTreeMap<String, String>, Error> {
        let now_ms = self.clock.now_ms();
        self.inside(|phone, keeper| phone.getprop_all(keeper, &self.phone_id, now_ms))
    }

    /// Sets a property; see [`Emulator::setprop`].
    ///
    /// # Errors
    /// As [`Emulator::setprop`].
    pub fn setprop(&self, name: &str, value: &str) -> Result<(), Error> {
        let now_ms = self.clock.now_ms();
        self.inside(|phone, keeper| phone.setprop(keeper, &self.phone_id, now_ms, name, value))?;
        self.emulator.log.push(now_ms, &self.phone_id, || Action::PropertySet { name: name.into() });
        Ok(())
    }

    /// Works on what this boot has beside /data and properties: log, screen, apps that run.
    ///
    /// # Errors
    /// [`Error::NotOn`] once this boot has ended.
    pub fn session<T>(&self, work: impl FnOnce(&mut Session) -> T) -> Result<T, Error> {
        self.inside(|phone, _| Ok(work(phone.session())))
    }

    /// A client goes out.
    pub(crate) fn leave(&self) {
        // A boot that has ended has no session to look after.
        let _ = self.inside(|phone, keeper| {
            phone.leave_session();
            if phone.session_if_made().is_none_or(|session| session.alive.receiver_count() == 0) {
                keeper.release(&mut phone.data);
            }
            Ok(())
        });
    }

    /// Asks for a reboot or to be switched off. This boot ends soon after, or at once.
    ///
    /// # Errors
    /// [`Error::NotOn`] once this boot has ended.
    pub fn request_power(&self, request: PowerRequest) -> Result<(), Error> {
        self.inside(|_, _| Ok(()))?;
        self.emulator.power_requested(&self.phone_id, self.boot_id, self.clock.now_ms(), request);
        Ok(())
    }

    /// The same boot for those that files' permissions do not bind: adbd, the package manager.
    pub fn privileged(&self) -> Self {
        Self { privileged: true, ..self.clone() }
    }

    /// The same boot for root, as `su` has it.
    pub(crate) fn rooted(&self) -> Self {
        Self { root: true, ..self.clone() }
    }

    /// Whether this is root: adbd is, or `su` made it so.
    pub(crate) fn is_root(&self) -> bool {
        self.root || self.session(|session| session.root).unwrap_or(false)
    }

    /// Whether the image lets anybody be root: one that forbids it says so with these properties.
    pub(crate) fn may_root(&self) -> bool {
        let is = |name, value| self.getprop(name).is_ok_and(|is| is == value);
        !is("ro.debuggable", "0") && !is("ro.com.cph.non_root", "1")
    }

    /// What [`Guest::rooted`] says, for who has the session already.
    pub(crate) fn is_rooted(&self) -> bool {
        self.root
    }

    pub(crate) fn is_privileged(&self) -> bool {
        self.privileged
    }

    pub(crate) fn emulator(&self) -> &Emulator {
        &self.emulator
    }

    /// Where phones are kept, if anywhere.
    pub(crate) fn disk(&self) -> Option<&DataDir> {
        self.emulator.keeper.disk.as_ref()
    }

    /// Works on the phone under its lock, if this boot has not ended.
    pub(crate) fn inside<T>(
        &self,
        work: impl FnOnce(&mut Phone, &Keeper) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let now_ms = self.clock.now_ms();
        self.emulator.with(&self.phone_id, |phone, keeper| {
            if phone.on(now_ms)?.id != self.boot_id {
                return Err(Error::NotOn);
            }
            work(phone, keeper)
        })
    }
}
