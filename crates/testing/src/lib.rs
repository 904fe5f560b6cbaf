//! For tests and benchmarks: a PostgreSQL server of their own, started from the installed binaries and gone
//! with the process that started it.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// How long the server may take to answer after its start.
const START_TIMEOUT: Duration = Duration::from_secs(60);

/// A running PostgreSQL server on a unix socket.
#[derive(Debug)]
pub struct Postgres {
    bin: PathBuf,
    dir: tempfile::TempDir,
    // Its standard input is the server's life line: it closes when this process ends, however it ends.
    _keeper: Child,
}

/// Whether commits must survive a power cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// No: tests that kill only our own process are as good, and faster.
    Off,
    /// Yes, PostgreSQL's default: benchmarks.
    On,
}

impl Postgres {
    /// The one server of this process, started at first use. None when PostgreSQL is not installed, which is
    /// told loudly; with `PHONEYARD_REQUIRE_POSTGRES=1` that is an error instead.
    ///
    /// # Panics
    /// When PostgreSQL is installed, or required, and does not start.
    pub fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Option<Postgres>> = OnceLock::new();
        SHARED.get_or_init(|| Self::start(Durability::Off)).as_ref()
    }

    /// Starts a server. See [`Postgres::shared`] for what happens where there is none.
    ///
    /// # Panics
    /// When PostgreSQL is installed, or required, and does not start.
    pub fn start(durability: Durability) -> Option<Self> {
        let Some(bin) = binaries() else {
            let required = std::env::var("PHONEYARD_REQUIRE_POSTGRES").is_ok_and(|v| v == "1");
            assert!(!required, "PostgreSQL is required but its server binaries were not found");
            eprintln!("SKIPPED: PostgreSQL server binaries not found (scripts/setup.sh installs them)");
            return None;
        };
        Some(Self::start_from(bin, durability).unwrap_or_else(|e| panic!("PostgreSQL does not start: {e}")))
    }

    fn start_from(bin: PathBuf, durability: Durability) -> Result<Self, String> {
        let dir = tempfile::Builder::new().prefix("phoneyard-pg").tempdir().map_err(|e| e.to_string())?;
        let path = dir.path().display().to_string();
        let fsync = if durability == Durability::On { "on" } else { "off" };
        // PostgreSQL refuses to run as root; Debian's package brings a user for it.
        let (own, as_user) = match Command::new("id").arg("-u").output() {
            Ok(out) if out.stdout == b"0\n" => (format!("chown postgres {path}"), "runuser -u postgres --"),
            _ => ("true".into(), ""),
        };
        let bin_path = bin.display();
        let script = format!(
            "{own} && cd {path} && \
             {as_user} {bin_path}/initdb -D {path}/data -U postgres -A trust -E UTF8 --no-sync >{path}/log 2>&1 && \
             {{ {as_user} {bin_path}/postgres -D {path}/data -k {path} -c listen_addresses= -c fsync={fsync} \
                -c max_connections=200 >>{path}/log 2>&1 <&- & \
             cat >/dev/null; \
             {as_user} {bin_path}/pg_ctl -D {path}/data -m immediate -w stop >/dev/null 2>&1; rm -rf {path}; }}"
        );
        let keeper = Command::new("sh")
            .args(["-c", &script])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|e| e.to_string())?;
        let server = Self { bin, dir, _keeper: keeper };
        let until = Instant::now() + START_TIMEOUT;
        while server.psql("postgres", "SELECT 1").is_err() {
            if Instant::now() > until {
                let log = std::fs::read_to_string(server.dir.path().join("log")).unwrap_or_default();
                return Err(format!("no answer within {START_TIMEOUT:?}: {log}"));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(server)
    }

    fn psql(&self, database: &str, sql: &str) -> Result<String, String> {
        let out = Command::new(self.bin.join("psql"))
            .args(["-X", "-q", "-t", "-A", "-U", "postgres", "-d", database, "-c", sql, "-h"])
            .arg(self.dir.path())
            .output()
            .map_err(|e| e.to_string())?;
        if out.status.success() {
            Ok(String::from_utf8_lossy(&out.stdout).into_owned())
        } else {
            Err(String::from_utf8_lossy(&out.stderr).into_owned())
        }
    }

    /// Makes an empty database and answers its URL.
    ///
    /// # Panics
    /// When the server refuses.
    pub fn database(&self) -> String {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("t{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        if let Err(e) = self.psql("postgres", &format!("CREATE DATABASE {name}")) {
            panic!("CREATE DATABASE {name}: {e}");
        }
        format!("postgres:///{name}?host={}&user=postgres", self.dir.path().display())
    }
}

/// Where PostgreSQL's server binaries are: Debian keeps them off PATH.
fn binaries() -> Option<PathBuf> {
    let from_config = Command::new("pg_config")
        .arg("--bindir")
        .output()
        .ok()
        .map(|out| PathBuf::from(String::from_utf8_lossy(&out.stdout).trim()));
    let debian = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin"));
    from_config
        .into_iter()
        .chain(debian)
        .find(|dir| dir.join("initdb").exists() && dir.join("postgres").exists())
}
