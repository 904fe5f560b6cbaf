//! What a boot has in memory once somebody is inside the phone: gone with the boot. A phone that nobody
//! enters has none.

use crate::apps::Apps;
use crate::battery::Battery;
use crate::logcat::LogBuffer;
use crate::screen::ScreenState;
use std::sync::{Arc, Mutex};

/// The volatile part of a boot.
#[derive(Debug, Default)]
pub struct Session {
    /// Whoever listens hears when the boot ends: the sender goes with the session.
    pub(crate) alive: tokio::sync::watch::Sender<u32>,
    /// What the phone is called outside, as who came in last knew it.
    pub(crate) phone_name: String,
    /// adbd runs as root (`adb root`).
    pub root: bool,
    /// /system and the like can be written (`adb remount`).
    pub remounted: bool,
    /// What logcat shows.
    pub(crate) log: LogBuffer,
    /// The apps that run.
    pub(crate) apps: Apps,
    /// What `dumpsys battery set` changes.
    pub(crate) battery: Battery,
    /// Held by who changes packages: one at a time.
    pub(crate) packages: Arc<Mutex<()>>,
    /// Held by who changes settings.
    pub(crate) settings: Arc<Mutex<()>>,
    /// Held by each job that its shell did not wait for.
    pub(crate) left: Arc<()>,
    /// What is on the screen.
    pub(crate) screen: ScreenState,
}

impl Session {
    /// Bytes on the heap, as [`crate::phone::memory`] counts them. What is not counted is short.
    pub(crate) fn heap_bytes(&self) -> usize {
        crate::phone::memory::block(size_of::<Self>()) + self.log.bytes()
    }

    /// Whether nobody is inside, and nothing would be missed.
    pub(crate) fn unused(&self) -> bool {
        self.alive.receiver_count() == 0
            && Arc::strong_count(&self.packages) == 1
            && Arc::strong_count(&self.settings) == 1
            && !self.root
            && !self.remounted
            && self.log.untouched()
            && self.apps.untouched()
            && self.battery == Battery::default()
            && self.screen == ScreenState::default()
    }
}
