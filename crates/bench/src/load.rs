//! Clients that restart phones through the HTTP API, and the count of what the database says was finished.

use crate::Shape;
use crate::raw;
use crate::sample::shuffle;
use crate::yard::Yard;
use model::id::PhoneId;
use sqlx::AnyConnection;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// Longest wait for accepted jobs to finish; slow is reported, never fatal.
const FINISH_MAX: Duration = Duration::from_secs(120);
/// How often the end is looked for.
const LOOK: Duration = Duration::from_millis(1);

/// What came of a load.
#[derive(Debug, Default, Clone)]
pub struct Driven {
    /// Restarts accepted per second, up to the last answer.
    pub accepted_rate: f64,
    /// Restarts finished per second, up to the last one's commit.
    pub finished_rate: f64,
    /// Restarts finished, as counted in the database.
    pub finished: u64,
}

/// Restarts that many scattered phones, each once, and waits until they have restarted.
pub async fn drive(yard: &Yard, counter: &mut AnyConnection, shape: &Shape) -> Result<Driven, String> {
    static SEED: AtomicU64 = AtomicU64::new(1);
    let mut phones = yard.phones.clone();
    shuffle(&mut phones, SEED.fetch_add(1, Ordering::Relaxed));
    phones.truncate(shape.restarts);
    let bodies: Vec<String> = phones.chunks(shape.body).map(body).collect();
    let before = raw::finished(counter).await?;

    let begin = Instant::now();
    let accepted = ask(yard, bodies, shape.connections).await?;
    let accepted_s = begin.elapsed().as_secs_f64();
    while yard.service.store.jobs_active() > 0 && begin.elapsed() < FINISH_MAX {
        tokio::time::sleep(LOOK).await;
    }
    let finished_s = begin.elapsed().as_secs_f64();

    let finished = raw::finished(counter).await?.saturating_sub(before);
    if accepted != shape.restarts || finished != shape.restarts as u64 {
        println!("INCOMPLETE: {} asked, {accepted} accepted, {finished} finished", shape.restarts);
    }
    Ok(Driven {
        accepted_rate: accepted as f64 / accepted_s,
        finished_rate: finished as f64 / finished_s,
        finished,
    })
}

/// The request's JSON.
fn body(phones: &[PhoneId]) -> String {
    let entries: Vec<_> = phones.iter().map(|id| serde_json::json!({ "phone_id": id })).collect();
    serde_json::json!({ "phones": entries }).to_string()
}

/// Sends all bodies over that many connections; answers with the number of jobs.
async fn ask(yard: &Yard, bodies: Vec<String>, connections: usize) -> Result<usize, String> {
    let url = format!("{}/v1/{}/cloud-phone/phones/batch-restart", yard.service.endpoint, yard.project_id);
    let bodies = std::sync::Arc::new(Mutex::new(bodies));
    let mut clients = JoinSet::new();
    for _ in 0..connections {
        let (url, token, bodies) = (url.clone(), yard.token.clone(), bodies.clone());
        clients.spawn(async move {
            // A client of its own has a connection of its own.
            let client = reqwest::Client::builder().no_proxy().build().map_err(|e| e.to_string())?;
            let mut jobs = 0;
            loop {
                let next = bodies.lock().unwrap_or_else(PoisonError::into_inner).pop();
                let Some(body) = next else { return Ok::<usize, String>(jobs) };
                let request = client
                    .post(&url)
                    .header("x-auth-token", &token)
                    .header("content-type", "application/json")
                    .body(body);
                let answer = request.send().await.map_err(|e| e.to_string())?;
                let status = answer.status();
                let text = answer.text().await.map_err(|e| e.to_string())?;
                if !status.is_success() {
                    return Err(format!("{status}: {text}"));
                }
                jobs += text.matches("\"job_id\"").count();
            }
        });
    }
    let mut jobs = 0;
    while let Some(done) = clients.join_next().await {
        jobs += done.map_err(|e| e.to_string())??;
    }
    Ok(jobs)
}
