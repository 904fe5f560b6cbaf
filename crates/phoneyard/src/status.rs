//! `phoneyard status`: how the running service is, on one screen.

use crate::operator::Command;
use crate::service::until_signal;
use crate::socket;
use crate::verbs::Common;
use clap::Args;
use serde_json::Value;
use std::time::Duration;

/// How often `--watch` looks.
const WATCH_PERIOD: Duration = Duration::from_secs(2);
/// Servers shown; `--json` tells of all.
const SERVERS_SHOWN: usize = 20;
/// Moves to the top left and clears what is below.
const CLEAR: &str = "\x1b[H\x1b[J";

/// `phoneyard status`.
#[derive(Debug, Args)]
pub struct StatusArguments {
    /// Show it again and again until Ctrl-C
    #[arg(long)]
    watch: bool,
    #[command(flatten)]
    common: Common,
}

/// Runs `phoneyard status`.
///
/// # Errors
/// A line for the operator, also when no service runs.
pub async fn run(arguments: StatusArguments) -> Result<(), String> {
    if !arguments.watch {
        return show(&arguments.common, "").await;
    }
    let watching = async {
        loop {
            show(&arguments.common, if arguments.common.json { "" } else { CLEAR }).await?;
            tokio::time::sleep(WATCH_PERIOD).await;
        }
    };
    tokio::select! {
        result = watching => result,
        signalled = until_signal() => signalled,
    }
}

async fn show(common: &Common, before: &str) -> Result<(), String> {
    let dir = common.settings()?.data_dir;
    let status = socket::ask(&dir, &Command::Status).await?;
    let status = status.ok_or_else(|| format!("no service runs on {}", dir.display()))?;
    if common.json {
        say!("{status}");
    } else {
        say!("{before}{}", screen(&status).trim_end());
    }
    Ok(())
}

/// The status as lines for people. What a field lacks is shown as `-`.
fn screen(status: &Value) -> String {
    let mut out = String::new();
    let mut line = |name: &str, text: String| out.push_str(&format!("{name:<10} {text}\n"));
    let (version, commit) = (word(&status["version"]), word(&status["commit"]));
    line("phoneyard", format!("{version} ({commit}), up {}", span(status["uptime_s"].as_u64())));
    let reasons: Vec<&str> = items(&status["not_ready"]).filter_map(Value::as_str).collect();
    line("ready", if reasons.is_empty() { "yes".into() } else { format!("no: {}", reasons.join("; ")) });
    let database = &status["database"];
    line("database", format!("{}, answers in {} ms", word(&database["kind"]), word(&database["answer_ms"])));
    let process = &status["process"];
    let mib = process["resident_bytes"].as_u64().map_or("-".into(), |b| (b / 1024 / 1024).to_string());
    line(
        "process",
        format!("{mib} MiB, {} files, {} threads", word(&process["open_fds"]), word(&process["threads"])),
    );
    let jobs = &status["jobs"];
    let oldest = span(jobs["oldest_age_ms"].as_u64().map(|ms| ms / 1000));
    let (queued, running) = (word(&jobs["queued"]), word(&jobs["running"]));
    line("jobs", format!("{queued} queued, {running} running, the oldest {oldest} old"));
    line("", format!("last minute: {}", ended(&jobs["last_minute"])));
    line("", format!("since start: {}", ended(&jobs["since_start"])));
    let boots = &status["boots"];
    let (p50, p95) = (word(&boots["p50_ms"]), word(&boots["p95_ms"]));
    line("boots", format!("{}, p50 {p50} ms, p95 {p95} ms", word(&boots["count"])));
    let requests = &status["requests"];
    let (ok, refused) = (word(&requests["ok"]), word(&requests["refused"]));
    line("requests", format!("{ok} ok, {refused} refused{}", by_code(&requests["refusals"])));
    let limits = status["limits"].as_object().into_iter().flatten();
    let limits = limits.map(|(name, l)| format!("{name} {}/{}", word(&l["used"]), word(&l["max"])));
    line("limits", limits.collect::<Vec<_>>().join(", "));
    for server in items(&status["servers"]).take(SERVERS_SHOWN) {
        let phones = server["phones"].as_object().into_iter().flatten();
        let phones: Vec<String> = phones.map(|(status, n)| format!("{n} at {status}")).collect();
        let phones = if phones.is_empty() { "none".into() } else { phones.join(", ") };
        let (name, at) = (word(&server["name"]), word(&server["status"]));
        line("server", format!("{name}, status {at}, phones: {phones}"));
    }
    let more = items(&status["servers"]).count().saturating_sub(SERVERS_SHOWN);
    if more > 0 {
        line("", format!("and {more} more servers"));
    }
    out
}

fn ended(sums: &Value) -> String {
    let (good, bad) = (word(&sums["succeeded"]), word(&sums["failed"]));
    format!("{good} succeeded, {bad} failed{}", by_code(&sums["failures"]))
}

fn by_code(codes: &Value) -> String {
    let codes = codes.as_object().into_iter().flatten().map(|(code, n)| format!("{code}: {n}"));
    let codes: Vec<String> = codes.collect();
    if codes.is_empty() { String::new() } else { format!(" ({})", codes.join(", ")) }
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn word(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "-".into(),
        other => other.to_string(),
    }
}

fn span(seconds: Option<u64>) -> String {
    match seconds {
        None => "-".into(),
        Some(s) if s < 60 => format!("{s}s"),
        Some(s) if s < 3600 => format!("{}m{:02}s", s / 60, s % 60),
        Some(s) => format!("{}h{:02}m", s / 3600, s / 60 % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_status_fits_one_screen() {
        let servers: Vec<Value> = (0..30)
            .map(|n| json!({"name": format!("rack-{n}"), "status": 5, "phones": {"2": 9, "-6": 1}}))
            .collect();
        let text = screen(&json!({
            "version": "1.2.3", "commit": "0123456789ab", "uptime_s": 3_725, "not_ready": ["database: does not answer"],
            "database": {"kind": "SQLite", "answer_ms": null},
            "process": {"resident_bytes": 52_428_800, "open_fds": 20, "threads": 4},
            "servers": servers,
            "jobs": {"queued": 3, "running": 2, "oldest_age_ms": 61_500,
                "last_minute": {"succeeded": 10, "failed": 0, "failures": {}},
                "since_start": {"succeeded": 20, "failed": 2, "failures": {"CPS.0003": 2}}},
            "requests": {"ok": 5, "refused": 1, "refusals": {"CPS.0042": 1}},
            "boots": {"count": 20, "p50_ms": 2000.0, "p95_ms": null},
            "limits": {"jobs": {"used": 5, "max": 100}},
        }));
        for expected in [
            "phoneyard  1.2.3 (0123456789ab), up 1h02m\n",
            "ready      no: database: does not answer\n",
            "database   SQLite, answers in - ms\n",
            "process    50 MiB, 20 files, 4 threads\n",
            "jobs       3 queued, 2 running, the oldest 1m01s old\n",
            "since start: 20 succeeded, 2 failed (CPS.0003: 2)\n",
            "requests   5 ok, 1 refused (CPS.0042: 1)\n",
            "limits     jobs 5/100\n",
            "server     rack-0, status 5, phones: 9 at 2, 1 at -6\n",
            "and 10 more servers\n",
        ] {
            assert!(text.contains(expected), "{expected}\n{text}");
        }
        assert_eq!(text.lines().count(), 10 + SERVERS_SHOWN + 1);
    }

    #[test]
    fn what_a_status_lacks_is_a_dash() {
        assert!(screen(&json!({})).contains("database   -, answers in - ms\n"));
    }
}
