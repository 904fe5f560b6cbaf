//! Settings: a file, then the environment, then flags; the later wins. Every wrong one is named.

use crate::duration::Span;
use clap::Args;
use serde::Deserialize;
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

/// Flags and environment of `phoneyard serve`.
#[derive(Debug, Clone, Default, Args)]
pub struct ServeArguments {
    /// Settings file (TOML); see README.md for every setting.
    #[arg(long, env = "PHONEYARD_CONFIG")]
    pub config: Option<PathBuf>,
    /// Where the service keeps its database, keys and emulated phones' data [default: phoneyard-data]
    #[arg(long, env = "PHONEYARD_DATA_DIR")]
    pub data_dir: Option<PathBuf>,
    /// Address to listen on [default: 127.0.0.1:8080]
    #[arg(long, env = "PHONEYARD_LISTEN")]
    pub listen: Option<SocketAddr>,
    /// Address for /healthz, /readyz and /metrics, such as 127.0.0.1:8081 [default: none]
    #[arg(long, env = "PHONEYARD_OPERATOR_LISTEN")]
    pub operator_listen: Option<SocketAddr>,
    /// sqlite:PATH or postgres://USER@HOST/DATABASE [default: sqlite:DATA_DIR/phoneyard.db]
    #[arg(long, env = "PHONEYARD_DATABASE_URL")]
    pub database_url: Option<String>,
    /// Certificate chain (PEM) for TLS
    #[arg(long, env = "PHONEYARD_TLS_CERTIFICATE", requires = "tls_key")]
    pub tls_certificate: Option<PathBuf>,
    /// Private key (PEM) for TLS
    #[arg(long, env = "PHONEYARD_TLS_KEY", requires = "tls_certificate")]
    pub tls_key: Option<PathBuf>,
}

/// The settings file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where everything is kept.
    pub data_dir: PathBuf,
    /// Address to listen on.
    pub listen: SocketAddr,
    /// Address for health and metrics; none listens nowhere.
    pub operator_listen: Option<SocketAddr>,
    /// The database; none is SQLite in the data directory.
    pub database_url: Option<String>,
    /// The file with the key that seals access keys; none is `secret.key` in the data directory.
    pub secret_key_file: Option<PathBuf>,
    /// Certificate chain for TLS.
    pub tls_certificate: Option<PathBuf>,
    /// Private key for TLS.
    pub tls_key: Option<PathBuf>,
    /// Name of the region and availability zone that answers show.
    pub region: String,
    /// Let restarts bring back phones at -6, -7 and -9.
    pub restart_failed_phones: bool,
    /// Answer failures with 400 as the 2021 pages do.
    pub old_http_statuses: bool,
    /// For how many days changes are kept in the audit log.
    pub audit_days: u32,
    /// How much, how many, how long.
    pub limits: Limits,
    /// The emulated phones.
    pub emulated: Emulated,
}

/// How much, how many, how long.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Most phones in one request.
    pub phones_per_request: usize,
    /// Most active jobs of one project.
    pub jobs_per_project: i64,
    /// Most active jobs in all.
    pub jobs: i64,
    /// Most jobs running at once on one server.
    pub running_per_server: usize,
    /// Most jobs running at once for one project.
    pub running_per_project: usize,
    /// Most jobs running at once in all.
    pub running: usize,
    /// Longest wait of a job.
    pub queue_budget: Span,
    /// Longest execution of a job.
    pub execution_budget: Span,
    /// How often overdue jobs are ended.
    pub reap_period: Span,
    /// How long a claim is good without a sign of life.
    pub lease: Span,
    /// Most connections at once.
    pub connections: usize,
    /// Longest wait for a request's headers.
    pub headers_wait: Span,
    /// Longest time for a body to arrive.
    pub body_wait: Span,
    /// Longest wait for a client to take an answer.
    pub answer_wait: Span,
}

/// The emulated phones.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Emulated {
    /// From start to boot completed.
    pub boot_time: Span,
    /// Spread of that time, 0 to 1.
    pub boot_variance: f64,
    /// When a boot counts as failed.
    pub boot_deadline: Span,
    /// Share of starts that never end.
    pub never_boots: f64,
    /// Share of starts that take ten times as long.
    pub boots_late: f64,
    /// Share of starts in which the phone dies.
    pub dies_booting: f64,
    /// Share of phones that die a minute after they booted.
    pub dies_later: f64,
    /// Share of starts that are refused.
    pub refuses: f64,
    /// Share of starts that drop half of the properties.
    pub drops_properties: f64,
    /// Ports of the loopback address for ADB, one for each phone that is asked for; none opens none.
    pub adb_ports: Option<PortRange>,
    /// Only registered keys open a phone.
    pub adb_authentication: bool,
    /// Most ADB connections at once, to all phones.
    pub adb_connections: usize,
    /// Most ADB connections at once to one phone.
    pub adb_connections_per_phone: usize,
    /// Most that the /data of one phone may hold, in MiB.
    pub data_mib: u64,
}

/// Ports from the first to the last, written `20000-20999`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct PortRange(pub RangeInclusive<u16>);

impl FromStr for PortRange {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parsed = text.split_once('-').and_then(|(first, last)| {
            Some((first.trim().parse::<u16>().ok()?, last.trim().parse::<u16>().ok()?))
        });
        match parsed {
            Some((first, last)) if 0 < first && first <= last => Ok(Self(first..=last)),
            _ => Err(format!("{text:?} is no range of ports such as 20000-20999")),
        }
    }
}

impl TryFrom<String> for PortRange {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data_dir: "phoneyard-data".into(),
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            operator_listen: None,
            database_url: None,
            secret_key_file: None,
            tls_certificate: None,
            tls_key: None,
            region: "local-1".into(),
            restart_failed_phones: false,
            old_http_statuses: false,
            audit_days: 90,
            limits: Limits::default(),
            emulated: Emulated::default(),
        }
    }
}

const fn seconds(seconds: u64) -> Span {
    Span(Duration::from_secs(seconds))
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            phones_per_request: 1000,
            jobs_per_project: 100_000,
            jobs: 200_000,
            running_per_server: 1000,
            running_per_project: 2000,
            running: 4000,
            queue_budget: seconds(20 * 60),
            execution_budget: seconds(5 * 60),
            reap_period: seconds(5),
            lease: seconds(15),
            connections: 10_000,
            headers_wait: seconds(75),
            body_wait: seconds(60),
            answer_wait: seconds(60),
        }
    }
}

impl Default for Emulated {
    fn default() -> Self {
        Self {
            boot_time: seconds(2),
            boot_variance: 0.2,
            boot_deadline: seconds(60),
            never_boots: 0.0,
            boots_late: 0.0,
            dies_booting: 0.0,
            dies_later: 0.0,
            refuses: 0.0,
            drops_properties: 0.0,
            adb_ports: None,
            adb_authentication: true,
            adb_connections: 4096,
            adb_connections_per_phone: 128,
            data_mib: 256,
        }
    }
}

/// Clients give up on a restart after 30 minutes (`contract/clients.md`, T6): our last word must come before.
const LONGEST_JOB: Duration = Duration::from_secs(30 * 60);
/// A failed boot must leave time to put the phone back before the job's own deadline.
const PUT_BACK: Duration = Duration::from_secs(10);

/// Ten years.
const AUDIT_DAYS_MAX: u32 = 3650;

/// A phone's /data is indexed in memory while it is used.
const DATA_MIB_MAX: u64 = 1024 * 1024;

impl Config {
    /// Reads the file, lays environment and flags over it, and checks everything.
    ///
    /// # Errors
    /// A line that names the wrong setting and what would be right.
    pub fn load(arguments: &ServeArguments) -> Result<Self, String> {
        let mut config = match &arguments.config {
            Some(path) => Self::read(path)?,
            None => Self::default(),
        };
        let ServeArguments {
            data_dir, listen, operator_listen, database_url, tls_certificate, tls_key, ..
        } = arguments.clone();
        config.data_dir = data_dir.unwrap_or(config.data_dir);
        config.listen = listen.unwrap_or(config.listen);
        config.operator_listen = operator_listen.or(config.operator_listen);
        config.database_url = database_url.or(config.database_url);
        config.tls_certificate = tls_certificate.or(config.tls_certificate);
        config.tls_key = tls_key.or(config.tls_key);
        config.check()?;
        Ok(config)
    }

    fn read(path: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
        toml::from_str(&text).map_err(|e| format!("{}: {e}", path.display()))
    }

    /// Checks what types cannot.
    ///
    /// # Errors
    /// A line that names the wrong setting and what would be right.
    pub fn check(&self) -> Result<(), String> {
        if self.tls_certificate.is_some() != self.tls_key.is_some() {
            return Err("tls_certificate and tls_key must be set together".into());
        }
        if let Some(url) = &self.database_url
            && !["sqlite:", "postgres:", "postgresql:"].iter().any(|scheme| url.starts_with(scheme))
        {
            return Err("database_url must start with sqlite: or postgres:".into());
        }
        if !(1..=AUDIT_DAYS_MAX).contains(&self.audit_days) {
            return Err(format!("audit_days must be from 1 to {AUDIT_DAYS_MAX}"));
        }
        self.limits.check()?;
        self.emulated.check(&self.limits)
    }

    /// The database's URL.
    pub fn database(&self) -> String {
        let default = || format!("sqlite:{}", self.data_dir.join("phoneyard.db").display());
        self.database_url.clone().unwrap_or_else(default)
    }

    /// The file with the key that seals access keys.
    pub fn secret_key(&self) -> PathBuf {
        self.secret_key_file.clone().unwrap_or_else(|| self.data_dir.join("secret.key"))
    }
}

impl Limits {
    fn check(&self) -> Result<(), String> {
        let counts = [
            ("phones_per_request", self.phones_per_request as i64),
            ("jobs_per_project", self.jobs_per_project),
            ("jobs", self.jobs),
            ("running_per_server", self.running_per_server as i64),
            ("running_per_project", self.running_per_project as i64),
            ("running", self.running as i64),
            ("connections", self.connections as i64),
            ("queue_budget", self.queue_budget.ms()),
            ("execution_budget", self.execution_budget.ms()),
            ("reap_period", self.reap_period.ms()),
            ("headers_wait", self.headers_wait.ms()),
            ("body_wait", self.body_wait.ms()),
            ("answer_wait", self.answer_wait.ms()),
        ];
        if let Some((name, _)) = counts.iter().find(|(_, value)| *value < 1) {
            return Err(format!("limits.{name} must be at least 1"));
        }
        if self.lease.ms() < 1000 {
            return Err("limits.lease must be at least 1s".into());
        }
        let longest = self.queue_budget.0 + self.execution_budget.0 + self.reap_period.0;
        if longest >= LONGEST_JOB {
            return Err("limits.queue_budget, execution_budget and reap_period must sum to less than 30m: \
                        clients stop waiting then"
                .into());
        }
        Ok(())
    }
}

impl Emulated {
    fn check(&self, limits: &Limits) -> Result<(), String> {
        let shares = [
            ("boot_variance", self.boot_variance),
            ("never_boots", self.never_boots),
            ("boots_late", self.boots_late),
            ("dies_booting", self.dies_booting),
            ("dies_later", self.dies_later),
            ("refuses", self.refuses),
            ("drops_properties", self.drops_properties),
        ];
        if let Some((name, value)) = shares.iter().find(|(_, value)| !(0.0..=1.0).contains(value)) {
            return Err(format!("emulated.{name} must be from 0 to 1, not {value}"));
        }
        if self.boot_deadline.0 + PUT_BACK > limits.execution_budget.0 {
            return Err(
                "emulated.boot_deadline must be at least 10s shorter than limits.execution_budget".into()
            );
        }
        if self.adb_connections == 0 || self.adb_connections_per_phone == 0 {
            return Err("emulated.adb_connections and adb_connections_per_phone must be at least 1".into());
        }
        if !(1..=DATA_MIB_MAX).contains(&self.data_mib) {
            return Err(format!("emulated.data_mib must be from 1 to {DATA_MIB_MAX}"));
        }
        if self.boot_time.0 > self.boot_deadline.0 {
            return Err("emulated.boot_time must not be longer than emulated.boot_deadline".into());
        }
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn check(text: &str) -> Result<(), String> {
        let config: Config = toml::from_str(text).map_err(|e| e.to_string())?;
        config.check()
    }

    #[test]
    fn the_defaults_are_good_and_listen_on_loopback_only() {
        check("").unwrap();
        assert!(Config::default().listen.ip().is_loopback());
    }

    #[test]
    fn every_wrong_setting_is_named() {
        for (text, expected) in [
            ("listn = '127.0.0.1:1'", "listn"),
            ("listen = 'here'", "listen"),
            ("database_url = 'mysql://x'", "database_url must start with"),
            ("tls_key = 'a'", "must be set together"),
            ("audit_days = 0", "audit_days must be"),
            ("operator_listen = '8081'", "operator_listen"),
            ("[limits]\nphones_per_request = 0", "limits.phones_per_request"),
            ("[limits]\nanswer_wait = '0ms'", "limits.answer_wait"),
            ("[limits]\nlease = '10ms'", "limits.lease"),
            ("[limits]\nlease = '10'", "is no duration"),
            ("[limits]\nqueue_budget = '30m'", "less than 30m"),
            ("[limits]\nexecution_budget = '20s'", "emulated.boot_deadline"),
            ("[emulated]\nrefuses = 2.0", "emulated.refuses"),
            ("[emulated]\nboot_time = '70s'", "emulated.boot_time"),
            ("[emulated]\nboot = 1", "boot"),
        ] {
            let error = check(text).unwrap_err();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }

    #[test]
    fn the_packaged_settings_name_every_setting_and_show_its_default() {
        let text = include_str!("../../../packaging/phoneyard.toml");
        let mut shown: Config = toml::from_str(text).unwrap();
        assert_eq!(shown.data_dir, PathBuf::from("/var/lib/phoneyard"));
        // A setting is commented out without a space, a sentence with one.
        let all: Vec<&str> = text
            .lines()
            .map(|line| match line.strip_prefix('#') {
                Some(rest) if !rest.starts_with(' ') => rest,
                _ => line,
            })
            .collect();
        let all = all.join("\n");
        shown = toml::from_str(&all).unwrap();
        shown.check().unwrap();
        for (name, is_shown) in [
            ("operator_listen", shown.operator_listen.take().is_some()),
            ("database_url", shown.database_url.take().is_some()),
            ("secret_key_file", shown.secret_key_file.take().is_some()),
            ("tls_certificate", shown.tls_certificate.take().is_some()),
            ("tls_key", shown.tls_key.take().is_some()),
            ("adb_ports", shown.emulated.adb_ports.take().is_some()),
        ] {
            assert!(is_shown, "{name} has no example");
        }
        let defaults = Config { data_dir: shown.data_dir.clone(), ..Config::default() };
        let debug = format!("{defaults:?}");
        assert_eq!(format!("{shown:?}"), debug);
        for name in debug.split([' ', '{']).filter_map(|word| word.strip_suffix(':')) {
            let named = all
                .lines()
                .any(|line| line.starts_with(&format!("{name} = ")) || line == format!("[{name}]"));
            assert!(named, "{name} is not named");
        }
    }
}
