//! How long a start takes on a database with a past.

use crate::raw;
use crate::yard::{Service, Yard};
use model::id::PhoneId;
use serde_json::json;
use sqlx::AssertSqlSafe;
use std::time::{Duration, Instant};

/// Jobs stored before the start, and how many of them are unfinished.
const STORED: usize = 100_000;
const UNFINISHED: usize = 10_000;
/// A quick round does this part.
const QUICK_PART: usize = 10;
/// Rows inserted by one statement.
const ROWS: usize = 10_000;
/// Longest wait for the unfinished jobs.
const FINISH_MAX: Duration = Duration::from_secs(120);

const JOBS: &str = "INSERT INTO job (id, request_id, project_id, server_id, phone_id, kind, power, status, \
    epoch, attempts, lease_until_ms, begin_ms, deadline_ms, end_ms, spec) \
    SELECT CAST(value->>0 AS TEXT), CAST(value->>0 AS TEXT), $2, $3, CAST(value->>1 AS TEXT), \
    'phone_restart', 1 = 1, CAST(value->>2 AS BIGINT), 1001, 1, CAST(value->>3 AS BIGINT), $4, $4 + 1200000, \
    CAST(value->>4 AS BIGINT), '{}' FROM ";
const PHONES: &str = "UPDATE phone SET status = 4, epoch = 1000 WHERE id IN \
    (SELECT phone_id FROM job WHERE status = 1)";

/// Fills a new database and measures a start on it.
pub async fn measure(url: &str, quick: bool) -> Result<(), String> {
    let part = if quick { QUICK_PART } else { 1 };
    let (stored, unfinished) = (STORED / part, UNFINISHED / part);
    let yard = Yard::furnish(url, unfinished).await?;
    let (project_id, token) = (yard.project_id.to_string(), yard.token.clone());
    let (server_id, phones) = (yard.server_id.to_string(), yard.phones.clone());
    yard.stop().await;
    fill(url, &project_id, &server_id, &phones, stored).await?;

    let begin = Instant::now();
    let service = Service::start(url).await?;
    let phone = format!("{}/v1/{project_id}/cloud-phone/phones/{}", service.endpoint, phones[0]);
    let client = reqwest::Client::builder().no_proxy().build().map_err(|e| e.to_string())?;
    let answer = client.get(&phone).header("x-auth-token", &token).send().await.map_err(|e| e.to_string())?;
    let answered_s = begin.elapsed().as_secs_f64();
    while service.store.jobs_active() > 0 && begin.elapsed() < FINISH_MAX {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let caught_up_s = begin.elapsed().as_secs_f64();
    let status = answer.status();
    println!(
        "start with {stored} jobs, {unfinished} unfinished: first answer ({status}) after {answered_s:.2} s \
         (aim 2), all finished after {caught_up_s:.2} s"
    );
    service.stop().await;
    let finished = raw::finished(&mut raw::connect(url).await?).await?;
    if finished != stored as u64 {
        println!("INCOMPLETE: {finished} of {stored} finished");
    }
    Ok(())
}

/// Stores finished jobs and, for each phone, an unfinished one under a dead process's lease.
async fn fill(
    url: &str,
    project_id: &str,
    server_id: &str,
    phones: &[PhoneId],
    stored: usize,
) -> Result<(), String> {
    let mut connection = raw::connect(url).await?;
    let now_ms = raw::now_ms();
    let finished = stored - phones.len();
    let rows = if url.starts_with("sqlite:") { "json_each($1)" } else { "jsonb_array_elements($1::jsonb)" };
    let insert = format!("{JOBS}{rows}");
    let numbers: Vec<usize> = (0..stored).collect();
    for chunk in numbers.chunks(ROWS) {
        let row = |n: &usize| {
            let phone_id = &phones[n % phones.len()];
            if *n < finished {
                json!([model::id::generate(), phone_id, 2, 0, now_ms])
            } else {
                json!([model::id::generate(), phone_id, 1, now_ms + 15_000, null])
            }
        };
        let rows: Vec<_> = chunk.iter().map(row).collect();
        let query = sqlx::query(AssertSqlSafe(insert.as_str())).bind(json!(rows).to_string());
        let query = query.bind(project_id).bind(server_id).bind(now_ms);
        query.execute(&mut connection).await.map_err(|e| e.to_string())?;
    }
    sqlx::query(PHONES).execute(&mut connection).await.map_err(|e| e.to_string())?;
    Ok(())
}
