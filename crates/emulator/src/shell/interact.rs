//! A shell that reads its commands.

use super::descriptor::Descriptors;
use super::limits::{LINE_BYTES_MAX, SCRIPT_BYTES_MAX, UNFINISHED_LINES_MAX};
use super::line::Typed;
use super::parser::Parser;
use super::terminal::{Ended, INTERRUPTED, Terminal};
use super::{Done, Flow, Guard, Io, Shell};

/// What the shell shows before it reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    /// The phone's name.
    pub hostname: String,
    /// Ends in `#`, not in `$`.
    pub root: bool,
}

/// Shown where a command goes on.
const MORE: &str = "> ";

/// What lines make so far.
enum Read {
    /// Nothing that runs: more lines are needed.
    More,
    /// A command that is whole.
    Whole,
    Wrong,
}

/// Lines of a command that is not whole yet.
#[derive(Default)]
struct Unfinished {
    text: String,
    lines: usize,
}

impl Unfinished {
    fn add(&mut self, line: &[u8]) -> Read {
        self.text.push_str(&String::from_utf8_lossy(line));
        self.text.push('\n');
        self.lines += 1;
        if self.text.ends_with("\\\n") && self.fits() {
            return Read::More;
        }
        let mut parser = Parser::new(&self.text);
        loop {
            match parser.line() {
                Ok(Some(_)) => {}
                Ok(None) => return Read::Whole,
                Err(why) if why.unfinished() && self.fits() => return Read::More,
                Err(_) => return Read::Wrong,
            }
        }
    }

    fn fits(&self) -> bool {
        self.text.len() < SCRIPT_BYTES_MAX && self.lines < UNFINISHED_LINES_MAX
    }
}

impl Shell {
    /// Reads commands and runs them, until there are no more or one of them is `exit`. On a terminal, what is
    /// typed is echoed and edited, and a prompt is shown.
    pub async fn interact(&mut self, io: Io, prompt: &Prompt) -> u8 {
        let guard = Guard(self);
        let shell = &mut *guard.0;
        if io.terminal {
            return shell.converse(io, prompt).await;
        }
        shell.descriptors = Descriptors::new(io);
        let done = shell.follow().await;
        shell.end(done).await
    }

    /// Runs the lines of standard input.
    async fn follow(&mut self) -> Done {
        let input = self.descriptors.input(0);
        let mut unfinished = Unfinished::default();
        while let Some(line) = input.line(LINE_BYTES_MAX).await {
            // Every line reads all of them again.
            self.budget.work(unfinished.text.len()).await;
            match unfinished.add(&line) {
                Read::More => self.budget.command().await,
                Read::Whole | Read::Wrong => {
                    let text = std::mem::take(&mut unfinished).text;
                    self.status = self.script(&text).await?;
                }
            }
        }
        if unfinished.lines > 0 {
            self.status = self.script(&unfinished.text).await?;
        }
        Ok(self.status)
    }

    /// Talks with somebody at a terminal.
    async fn converse(&mut self, io: Io, prompt: &Prompt) -> u8 {
        let mut terminal = Terminal::new(io);
        self.descriptors = terminal.descriptors();
        let mut unfinished = Unfinished::default();
        let code = loop {
            let text = if unfinished.lines == 0 { self.prompt(prompt) } else { MORE.to_owned() };
            terminal.show(text).await;
            match terminal.next().await {
                None | Some(Typed::End) => break self.status,
                Some(Typed::Interrupt) => {
                    unfinished = Unfinished::default();
                    self.status = INTERRUPTED;
                }
                Some(Typed::Line(line)) => {
                    terminal.line.remember(&line);
                    self.budget.work(unfinished.text.len()).await;
                    if matches!(unfinished.add(&line), Read::More) {
                        continue;
                    }
                    let text = std::mem::take(&mut unfinished).text;
                    if let Some(code) = self.answer(&text, &mut terminal).await {
                        break code;
                    }
                }
            }
        };
        self.status = code;
        self.run_trap().await;
        self.jobs.clear();
        self.descriptors = Descriptors::default();
        self.close_kept().await;
        terminal.close().await;
        code
    }

    /// Runs what was typed; gives the exit code if the shell ends by that.
    async fn answer(&mut self, text: &str, terminal: &mut Terminal) -> Option<u8> {
        let descriptors = self.descriptors.clone();
        let ended = terminal.attend(self.script(text)).await;
        let mut exit = None;
        match ended {
            Ended::With(Ok(code) | Err(Flow::Abort(code) | Flow::Return(code))) => self.status = code,
            Ended::With(Err(Flow::Exit(code))) => exit = Some(code),
            Ended::With(Err(Flow::Break(_) | Flow::Continue(_))) => {}
            Ended::Interrupted => {
                self.status = INTERRUPTED;
                self.descriptors = descriptors;
            }
        }
        self.recover();
        if self.kept.is_empty() {
            // Ctrl-D gives the terminal a new pipe to read from.
            self.descriptors = terminal.descriptors();
        }
        exit
    }

    fn prompt(&self, prompt: &Prompt) -> String {
        let failed = if self.status == 0 { String::new() } else { format!("{}|", self.status) };
        let sign = if prompt.root { '#' } else { '$' };
        format!("{failed}{}:{} {sign} ", prompt.hostname, self.cwd)
    }
}
