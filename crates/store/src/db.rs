//! The database: opened, locked for this process, brought up to date, and its two ways in.
//!
//! Writes go one after another through one connection (SQLite) or a few (PostgreSQL); reads have a pool of
//! their own, so that listing phones works while a batch is being written.

use crate::error::StoreError;
use crate::sql::{Dialect, Sql, Translator};
use metrics::store::Pool;
use sqlx::any::{AnyArguments, AnyPoolOptions, AnyRow};
use sqlx::{Any, AnyConnection, AnyPool, Executor, Row, Transaction};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Older SQLite libraries can corrupt a database in WAL mode (`WAL-reset` bug, fixed in 3.51.3).
const SQLITE_FLOOR: (&str, [u32; 3]) = ("3.51.3", [3, 51, 3]);
/// Connections that read. A read never outlives one request.
const READERS: u32 = 4;
/// Connections that write on PostgreSQL; SQLite has exactly one.
const POSTGRES_WRITERS: u32 = 4;
/// Longest wait for a free connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);
/// The advisory lock that keeps a second service off a PostgreSQL database ("phoneyrd" in ASCII).
const POSTGRES_LOCK: i64 = 0x7068_6f6e_6579_7264;

/// PostgreSQL frees the lock of a process that died a moment later; that long a new one waits for it.
const POSTGRES_LOCK_TIMEOUT: Duration = Duration::from_secs(3);

/// One argument of a statement.
#[derive(Debug, Clone)]
pub(crate) enum Arg {
    Text(String),
    OptText(Option<String>),
    Int(i64),
    OptInt(Option<i64>),
    Bool(bool),
}

impl From<&str> for Arg {
    fn from(value: &str) -> Self {
        Self::Text(value.to_string())
    }
}
impl From<String> for Arg {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}
impl From<i64> for Arg {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}
impl From<Option<i64>> for Arg {
    fn from(value: Option<i64>) -> Self {
        Self::OptInt(value)
    }
}
impl From<Option<String>> for Arg {
    fn from(value: Option<String>) -> Self {
        Self::OptText(value)
    }
}
impl From<bool> for Arg {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

/// Arguments of a statement.
macro_rules! args {
    ($($value:expr),* $(,)?) => { vec![$(crate::db::Arg::from($value)),*] };
}
pub(crate) use args;

fn bind(args: Vec<Arg>) -> Result<AnyArguments, StoreError> {
    use sqlx::Arguments;
    let mut bound = AnyArguments::default();
    for arg in args {
        match arg {
            Arg::Text(v) => bound.add(v),
            Arg::OptText(v) => bound.add(v),
            Arg::Int(v) => bound.add(v),
            Arg::OptInt(v) => bound.add(v),
            Arg::Bool(v) => bound.add(v),
        }
        .map_err(sqlx::Error::Encode)?;
    }
    Ok(bound)
}

/// Reads columns of a row by their position.
pub(crate) trait Columns {
    fn text(&self, column: usize) -> Result<String, StoreError>;
    fn opt_text(&self, column: usize) -> Result<Option<String>, StoreError>;
    fn int(&self, column: usize) -> Result<i64, StoreError>;
    fn opt_int(&self, column: usize) -> Result<Option<i64>, StoreError>;
}

impl Columns for AnyRow {
    fn text(&self, column: usize) -> Result<String, StoreError> {
        Ok(self.try_get(column)?)
    }
    fn opt_text(&self, column: usize) -> Result<Option<String>, StoreError> {
        Ok(self.try_get(column)?)
    }
    fn int(&self, column: usize) -> Result<i64, StoreError> {
        Ok(self.try_get(column)?)
    }
    fn opt_int(&self, column: usize) -> Result<Option<i64>, StoreError> {
        Ok(self.try_get(column)?)
    }
}

/// An open database.
#[derive(Debug, Clone)]
pub struct Db {
    pub(crate) dialect: Dialect,
    writers: AnyPool,
    readers: AnyPool,
    translator: Arc<Translator>,
    _lock: Arc<Lock>,
}

/// Holds the database for this process.
#[derive(Debug)]
enum Lock {
    File(#[allow(dead_code, reason = "held, never read")] std::fs::File),
    Connection(#[allow(dead_code, reason = "held, never read")] tokio::sync::Mutex<AnyConnection>),
}

/// A transaction under way; dropped without [`Tx::commit`] it never happened.
pub(crate) struct Tx {
    inner: Transaction<'static, Any>,
    translator: Arc<Translator>,
}

impl Tx {
    pub(crate) async fn rows(&mut self, sql: Sql, args: Vec<Arg>) -> Result<Vec<AnyRow>, StoreError> {
        let made = self.translator.made(sql);
        let query = sqlx::query_with(made.text, bind(args)?);
        made.timed(query.fetch_all(&mut *self.inner)).await
    }

    /// Runs a statement and tells how many rows it changed.
    pub(crate) async fn run(&mut self, sql: Sql, args: Vec<Arg>) -> Result<u64, StoreError> {
        let made = self.translator.made(sql);
        let query = sqlx::query_with(made.text, bind(args)?);
        Ok(made.timed(query.execute(&mut *self.inner)).await?.rows_affected())
    }

    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        Ok(self.inner.commit().await?)
    }
}

impl Db {
    /// Opens the database at a URL: `sqlite:PATH` or `postgres://...`, and brings its schema up to date.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when another process uses the database; otherwise what the database says.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        sqlx::any::install_default_drivers();
        let db = match sqlite_path(url) {
            Some(path) => Self::open_sqlite(&path).await?,
            None => Self::open_postgres(url).await?,
        };
        sqlx::migrate!("./migrations").run(&db.writers).await?;
        Ok(db)
    }

    async fn open_sqlite(path: &Path) -> Result<Self, StoreError> {
        let lock = lock_file(path)?;
        let url = format!("sqlite://{}?mode=rwc", path.display());
        let writers = pool(&url, 1, SQLITE_WRITER).await?;
        let readers = pool(&url, READERS, SQLITE_READER).await?;
        let version: String =
            sqlx::query_scalar("SELECT CAST(sqlite_version() AS TEXT)").fetch_one(&writers).await?;
        let numbers: Vec<u32> = version.split('.').filter_map(|n| n.parse().ok()).collect();
        if numbers.as_slice() < SQLITE_FLOOR.1.as_slice() {
            return Err(StoreError::SqliteTooOld { found: version, floor: SQLITE_FLOOR.0 });
        }
        Ok(Self::new(Dialect::Sqlite, writers, readers, Lock::File(lock)))
    }

    async fn open_postgres(url: &str) -> Result<Self, StoreError> {
        let writers = pool(url, POSTGRES_WRITERS, POSTGRES_SESSION).await?;
        let readers = pool(url, READERS, POSTGRES_SESSION).await?;
        // The lock lives as long as its connection, so a killed process frees it at once.
        let mut connection = readers.acquire().await?.detach();
        let until = Instant::now() + POSTGRES_LOCK_TIMEOUT;
        loop {
            let query = sqlx::query_scalar("SELECT pg_try_advisory_lock($1)").bind(POSTGRES_LOCK);
            if query.fetch_one(&mut connection).await? {
                break;
            }
            if Instant::now() < until {
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
            return Err(StoreError::Busy(
                "another phoneyard uses this PostgreSQL database; stop it first".into(),
            ));
        }
        let lock = Lock::Connection(tokio::sync::Mutex::new(connection));
        Ok(Self::new(Dialect::Postgres, writers, readers, lock))
    }

    fn new(dialect: Dialect, writers: AnyPool, readers: AnyPool, lock: Lock) -> Self {
        Self {
            dialect,
            writers,
            readers,
            translator: Arc::new(Translator::new(dialect)),
            _lock: Arc::new(lock),
        }
    }

    /// Which database this is.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    pub(crate) async fn begin(&self) -> Result<Tx, StoreError> {
        let begin = Instant::now();
        let inner = match self.dialect {
            // The write lock is taken at the start, not at the first write, where it could fail half-way.
            Dialect::Sqlite => self.writers.begin_with("BEGIN IMMEDIATE").await?,
            Dialect::Postgres => self.writers.begin().await?,
        };
        metrics::store::waited(Pool::Writers, begin.elapsed());
        Ok(Tx { inner, translator: self.translator.clone() })
    }

    /// A transaction that only reads and sees one moment.
    pub(crate) async fn begin_read(&self) -> Result<Tx, StoreError> {
        let begin = match self.dialect {
            Dialect::Sqlite => "BEGIN DEFERRED",
            Dialect::Postgres => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        };
        Ok(Tx { inner: self.readers.begin_with(begin).await?, translator: self.translator.clone() })
    }

    pub(crate) async fn read(&self, sql: Sql, args: Vec<Arg>) -> Result<Vec<AnyRow>, StoreError> {
        let begin = Instant::now();
        let mut connection = self.readers.acquire().await?;
        metrics::store::waited(Pool::Readers, begin.elapsed());
        let made = self.translator.made(sql);
        let query = sqlx::query_with(made.text, bind(args)?);
        made.timed(query.fetch_all(&mut *connection)).await
    }

    /// One statement as a transaction of its own.
    pub(crate) async fn write(&self, sql: Sql, args: Vec<Arg>) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        let changed = tx.run(sql, args).await?;
        tx.commit().await?;
        Ok(changed)
    }

    /// Asks the database to make sure of a statement's text without running it.
    #[cfg(test)]
    pub(crate) async fn prepare(&self, sql: Sql) -> Result<(), StoreError> {
        let text = self.translator.made(sql).text;
        let check = match self.dialect {
            Dialect::Sqlite => format!("EXPLAIN {text}"),
            Dialect::Postgres => format!("DEALLOCATE ALL; PREPARE checked AS {text}"),
        };
        self.writers.acquire().await?.execute(sqlx::raw_sql(sqlx::AssertSqlSafe(check))).await?;
        Ok(())
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// What the database says.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.readers.acquire().await?.execute("SELECT 1").await?;
        Ok(())
    }

    /// Ends all connections after what they are doing.
    pub async fn close(&self) {
        self.writers.close().await;
        self.readers.close().await;
    }
}

const SQLITE_WRITER: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
    PRAGMA busy_timeout = 5000; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -65536";
const SQLITE_READER: &str = "PRAGMA busy_timeout = 5000; PRAGMA cache_size = -16384; PRAGMA query_only = ON";
/// Without statistics on a growing table PostgreSQL scans it for every batch; with these its plans cannot
/// flip: every statement of ours reaches its rows by an index. Plans are made for each batch, because one that
/// was kept from a time when the table was empty walks all of it ever after.
const POSTGRES_SESSION: &str = "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET jit = off; \
     SET plan_cache_mode = force_custom_plan";

async fn pool(url: &str, connections: u32, session: &'static str) -> Result<AnyPool, StoreError> {
    let options = AnyPoolOptions::new()
        .min_connections(1)
        .max_connections(connections)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        // An embedded database's connection cannot go stale; asking it before each use would cost.
        .test_before_acquire(sqlite_path(url).is_none())
        .after_connect(move |connection, _| {
            Box::pin(async move {
                for statement in session.split(';') {
                    connection.execute(statement.trim()).await?;
                }
                Ok(())
            })
        });
    Ok(options.connect(url).await?)
}

/// The path of a SQLite URL; none for another database.
fn sqlite_path(url: &str) -> Option<PathBuf> {
    let rest = url.strip_prefix("sqlite:")?;
    Some(PathBuf::from(rest.strip_prefix("//").unwrap_or(rest)))
}

fn lock_file(path: &Path) -> Result<std::fs::File, StoreError> {
    let lock_path = path.with_extension("lock");
    let file_error = |source| StoreError::File { path: lock_path.display().to_string(), source };
    let file = std::fs::OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&lock_path)
        .map_err(file_error)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(StoreError::Busy(format!(
            "another phoneyard uses the database {}; stop it first",
            path.display()
        ))),
        Err(std::fs::TryLockError::Error(source)) => Err(file_error(source)),
    }
}
