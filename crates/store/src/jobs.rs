//! Jobs as clients read them.

use crate::db::{Columns, args};
use crate::error::StoreError;
use crate::sql::statements;
use crate::{Page, Store, json};
use model::id::{JobId, PhoneId, ProjectId, RequestId, ServerId};
use model::job::Job;
use model::job_state::JobStatus;
use sqlx::any::AnyRow;

statements! {
    JOB = "SELECT id, request_id, project_id, phone_id, server_id, kind, status, begin_ms, end_ms, \
        error_code, error_msg, execute_msg FROM job WHERE id = $1 AND project_id = $2";
    REQUESTS_KNOWN = "SELECT COUNT(*) FROM request WHERE project_id = $2 \
        AND id IN (SELECT CAST(value->>0 AS TEXT) FROM JSON_ROWS($1))";
    // The order of acceptance never changes, so pages read one after another miss nothing.
    JOBS = "SELECT id, request_id, project_id, phone_id, server_id, kind, status, begin_ms, end_ms, \
        error_code, error_msg, execute_msg FROM job \
        WHERE request_id IN (SELECT CAST(value->>0 AS TEXT) FROM JSON_ROWS($1)) AND project_id = $2 \
        ORDER BY id LIMIT $3 OFFSET $4";
    JOBS_RUNNING_FIRST = "SELECT id, request_id, project_id, phone_id, server_id, kind, status, begin_ms, end_ms, \
        error_code, error_msg, execute_msg FROM job \
        WHERE request_id IN (SELECT CAST(value->>0 AS TEXT) FROM JSON_ROWS($1)) AND project_id = $2 \
        ORDER BY CASE status WHEN 1 THEN 0 WHEN -1 THEN 1 ELSE 2 END, id LIMIT $3 OFFSET $4";
}

impl Store {
    /// One job of the project.
    ///
    /// # Errors
    /// What the database says.
    pub async fn job_get(&self, project_id: &ProjectId, job_id: &str) -> Result<Option<Job>, StoreError> {
        let rows = self.db.read(JOB, args![job_id, project_id.as_str()]).await?;
        rows.first().map(from_row).transpose()
    }

    /// The jobs of the project's requests; none when none of the requests is known.
    ///
    /// Running first, then failed, then succeeded: a client that reads one page only must not miss a running
    /// job (`contract/restart.md`, question 15). That order moves while jobs end, and a client that reads page
    /// after page would miss some; so with `paged` the order is that of acceptance, unless one page holds all.
    ///
    /// # Errors
    /// What the database says; a row that cannot be read fails the whole listing rather than shrink it.
    pub async fn jobs_list(
        &self,
        project_id: &ProjectId,
        requests: &[String],
        page: Page,
        paged: bool,
    ) -> Result<Option<Vec<Job>>, StoreError> {
        let ids: Vec<(&str,)> = requests.iter().map(|id| (id.as_str(),)).collect();
        let ids = json(&ids);
        let statement = if paged { JOBS } else { JOBS_RUNNING_FIRST };
        let args = args![ids.as_str(), project_id.as_str(), page.limit, page.offset];
        let rows = self.db.read(statement, args).await?;
        if rows.is_empty() {
            let known = self.db.read(REQUESTS_KNOWN, args![ids, project_id.as_str()]).await?;
            if known.first().map(|row| row.int(0)).transpose()?.unwrap_or(0) == 0 {
                return Ok(None);
            }
        }
        let mut jobs: Vec<Job> = rows.iter().map(from_row).collect::<Result<_, _>>()?;
        if page.offset == 0 && (jobs.len() as i64) < page.limit {
            jobs.sort_by_key(|job| match job.status {
                JobStatus::Running => 0,
                JobStatus::Failed => 1,
                JobStatus::Succeeded => 2,
            });
        }
        Ok(Some(jobs))
    }
}

fn from_row(row: &AnyRow) -> Result<Job, StoreError> {
    let status = row.int(6)?;
    Ok(Job {
        id: JobId::new(row.text(0)?),
        request_id: RequestId::new(row.text(1)?),
        project_id: ProjectId::new(row.text(2)?),
        phone_id: row.opt_text(3)?.map(PhoneId::new),
        server_id: ServerId::new(row.text(4)?),
        kind: crate::work::kind(row.text(5)?)?,
        status: JobStatus::from_number(status)
            .ok_or_else(|| StoreError::Unreadable { what: "job.status", value: status.to_string() })?,
        begin_ms: row.int(7)?,
        end_ms: row.opt_int(8)?,
        error_code: row.opt_text(9)?,
        error_msg: row.opt_text(10)?,
        execute_msg: row.opt_text(11)?,
    })
}
