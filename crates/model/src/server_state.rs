//! The states of a server, and the one function that moves it from one to the next.
//!
//! ```text
//!        restart       phones off        phones up
//!   5 ────────────► 11 ──────────► 13 ────────────► 5     (contract/statuses.md)
//!                                   └─ failed ────► 2
//! ```
//!
//! There is no number for "restarting": 11 then 13, and 5 is left before the call is answered, because
//! clients wait for 5 only.

use crate::code::{self, Code};

/// A server's status; the numbers are the wire's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ServerStatus {
    /// 1: being created.
    Creating,
    /// 2: abnormal.
    Abnormal,
    /// 5: normal.
    Normal,
    /// 8: frozen.
    Frozen,
    /// 10: off.
    Off,
    /// 11: shutting down.
    ShuttingDown,
    /// 12: shutdown failed.
    ShutdownFailed,
    /// 13: starting.
    Starting,
}

impl ServerStatus {
    /// Every status.
    pub const ALL: [Self; 8] = [
        Self::Creating,
        Self::Abnormal,
        Self::Normal,
        Self::Frozen,
        Self::Off,
        Self::ShuttingDown,
        Self::ShutdownFailed,
        Self::Starting,
    ];

    /// The wire and storage number.
    pub const fn number(self) -> i64 {
        match self {
            Self::Creating => 1,
            Self::Abnormal => 2,
            Self::Normal => 5,
            Self::Frozen => 8,
            Self::Off => 10,
            Self::ShuttingDown => 11,
            Self::ShutdownFailed => 12,
            Self::Starting => 13,
        }
    }

    /// The status of a number.
    pub fn from_number(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.number() == number)
    }
}

/// What happens to a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A restart is accepted.
    AcceptRestart,
    /// Its phones are being brought up again.
    Start,
    /// The restart ended well.
    Succeed,
    /// The restart ended badly.
    Fail,
}

/// The next status, or the code that refuses the event.
///
/// # Errors
/// CPS.1028 for a frozen server; CPS.0158 in every other status that does not allow the event.
pub fn next(status: ServerStatus, event: Event) -> Result<ServerStatus, Code> {
    use ServerStatus as S;
    match (status, event) {
        (S::Frozen, _) => Err(code::SERVER_FROZEN),
        (S::Normal, Event::AcceptRestart) => Ok(S::ShuttingDown),
        (S::ShuttingDown | S::Starting, Event::Start) => Ok(S::Starting),
        (S::ShuttingDown | S::Starting, Event::Succeed) => Ok(S::Normal),
        (S::ShuttingDown | S::Starting, Event::Fail) => Ok(S::Abnormal),
        _ => Err(code::SERVER_NOT_RESTARTABLE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(event: Event) -> Vec<(i64, i64)> {
        ServerStatus::ALL
            .into_iter()
            .filter_map(|s| next(s, event).ok().map(|to| (s.number(), to.number())))
            .collect()
    }

    #[test]
    fn a_restart_goes_through_11_and_13() {
        assert_eq!(allowed(Event::AcceptRestart), [(5, 11)]);
        assert_eq!(allowed(Event::Start), [(11, 13), (13, 13)]);
        assert_eq!(allowed(Event::Succeed), [(11, 5), (13, 5)]);
        assert_eq!(allowed(Event::Fail), [(11, 2), (13, 2)]);
    }
}
