//! The operator's view of the running service: ready or not, its metrics, its state in numbers.

use crate::recent::Recent;
use jobs::Health;
use metrics::Reading;
use metrics::limits::Limit;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::Store;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// Longest that the database may take to answer.
const DATABASE_MAX: Duration = Duration::from_secs(2);

/// Looks at the running service.
#[derive(Debug)]
pub struct View {
    store: Store,
    health: Arc<Health>,
    stop: CancellationToken,
    recent: Recent,
}

impl View {
    /// Of a service that stops with `stop`. Samples what was counted lately until then.
    pub fn new(store: Store, health: Arc<Health>, jobs_max: i64, stop: CancellationToken) -> Arc<Self> {
        metrics::process::started(env!("CARGO_PKG_VERSION"), crate::COMMIT);
        Limit::Jobs.set_max(usize::try_from(jobs_max).unwrap_or(usize::MAX));
        let view = Arc::new(Self { store, health, stop, recent: Recent::default() });
        let sampled = view.clone();
        tokio::spawn(async move { sampled.recent.sample(sampled.stop.clone()).await });
        view
    }

    /// Why the service cannot do its work, a line each; nothing when it can.
    pub async fn not_ready(&self) -> Vec<String> {
        let mut reasons = Vec::new();
        if self.stop.is_cancelled() {
            reasons.push("service: is stopping".into());
        }
        if let Err(reason) = self.database().await {
            reasons.push(format!("database: {reason}"));
        }
        reasons.extend(self.health.complaints());
        reasons
    }

    /// How long the database takes to answer.
    async fn database(&self) -> Result<Duration, String> {
        let begin = Instant::now();
        match timeout(DATABASE_MAX, self.store.db().ping()).await {
            Ok(Ok(())) => Ok(begin.elapsed()),
            Ok(Err(error)) => {
                // What it says is for the log: whoever asks here has shown no credential.
                tracing::warn!(%error, "the database does not answer");
                Err("does not answer".into())
            }
            Err(_) => Err(format!("no answer within {} s", DATABASE_MAX.as_secs())),
        }
    }

    /// All metrics as text.
    pub async fn metrics(&self) -> String {
        metrics::process::look();
        self.look_at_jobs().await;
        metrics::text()
    }

    /// Sets the gauges of jobs: how many wait and run, and how old the oldest is. Without a database the age stays.
    async fn look_at_jobs(&self) -> Jobs {
        let active = self.store.jobs_active();
        let running = metrics::jobs::running();
        let queued = (active - running).max(0);
        metrics::jobs::set_queued(queued);
        Limit::Jobs.set_used(active);
        Limit::RunningJobs.set_used(running);
        let oldest = timeout(DATABASE_MAX, self.store.jobs_oldest_ms()).await;
        let oldest_age_ms = match oldest {
            Ok(Ok(oldest_ms)) => Some(oldest_ms.map_or(0, |ms| (self.store.clock().now_ms() - ms).max(0))),
            Ok(Err(_)) | Err(_) => None,
        };
        if let Some(age) = oldest_age_ms.and_then(|ms| u64::try_from(ms).ok()) {
            metrics::jobs::set_oldest(Duration::from_millis(age));
        }
        Jobs { queued, running, oldest_age_ms }
    }

    /// The service in numbers, for `phoneyard status`.
    pub async fn status(&self) -> Value {
        let held = metrics::process::look();
        let jobs = self.look_at_jobs().await;
        let database = self.database().await;
        let reading = Reading::now();
        let lately = self.recent.last_minute(&reading);
        let boots = reading.buckets(metrics::phones::BOOTS);
        let milliseconds = |share| boots.quantile(share).map(|seconds| (seconds * 1000.0).round());
        let limits: Map<String, Value> = Limit::ALL
            .into_iter()
            .map(|limit| (limit.name().to_string(), limit.now()))
            .filter(|(_, (_, max))| *max > 0)
            .map(|(name, (used, max))| (name, json!({"used": used, "max": max})))
            .collect();
        json!({
            "version": env!("CARGO_PKG_VERSION"),
            "commit": crate::COMMIT,
            "uptime_s": metrics::process::uptime().as_secs(),
            "not_ready": self.not_ready().await,
            "database": {
                "kind": self.store.database_name(),
                "answer_ms": database.ok().map(|took| took.as_micros() as f64 / 1000.0),
            },
            "process": {
                "resident_bytes": held.resident_bytes, "open_fds": held.open_fds, "threads": held.threads,
            },
            "servers": self.servers().await,
            "jobs": {
                "queued": jobs.queued,
                "running": jobs.running,
                "oldest_age_ms": jobs.oldest_age_ms,
                "last_minute": outcomes(&lately),
                "since_start": outcomes(&reading.sums(metrics::jobs::ENDED_TOTAL, "outcome")),
            },
            "requests": codes(&reading.sums(metrics::requests::REQUESTS_TOTAL, "code")),
            "boots": {"count": boots.count, "p50_ms": milliseconds(0.5), "p95_ms": milliseconds(0.95)},
            "limits": limits,
        })
    }

    /// Every server with its phones by status; none when the database does not tell.
    async fn servers(&self) -> Value {
        let read = async {
            let servers = self.store.servers_all().await?;
            Ok::<_, store::StoreError>((servers, self.store.phones_by_status().await?))
        };
        let Ok(Ok((servers, phones))) = timeout(DATABASE_MAX, read).await else { return Value::Null };
        let mut by_server: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
        for counted in &phones {
            let statuses = by_server.entry(counted.server_id.as_str()).or_default();
            statuses.insert(counted.status.to_string(), counted.phones.into());
        }
        let listed = servers.iter().map(|server| {
            let phones = by_server.remove(server.id.as_str()).unwrap_or_default();
            json!({"server_id": server.id, "name": server.name, "project_id": server.project_id,
                "status": server.status.number(), "phones": phones})
        });
        Value::Array(listed.collect())
    }
}

#[derive(Debug, Clone, Copy)]
struct Jobs {
    queued: i64,
    running: i64,
    /// None when the database does not tell.
    oldest_age_ms: Option<i64>,
}

/// Ended jobs: how many succeeded, how many failed, and the failures by code.
fn outcomes(sums: &BTreeMap<String, u64>) -> Value {
    let (good, bad) = apart(sums, metrics::jobs::SUCCEEDED);
    json!({"succeeded": good, "failed": bad.values().sum::<u64>(), "failures": bad})
}

/// Answered requests: how many were good, how many refused, and the refusals by code.
fn codes(sums: &BTreeMap<String, u64>) -> Value {
    let (good, bad) = apart(sums, metrics::requests::OK);
    json!({"ok": good, "refused": bad.values().sum::<u64>(), "refusals": bad})
}

fn apart<'a>(sums: &'a BTreeMap<String, u64>, good: &str) -> (u64, BTreeMap<&'a str, u64>) {
    let others = sums.iter().filter(|(name, count)| *name != good && **count > 0);
    (sums.get(good).copied().unwrap_or(0), others.map(|(name, count)| (name.as_str(), *count)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_and_bad_ends_are_told_apart() {
        let sums = [("succeeded", 7), ("CPS.0003", 2), ("CPS.0054", 1), ("CPS.0005", 0)];
        let sums = sums.map(|(name, count)| (name.to_string(), count)).into();
        assert_eq!(
            outcomes(&sums),
            json!({"succeeded": 7, "failed": 3, "failures": {"CPS.0003": 2, "CPS.0054": 1}})
        );
        assert_eq!(outcomes(&BTreeMap::new()), json!({"succeeded": 0, "failed": 0, "failures": {}}));
    }
}
