//! Every limit of the service in one table: the crates' own, which do not change, and the settings.

#[cfg(test)]
mod proofs;

use crate::config::{Config, ServeArguments};
use clap::Args;
use serde::Serialize;
use std::path::PathBuf;

/// A limit as it is in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Limit {
    /// Its name: the crate that keeps it, and what it limits.
    pub name: &'static str,
    /// The value in force.
    pub value: u64,
    /// The value without settings.
    pub default: u64,
    /// What is counted.
    pub unit: &'static str,
    /// The setting that changes it.
    pub setting: Option<&'static str>,
    /// What is limited.
    pub what: &'static str,
    /// What happens beyond.
    pub beyond: &'static str,
}

/// As the crates write it: name, value, unit, what is limited, and what happens beyond.
type Row = (&'static str, u64, &'static str, &'static str, &'static str);
/// A setting: name, unit, its value in a configuration, what is limited, and what happens beyond.
type Setting = (&'static str, &'static str, fn(&Config) -> i64, &'static str, &'static str);

const CRATES: [&[Row]; 7] =
    [api::LIMITS, wire::LIMITS, model::LIMITS, store::LIMITS, jobs::LIMITS, adb::LIMITS, emulator::LIMITS];

const BUSY: &str = "the whole request gets 429 CPS.0042 with Retry-After";
const WAITS: &str = "jobs wait for their turn";

#[rustfmt::skip]
const SETTINGS: &[Setting] = &[
    ("limits.connections", "connections", |c| count(c.limits.connections), "connections over HTTP at once", "the next ones wait for a place"),
    ("limits.headers_wait", "ms", |c| c.limits.headers_wait.ms(), "wait for a request, also the next one of a connection", "the connection is closed"),
    ("limits.body_wait", "ms", |c| c.limits.body_wait.ms(), "time for a body to arrive", "400 APIGW.0201"),
    ("limits.answer_wait", "ms", |c| c.limits.answer_wait.ms(), "time for a client to take an answer", "the connection is closed"),
    ("limits.phones_per_request", "phones", |c| count(c.limits.phones_per_request), "phones in one batch", "400 CPS.0190"),
    ("limits.jobs_per_project", "jobs", |c| c.limits.jobs_per_project, "active jobs of one project", BUSY),
    ("limits.jobs", "jobs", |c| c.limits.jobs, "active jobs in all", BUSY),
    ("limits.running_per_server", "jobs", |c| count(c.limits.running_per_server), "jobs that run on one server", WAITS),
    ("limits.running_per_project", "jobs", |c| count(c.limits.running_per_project), "jobs that run for one project", WAITS),
    ("limits.running", "jobs", |c| count(c.limits.running), "jobs that run in all", WAITS),
    ("limits.queue_budget", "ms", |c| c.limits.queue_budget.ms(), "wait of a job", "it ends as -1 with CPS.0054"),
    ("limits.execution_budget", "ms", |c| c.limits.execution_budget.ms(), "execution of a job", "it ends as -1 with CPS.0054"),
    ("limits.lease", "ms", |c| c.limits.lease.ms(), "silence of who carries out a job", "another takes it over"),
    ("emulated.boot_deadline", "ms", |c| c.emulated.boot_deadline.ms(), "a phone's boot", "the job ends as -1, the phone is put back"),
    ("emulated.adb_connections", "connections", |c| count(c.emulated.adb_connections), "connections over ADB at once", "the connection is closed"),
    ("emulated.adb_connections_per_phone", "connections", |c| count(c.emulated.adb_connections_per_phone), "connections over ADB to one phone", "the connection is closed"),
    ("emulated.data_mib", "MiB", |c| i64::try_from(c.emulated.data_mib).unwrap_or(i64::MAX), "files of one phone", "No space left on device"),
];

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Every limit, with the values of this configuration.
pub fn all(config: &Config) -> Vec<Limit> {
    let defaults = Config::default();
    let number = |number: i64| u64::try_from(number).unwrap_or(0);
    let settings = SETTINGS.iter().map(|(name, unit, read, what, beyond)| Limit {
        name,
        value: number(read(config)),
        default: number(read(&defaults)),
        unit,
        setting: Some(name),
        what,
        beyond,
    });
    let fixed = CRATES.into_iter().flatten().map(|(name, value, unit, what, beyond)| Limit {
        name,
        value: *value,
        default: *value,
        unit,
        setting: None,
        what,
        beyond,
    });
    settings.chain(fixed).collect()
}

/// `phoneyard limits`.
#[derive(Debug, Args)]
pub struct LimitsArguments {
    /// The service's settings file
    #[arg(long, env = "PHONEYARD_CONFIG")]
    config: Option<PathBuf>,
    /// Answer with one JSON object
    #[arg(long)]
    json: bool,
    /// Answer with docs/limits.md
    #[arg(long, conflicts_with_all = ["json", "config"])]
    markdown: bool,
}

/// Prints every limit.
///
/// # Errors
/// A line that names the wrong setting.
pub fn run(arguments: &LimitsArguments) -> Result<(), String> {
    if arguments.markdown {
        say!("{}", markdown().trim_end());
        return Ok(());
    }
    let config = Config::load(&ServeArguments { config: arguments.config.clone(), ..Default::default() })?;
    let limits = all(&config);
    if arguments.json {
        say!("{}", serde_json::json!({ "limits": limits }));
        return Ok(());
    }
    for limit in limits {
        let Limit { name, value, default, unit, what, beyond, .. } = limit;
        let changed = if value == default { String::new() } else { format!(" (default {default})") };
        say!("{name:<36} {value:>10} {unit}{changed}: {what}; beyond: {beyond}");
    }
    Ok(())
}

/// `docs/limits.md`, which a test compares.
fn markdown() -> String {
    let mut text = String::from(
        "# Limits\n\nWritten by `make limits` from the constants themselves; a test compares it. What is in force with \
         your settings: `phoneyard limits --config FILE`. Names that begin with `limits.` and `emulated.` are \
         settings, the others do not change. Each is proven at both sides by the test that \
         `crates/phoneyard/src/limits/proofs.rs` names.\n\n\
         | limit | value | unit | what | beyond |\n|---|---|---|---|---|\n",
    );
    for Limit { name, default, unit, what, beyond, .. } in all(&Config::default()) {
        text.push_str(&format!("| `{name}` | {default} | {unit} | {what} | {beyond} |\n"));
    }
    text
}
