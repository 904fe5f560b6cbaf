//! Standard error: notes, and the bar of a wait, which is redrawn in place on a terminal.

use crate::progress::{self, Tally};
use std::io::{IsTerminal, Write};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Without a terminal a line is written when something changed, at most this often.
const LINE_PERIOD: Duration = Duration::from_secs(5);

/// Standard error.
#[derive(Debug)]
pub struct Screen {
    quiet: bool,
    terminal: bool,
    color: bool,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// A bar stands in the last line.
    bar: bool,
    last: Option<(Tally, Instant)>,
}

impl Screen {
    /// Standard error as it is; a quiet one shows neither notes nor bars.
    pub fn new(quiet: bool) -> Self {
        let terminal = std::io::stderr().is_terminal();
        let color = terminal && colorful();
        Self { quiet, terminal, color, state: Mutex::default() }
    }

    /// A line about what goes on.
    pub fn note(&self, line: &str) {
        if !self.quiet {
            self.error(line);
        }
    }

    /// A line that even a quiet user has to see.
    pub fn error(&self, line: &str) {
        self.clear();
        write(&format!("phoneyard: {line}\n"));
    }

    /// Shows how far a wait is.
    pub fn bar(&self, tally: Tally, since: Duration) {
        if self.quiet {
            return;
        }
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if self.terminal {
            let width = width_of(&std::io::stderr()).unwrap_or(progress::WIDTH);
            write(&format!("\r\x1b[K{}", progress::bar(tally, since, width, self.color)));
            state.bar = true;
            return;
        }
        let due = match state.last {
            None => true,
            Some((last, at)) => last != tally && (at.elapsed() >= LINE_PERIOD || tally.running == 0),
        };
        if due {
            write(&format!("phoneyard: {}\n", progress::line(tally)));
            state.last = Some((tally, Instant::now()));
        }
    }

    /// Takes the bar away, so that what follows starts on a line of its own.
    pub fn clear(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if std::mem::take(&mut state.bar) {
            write("\r\x1b[K");
        }
    }
}

/// A reader that went away is no reason to break off.
fn write(text: &str) {
    let mut stderr = std::io::stderr().lock();
    let _ = stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush());
}

/// Whether a terminal may be coloured: not with NO_COLOR, nor a dumb one.
pub fn colorful() -> bool {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    set("NO_COLOR").is_none() && set("TERM").is_none_or(|term| term != "dumb")
}

/// The columns of a terminal.
pub fn width_of(stream: &impl rustix::fd::AsFd) -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(stream).ok()?;
    Some(usize::from(size.ws_col)).filter(|columns| *columns > 0)
}
