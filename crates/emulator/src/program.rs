//! What every program of a phone is given, and gives back.

use crate::pipe::{Input, Output};
use futures::future::BoxFuture;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A program that runs: ends with its exit code. Dropping it kills the program.
pub type Running = BoxFuture<'static, u8>;

/// A program about to run.
#[derive(Debug, Clone)]
pub struct Process {
    /// Its name as called, and its arguments.
    pub argv: Vec<String>,
    /// Exported variables: shared by programs that start each other.
    pub env: Arc<BTreeMap<String, String>>,
    /// Where it runs: an absolute path.
    pub cwd: String,
    /// What it reads.
    pub stdin: Input,
    /// What it prints.
    pub stdout: Output,
    /// What it complains to.
    pub stderr: Output,
    /// Standard output is a terminal.
    pub terminal: bool,
}

/// A path as who is in the directory `cwd` means it.
pub(crate) fn path_from(cwd: &str, path: &str) -> String {
    if path.starts_with('/') { path.to_owned() } else { format!("{}/{path}", cwd.trim_end_matches('/')) }
}

impl Process {
    /// A path as the process means it.
    pub(crate) fn path(&self, path: &str) -> String {
        path_from(&self.cwd, path)
    }

    /// Its arguments, without its name.
    pub fn arguments(&self) -> &[String] {
        self.argv.get(1..).unwrap_or_default()
    }

    /// Prints a line. That nobody reads it any more is found out at the next write, or never: as a program
    /// without a handler for SIGPIPE would die then, callers that print much use [`Output::write`].
    pub async fn say(&self, line: impl AsRef<str>) {
        let _ = self.stdout.write(format!("{}\n", line.as_ref())).await;
    }

    /// Complains in a line, the program's name before it, and gives the exit code 1.
    pub async fn complain(&self, line: impl AsRef<str>) -> u8 {
        let name = self.argv.first().map_or("", |name| name.rsplit('/').next().unwrap_or(name));
        let _ = self.stderr.write(format!("{name}: {}\n", line.as_ref())).await;
        1
    }
}
