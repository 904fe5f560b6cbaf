//! The states of a phone, and the one function that moves it from one to the next.
//!
//! ```text
//!            restart            booted                      (contract/statuses.md)
//!   2 ┬───────────────► 4 ┬──────────────► 2
//!   8 ┘                   └─ failed ─────► -6
//!            stop               off
//!   2 ────────────────► 7 ┬──────────────► 8
//!                         └─ failed ─────► -9
//!            reset              booted
//!   2 8 -5 -6 -7 -9 ──► 3 ┬──────────────► 2
//!                         └─ failed ─────► -5
//!            died
//!   2 ────────────────► -7
//! ```
//!
//! While a phone is at 3, 4 or 7 exactly one active job of that kind exists for it; the status changes in
//! the commit that creates or ends the job.

use crate::code::{self, Code};

/// A phone's status; the numbers are the wire's (`contract/statuses.md`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PhoneStatus {
    /// 0: being created (older form).
    CreatingOld,
    /// 1: being created.
    Creating,
    /// 2: running.
    Running,
    /// 3: resetting.
    Resetting,
    /// 4: restarting, also powering on.
    Restarting,
    /// 6: frozen.
    Frozen,
    /// 7: stopping.
    Stopping,
    /// 8: stopped.
    Stopped,
    /// -5: the last reset failed.
    ResetFailed,
    /// -6: the last restart failed.
    RestartFailed,
    /// -7: abnormal.
    Abnormal,
    /// -8: creation failed.
    CreateFailed,
    /// -9: the last stop failed.
    StopFailed,
}

impl PhoneStatus {
    /// Every status.
    pub const ALL: [Self; 13] = [
        Self::CreatingOld,
        Self::Creating,
        Self::Running,
        Self::Resetting,
        Self::Restarting,
        Self::Frozen,
        Self::Stopping,
        Self::Stopped,
        Self::ResetFailed,
        Self::RestartFailed,
        Self::Abnormal,
        Self::CreateFailed,
        Self::StopFailed,
    ];

    /// The wire and storage number.
    pub const fn number(self) -> i64 {
        match self {
            Self::CreatingOld => 0,
            Self::Creating => 1,
            Self::Running => 2,
            Self::Resetting => 3,
            Self::Restarting => 4,
            Self::Frozen => 6,
            Self::Stopping => 7,
            Self::Stopped => 8,
            Self::ResetFailed => -5,
            Self::RestartFailed => -6,
            Self::Abnormal => -7,
            Self::CreateFailed => -8,
            Self::StopFailed => -9,
        }
    }

    /// The status of a number.
    pub fn from_number(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.number() == number)
    }
}

/// An operation on a phone's power. A phone has at most one at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Power {
    /// Restart a running phone or power on a stopped one.
    Restart,
    /// Wipe the user data and boot.
    Reset,
    /// Power off.
    Stop,
}

impl Power {
    /// Every power operation.
    pub const ALL: [Self; 3] = [Self::Restart, Self::Reset, Self::Stop];

    /// The status of a phone while the operation is pending.
    pub const fn pending(self) -> PhoneStatus {
        match self {
            Self::Restart => PhoneStatus::Restarting,
            Self::Reset => PhoneStatus::Resetting,
            Self::Stop => PhoneStatus::Stopping,
        }
    }

    /// The status after success.
    pub const fn succeeded(self) -> PhoneStatus {
        match self {
            Self::Restart | Self::Reset => PhoneStatus::Running,
            Self::Stop => PhoneStatus::Stopped,
        }
    }

    /// The status after failure.
    pub const fn failed(self) -> PhoneStatus {
        match self {
            Self::Restart => PhoneStatus::RestartFailed,
            Self::Reset => PhoneStatus::ResetFailed,
            Self::Stop => PhoneStatus::StopFailed,
        }
    }
}

/// What happens to a phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A power operation is accepted.
    Accept(Power),
    /// The pending power operation ended well.
    Succeed(Power),
    /// The pending power operation ended badly.
    Fail(Power),
    /// The runtime saw the running phone dead.
    Die,
}

/// What operators may switch on.
#[derive(Debug, Clone, Copy, Default)]
pub struct Policy {
    /// Restart also phones at -6, -7 and -9 (`contract/restart.md`, question 3). Off by default.
    pub restart_failed_phones: bool,
}

/// The next status, or the code that refuses the event.
///
/// An accepted stop of a stopped phone leaves it at 8: there is nothing to do.
///
/// # Errors
/// CPS.0053 for a frozen phone; CPS.0165 in every other status that does not allow the event.
pub fn next(status: PhoneStatus, event: Event, policy: Policy) -> Result<PhoneStatus, Code> {
    use PhoneStatus as S;
    match (status, event) {
        (S::Frozen, _) => Err(code::PHONE_FROZEN),
        (S::Running | S::Stopped, Event::Accept(Power::Restart)) => Ok(S::Restarting),
        (S::RestartFailed | S::Abnormal | S::StopFailed, Event::Accept(Power::Restart))
            if policy.restart_failed_phones =>
        {
            Ok(S::Restarting)
        }
        (
            S::Running | S::Stopped | S::ResetFailed | S::RestartFailed | S::Abnormal | S::StopFailed,
            Event::Accept(Power::Reset),
        ) => Ok(S::Resetting),
        (S::Running, Event::Accept(Power::Stop)) => Ok(S::Stopping),
        (S::Stopped, Event::Accept(Power::Stop)) => Ok(S::Stopped),
        (_, Event::Succeed(power)) if status == power.pending() => Ok(power.succeeded()),
        (_, Event::Fail(power)) if status == power.pending() => Ok(power.failed()),
        (S::Running, Event::Die) => Ok(S::Abnormal),
        _ => Err(code::PHONE_STATE),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn allowed(event: Event, policy: Policy) -> Vec<(i64, i64)> {
        PhoneStatus::ALL
            .into_iter()
            .filter_map(|s| next(s, event, policy).ok().map(|to| (s.number(), to.number())))
            .collect()
    }

    #[test]
    fn the_table_of_statuses_md() {
        let strict = Policy::default();
        assert_eq!(allowed(Event::Accept(Power::Restart), strict), [(2, 4), (8, 4)]);
        assert_eq!(allowed(Event::Accept(Power::Stop), strict), [(2, 7), (8, 8)]);
        assert_eq!(
            allowed(Event::Accept(Power::Reset), strict),
            [(2, 3), (8, 3), (-5, 3), (-6, 3), (-7, 3), (-9, 3)]
        );
        assert_eq!(allowed(Event::Succeed(Power::Restart), strict), [(4, 2)]);
        assert_eq!(allowed(Event::Fail(Power::Restart), strict), [(4, -6)]);
        assert_eq!(allowed(Event::Succeed(Power::Reset), strict), [(3, 2)]);
        assert_eq!(allowed(Event::Fail(Power::Reset), strict), [(3, -5)]);
        assert_eq!(allowed(Event::Succeed(Power::Stop), strict), [(7, 8)]);
        assert_eq!(allowed(Event::Fail(Power::Stop), strict), [(7, -9)]);
        assert_eq!(allowed(Event::Die, strict), [(2, -7)]);
    }

    #[test]
    fn the_switch_opens_the_way_back_from_failed_states() {
        let open = Policy { restart_failed_phones: true };
        assert_eq!(allowed(Event::Accept(Power::Restart), open), [(2, 4), (8, 4), (-6, 4), (-7, 4), (-9, 4)]);
    }

    #[test]
    fn refusals_name_the_documented_codes() {
        let strict = Policy::default();
        for power in Power::ALL {
            assert_eq!(
                next(PhoneStatus::Frozen, Event::Accept(power), strict).unwrap_err().text(),
                "CPS.0053"
            );
            assert_eq!(
                next(PhoneStatus::Restarting, Event::Accept(power), strict).unwrap_err().text(),
                "CPS.0165"
            );
        }
    }

    #[test]
    fn numbers_are_the_wire_numbers_both_ways() {
        for status in PhoneStatus::ALL {
            assert_eq!(PhoneStatus::from_number(status.number()), Some(status));
        }
        assert_eq!(PhoneStatus::from_number(5), None, "5 is unused");
    }
}
