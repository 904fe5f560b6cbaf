//! What programs print, gathered so that not every line travels alone.

use super::source::Lines;
use crate::pipe::{Closed, Output};

/// Bytes that are gathered.
const GATHER_BYTES: usize = 16 * 1024;
/// The exit code of who writes where nobody reads: 128 and SIGPIPE.
pub(super) const CLOSED: u8 = 141;

/// Gathers what is printed.
#[derive(Debug)]
pub(super) struct Printer {
    to: Output,
    gathered: Vec<u8>,
}

impl Printer {
    pub(super) fn new(to: &Output) -> Self {
        Self { to: to.clone(), gathered: Vec::new() }
    }

    pub(super) async fn print(&mut self, bytes: impl AsRef<[u8]>) -> Result<(), Closed> {
        self.gathered.extend_from_slice(bytes.as_ref());
        if self.gathered.len() >= GATHER_BYTES { self.flush().await } else { Ok(()) }
    }

    pub(super) async fn line(&mut self, bytes: impl AsRef<[u8]>) -> Result<(), Closed> {
        self.gathered.extend_from_slice(bytes.as_ref());
        self.print("\n").await
    }

    /// Shows what is gathered before it has to wait for more lines.
    pub(super) async fn before(&mut self, lines: &Lines) -> Result<(), Closed> {
        if lines.ready() { Ok(()) } else { self.flush().await }
    }

    pub(super) async fn flush(&mut self) -> Result<(), Closed> {
        if self.gathered.is_empty() {
            return Ok(());
        }
        self.to.write(std::mem::take(&mut self.gathered)).await
    }
}

/// The exit code of a program: its own, or that of a closed pipe.
pub(super) fn exit(done: Result<u8, Closed>) -> u8 {
    done.unwrap_or(CLOSED)
}
