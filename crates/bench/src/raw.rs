//! The baseline: the rows of a restart written straight into the database, without Phoneyard.
//!
//! A cycle is what cannot be avoided: one transaction that inserts the request and its jobs and moves the
//! phones to restarting, and one that ends the jobs and moves the phones back. Rows travel as one JSON
//! argument, the fastest way on both databases, and the arguments are made before the clock starts.

use crate::Shape;
use crate::sample::shuffle;
use model::id::{PhoneId, ProjectId, ServerId};
use serde_json::json;
use sqlx::{AnyConnection, AssertSqlSafe, Connection, Executor};
use std::time::Instant;

/// As the service's writer sets it.
const SQLITE_SESSION: &[&str] = &[
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA busy_timeout = 5000",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA cache_size = -65536",
];
/// Likewise; without it the plans of the baseline flip to scans and it would be no baseline.
const POSTGRES_SESSION: &[&str] =
    &["SET enable_seqscan = off", "SET enable_hashjoin = off", "SET enable_mergejoin = off", "SET jit = off"];

const REQUEST: &str = "INSERT INTO request (id, project_id, operation, create_ms) \
    VALUES ($1, $2, 'RestartCloudPhone', $3)";
const JOBS: &str = "INSERT INTO job (id, request_id, project_id, server_id, phone_id, kind, power, status, \
    epoch, attempts, lease_until_ms, begin_ms, deadline_ms, spec) \
    SELECT CAST(value->>0 AS TEXT), $2, $3, $4, CAST(value->>1 AS TEXT), 'phone_restart', 1 = 1, 1, \
    1000, 0, 0, $5, $5 + 1200000, '{}' FROM ROWS($1)";
const PHONES: &str = "UPDATE phone SET status = $2, epoch = phone.epoch + 1000, update_ms = $4 \
    WHERE id PHONE_IDS AND status = $3";
const END: &str =
    "UPDATE job SET status = 2, end_ms = $2 WHERE id JOB_IDS AND epoch = 1000 AND status + 0 = 1";

/// Status numbers of the wire contract.
const RUNNING: i64 = 2;
const RESTARTING: i64 = 4;

/// A connection with the session settings of the service's writer.
pub async fn connect(url: &str) -> Result<AnyConnection, String> {
    let session = if is_sqlite(url) { SQLITE_SESSION } else { POSTGRES_SESSION };
    let mut connection = AnyConnection::connect(url).await.map_err(|e| e.to_string())?;
    for statement in session {
        connection.execute(*statement).await.map_err(|e| e.to_string())?;
    }
    Ok(connection)
}

fn is_sqlite(url: &str) -> bool {
    url.starts_with("sqlite:")
}

/// The text for one of the databases. On PostgreSQL ids travel as an array, not as a join: a join over rows
/// of unknown number, and `status = 1` with its partial index, let plans flip to walks of whole indexes.
fn dialect(text: &str, sqlite: bool) -> String {
    let ids = |column: u8| match sqlite {
        true => format!("IN (SELECT value->>{column} FROM json_each($1))"),
        false => format!("= ANY(ARRAY(SELECT value->>{column} FROM jsonb_array_elements($1::jsonb)))"),
    };
    let rows = if sqlite { "json_each($1)" } else { "jsonb_array_elements($1::jsonb)" };
    text.replace("ROWS($1)", rows).replace("JOB_IDS", &ids(0)).replace("PHONE_IDS", &ids(1))
}

/// Jobs that ended well, counted in the database.
pub async fn finished(connection: &mut AnyConnection) -> Result<u64, String> {
    let count: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM job WHERE status = 2")
        .fetch_one(connection)
        .await
        .map_err(|e| e.to_string())?;
    u64::try_from(count).map_err(|e| e.to_string())
}

/// Bytes that jobs and requests take with their indexes (SQLite: the whole database).
pub async fn job_bytes(connection: &mut AnyConnection, url: &str) -> Result<i64, String> {
    let sql = if is_sqlite(url) {
        "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
    } else {
        "SELECT pg_total_relation_size('job') + pg_total_relation_size('request')"
    };
    sqlx::query_scalar(sql).fetch_one(connection).await.map_err(|e| e.to_string())
}

/// Bytes of the texts of one job's row.
pub async fn job_text_bytes(connection: &mut AnyConnection) -> Result<i64, String> {
    let sql = "SELECT CAST(LENGTH(id) + LENGTH(request_id) + LENGTH(project_id) + LENGTH(server_id) \
        + LENGTH(phone_id) + LENGTH(kind) + LENGTH(spec) AS BIGINT) FROM job LIMIT 1";
    sqlx::query_scalar(sql).fetch_one(connection).await.map_err(|e| e.to_string())
}

/// The baseline on a database of its own, with as many phones as the service has.
pub struct Raw {
    connection: AnyConnection,
    jobs: String,
    phones_move: String,
    end: String,
    project_id: ProjectId,
    server_id: ServerId,
    phones: Vec<PhoneId>,
    cycles: u64,
}

impl Raw {
    /// Opens a database that has the schema and the phones.
    pub async fn open(
        url: &str,
        project_id: ProjectId,
        server_id: ServerId,
        phones: Vec<PhoneId>,
    ) -> Result<Self, String> {
        let connection = connect(url).await?;
        let made = |text: &str| dialect(text, is_sqlite(url));
        let (jobs, phones_move, end) = (made(JOBS), made(PHONES), made(END));
        Ok(Self { connection, jobs, phones_move, end, project_id, server_id, phones, cycles: 0 })
    }

    /// Cycles through that many scattered phones; answers with restarts per second.
    pub async fn cycle(&mut self, shape: &Shape) -> Result<f64, String> {
        self.cycles += 1;
        shuffle(&mut self.phones, self.cycles);
        let batches: Vec<(String, String)> = self.phones[..shape.raw_restarts.min(self.phones.len())]
            .chunks(shape.body)
            .map(|phones| {
                let rows: Vec<_> = phones.iter().map(|id| json!([model::id::generate(), id])).collect();
                (model::id::generate(), json!(rows).to_string())
            })
            .collect();
        let begin = Instant::now();
        for (request_id, rows) in &batches {
            self.accept(request_id, rows).await.map_err(|e| format!("baseline: {e}"))?;
            self.finish(rows).await.map_err(|e| format!("baseline: {e}"))?;
        }
        Ok(shape.raw_restarts as f64 / begin.elapsed().as_secs_f64())
    }

    async fn accept(&mut self, request_id: &str, rows: &str) -> Result<(), sqlx::Error> {
        let (project_id, server_id) = (self.project_id.as_str(), self.server_id.as_str());
        let now_ms = now_ms();
        let mut tx = self.connection.begin().await?;
        let moved = sqlx::query(AssertSqlSafe(self.phones_move.as_str()))
            .bind(rows)
            .bind(RESTARTING)
            .bind(RUNNING)
            .bind(now_ms)
            .execute(&mut *tx)
            .await?;
        let request = sqlx::query(REQUEST).bind(request_id).bind(project_id).bind(now_ms);
        request.execute(&mut *tx).await?;
        let inserted = sqlx::query(AssertSqlSafe(self.jobs.as_str()))
            .bind(rows)
            .bind(request_id)
            .bind(project_id)
            .bind(server_id)
            .bind(now_ms)
            .execute(&mut *tx)
            .await?;
        if moved.rows_affected() != inserted.rows_affected() {
            return Err(sqlx::Error::RowNotFound);
        }
        tx.commit().await
    }

    async fn finish(&mut self, rows: &str) -> Result<(), sqlx::Error> {
        let now_ms = now_ms();
        let mut tx = self.connection.begin().await?;
        let end = sqlx::query(AssertSqlSafe(self.end.as_str())).bind(rows).bind(now_ms);
        let ended = end.execute(&mut *tx).await?;
        let moved = sqlx::query(AssertSqlSafe(self.phones_move.as_str()))
            .bind(rows)
            .bind(RUNNING)
            .bind(RESTARTING)
            .bind(now_ms)
            .execute(&mut *tx)
            .await?;
        if moved.rows_affected() != ended.rows_affected() {
            return Err(sqlx::Error::RowNotFound);
        }
        tx.commit().await
    }
}

/// Epoch milliseconds.
pub fn now_ms() -> i64 {
    use model::clock::Clock;
    model::clock::SystemClock.now_ms()
}
