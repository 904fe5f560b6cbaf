//! A job: one unit of asynchronous work, as it is stored.

use crate::id::{ImageId, JobId, PhoneId, ProjectId, RequestId, ServerId};
use crate::job_state::JobStatus;
use crate::phone_state::Power;
use crate::property::Changes;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a job does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JobKind {
    /// Restart or power on a phone.
    PhoneRestart,
    /// Wipe a phone and boot it.
    PhoneReset,
    /// Power a phone off.
    PhoneStop,
    /// Change a phone's properties without touching its power.
    PhoneProperty,
    /// Restart a server with the phones that run on it.
    ServerRestart,
}

impl JobKind {
    /// Every kind.
    pub const ALL: [Self; 5] =
        [Self::PhoneRestart, Self::PhoneReset, Self::PhoneStop, Self::PhoneProperty, Self::ServerRestart];

    /// The stored name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PhoneRestart => "phone_restart",
            Self::PhoneReset => "phone_reset",
            Self::PhoneStop => "phone_stop",
            Self::PhoneProperty => "phone_property",
            Self::ServerRestart => "server_restart",
        }
    }

    /// The kind of a stored name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.name() == name)
    }

    /// The kind that carries out a power operation.
    pub const fn of_power(power: Power) -> Self {
        match power {
            Power::Restart => Self::PhoneRestart,
            Power::Reset => Self::PhoneReset,
            Power::Stop => Self::PhoneStop,
        }
    }

    /// The power operation that this kind carries out, if any.
    pub const fn power(self) -> Option<Power> {
        match self {
            Self::PhoneRestart => Some(Power::Restart),
            Self::PhoneReset => Some(Power::Reset),
            Self::PhoneStop => Some(Power::Stop),
            Self::PhoneProperty | Self::ServerRestart => None,
        }
    }
}

/// What a job was asked for: stored with it, so that any process can carry it on.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct JobSpec {
    /// The image to boot from; none keeps the one in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_id: Option<ImageId>,
    /// Properties to set.
    #[serde(default, skip_serializing_if = "Changes::is_empty")]
    pub property: Changes,
    /// Custom properties to set.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub custom_property: BTreeMap<String, String>,
    /// A reset that also forgets every stored property.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub factory_reset: bool,
    /// The phone was off when the job was accepted: a failed job leaves it off.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub was_off: bool,
}

/// One job as clients see it (`contract/operations.md`, structure Job).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// The request that submitted it.
    pub request_id: RequestId,
    /// The project it belongs to.
    pub project_id: ProjectId,
    /// The phone it works on; none for a server's job.
    pub phone_id: Option<PhoneId>,
    /// The server it works on.
    pub server_id: ServerId,
    /// What it does.
    pub kind: JobKind,
    /// Its status.
    pub status: JobStatus,
    /// When it was accepted, epoch milliseconds.
    pub begin_ms: i64,
    /// When it ended, epoch milliseconds.
    pub end_ms: Option<i64>,
    /// Error code of a failed job.
    pub error_code: Option<String>,
    /// Error text of a failed job.
    pub error_msg: Option<String>,
    /// Output of a command; none for restarts.
    pub execute_msg: Option<String>,
}
