//! Accepting requests: every request that waits is planned and written in one transaction.
//!
//! One task owns the way in. It takes all requests that have gathered while the last commit was on its way
//! (group commit), reads the phones they name, plans them one after another in memory, and writes phones,
//! requests and jobs with one statement each, whatever their number. Nothing is answered before the commit.

use crate::db::{Columns, Tx, args};
use crate::error::StoreError;
use crate::queue::Queued;
use crate::sql::statements;
use crate::{Limits, Store, json};
use model::code::{self, Refusal};
use model::id::{ImageId, JobId, PhoneId, ProjectId, RequestId, ServerId};
use model::image::Image;
use model::job::{JobKind, JobSpec};
use model::phone_state::{Policy, Power};
use model::plan::{self, Asked, Current, Verdict};
use model::server_state::ServerStatus;
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};
use tokio::sync::{mpsc, oneshot};

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
    PHONES = "SELECT p.id, p.project_id, p.status, p.server_id, s.status, p.phone_model, p.property, p.epoch \
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
        accept_batch(&store, batch).await;
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

async fn accept_batch(store: &Store, batch: Vec<Waiting>) {
    let (accepts, answers): (Vec<Accept>, Vec<_>) = batch.into_iter().map(|w| (w.accept, w.answer)).unzip();
    let mut tries = 0;
    let result = loop {
        tries += 1;
        match try_accept(store, &accepts).await {
            Err(StoreError::Conflict) if tries < CONFLICT_TRIES => continue,
            other => break other,
        }
    };
    match result {
        Ok((outcomes, queued)) => {
            store.queue.push(queued);
            for (answer, outcome) in answers.into_iter().zip(outcomes) {
                // A client that went away meanwhile changes nothing: what is committed is carried out.
                let _ = answer.send(outcome.map_err(AcceptError::Refused));
            }
        }
        Err(error) => {
            tracing::error!(%error, requests = accepts.len(), "accepting failed");
            for answer in answers {
                let _ = answer.send(Err(AcceptError::Store(StoreError::Closed)));
            }
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
    if !rows.tokens.is_empty() {
        tx.run(TOKENS_EXPIRED, args![now_ms - store.limits.client_token_kept_ms]).await?;
        tx.run(TOKENS_INSERT, args![json(&rows.tokens), now_ms]).await?;
    }
    tx.commit().await?;
    Ok((outcomes, rows.queued))
}

/// Fewer rows than planned means another writer was faster; the caller plans anew.
fn moved(changed: u64, planned: usize) -> Result<(), StoreError> {
    if changed == planned as u64 { Ok(()) } else { Err(StoreError::Conflict) }
}

/// (project, operation, token) of an answer already given.
type TokenKey = (String, String, String);
/// Its body's digest, and the answer.
type KnownAnswers = HashMap<TokenKey, (String, Answer)>;

async fn tokens(tx: &mut Tx, accepts: &[Accept], after_ms: i64) -> Result<KnownAnswers, StoreError> {
    let keys: Vec<_> = accepts
        .iter()
        .filter_map(|a| {
            a.client_token.as_ref().map(|t| (a.project_id.as_str(), a.operation, t.token.as_str()))
        })
        .collect();
    let mut known = KnownAnswers::new();
    if keys.is_empty() {
        return Ok(known);
    }
    for row in tx.rows(TOKENS, args![json(&keys), after_ms]).await? {
        let text = row.text(5)?;
        let entries = serde_json::from_str(&text)
            .map_err(|_| StoreError::Unreadable { what: "client_token.answer", value: text })?;
        let answer = Answer { request_id: RequestId::new(row.text(4)?), entries };
        known.insert((row.text(0)?, row.text(1)?, row.text(2)?), (row.text(3)?, answer));
    }
    Ok(known)
}

fn known_answer(known: &KnownAnswers, accept: &Accept) -> Option<Result<Answer, Refusal>> {
    let token = accept.client_token.as_ref()?;
    let key = (accept.project_id.to_string(), accept.operation.to_string(), token.token.clone());
    let (digest, answer) = known.get(&key)?;
    Some(if *digest == token.body_digest {
        Ok(answer.clone())
    } else {
        Err(Refusal::new(code::DUPLICATE_APPLY).saying("The client token was used with another body."))
    })
}

async fn images(tx: &mut Tx, accepts: &[Accept]) -> Result<HashMap<(ProjectId, ImageId), Image>, StoreError> {
    let wanted: HashSet<(&str, &str)> = accepts
        .iter()
        .filter_map(|a| match &a.work {
            Work::Power { image_id: Some(image_id), .. } => Some((a.project_id.as_str(), image_id.as_str())),
            _ => None,
        })
        .collect();
    let mut found = HashMap::new();
    if wanted.is_empty() {
        return Ok(found);
    }
    for row in tx.rows(IMAGES, args![json(&wanted)]).await? {
        let image = crate::images::from_row(&row, 1)?;
        found.insert((ProjectId::new(row.text(0)?), image.id.clone()), image);
    }
    Ok(found)
}

/// A phone as read: its project, its present epoch and status, and what the plan needs.
struct Read {
    project_id: ProjectId,
    epoch: i64,
    current: Option<Current>,
}

async fn phones(tx: &mut Tx, accepts: &[Accept]) -> Result<HashMap<PhoneId, Read>, StoreError> {
    let wanted: HashSet<(&str,)> = accepts
        .iter()
        .flat_map(|a| match &a.work {
            Work::Power { asked, .. } | Work::Property { asked } => asked.as_slice(),
            Work::ServerRestart { .. } => &[],
        })
        .map(|entry| (entry.phone_id.as_str(),))
        .filter(|(id,)| model::id::well_formed(id))
        .collect();
    let mut found = HashMap::with_capacity(wanted.len());
    if wanted.is_empty() {
        return Ok(found);
    }
    for row in tx.rows(PHONES, args![json(&wanted)]).await? {
        let current = Current {
            status: crate::phones::status(row.int(2)?)?,
            server_id: ServerId::new(row.text(3)?),
            server_status: crate::servers::status(row.int(4)?)?,
            phone_model: row.text(5)?,
            property: row.text(6)?,
        };
        let read =
            Read { project_id: ProjectId::new(row.text(1)?), epoch: row.int(7)?, current: Some(current) };
        found.insert(PhoneId::new(row.text(0)?), read);
    }
    Ok(found)
}

async fn servers(
    tx: &mut Tx,
    accepts: &[Accept],
) -> Result<HashMap<ServerId, (ProjectId, ServerStatus)>, StoreError> {
    let wanted: HashSet<(&str,)> = accepts
        .iter()
        .flat_map(|a| match &a.work {
            Work::ServerRestart { asked } => asked.as_slice(),
            _ => &[],
        })
        .map(|id| (id.as_str(),))
        .collect();
    let mut found = HashMap::new();
    if wanted.is_empty() {
        return Ok(found);
    }
    for row in tx.rows(SERVERS, args![json(&wanted)]).await? {
        let status = crate::servers::status(row.int(2)?)?;
        found.insert(ServerId::new(row.text(0)?), (ProjectId::new(row.text(1)?), status));
    }
    Ok(found)
}

/// (id, request, project, server, phone, kind, power, status, epoch, end, spec)
type JobRow = (
    JobId,
    RequestId,
    ProjectId,
    ServerId,
    Option<PhoneId>,
    &'static str,
    i64,
    i64,
    i64,
    Option<i64>,
    String,
);

/// What the transaction will write.
#[derive(Default)]
struct Rows {
    requests: Vec<(RequestId, ProjectId, &'static str)>,
    jobs: Vec<JobRow>,
    /// Phone -> status before, status after, epoch after.
    phones: HashMap<PhoneId, (i64, i64, i64)>,
    servers: Vec<(ServerId, i64, i64)>,
    tokens: Vec<(ProjectId, &'static str, String, String, RequestId, String)>,
    queued: Vec<Queued>,
}

impl Rows {
    fn phones(&self) -> Vec<(&PhoneId, i64, i64, i64)> {
        self.phones.iter().map(|(id, (was, next, epoch))| (id, *was, *next, *epoch)).collect()
    }
}

/// Plans request after request over what was read, gathering rows.
struct Writer<'a> {
    images: HashMap<(ProjectId, ImageId), Image>,
    phones: HashMap<PhoneId, Read>,
    servers: HashMap<ServerId, (ProjectId, ServerStatus)>,
    room: crate::queue::Room,
    limits: &'a Limits,
    policy: Policy,
    now_ms: i64,
    rows: Rows,
}

impl Writer<'_> {
    fn one(&mut self, accept: &Accept) -> Result<Answer, Refusal> {
        let entries = accept.work.entries();
        if !self.room.fits(&accept.project_id, entries as i64) {
            return Err(Refusal::busy(self.limits.retry_after_s));
        }
        let entries = match &accept.work {
            Work::Power { power, asked, image_id } => {
                let image = image_id.as_ref().map(|id| self.image(&accept.project_id, id)).transpose()?;
                let mut named = self.lend(&accept.project_id, asked);
                let verdicts = plan::power(*power, asked, image.as_ref(), &mut named, self.policy);
                self.take_back(named);
                self.phone_jobs(accept, asked, verdicts)
            }
            Work::Property { asked } => {
                let mut named = self.lend(&accept.project_id, asked);
                let verdicts = plan::property_update(asked, &mut named);
                self.take_back(named);
                self.phone_jobs(accept, asked, verdicts)
            }
            Work::ServerRestart { asked } => self.server_jobs(accept, asked),
        };
        self.rows.requests.push((accept.request_id.clone(), accept.project_id.clone(), accept.operation));
        if let Some(token) = &accept.client_token {
            self.rows.tokens.push((
                accept.project_id.clone(),
                accept.operation,
                token.token.clone(),
                token.body_digest.clone(),
                accept.request_id.clone(),
                json(&entries),
            ));
        }
        Ok(Answer { request_id: accept.request_id.clone(), entries })
    }

    /// Unknown, foreign and not yet accepted images are the same to the caller (`contract/restart.md`).
    fn image(&self, project_id: &ProjectId, image_id: &ImageId) -> Result<Image, Refusal> {
        let image = self.images.get(&(project_id.clone(), image_id.clone())).filter(|i| i.usable());
        image.cloned().ok_or_else(|| code::IMAGE_NOT_FOUND.into())
    }

    /// The named phones of the project, moved out for planning; another project's phone is as good as absent.
    fn lend(&mut self, project_id: &ProjectId, asked: &[Asked]) -> plan::Phones {
        let mut named = plan::Phones::with_capacity(asked.len());
        for entry in asked {
            let phone_id = PhoneId::new(entry.phone_id.as_str());
            if let Some(read) = self.phones.get_mut(&phone_id).filter(|r| r.project_id == *project_id)
                && let Some(current) = read.current.take()
            {
                named.insert(phone_id, current);
            }
        }
        named
    }

    fn take_back(&mut self, named: plan::Phones) {
        for (phone_id, current) in named {
            if let Some(read) = self.phones.get_mut(&phone_id) {
                read.current = Some(current);
            }
        }
    }

    fn phone_jobs(
        &mut self,
        accept: &Accept,
        asked: &[Asked],
        verdicts: Vec<Verdict<plan::Accepted>>,
    ) -> Vec<Entry> {
        let entry = |(asked, verdict): (&Asked, Verdict<plan::Accepted>)| match verdict {
            Verdict::Refused(refusal) => refused(asked.phone_id.clone(), &refusal),
            Verdict::Job(accepted) => {
                let job_id = self.phone_job(accept, accepted);
                Entry { target: asked.phone_id.clone(), job_id: Some(job_id), error: None }
            }
        };
        asked.iter().zip(verdicts).map(entry).collect()
    }

    fn phone_job(&mut self, accept: &Accept, accepted: plan::Accepted) -> JobId {
        let epoch = self.phones.get_mut(&accepted.phone_id).map_or(0, |read| {
            read.epoch += EPOCHS_PER_JOB;
            read.epoch
        });
        let (from, to) = (accepted.from.number(), accepted.to.number());
        // A phone may get several jobs in one commit (property updates): the first status before counts.
        let moved = self.rows.phones.entry(accepted.phone_id.clone()).or_insert((from, to, epoch));
        (moved.1, moved.2) = (to, epoch);
        self.job(
            accept,
            accepted.server_id,
            Some(accepted.phone_id),
            accepted.kind,
            epoch,
            accepted.done,
            &accepted.spec,
        )
    }

    fn server_jobs(&mut self, accept: &Accept, asked: &[String]) -> Vec<Entry> {
        let mut named: HashMap<ServerId, ServerStatus> = self
            .servers
            .iter()
            .filter(|(_, (project_id, _))| *project_id == accept.project_id)
            .map(|(id, (_, status))| (id.clone(), *status))
            .collect();
        let verdicts = plan::server_restart(asked, &mut named);
        let mut entries = Vec::with_capacity(asked.len());
        for (target, verdict) in asked.iter().zip(verdicts) {
            entries.push(match verdict {
                Verdict::Refused(refusal) => refused(target.clone(), &refusal),
                Verdict::Job(a) => {
                    self.rows.servers.push((a.server_id.clone(), a.from.number(), a.to.number()));
                    if let Some(server) = self.servers.get_mut(&a.server_id) {
                        server.1 = a.to;
                    }
                    // Phones planned later in this commit must see the server leave.
                    for read in self.phones.values_mut().filter_map(|r| r.current.as_mut()) {
                        if read.server_id == a.server_id {
                            read.server_status = a.to;
                        }
                    }
                    let spec = JobSpec::default();
                    let job_id = self.job(accept, a.server_id, None, JobKind::ServerRestart, 0, false, &spec);
                    Entry { target: target.clone(), job_id: Some(job_id), error: None }
                }
            });
        }
        entries
    }

    #[allow(clippy::too_many_arguments, reason = "one call per column group, all of them needed")]
    fn job(
        &mut self,
        accept: &Accept,
        server_id: ServerId,
        phone_id: Option<PhoneId>,
        kind: JobKind,
        epoch: i64,
        done: bool,
        spec: &JobSpec,
    ) -> JobId {
        let job_id = JobId::generate();
        if !done {
            self.room.take(&accept.project_id, 1);
            self.rows.queued.push(Queued {
                job_id: job_id.clone(),
                project_id: accept.project_id.clone(),
                server_id: server_id.clone(),
                phone_id: phone_id.clone(),
            });
        }
        let (status, end_ms) = if done { (2, Some(self.now_ms)) } else { (1, None) };
        self.rows.jobs.push((
            job_id.clone(),
            accept.request_id.clone(),
            accept.project_id.clone(),
            server_id,
            phone_id,
            kind.name(),
            i64::from(kind.power().is_some()),
            status,
            epoch,
            end_ms,
            json(spec),
        ));
        job_id
    }
}

fn refused(target: String, refusal: &Refusal) -> Entry {
    let error = (refusal.code.text().to_string(), refusal.message.to_string());
    Entry { target, job_id: None, error: Some(error) }
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
