//! Carrying jobs: claim with lease and epoch, renew, release, take up again. How they end is in `ending.rs`.
//!
//! Every write of a worker names the epoch it claimed the job under. A worker that lost its lease meanwhile
//! changes nothing: its rows do not match.

use crate::db::{Columns, args};
use crate::error::StoreError;
use crate::queue::Queued;
use crate::sql::statements;
use crate::{Store, json};
use model::id::{ImageId, JobId, PhoneId, ProjectId, RequestId, ServerId};
use model::job::{JobKind, JobSpec};
use model::phone::Phone;
use sqlx::any::AnyRow;
use std::collections::{HashMap, HashSet};

/// Counts of the active jobs before one is taken that something moved during.
const RECOUNT_TRIES: u32 = 5;

statements! {
    PENDING = "SELECT id, project_id, server_id, phone_id FROM job \
        WHERE status = 1 AND lease_until_ms <= $1 AND id > $2 ORDER BY id LIMIT $3";
    ACTIVE_BY_PROJECT = "SELECT project_id, COUNT(*) FROM job WHERE status = 1 GROUP BY project_id";
    LEASES_END = "UPDATE job SET lease_until_ms = 0, deadline_ms = begin_ms + $1 WHERE status = 1 AND lease_until_ms > 0";
    // `status + 0` keeps the partial index of active jobs out of it: PostgreSQL would walk that index as a whole
    // for every row of the batch instead of looking each id up.
    CLAIM = "UPDATE job SET lease_until_ms = $2, epoch = epoch + 1, attempts = attempts + 1, deadline_ms = \
        CASE WHEN $3 < begin_ms + $4 THEN $3 ELSE begin_ms + $4 END \
        FROM (SELECT CAST(value->>0 AS TEXT) AS id FROM JSON_ROWS($1)) v \
        WHERE job.id = v.id AND job.status + 0 = 1 AND job.lease_until_ms <= $5 AND job.deadline_ms > $5 \
        RETURNING job.id";
    CLAIMED = "SELECT j.id, j.request_id, j.project_id, j.server_id, j.kind, j.epoch, j.attempts, j.deadline_ms, \
        j.spec, p.id, p.name, p.phone_model, p.image_id, p.status, p.property, p.custom_property, \
        p.create_ms, p.update_ms \
        FROM job j LEFT JOIN phone p ON p.id = j.phone_id \
        WHERE j.id IN (SELECT CAST(value->>0 AS TEXT) FROM JSON_ROWS($1)) ORDER BY j.id";
    RENEW = "UPDATE job SET lease_until_ms = $2 FROM \
        (SELECT CAST(value->>0 AS TEXT) AS id, CAST(value->>1 AS BIGINT) AS epoch FROM JSON_ROWS($1)) v \
        WHERE job.id = v.id AND job.epoch = v.epoch AND job.status + 0 = 1 RETURNING job.id";
    RELEASE = "UPDATE job SET lease_until_ms = 0, attempts = attempts - 1, deadline_ms = begin_ms + $2 FROM \
        (SELECT CAST(value->>0 AS TEXT) AS id, CAST(value->>1 AS BIGINT) AS epoch FROM JSON_ROWS($1)) v \
        WHERE job.id = v.id AND job.epoch = v.epoch AND job.status + 0 = 1";
}

/// A job in a worker's hands.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// The job.
    pub job_id: JobId,
    /// The request it came with.
    pub request_id: RequestId,
    /// Whose it is.
    pub project_id: ProjectId,
    /// Where it works.
    pub server_id: ServerId,
    /// What it does.
    pub kind: JobKind,
    /// Under this epoch; every later write names it.
    pub epoch: i64,
    /// How often it was claimed, this time included.
    pub attempts: i64,
    /// When it must have ended, epoch milliseconds.
    pub deadline_ms: i64,
    /// With which arguments.
    pub spec: JobSpec,
    /// The phone as stored; none for a server's job.
    pub phone: Option<Phone>,
}

impl Store {
    /// Jobs that nobody works on, in the order of their acceptance, after the given one.
    ///
    /// # Errors
    /// What the database says.
    pub async fn jobs_pending(&self, after: &str, limit: i64) -> Result<Vec<Queued>, StoreError> {
        let rows = self.db.read(PENDING, args![self.clock.now_ms(), after, limit]).await?;
        rows.iter()
            .map(|row| {
                Ok(Queued {
                    job_id: JobId::new(row.text(0)?),
                    project_id: ProjectId::new(row.text(1)?),
                    server_id: ServerId::new(row.text(2)?),
                    phone_id: row.opt_text(3)?.map(PhoneId::new),
                })
            })
            .collect()
    }

    /// Ends the leases that a dead process left behind. The database's lock says that it is dead: only one
    /// process at a time holds it.
    ///
    /// # Errors
    /// What the database says.
    pub async fn jobs_adopt(&self) -> Result<u64, StoreError> {
        let adopted = self.db.write(LEASES_END, args![self.limits.longest_ms()]).await?;
        self.jobs_recount().await?;
        Ok(adopted)
    }

    /// Counts the active jobs anew, for the queue's limits. What is accepted or ends during the count may be
    /// counted wrongly until the next one; a quiet moment is waited for, but not for long.
    ///
    /// # Errors
    /// What the database says; the counts stay then.
    pub async fn jobs_recount(&self) -> Result<(), StoreError> {
        for tries_left in (0..RECOUNT_TRIES).rev() {
            let moves = self.queue.moves();
            let mut active = HashMap::new();
            for row in self.db.read(ACTIVE_BY_PROJECT, args![]).await? {
                active.insert(ProjectId::new(row.text(0)?), row.int(1)?);
            }
            if tries_left == 0 || self.queue.moves() == moves {
                self.queue.recount(active);
                return Ok(());
            }
        }
        Ok(())
    }

    /// Takes jobs: lease, epoch and attempt are counted before any work is done. Jobs that ended meanwhile,
    /// are past their deadline or are another's are left out. A job that cannot be read is ended as failed
    /// (CPS.0003): it must not hold up the others.
    ///
    /// # Errors
    /// What the database says; nothing is claimed then.
    pub async fn jobs_claim(&self, jobs: &[JobId], lease_ms: i64) -> Result<Vec<Claimed>, StoreError> {
        let now_ms = self.clock.now_ms();
        let limits = &self.limits;
        let ids: Vec<(&JobId,)> = jobs.iter().map(|id| (id,)).collect();
        let mut tx = self.db.begin().await?;
        let deadline_ms = now_ms + limits.execution_budget_ms;
        let longest_ms = limits.longest_ms();
        let claimed =
            tx.rows(CLAIM, args![json(&ids), now_ms + lease_ms, deadline_ms, longest_ms, now_ms]).await?;
        let claimed: Vec<(String,)> =
            claimed.iter().map(|row| Ok((row.text(0)?,))).collect::<Result<_, StoreError>>()?;
        let rows = tx.rows(CLAIMED, args![json(&claimed)]).await?;
        tx.commit().await?;
        metrics::store::committed(metrics::store::Step::Claim, rows.len());
        let (mut jobs, mut unreadable) = (Vec::with_capacity(rows.len()), Vec::new());
        for row in &rows {
            match claimed_from_row(row) {
                Ok(job) => jobs.push(job),
                Err(error) => {
                    tracing::error!(job_id = ?row.text(0), %error, "a job that cannot be read is ended");
                    unreadable.push((JobId::new(row.text(0)?),));
                }
            }
        }
        // Where even that fails, the reaper is left to do it.
        if !unreadable.is_empty()
            && let Err(error) = self.jobs_end_unreadable(&unreadable).await
        {
            tracing::error!(%error, jobs = unreadable.len(), "ending jobs that cannot be read");
        }
        Ok(jobs)
    }

    /// Extends leases; tells which jobs are still this worker's.
    ///
    /// # Errors
    /// What the database says.
    pub async fn jobs_renew(
        &self,
        jobs: &[(JobId, i64)],
        lease_ms: i64,
    ) -> Result<HashSet<JobId>, StoreError> {
        let mut tx = self.db.begin().await?;
        let rows = tx.rows(RENEW, args![json(&jobs), self.clock.now_ms() + lease_ms]).await?;
        tx.commit().await?;
        rows.iter().map(|row| Ok(JobId::new(row.text(0)?))).collect()
    }

    /// Gives jobs back unworked, their attempt uncounted: the graceful stop.
    ///
    /// # Errors
    /// What the database says.
    pub async fn jobs_release(&self, jobs: &[(JobId, i64)]) -> Result<u64, StoreError> {
        self.db.write(RELEASE, args![json(&jobs), self.limits.longest_ms()]).await
    }
}

fn claimed_from_row(row: &AnyRow) -> Result<Claimed, StoreError> {
    let spec_text = row.text(8)?;
    let project_id = ProjectId::new(row.text(2)?);
    let server_id = ServerId::new(row.text(3)?);
    let phone = match row.opt_text(9)? {
        None => None,
        Some(id) => Some(Phone {
            id: PhoneId::new(id),
            project_id: project_id.clone(),
            server_id: server_id.clone(),
            name: row.text(10)?,
            phone_model: row.text(11)?,
            image_id: ImageId::new(row.text(12)?),
            image_version: String::new(),
            status: crate::phones::status(row.int(13)?)?,
            property: row.text(14)?,
            custom_property: row.text(15)?,
            create_ms: row.int(16)?,
            update_ms: row.int(17)?,
        }),
    };
    Ok(Claimed {
        job_id: JobId::new(row.text(0)?),
        request_id: RequestId::new(row.text(1)?),
        kind: kind(row.text(4)?)?,
        epoch: row.int(5)?,
        attempts: row.int(6)?,
        deadline_ms: row.int(7)?,
        spec: serde_json::from_str(&spec_text)
            .map_err(|_| StoreError::Unreadable { what: "job.spec", value: spec_text })?,
        project_id,
        server_id,
        phone,
    })
}

pub(crate) fn kind(name: String) -> Result<JobKind, StoreError> {
    JobKind::from_name(&name).ok_or(StoreError::Unreadable { what: "job.kind", value: name })
}
