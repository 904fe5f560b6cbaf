//! A terminal between its user and what runs on it.

use super::descriptor::Descriptors;
use super::job::Task;
use super::limits::{LINE_BYTES_MAX, TYPED_AHEAD_BYTES_MAX};
use super::line::{Line, Typed, for_terminal};
use super::{Io, Shell};
use crate::pipe::{Input, Output, pipe};
use bytes::{Buf, Bytes};
use futures::FutureExt;
use std::collections::VecDeque;

/// A terminal.
pub(super) struct Terminal {
    keys: Input,
    /// Keys that nobody has looked at yet.
    pending: Bytes,
    pub(super) line: Line,
    screen: Output,
    /// Lines on their way to what runs.
    typed: Output,
    reads: Input,
    /// The user is gone.
    ended: bool,
    /// Brings the screen to its user.
    carrier: Task<()>,
}

/// How something ended that ran on a terminal.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ended<T> {
    /// By itself.
    With(T),
    /// By Ctrl-C.
    Interrupted,
}

/// What happened first.
enum Event<T> {
    Ended(T),
    Keys(Option<Bytes>),
    Taken,
}

impl Terminal {
    pub(super) fn new(io: Io) -> Self {
        let (screen, shown) = pipe();
        let (typed, reads) = pipe();
        let to = io.stdout;
        let carrier = Task::start(async move {
            let mut last = 0;
            while let Some(bytes) = shown.next().await {
                if to.write(for_terminal(&bytes, &mut last)).await.is_err() {
                    break;
                }
            }
        });
        let pending = Bytes::new();
        Self { keys: io.stdin, pending, line: Line::default(), screen, typed, reads, ended: false, carrier }
    }

    /// What runs on the terminal reads and writes here.
    pub(super) fn descriptors(&self) -> Descriptors {
        let (stdin, screen) = (self.reads.clone(), self.screen.clone());
        Descriptors::new(Io { stdin, stdout: screen.clone(), stderr: screen, terminal: true })
    }

    /// Shows something; whether anybody looks is found out when keys are read.
    pub(super) async fn show(&self, bytes: impl Into<Bytes>) {
        let _ = self.screen.write(bytes).await;
    }

    /// Waits until all is shown.
    pub(super) async fn close(self) {
        let Self { screen, carrier, .. } = self;
        drop(screen);
        let _ = carrier.wait().await;
    }

    /// The next line that is typed; none at the end.
    pub(super) async fn next(&mut self) -> Option<Typed> {
        // What was typed while a command ran and did not read it.
        if let Some(Some(line)) = self.reads.line(LINE_BYTES_MAX).now_or_never() {
            return Some(Typed::Line(line));
        }
        loop {
            if let Some(typed) = self.pending_keys().await {
                return Some(typed);
            }
            self.pending = self.keys.next().await?;
        }
    }

    /// Feeds keys that are here to the line, until one completes something.
    async fn pending_keys(&mut self) -> Option<Typed> {
        let mut echo = Vec::new();
        let mut typed = None;
        while self.pending.has_remaining() && typed.is_none() {
            typed = self.line.key(self.pending.get_u8(), &mut echo);
        }
        self.show(echo).await;
        typed
    }

    /// Runs something, with what is typed meanwhile going to it.
    pub(super) async fn attend<T>(&mut self, running: impl Future<Output = T>) -> Ended<T> {
        tokio::pin!(running);
        let mut queue: VecDeque<Bytes> = VecDeque::new();
        let mut close = false;
        loop {
            while self.pending.has_remaining() {
                match self.pending_keys().await {
                    Some(Typed::Interrupt) => return Ended::Interrupted,
                    Some(Typed::End) => close = true,
                    Some(Typed::Line(mut line)) => {
                        line.push(b'\n');
                        if queue.iter().map(Bytes::len).sum::<usize>() + line.len() <= TYPED_AHEAD_BYTES_MAX {
                            queue.push_back(line.into());
                        }
                    }
                    None => {}
                }
            }
            if close && queue.is_empty() {
                close = false;
                let (typed, reads) = pipe();
                // Who reads the old pipe is at its end now; the next command reads the new one.
                (self.typed, self.reads) = (typed, reads);
            }
            let first = queue.front().cloned();
            let event = tokio::select! {
                biased;
                value = &mut running => Event::Ended(value),
                keys = self.keys.next(), if !self.ended => Event::Keys(keys),
                _ = self.typed.write(first.clone().unwrap_or_default()), if first.is_some() => Event::Taken,
            };
            match event {
                Event::Ended(value) => {
                    for line in queue {
                        // Kept for the next reader, as far as it fits.
                        let _ = self.typed.write(line).now_or_never();
                    }
                    return Ended::With(value);
                }
                Event::Keys(Some(keys)) => self.pending = keys,
                Event::Keys(None) => (self.ended, close) = (true, true),
                Event::Taken => drop(queue.pop_front()),
            }
        }
    }
}

/// The exit code of what Ctrl-C ended: 128 and SIGINT.
pub(super) const INTERRUPTED: u8 = 130;

impl Shell {
    /// Runs a script on a terminal.
    pub(super) async fn run_on_terminal(&mut self, script: &str, io: Io) -> u8 {
        let mut terminal = Terminal::new(io);
        self.descriptors = terminal.descriptors();
        let ended = terminal
            .attend(async {
                let done = self.script(script).await;
                self.end(done).await
            })
            .await;
        let code = match ended {
            Ended::With(code) => code,
            Ended::Interrupted => INTERRUPTED,
        };
        self.recover();
        self.jobs.clear();
        self.descriptors = Descriptors::default();
        terminal.close().await;
        code
    }

    /// Makes the shell ready again after a command was killed in the middle.
    pub(super) fn recover(&mut self) {
        self.depth = self.depth_first;
        (self.loops, self.calls, self.conditions) = (0, 0, 0);
        self.substituted = None;
        while let Some(scope) = self.locals.pop() {
            for before in scope.into_iter().rev() {
                self.variables.put(before);
            }
        }
    }
}
