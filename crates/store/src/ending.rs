//! Ending jobs: in one commit the jobs end and their phones and servers get what is true.

use crate::accept::EPOCHS_PER_JOB;
use crate::db::{Arg, Columns, Tx, args};
use crate::error::StoreError;
use crate::sql::statements;
use crate::{Store, json};
use metrics::jobs::SUCCEEDED;
use metrics::store::Step;
use model::code::{self, Code, Refusal};
use model::id::{ImageId, JobId, PhoneId, ProjectId, ServerId};
use model::job::{JobKind, JobSpec};
use model::job_state::JobStatus;
use model::phone::Phone;
use model::phone_state::{PhoneStatus, Power};
use model::property;
use model::server_state::ServerStatus;
use sqlx::any::AnyRow;
use std::collections::{BTreeMap, HashMap, HashSet};

/// How often a transaction that met another writer is tried again.
const CONFLICT_TRIES: usize = 5;
/// Longest error text that is stored, in bytes.
pub(crate) const MESSAGE_BYTES_MAX: usize = 1024;

/// Most bytes of a phone's custom properties, what it has and what is added (`contract/operations.md`).
pub(crate) const CUSTOM_PROPERTY_BYTES_MAX: usize = 7800;

statements! {
    // What is needed to end a job, and what tells its kind where the stored name does not.
    OVERDUE = "SELECT j.id, j.epoch, j.project_id, j.server_id, j.phone_id, j.kind, \
        CASE WHEN j.power THEN 1 ELSE 0 END, p.status \
        FROM job j LEFT JOIN phone p ON p.id = j.phone_id \
        WHERE j.status = 1 AND j.deadline_ms <= $1 ORDER BY j.id LIMIT $2";
    UNREADABLE = "SELECT j.id, j.epoch, j.project_id, j.server_id, j.phone_id, j.kind, \
        CASE WHEN j.power THEN 1 ELSE 0 END, p.status \
        FROM job j LEFT JOIN phone p ON p.id = j.phone_id \
        WHERE j.status = 1 AND j.id IN (SELECT CAST(value->>0 AS TEXT) FROM JSON_ROWS($1)) ORDER BY j.id";
    FAILED = "SELECT j.id FROM job j WHERE j.status = -1 \
        AND j.id IN (SELECT CAST(value->>0 AS TEXT) FROM JSON_ROWS($1))";
    STORED_PROPERTIES = "SELECT id, property, custom_property FROM phone \
        WHERE id IN (SELECT CAST(value->>0 AS TEXT) FROM JSON_ROWS($1)) ORDER BY id FOR_UPDATE";
    END = "UPDATE job SET status = v.next, lease_until_ms = 0, \
        end_ms = CASE WHEN $2 > begin_ms THEN $2 ELSE begin_ms END, \
        error_code = v.code, error_msg = v.message FROM \
        (SELECT CAST(value->>0 AS TEXT) AS id, CAST(value->>1 AS BIGINT) AS epoch, \
        CAST(value->>2 AS BIGINT) AS next, CAST(value->>3 AS TEXT) AS code, \
        CAST(value->>4 AS TEXT) AS message FROM JSON_ROWS($1)) v \
        WHERE job.id = v.id AND job.epoch = v.epoch AND job.status + 0 = 1 RETURNING job.id";
    PHONES_END = "UPDATE phone SET status = COALESCE(v.next, phone.status), \
        image_id = COALESCE(v.image, phone.image_id), property = COALESCE(v.props, phone.property), \
        custom_property = COALESCE(v.custom, phone.custom_property), update_ms = $2 FROM \
        (SELECT CAST(value->>0 AS TEXT) AS id, CAST(value->>1 AS BIGINT) AS was, \
        CAST(value->>2 AS BIGINT) AS next, CAST(value->>3 AS TEXT) AS image, \
        CAST(value->>4 AS TEXT) AS props, CAST(value->>5 AS TEXT) AS custom FROM JSON_ROWS($1)) v \
        WHERE phone.id = v.id AND (v.was IS NULL OR phone.status = v.was)";
    PHONES_DIED = "UPDATE phone SET status = $2, update_ms = $3 FROM \
        (SELECT CAST(value->>0 AS TEXT) AS id FROM JSON_ROWS($1)) v \
        WHERE phone.id = v.id AND phone.status = $4 AND phone.update_ms <= $5";
    SERVER_MOVE = "UPDATE server SET status = $3, update_ms = $4 WHERE id = $1 AND status = $2";
    SERVER_RUNNING_PHONES = "SELECT id, project_id, server_id, name, phone_model, image_id, status, property, \
        custom_property, create_ms, update_ms, epoch FROM phone \
        WHERE server_id = $1 AND status = 2 ORDER BY id";
    SERVER_WAITING_EPOCHS = "SELECT phone_id, MIN(epoch) FROM job \
        WHERE status = 1 AND server_id = $1 AND phone_id IS NOT NULL GROUP BY phone_id";
}

/// How a job ended.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// Proven; the job's image and properties are now in force.
    Succeeded,
    /// Not; everything is as it was, but for the status.
    Failed(Refusal),
}

/// A job that ends.
#[derive(Debug, Clone)]
pub struct Ending {
    /// The job.
    pub job_id: JobId,
    /// Claimed under this epoch.
    pub epoch: i64,
    /// Whose it is.
    pub project_id: ProjectId,
    /// What it did.
    pub kind: JobKind,
    /// On which phone.
    pub phone_id: Option<PhoneId>,
    /// Where.
    pub server_id: ServerId,
    /// With which arguments.
    pub spec: JobSpec,
    /// How it ended.
    pub outcome: Outcome,
    /// Phones that a server's restart left dead.
    pub dead: Vec<PhoneId>,
    /// The status in which a server's restart leaves the server.
    pub server_next: Option<ServerStatus>,
}

impl Store {
    /// Ends jobs and, in the same commit, moves their phones and servers to what is true. Answers with the
    /// jobs that this call ended; the others had ended already or were claimed anew. A batch that the database
    /// refuses is halved until the ending at fault stands alone; that one is told and left out.
    ///
    /// # Errors
    /// What the database says when it is out of reach, or refuses the only ending.
    pub async fn jobs_end(&self, endings: &[Ending]) -> Result<HashSet<JobId>, StoreError> {
        let mut ended = HashSet::new();
        let mut parts = vec![endings];
        while let Some(part) = parts.pop() {
            match self.end_together(part).await {
                Ok(more) => ended.extend(more),
                Err(error) if error.unavailable() || endings.len() == 1 => return Err(error),
                Err(error) => match part {
                    [] => {}
                    [one] => tracing::error!(job_id = %one.job_id, %error, "its ending is refused"),
                    many => {
                        let (first, second) = many.split_at(many.len() / 2);
                        parts.extend([second, first]);
                    }
                },
            }
        }
        Ok(ended)
    }

    /// Ends all of a batch or, with an error, none.
    async fn end_together(&self, endings: &[Ending]) -> Result<HashSet<JobId>, StoreError> {
        let mut tries = 0;
        loop {
            tries += 1;
            match self.try_end(endings).await {
                Err(StoreError::Conflict) if tries < CONFLICT_TRIES => continue,
                other => return other,
            }
        }
    }

    async fn try_end(&self, endings: &[Ending]) -> Result<HashSet<JobId>, StoreError> {
        let now_ms = self.clock.now_ms();
        let mut tx = self.db.begin().await?;
        let stored = stored_properties(&mut tx, endings).await?;
        let settled: Vec<Settled<'_>> = endings.iter().map(|e| settle(e, &stored)).collect();
        let rows: Vec<_> = settled.iter().map(Settled::job_row).collect();
        let ended = tx.rows(END, args![json(&rows), now_ms]).await?;
        let ended: HashSet<JobId> =
            ended.iter().map(|row| Ok(JobId::new(row.text(0)?))).collect::<Result<_, StoreError>>()?;
        let mine = || settled.iter().filter(|s| ended.contains(&s.ending.job_id));
        let phones: Vec<_> = mine().filter_map(Settled::phone_row).collect();
        if !phones.is_empty() {
            tx.run(PHONES_END, args![json(&phones), now_ms]).await?;
        }
        let dead: Vec<(&PhoneId,)> = mine().flat_map(|s| s.ending.dead.iter().map(|id| (id,))).collect();
        if !dead.is_empty() {
            tx.run(PHONES_DIED, died_args(&dead, now_ms, i64::MAX)).await?;
        }
        for s in mine().filter(|s| s.ending.kind == JobKind::ServerRestart) {
            let next = s.ending.server_next.unwrap_or(ServerStatus::Abnormal);
            for was in [ServerStatus::ShuttingDown, ServerStatus::Starting] {
                let id = s.ending.server_id.as_str();
                tx.run(SERVER_MOVE, args![id, was.number(), next.number(), now_ms]).await?;
            }
        }
        tx.commit().await?;
        self.queue.ended(mine().map(|s| &s.ending.project_id));
        count(mine());
        Ok(ended)
    }

    /// Ends every job that is past its deadline, at most `limit` of them, whoever holds it
    /// (CPS.0054, `contract/restart.md` "Job life cycle"). Needs neither worker nor runtime.
    ///
    /// # Errors
    /// What the database says.
    pub async fn jobs_reap(&self, limit: i64) -> Result<HashSet<JobId>, StoreError> {
        let rows = self.db.read(OVERDUE, args![self.clock.now_ms(), limit]).await?;
        self.jobs_fail(&rows, code::JOB_TIMEOUT).await
    }

    /// Ends claimed jobs that cannot be read as failed (CPS.0003): they must not hold up the others.
    pub(crate) async fn jobs_end_unreadable(&self, jobs: &[(JobId,)]) -> Result<(), StoreError> {
        let rows = self.db.read(UNREADABLE, args![json(&jobs)]).await?;
        self.jobs_fail(&rows, code::INTERNAL_ERROR).await.map(|_| ())
    }

    async fn jobs_fail(&self, rows: &[AnyRow], code: Code) -> Result<HashSet<JobId>, StoreError> {
        let readable = |row| failing(row, code).inspect_err(|error| tracing::error!(%error, "a job to end"));
        let endings: Vec<Ending> = rows.iter().filter_map(|row| readable(row).ok()).collect();
        if endings.is_empty() { Ok(HashSet::new()) } else { self.jobs_end(&endings).await }
    }

    /// Which of these jobs have ended badly, whoever ended them.
    ///
    /// # Errors
    /// What the database says.
    pub async fn jobs_failed(&self, jobs: &[JobId]) -> Result<HashSet<JobId>, StoreError> {
        let ids: Vec<(&JobId,)> = jobs.iter().map(|id| (id,)).collect();
        let rows = self.db.read(FAILED, args![json(&ids)]).await?;
        rows.iter().map(|row| Ok(JobId::new(row.text(0)?))).collect()
    }

    /// Marks running phones that the runtime saw dead as abnormal (-7), unless they were changed after
    /// `seen_ms`, when the runtime was asked: a phone restarted meanwhile is none of the dead.
    ///
    /// # Errors
    /// What the database says.
    pub async fn phones_died(&self, phones: &[PhoneId], seen_ms: i64) -> Result<u64, StoreError> {
        let ids: Vec<(&PhoneId,)> = phones.iter().map(|id| (id,)).collect();
        self.db.write(PHONES_DIED, died_args(&ids, self.clock.now_ms(), seen_ms)).await
    }

    /// The phones of a server that are running, each with an epoch for the server's own job: above those of
    /// every job that the phone has had, below those of the jobs that wait behind the server's.
    ///
    /// # Errors
    /// What the database says.
    pub async fn server_running_phones(&self, server_id: &ServerId) -> Result<Vec<(Phone, i64)>, StoreError> {
        // In this order: a job accepted in between shows in the second read, and lowers nothing in the first.
        let phones = self.db.read(SERVER_RUNNING_PHONES, args![server_id.as_str()]).await?;
        let waiting = self.db.read(SERVER_WAITING_EPOCHS, args![server_id.as_str()]).await?;
        let waiting: HashMap<String, i64> =
            waiting.iter().map(|row| Ok((row.text(0)?, row.int(1)?))).collect::<Result<_, StoreError>>()?;
        phones
            .iter()
            .map(|row| {
                let phone = crate::phones::from_row(row, None)?;
                let epoch = match waiting.get(phone.id.as_str()) {
                    Some(first) => first - 1,
                    None => row.int(11)? + EPOCHS_PER_JOB - 1,
                };
                Ok((phone, epoch))
            })
            .collect()
    }

    /// Moves a server from one status to the next; does nothing if it has left the first.
    ///
    /// # Errors
    /// What the database says.
    pub async fn server_move(
        &self,
        server_id: &ServerId,
        was: ServerStatus,
        next: ServerStatus,
    ) -> Result<bool, StoreError> {
        let args = args![server_id.as_str(), was.number(), next.number(), self.clock.now_ms()];
        Ok(self.db.write(SERVER_MOVE, args).await? == 1)
    }
}

/// What a commit ended, for the metrics.
fn count<'a>(ended: impl Iterator<Item = &'a Settled<'a>>) {
    let mut outcomes: HashMap<(JobKind, &str), u64> = HashMap::new();
    for settled in ended {
        let outcome = settled.refusal.as_ref().map_or(SUCCEEDED, |refusal| refusal.code.text());
        *outcomes.entry((settled.ending.kind, outcome)).or_default() += 1;
    }
    metrics::store::committed(Step::End, outcomes.values().sum::<u64>() as usize);
    for ((kind, outcome), jobs) in outcomes {
        metrics::jobs::ended(kind.name(), outcome, jobs);
    }
}

fn died_args(ids: &[(&PhoneId,)], now_ms: i64, seen_ms: i64) -> Vec<Arg> {
    args![json(&ids), PhoneStatus::Abnormal.number(), now_ms, PhoneStatus::Running.number(), seen_ms]
}

/// The failure of a job of which no more than its row's ids are needed.
fn failing(row: &AnyRow, code: Code) -> Result<Ending, StoreError> {
    let phone_id = row.opt_text(4)?.map(PhoneId::new);
    let power = row.int(6)? == 1;
    let kind = JobKind::from_name(&row.text(5)?);
    Ok(Ending {
        job_id: JobId::new(row.text(0)?),
        epoch: row.int(1)?,
        project_id: ProjectId::new(row.text(2)?),
        kind: kind.unwrap_or(kind_of_unknown(phone_id.is_some(), power, row.opt_int(7)?)),
        phone_id,
        server_id: ServerId::new(row.text(3)?),
        spec: JobSpec::default(),
        outcome: Outcome::Failed(code.into()),
        dead: Vec::new(),
        server_next: None,
    })
}

/// The kind that a job of an unknown one is ended as: its phone shows which power operation is pending.
fn kind_of_unknown(phone: bool, power: bool, phone_status: Option<i64>) -> JobKind {
    match (phone, power) {
        (false, _) => JobKind::ServerRestart,
        (true, false) => JobKind::PhoneProperty,
        (true, true) => Power::ALL
            .into_iter()
            .find(|power| Some(power.pending().number()) == phone_status)
            .map_or(JobKind::PhoneRestart, JobKind::of_power),
    }
}

/// Stored properties of the phones whose properties an ending changes.
type Stored = HashMap<PhoneId, (String, String)>;

async fn stored_properties(tx: &mut Tx, endings: &[Ending]) -> Result<Stored, StoreError> {
    let changed: Vec<(&PhoneId,)> = endings
        .iter()
        .filter(|e| matches!(e.outcome, Outcome::Succeeded) && changes_properties(&e.spec))
        .filter_map(|e| e.phone_id.as_ref().map(|id| (id,)))
        .collect();
    let mut stored = Stored::new();
    if changed.is_empty() {
        return Ok(stored);
    }
    for row in tx.rows(STORED_PROPERTIES, args![json(&changed)]).await? {
        stored.insert(PhoneId::new(row.text(0)?), (row.text(1)?, row.text(2)?));
    }
    Ok(stored)
}

fn changes_properties(spec: &JobSpec) -> bool {
    spec.factory_reset || !spec.property.is_empty() || !spec.custom_property.is_empty()
}

/// An ending with everything that is to be written.
struct Settled<'a> {
    ending: &'a Ending,
    refusal: Option<Refusal>,
    property: Option<String>,
    custom_property: Option<String>,
}

/// Properties merge by key at the moment the job ends, over what is stored then.
fn settle<'a>(ending: &'a Ending, stored: &Stored) -> Settled<'a> {
    let mut settled = Settled { ending, refusal: None, property: None, custom_property: None };
    let spec = &ending.spec;
    match &ending.outcome {
        Outcome::Failed(refusal) => settled.refusal = Some(refusal.clone()),
        Outcome::Succeeded if changes_properties(spec) => {
            let Some((property, custom)) = ending.phone_id.as_ref().and_then(|id| stored.get(id)) else {
                return settled;
            };
            let (property, custom) =
                if spec.factory_reset { ("{}", "{}") } else { (property.as_str(), custom.as_str()) };
            match property::merge(property, &spec.property) {
                Ok(merged) => settled.property = Some(merged),
                Err(refusal) => settled.refusal = Some(refusal),
            }
            let mut merged: BTreeMap<String, String> = serde_json::from_str(custom).unwrap_or_default();
            merged.extend(spec.custom_property.clone());
            let merged = json(&merged);
            if merged.len() > CUSTOM_PROPERTY_BYTES_MAX {
                settled.refusal = Some(code::PROPERTY_INVALID.into());
            }
            settled.custom_property = Some(merged);
        }
        Outcome::Succeeded => {}
    }
    settled
}

/// A text as any database takes it: what an engine says may hold anything.
fn storable(text: &str) -> String {
    let end =
        (0..=text.len().min(MESSAGE_BYTES_MAX)).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    text[..end].replace('\0', "")
}

impl Settled<'_> {
    fn job_row(&self) -> (&JobId, i64, i64, Option<&str>, Option<String>) {
        let status = if self.refusal.is_none() { JobStatus::Succeeded } else { JobStatus::Failed };
        let code = self.refusal.as_ref().map(|r| r.code.text());
        let message = self.refusal.as_ref().map(|r| storable(&r.message));
        (&self.ending.job_id, self.ending.epoch, status.number(), code, message)
    }

    /// (phone, status before, status after, image, properties, custom properties); absent = unchanged.
    #[allow(clippy::type_complexity, reason = "a row, column by column")]
    fn phone_row(
        &self,
    ) -> Option<(&PhoneId, Option<i64>, Option<i64>, Option<&ImageId>, Option<&str>, Option<&str>)> {
        let phone_id = self.ending.phone_id.as_ref()?;
        let good = self.refusal.is_none();
        let power = self.ending.kind.power();
        let was = power.map(|p| p.pending().number());
        let next = power.map(|p| if good { p.succeeded() } else { p.failed() }.number());
        if !good {
            return power.map(|_| (phone_id, was, next, None, None, None));
        }
        let image = self.ending.spec.image_id.as_ref();
        Some((phone_id, was, next, image, self.property.as_deref(), self.custom_property.as_deref()))
    }
}
