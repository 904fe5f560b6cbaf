//! What was done to the phones, in order, for checkers. Bounded, and off unless asked for.

use crate::phone::image::Image;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

/// What was done to a phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// It came to be; running or off.
    Added {
        /// Whether it runs from the beginning.
        running: bool,
    },
    /// It got another image and other properties.
    Configured {
        /// The image.
        image: Arc<Image>,
    },
    /// It was started.
    Started {
        /// The boot that began.
        boot_id: u64,
    },
    /// It refused to start.
    Refused,
    /// It was switched off.
    Stopped,
    /// It was made to die.
    Killed,
    /// Its /data was wiped.
    Wiped,
    /// A property was set while it was on.
    PropertySet {
        /// Name of the property.
        name: Box<str>,
    },
    /// It is no more.
    Removed,
}

/// One line of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Grows by one with every entry; a gap after draining means that the log was full.
    pub sequence: u64,
    /// When, as the caller said.
    pub at_ms: u64,
    /// The phone.
    pub phone_id: Box<str>,
    /// What was done.
    pub action: Action,
}

/// The log. Entries of one phone are in the order of the actions: it is written under the phone's lock.
#[derive(Debug)]
pub(crate) struct Log {
    entries_max: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    sequence: u64,
    entries: VecDeque<Entry>,
}

impl Log {
    /// A log that keeps the last `entries_max` entries; none for 0.
    pub(crate) fn new(entries_max: usize) -> Self {
        Self { entries_max, state: Mutex::default() }
    }

    /// Appends; the oldest entry makes room.
    pub(crate) fn push(&self, at_ms: u64, phone_id: &str, action: impl FnOnce() -> Action) {
        if self.entries_max == 0 {
            return;
        }
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.entries.len() >= self.entries_max {
            state.entries.pop_front();
        }
        let sequence = state.sequence;
        state.sequence += 1;
        state.entries.push_back(Entry { sequence, at_ms, phone_id: phone_id.into(), action: action() });
    }

    /// Takes everything out.
    pub(crate) fn drain(&self) -> Vec<Entry> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).entries.drain(..).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_make_room_and_the_gap_shows() {
        let log = Log::new(2);
        for at_ms in 0..5 {
            log.push(at_ms, "p", || Action::Stopped);
        }
        let sequences: Vec<u64> = log.drain().iter().map(|e| e.sequence).collect();
        assert_eq!(sequences, [3, 4]);
        log.push(9, "p", || Action::Wiped);
        assert_eq!(log.drain().first().map(|e| e.sequence), Some(5));
        assert!(log.drain().is_empty());
    }

    #[test]
    fn a_log_for_nobody_keeps_nothing() {
        let log = Log::new(0);
        log.push(0, "p", || Action::Stopped);
        assert!(log.drain().is_empty());
    }
}
