//! Accepting requests: every request that waits is planned and written in one transaction.
//!
//! One task owns the way in. It takes all requests that have gathered while the last commit was on its way
//! (group commit), reads the phones they name, plans them one after another in memory, and writes phones,
//! requests and jobs with one statement each, whatever their number. Nothing is answered before the commit.

mod read;
mod trail;
mod write;

use crate::audit::{self, Actor};
use crate::db::args;
use crate::error::StoreError;
use crate::queue::Queued;
use crate::sql::statements;
use crate::{Store, json};
use futures::FutureExt;
use metrics::store::Step;
use model::code::Refusal;
use model::id::{ImageId, JobId, ProjectId, RequestId};
use model::phone_state::Power;
use model::plan::Asked;
use read::{images, known_answer, phones, servers, tokens};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};
use std::panic::AssertUnwindSafe;
use tokio::sync::{mpsc, oneshot};
use write::{Rows, Writer};

/// A phone's epoch grows by this much with every job, so that the epochs of one job's attempts stay below
/// those of the next job.
pub(crate) const EPOCHS_PER_JOB: i64 = 1000;
/// Most phones written in one transaction; a larger single request is still one transaction.
const PHONES_PER_COMMIT: usize = 5000;
/// Requests that may wait for the commit under way.
pub(crate) const WAITING_MAX: usize = 4096;
/// How often a transaction that met another writer is tried again.
const CONFLICT_TRIES: usize = 5;

/// What a request asks for.
#[derive(Debug, Clone)]
pub enum Work {
    /// A power operation on phones.
    Power {
        /// Which one.
        power: Power,
        /// The request's entries.
        asked: Vec<Asked>,
        /// A new image for all of them.
        image_id: Option<ImageId>,
    },
    /// New properties for phones, their power untouched.
    Property {
        /// The request's entries.
        asked: Vec<Asked>,
    },
    /// Restart of servers.
    ServerRestart {
        /// The ids as they came.
        asked: Vec<String>,
    },
}

impl Work {
    /// How many entries the request has.
    pub fn entries(&self) -> usize {
        match self {
            Self::Power { asked, .. } | Self::Property { asked } => asked.len(),
            Self::ServerRestart { asked } => asked.len(),
        }
    }
}

/// A client's own key for a request (`X-Client-Token`), with the digest of the body it came with.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ClientToken {
    /// The key, at most 64 bytes.
    pub token: String,
    /// SHA-256 of the body, hex.
    pub body_digest: String,
}

/// A request that is to be accepted.
#[derive(Debug, Clone)]
pub struct Accept {
    /// The asking project.
    pub project_id: ProjectId,
    /// The documented name of the operation.
    pub operation: &'static str,
    /// The request's id.
    pub request_id: RequestId,
    /// Who asks.
    pub by: Actor,
    /// What is asked for.
    pub work: Work,
    /// The client's own key, if it sent one.
    pub client_token: Option<ClientToken>,
}

/// One entry of an answer, in the order of the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The phone's or server's id as it came.
    pub target: String,
    /// The job, if accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job_id: Option<JobId>,
    /// Code and text, if refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<(String, String)>,
}

/// The answer to a request: what was committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The request's id; an earlier one's when the client token was seen before.
    pub request_id: RequestId,
    /// One entry per entry asked.
    pub entries: Vec<Entry>,
}

/// Why a whole request was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum AcceptError {
    /// The request is at fault, or the queue is full.
    #[error("{0}")]
    Refused(Refusal),
    /// The store is at fault.
    #[error(transparent)]
    Store(#[from] StoreError),
}

pub(crate) struct Waiting {
    accept: Accept,
    answer: oneshot::Sender<Result<Answer, AcceptError>>,
}

statements! {
    TOKENS = "SELECT t.project_id, t.operation, t.token, t.body_digest, t.request_id, t.answer \
        FROM JSON_ROWS($1) v JOIN client_token t ON t.project_id = CAST(v.value->>0 AS TEXT) \
        AND t.operation = CAST(v.value->>1 AS TEXT) AND t.token = CAST(v.value->>2 AS TEXT) \
        WHERE t.create_ms > $2";
    TOKENS_EXPIRED = "DELETE FROM client_token WHERE create_ms <= $1";
    TOKENS_INSERT = "INSERT INTO client_token \
        (project_id, operation, token, body_digest, request_id, answer, create_ms) \
        SELECT CAST(value->>0 AS TEXT), CAST(value->>1 AS TEXT), CAST(value->>2 AS TEXT), \
        CAST(value->>3 AS TEXT), CAST(value->>4 AS TEXT), CAST(value->>5 AS TEXT), $2 FROM JSON_ROWS($1)";
    IMAGES = "SELECT CAST(v.value->>0 AS TEXT), i.id, i.name, i.android_version, i.label, i.build_properties, \
        i.create_ms, i.project_id, m.status FROM JSON_ROWS($1) v \
        JOIN image i ON i.id = CAST(v.value->>1 AS TEXT) \
        LEFT JOIN image_member m ON m.image_id = i.id AND m.project_id = CAST(v.value->>0 AS TEXT) \
        WHERE i.project_id IS NULL OR i.project_id = CAST(v.value->>0 AS TEXT) OR m.status IS NOT NULL";
    PHONES = "SELECT p.id, p.project_id, p.status, p.server_id, s.status, p.phone_model, p.property, p.epoch, \
        p.image_id, p.custom_property \
        FROM phone p JOIN server s ON s.id = p.server_id \
        WHERE p.id IN (SELECT CAST(value->>0 AS TEXT) FROM JSON_ROWS($1)) ORDER BY p.id FOR_UPDATE";
    SERVERS = "SELECT id, project_id, status FROM server \
        WHERE id IN (SELECT CAST(value->>0 AS TEXT) FROM JSON_ROWS($1)) ORDER BY id FOR_UPDATE";
    PHONES_MOVE = "UPDATE phone SET status = v.next, epoch = v.epoch, update_ms = $2 FROM \
        (SELECT CAST(value->>0 AS TEXT) AS id, CAST(value->>1 AS BIGINT) AS was, \
        CAST(value->>2 AS BIGINT) AS next, CAST(value->>3 AS BIGINT) AS epoch FROM JSON_ROWS($1)) v \
        WHERE phone.id = v.id AND phone.status = v.was";
    SERVERS_MOVE = "UPDATE server SET status = v.next, update_ms = $2 FROM \
        (SELECT CAST(value->>0 AS TEXT) AS id, CAST(value->>1 AS BIGINT) AS was, \
        CAST(value->>2 AS BIGINT) AS next FROM JSON_ROWS($1)) v \
        WHERE server.id = v.id AND server.status = v.was";
    REQUESTS_INSERT = "INSERT INTO request (id, project_id, operation, create_ms) \
        SELECT CAST(value->>0 AS TEXT), CAST(value->>1 AS TEXT), CAST(value->>2 AS TEXT), $2 FROM JSON_ROWS($1)";
    JOBS_INSERT = "INSERT INTO job (id, request_id, project_id, server_id, phone_id, kind, power, status, \
        epoch, attempts, lease_until_ms, begin_ms, deadline_ms, end_ms, spec) \
        SELECT CAST(value->>0 AS TEXT), CAST(value->>1 AS TEXT), CAST(value->>2 AS TEXT), \
        CAST(value->>3 AS TEXT), CAST(value->>4 AS TEXT), CAST(value->>5 AS TEXT), \
        CAST(value->>6 AS BIGINT) = 1, CAST(value->>7 AS BIGINT), CAST(value->>8 AS BIGINT), 0, 0, $2, $3, \
        CAST(value->>9 AS BIGINT), CAST(value->>10 AS TEXT) FROM JSON_ROWS($1)";
}

/// The one task that accepts. Ends when every [`Store`] is gone.
pub(crate) async fn run(store: Store, mut waiting: mpsc::Receiver<Waiting>) {
    let mut deferred: Vec<Waiting> = Vec::new();
    loop {
        if deferred.is_empty() {
            match waiting.recv().await {
                Some(first) => deferred.push(first),
                None => return,
            }
        }
        let mut phones: usize = deferred.iter().map(|w| w.accept.work.entries()).sum();
        while phones < PHONES_PER_COMMIT {
            match waiting.try_recv() {
                Ok(next) => {
                    phones += next.accept.work.entries();
                    deferred.push(next);
                }
                Err(_) => break,
            }
        }
        let (batch, later) = split_repeated_tokens(std::mem::take(&mut deferred));
        deferred = later;
        // A defect costs the requests that met it, not all that follow.
        if AssertUnwindSafe(accept_batch(&store, batch)).catch_unwind().await.is_err() {
            tracing::error!("accepting broke down by a defect");
        }
    }
}

/// Two requests with one client token must not share a transaction: the second has to see the first's answer.
fn split_repeated_tokens(waiting: Vec<Waiting>) -> (Vec<Waiting>, Vec<Waiting>) {
    let mut seen = HashSet::new();
    waiting.into_iter().partition(|w| match &w.accept.client_token {
        Some(t) => seen.insert((w.accept.project_id.clone(), w.accept.operation, t.token.clone())),
        None => true,
    })
}

/// Accepts a batch. One that the database refuses is halved until the request at fault stands alone: it must
/// not spoil the others.
async fn accept_batch(store: &Store, batch: Vec<Waiting>) {
    let mut parts = vec![batch];
    while let Some(part) = parts.pop() {
        let (accepts, answers): (Vec<Accept>, Vec<_>) =
            part.into_iter().map(|w| (w.accept, w.answer)).unzip();
        match accept_together(store, &accepts).await {
            Ok((outcomes, queued)) => {
                store.queue.push(queued);
                for (answer, outcome) in answers.into_iter().zip(outcomes) {
                    // A client that went away meanwhile changes nothing: what is committed is carried out.
                    let _ = answer.send(outcome.map_err(AcceptError::Refused));
                }
            }
            Err(error) => {
                tracing::error!(%error, requests = accepts.len(), "accepting failed");
                let mut part: Vec<Waiting> = accepts
                    .into_iter()
                    .zip(answers)
                    .map(|(accept, answer)| Waiting { accept, answer })
                    .collect();
                if error.unavailable() || part.len() <= 1 {
                    for waiting in part {
                        let _ = waiting.answer.send(Err(AcceptError::Store(StoreError::Closed)));
                    }
                } else {
                    let second = part.split_off(part.len() / 2);
                    parts.extend([second, part]);
                }
            }
        }
    }
}

async fn accept_together(store: &Store, accepts: &[Accept]) -> Result<(Outcomes, Vec<Queued>), StoreError> {
    let mut tries = 0;
    loop {
        tries += 1;
        match try_accept(store, accepts).await {
            Err(StoreError::Conflict) if tries < CONFLICT_TRIES => continue,
            other => return other,
        }
    }
}

type Outcomes = Vec<Result<Answer, Refusal>>;

/// Plans and writes all of `accepts` in one transaction.
async fn try_accept(store: &Store, accepts: &[Accept]) -> Result<(Outcomes, Vec<Queued>), StoreError> {
    let now_ms = store.clock.now_ms();
    let mut tx = store.db.begin().await?;
    let known = tokens(&mut tx, accepts, now_ms - store.limits.client_token_kept_ms).await?;
    let mut writer = Writer {
        images: images(&mut tx, accepts).await?,
        phones: phones(&mut tx, accepts).await?,
        servers: servers(&mut tx, accepts).await?,
        room: store.queue.room(),
        limits: &store.limits,
        policy: store.policy,
        now_ms,
        rows: Rows::default(),
    };
    let outcomes: Outcomes = accepts
        .iter()
        .map(|accept| match known_answer(&known, accept) {
            Some(answer) => answer,
            None => writer.one(accept),
        })
        .collect();
    let rows = writer.rows;
    if rows.requests.is_empty() {
        return Ok((outcomes, Vec::new()));
    }
    let deadline_ms = now_ms + store.limits.queue_budget_ms;
    moved(tx.run(PHONES_MOVE, args![json(&rows.phones()), now_ms]).await?, rows.phones.len())?;
    if !rows.servers.is_empty() {
        moved(tx.run(SERVERS_MOVE, args![json(&rows.servers), now_ms]).await?, rows.servers.len())?;
    }
    tx.run(REQUESTS_INSERT, args![json(&rows.requests), now_ms]).await?;
    tx.run(JOBS_INSERT, args![json(&rows.jobs), now_ms, deadline_ms]).await?;
    audit::record(&mut tx, &rows.changes, now_ms).await?;
    if !rows.tokens.is_empty() {
        tx.run(TOKENS_EXPIRED, args![now_ms - store.limits.client_token_kept_ms]).await?;
        tx.run(TOKENS_INSERT, args![json(&rows.tokens), now_ms]).await?;
    }
    tx.commit().await?;
    count(accepts, &outcomes, &rows);
    Ok((outcomes, rows.queued))
}

/// What a commit accepted, for the metrics.
fn count(accepts: &[Accept], outcomes: &Outcomes, rows: &Rows) {
    metrics::store::gathered(rows.requests.len());
    metrics::store::committed(Step::Accept, rows.jobs.len());
    let mut kinds: HashMap<&str, (u64, u64)> = HashMap::new();
    for job in &rows.jobs {
        let (accepted, done) = kinds.entry(job.5).or_default();
        *accepted += 1;
        *done += u64::from(job.9.is_some());
    }
    for (kind, (accepted, done)) in kinds {
        metrics::jobs::accepted(kind, accepted);
        if done > 0 {
            metrics::jobs::ended(kind, metrics::jobs::SUCCEEDED, done);
        }
    }
    let mut refused: HashMap<(&str, &str), u64> = HashMap::new();
    for (accept, outcome) in accepts.iter().zip(outcomes) {
        // An answer given again refuses nothing anew.
        let Some(answer) = outcome.as_ref().ok().filter(|a| a.request_id == accept.request_id) else {
            continue;
        };
        for (code, _) in answer.entries.iter().filter_map(|entry| entry.error.as_ref()) {
            *refused.entry((accept.operation, code)).or_default() += 1;
        }
    }
    for ((operation, code), entries) in refused {
        metrics::requests::entries_refused(operation, code, entries);
    }
}

/// Fewer rows than planned means another writer was faster; the caller plans anew.
fn moved(changed: u64, planned: usize) -> Result<(), StoreError> {
    if changed == planned as u64 { Ok(()) } else { Err(StoreError::Conflict) }
}

impl Store {
    /// Plans the request and, in one commit, stores it with its jobs and moves its phones on.
    ///
    /// When this answers with jobs, they are on disk. Dropping the future does not undo anything.
    ///
    /// # Errors
    /// [`AcceptError::Refused`] for the whole request: unknown image, full queue, client token used with
    /// another body. [`AcceptError::Store`] when the database failed; nothing was written then, or the
    /// outcome is unknown and a re-send meets phones at their pending status.
    pub async fn accept(&self, accept: Accept) -> Result<Answer, AcceptError> {
        let (answer, answered) = oneshot::channel();
        self.waiting.send(Waiting { accept, answer }).await.map_err(|_| StoreError::Closed)?;
        answered.await.map_err(|_| StoreError::Closed)?
    }
}
