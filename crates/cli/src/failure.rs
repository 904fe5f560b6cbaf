//! Why a verb ends other than well, and the exit code that says so.

use std::fmt;

/// The exit code of Ctrl-C, as shells have it.
pub const INTERRUPTED: u8 = 130;

/// A verb's bad end: a line for the user, and a kind for the exit code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What kind of end.
    pub kind: Kind,
    /// What was tried and what to do; never a secret.
    pub message: String,
}

/// The kinds of bad ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The service refused, or some of what was asked failed: 1.
    Refused,
    /// The command or a setting is wrong, and nothing was sent: 2.
    Usage,
    /// The service cannot be reached, or does not allow it: 3.
    Unreachable,
    /// Time is up: 4.
    TimedOut,
    /// Ctrl-C: 130.
    Interrupted,
}

impl Kind {
    /// The exit code.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Refused => 1,
            Self::Usage => 2,
            Self::Unreachable => 3,
            Self::TimedOut => 4,
            Self::Interrupted => INTERRUPTED,
        }
    }
}

impl Failure {
    /// The command or a setting is wrong.
    pub fn usage(message: impl Into<String>) -> Self {
        Self { kind: Kind::Usage, message: message.into() }
    }

    /// The service refused.
    pub fn refused(message: impl Into<String>) -> Self {
        Self { kind: Kind::Refused, message: message.into() }
    }

    /// The service cannot be reached, or does not allow it.
    pub fn unreachable(message: impl Into<String>) -> Self {
        Self { kind: Kind::Unreachable, message: message.into() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}
