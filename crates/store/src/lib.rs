//! Everything that is stored, on SQLite or PostgreSQL: all SQL of Phoneyard lives here.
//!
//! One schema and one SQL text serve both databases (see [`sql`]). Correctness rests on compare-and-set and
//! unique indexes, never on an isolation level. Batches are a handful of statements whatever their size:
//! rows travel as one JSON argument.

mod accept;
mod access;
mod audit;
pub mod check;
mod db;
mod ending;
mod error;
mod identity;
mod images;
mod jobs;
mod limits;
mod operate;
mod overview;
mod phones;
mod queue;
mod secrets;
mod servers;
pub mod sql;
mod work;

pub use accept::{Accept, AcceptError, Answer, ClientToken, Entry, Work};
pub use access::{ADB_KEYS_MAX, AdbKey};
pub use audit::{AUDIT_ROWS_MAX, Actor, AuditFilter, Change, Recorded};
pub use db::Db;
pub use ending::{Ending, Outcome};
pub use error::StoreError;
pub use identity::{Domain, Project, Scope, TOKEN_LIFE_MS, Token, User};
pub use limits::LIMITS;
pub use operate::NewServer;
pub use overview::ServerPhones;
pub use phones::PhoneFilter;
pub use queue::Queued;
pub use secrets::{SealingKey, digest};
pub use servers::ServerFilter;
pub use work::Claimed;

use model::clock::Clock;
use model::phone_state::Policy;
use serde::Serialize;
use std::sync::Arc;
use tokio::sync::mpsc;

/// How long a client token and its answer are kept.
const CLIENT_TOKEN_KEPT_MS: i64 = 24 * 60 * 60 * 1000;

/// Every limit of the store, with its unit in the name.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Longest wait of a job for a worker.
    pub queue_budget_ms: i64,
    /// Longest execution of a job.
    pub execution_budget_ms: i64,
    /// Most active jobs of one project; above it whole requests are refused.
    pub jobs_per_project_max: i64,
    /// Most active jobs in all; above it whole requests are refused.
    pub jobs_max: i64,
    /// How long a client token and its answer are kept.
    pub client_token_kept_ms: i64,
    /// How long changes are kept in the audit log.
    pub audit_kept_ms: i64,
    /// What refused clients are told to wait.
    pub retry_after_s: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            queue_budget_ms: 20 * 60 * 1000,
            execution_budget_ms: 5 * 60 * 1000,
            jobs_per_project_max: 100_000,
            jobs_max: 200_000,
            client_token_kept_ms: CLIENT_TOKEN_KEPT_MS,
            audit_kept_ms: 90 * 24 * 60 * 60 * 1000,
            retry_after_s: 5,
        }
    }
}

impl Limits {
    /// Longest life of a job from its acceptance to its end. A job that nobody works on has this long, also
    /// one that was begun: a claim sets its deadline anew.
    pub fn longest_ms(&self) -> i64 {
        self.queue_budget_ms + self.execution_budget_ms
    }
}

/// A part of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// Rows to skip.
    pub offset: i64,
    /// Most rows to answer.
    pub limit: i64,
}

/// The store: cheap to clone, all clones are one.
#[derive(Clone)]
pub struct Store {
    pub(crate) db: Db,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) limits: Arc<Limits>,
    pub(crate) policy: Policy,
    pub(crate) sealing_key: SealingKey,
    pub(crate) queue: queue::Queue,
    pub(crate) waiting: mpsc::Sender<accept::Waiting>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("db", &self.db).finish_non_exhaustive()
    }
}

impl Store {
    /// A store over an open database; starts the task that accepts requests.
    pub fn new(
        db: Db,
        clock: Arc<dyn Clock>,
        limits: Limits,
        policy: Policy,
        sealing_key: SealingKey,
    ) -> Self {
        let (waiting, receiver) = mpsc::channel(accept::WAITING_MAX);
        let queue = queue::Queue::new(&limits);
        let store = Self { db, clock, limits: Arc::new(limits), policy, sealing_key, queue, waiting };
        // The task must not keep itself alive: its own sender is replaced by one that leads nowhere.
        let own = Self { waiting: mpsc::channel(1).0, ..store.clone() };
        tokio::spawn(accept::run(own, receiver));
        store
    }

    /// The database.
    pub fn db(&self) -> &Db {
        &self.db
    }

    /// The clock that stored times come from.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// The limits in force.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Freshly accepted jobs, from now on. Jobs of earlier times are found with [`Store::jobs_pending`].
    pub fn queued(&self) -> mpsc::UnboundedReceiver<Vec<Queued>> {
        self.queue.listen()
    }

    /// Active jobs, queued or running.
    pub fn jobs_active(&self) -> i64 {
        self.queue.total()
    }
}

/// JSON text of a value that always has one (rows of ids, numbers and texts).
pub(crate) fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

#[cfg(test)]
mod hostile_tests;
#[cfg(test)]
mod story_tests;
