//! Why a phone was not carried to where it should be.

use std::fmt;

/// The kind of failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// Somebody with a higher epoch, or with the same one later, has taken over the phone; it was not
    /// touched.
    Fenced,
    /// The phone, or its engine, refused what was asked for.
    Refused,
    /// It had not booted at the deadline.
    NotBooted,
    /// It died.
    Died,
    /// It booted from another image.
    ImageMismatch,
    /// A property is not as wanted, or can never be.
    PropertyMismatch {
        /// Its name.
        key: String,
    },
    /// It runs, but does not answer over ADB.
    NoAnswer,
    /// The engine cannot be reached or cannot work now.
    Unavailable,
}

/// What was being done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Looking at what is asked for; the phone is as it was.
    Check,
    /// Switching the phone off.
    Stop,
    /// Wiping its user data.
    Wipe,
    /// Giving it its image and properties.
    Configure,
    /// Switching it on.
    Start,
    /// Waiting until it has booted.
    Boot,
    /// Reading back what it booted with.
    Verify,
    /// Setting properties while it runs.
    Live,
    /// Talking to it over ADB.
    Adb,
}

/// A failure. Its text is meant for users too: it names nothing but the phone's own things.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{stage}: {reason}{}{detail}", if detail.is_empty() { "" } else { ": " })]
pub struct RuntimeError {
    /// The kind.
    pub reason: Reason,
    /// What was being done.
    pub stage: Stage,
    /// What else is to be said; may be empty.
    pub detail: String,
}

impl RuntimeError {
    /// A failure.
    pub fn new(reason: Reason, stage: Stage, detail: impl Into<String>) -> Self {
        Self { reason, stage, detail: detail.into() }
    }

    /// Whether the same call may succeed a moment later. Everything else is a verdict on the phone: trying
    /// again would only cost it another power cycle.
    pub fn retryable(&self) -> bool {
        match self.reason {
            Reason::Unavailable => true,
            Reason::Fenced
            | Reason::Refused
            | Reason::NotBooted
            | Reason::Died
            | Reason::NoAnswer
            | Reason::ImageMismatch
            | Reason::PropertyMismatch { .. } => false,
        }
    }
}

impl Reason {
    /// A word for it, for metrics.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Fenced => "fenced",
            Self::Refused => "refused",
            Self::NotBooted => "not_booted",
            Self::Died => "died",
            Self::NoAnswer => "no_answer",
            Self::ImageMismatch => "image_mismatch",
            Self::PropertyMismatch { .. } => "property_mismatch",
            Self::Unavailable => "unavailable",
        }
    }
}

impl Stage {
    /// A word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Check => "check",
            Self::Stop => "stop",
            Self::Wipe => "wipe",
            Self::Configure => "configure",
            Self::Start => "start",
            Self::Boot => "boot",
            Self::Verify => "verify",
            Self::Live => "set",
            Self::Adb => "adb",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fenced => f.write_str("a later attempt has taken over"),
            Self::Refused => f.write_str("refused"),
            Self::NotBooted => f.write_str("not booted in time"),
            Self::Died => f.write_str("the phone died"),
            Self::NoAnswer => f.write_str("no answer over ADB"),
            Self::ImageMismatch => f.write_str("the phone runs another image"),
            Self::PropertyMismatch { key } => write!(f, "property {key} is not as wanted"),
            Self::Unavailable => f.write_str("the engine is not available"),
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_read_well() {
        let bare = RuntimeError::new(Reason::Fenced, Stage::Stop, "");
        assert_eq!(bare.to_string(), "stop: a later attempt has taken over");
        let reason = Reason::PropertyMismatch { key: "a.b".into() };
        let detailed = RuntimeError::new(reason, Stage::Verify, "it is unset");
        assert_eq!(detailed.to_string(), "verify: property a.b is not as wanted: it is unset");
    }
}
