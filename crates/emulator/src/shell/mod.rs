//! The phone's shell. It speaks the language that people send over `adb shell`, words its errors as Android's
//! mksh does, and knows of the phone only what [`System`] tells it.
//!
//! Everything it runs lives in the future of [`Shell::run`] or in tasks that the shell holds: dropping both
//! kills all of it.

mod alias;
mod arithmetic;
mod ast;
mod budget;
mod builtins;
mod command;
mod descriptor;
pub(crate) mod escape;
mod expand;
mod external;
mod field;
mod glob;
mod guest;
mod interact;
mod job;
pub(crate) mod limits;
mod line;
mod loops;
mod parameter;
mod parser;
pub(crate) mod pattern;
mod pipeline;
mod redirect;
pub(crate) mod regex;
mod system;
mod terminal;
mod test;
#[cfg(test)]
mod tests;
mod variables;

pub(crate) use guest::{guest_shell, run_program, which};
pub(crate) use interact::Prompt;
use system::System;
#[cfg(test)]
use system::{FileInfo, FileKind, Refusal, Sink, Source};

use crate::phone::rng::Rng;
use crate::pipe::{Input, Output};
use ast::Command;
use budget::{Budget, Ticket};
use descriptor::Descriptors;
use job::Job;
use limits::{DEPTH_MAX, SCRIPT_BYTES_MAX};
use parser::Parser;
use redirect::Redirected;
use std::collections::BTreeMap;
use std::sync::Arc;
use variables::{Before, Variables};

/// What the shell calls itself.
pub(crate) const NAME: &str = "/system/bin/sh";

/// Where a shell reads from and writes to.
#[derive(Debug, Clone)]
pub(crate) struct Io {
    /// What it and its programs read.
    pub(crate) stdin: Input,
    /// What they print.
    pub(crate) stdout: Output,
    /// What they complain to.
    pub(crate) stderr: Output,
    /// All three are a terminal.
    pub(crate) terminal: bool,
}

/// Why a list of commands ends before its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flow {
    Break(u32),
    Continue(u32),
    Return(u8),
    Exit(u8),
    /// A mistake that ends a script, and a line of an interactive shell.
    Abort(u8),
}

/// How a command ended: with its exit code, or with more than that.
type Done = Result<u8, Flow>;

/// What `set` switches on.
#[derive(Debug, Clone, Copy, Default)]
struct Options {
    errexit: bool,
    xtrace: bool,
    nounset: bool,
    noglob: bool,
    pipefail: bool,
}

/// A shell: variables, functions, options, and where it is.
pub(crate) struct Shell {
    system: Arc<dyn System>,
    variables: Variables,
    cwd: String,
    functions: BTreeMap<String, Arc<Command>>,
    name: String,
    arguments: Arc<[String]>,
    descriptors: Descriptors,
    options: Options,
    /// Exit code of the last command.
    status: u8,
    /// Exit code of the last command substitution of a command.
    substituted: Option<u8>,
    /// Lists, functions and substitutions that run inside of each other.
    depth: usize,
    /// The same, before the shell ran anything.
    depth_first: usize,
    /// Loops that `break` can leave.
    loops: u32,
    /// Functions and sourced files that `return` can leave.
    calls: u32,
    /// Conditions being tested: a failure in them is no failure.
    conditions: u32,
    locals: Vec<Vec<Before>>,
    jobs: Vec<Job>,
    last_job: Option<u32>,
    pid: u32,
    random: Rng,
    budget: Arc<Budget>,
    /// Redirections that `exec` made.
    kept: Vec<Redirected>,
    exit_trap: Option<String>,
    /// Where `getopts` is: the argument, and the letter in it.
    option_index: usize,
    option_at: usize,
    umask: u32,
    aliases: Arc<BTreeMap<String, String>>,
    _ticket: Option<Ticket>,
}

impl std::fmt::Debug for Shell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shell").field("cwd", &self.cwd).field("status", &self.status).finish_non_exhaustive()
    }
}

impl Shell {
    /// A shell that has run nothing yet. `cwd` is an absolute path.
    pub(crate) fn new(system: Arc<dyn System>, env: &BTreeMap<String, String>, cwd: String) -> Self {
        let (depth, budget) = budget::inherited();
        let mut variables = Variables::new(env, budget.clone());
        // The environment comes from a program, so it may be as large as it may be; what does not fit is left.
        let _ = variables.set("PWD", &cwd);
        let pid = budget.pid();
        Self {
            system,
            variables,
            cwd,
            functions: BTreeMap::new(),
            name: NAME.to_owned(),
            arguments: Arc::from([]),
            descriptors: Descriptors::default(),
            options: Options::default(),
            status: 0,
            substituted: None,
            depth: depth + 1,
            depth_first: depth + 1,
            loops: 0,
            calls: 0,
            conditions: 0,
            locals: Vec::new(),
            jobs: Vec::new(),
            last_job: None,
            pid,
            random: Rng::of(u64::from(pid), NAME, 1),
            budget,
            kept: Vec::new(),
            exit_trap: None,
            option_index: 1,
            option_at: 1,
            umask: 0,
            aliases: Arc::default(),
            _ticket: None,
        }
    }

    /// Names the script that is run (`$0`) and its arguments.
    pub(crate) fn with_arguments(mut self, name: Option<&str>, arguments: &[String]) -> Self {
        self.name = name.unwrap_or(NAME).to_owned();
        self.arguments = arguments.into();
        self
    }

    /// Lets it begin in another directory.
    pub(crate) fn at(mut self, cwd: String) -> Self {
        // A path is far below what a variable may hold.
        let _ = self.variables.set("PWD", &cwd);
        self.cwd = cwd;
        self
    }

    /// Switches options on by their letters, as `sh -ex` does; letters that are none are left.
    pub(crate) fn with_options(mut self, letters: &str) -> Self {
        for letter in letters.chars() {
            let _ = self.option(&letter.to_string(), true);
        }
        self
    }

    /// Runs a script as `sh -c` does, and waits for what it left in the background.
    pub(crate) async fn run(&mut self, script: &str, io: Io) -> u8 {
        let guard = Guard(self);
        let shell = &mut *guard.0;
        if io.terminal {
            return shell.run_on_terminal(script, io).await;
        }
        shell.descriptors = Descriptors::new(io);
        let done = shell.script(script).await;
        shell.end(done).await
    }

    /// What the script's end gives, once nothing in the background prints to the same place any more.
    async fn end(&mut self, done: Done) -> u8 {
        let (code, jobs) = self.finish(done).await;
        for job in jobs {
            self.part_from(job).await;
        }
        code
    }

    /// Closes everything; gives the exit code and what still runs.
    async fn finish(&mut self, done: Done) -> (u8, Vec<Job>) {
        let code = code_of(done);
        self.status = code;
        self.run_trap().await;
        self.descriptors = Descriptors::default();
        self.close_kept().await;
        (code, std::mem::take(&mut self.jobs))
    }

    /// Runs the lines of a script.
    async fn script(&mut self, script: &str) -> Done {
        if script.len() > SCRIPT_BYTES_MAX {
            self.complain("Argument list too long").await;
            return Err(Flow::Abort(126));
        }
        // Before it is read: it is read at once.
        self.budget.work(script.len()).await;
        let mut parser = Parser::new(script);
        loop {
            match parser.line() {
                Ok(Some(list)) => self.status = self.list(&list).await?,
                Ok(None) => return Ok(self.status),
                Err(why) => {
                    self.complain(&why.to_string()).await;
                    return Err(Flow::Abort(1));
                }
            }
        }
    }

    /// A copy that runs by itself: what it changes is its own.
    fn fork(&self) -> Option<Self> {
        let ticket = self.budget.take()?;
        Some(Self {
            system: self.system.clone(),
            variables: self.variables.clone(),
            cwd: self.cwd.clone(),
            functions: self.functions.clone(),
            name: self.name.clone(),
            arguments: self.arguments.clone(),
            descriptors: self.descriptors.clone(),
            options: self.options,
            status: self.status,
            substituted: None,
            depth: self.depth + 1,
            depth_first: self.depth + 1,
            loops: 0,
            calls: self.calls,
            conditions: self.conditions,
            locals: Vec::new(),
            jobs: Vec::new(),
            last_job: self.last_job,
            pid: self.pid,
            random: Rng::of(u64::from(self.budget.pid()), NAME, 2),
            budget: self.budget.clone(),
            kept: Vec::new(),
            exit_trap: None,
            option_index: self.option_index,
            option_at: self.option_at,
            umask: self.umask,
            aliases: self.aliases.clone(),
            _ticket: Some(ticket),
        })
    }

    /// [`Shell::fork`], or a complaint.
    async fn forked(&mut self) -> Result<Self, Flow> {
        self.budget.work(limits::FORK_WORK).await;
        match self.fork() {
            Some(shell) if shell.depth < limits::RUN_DEPTH_MAX => Ok(shell),
            Some(_) => Err(self.too_deep().await),
            None => {
                self.complain("can't fork - try again").await;
                Err(Flow::Abort(1))
            }
        }
    }

    /// Goes one level deeper, if there is one left; who calls this comes up again by itself.
    async fn descend(&mut self) -> Result<(), Flow> {
        if self.depth >= limits::RUN_DEPTH_MAX {
            return Err(self.too_deep().await);
        }
        self.depth += 1;
        Ok(())
    }

    async fn too_deep(&mut self) -> Flow {
        self.complain("recursion too deep").await;
        Flow::Abort(1)
    }

    /// Prints; who writes where nobody reads any more ends.
    async fn print(&self, text: impl Into<bytes::Bytes>) -> Result<(), Flow> {
        match self.descriptors.output(1).write(text).await {
            Ok(()) => Ok(()),
            Err(crate::pipe::Closed) => Err(Flow::Exit(CLOSED)),
        }
    }

    /// Complains in the shell's name.
    async fn complain(&self, text: &str) {
        // Nobody may be there to read it.
        let _ = self.descriptors.output(2).write(format!("{}: {text}\n", self.name)).await;
    }

    /// A path, seen from where the shell is.
    fn absolute(&self, path: &str) -> String {
        let whole = crate::program::path_from(&self.cwd, path);
        let components: Vec<&str> =
            whole.split('/').filter(|component| !matches!(*component, "" | ".")).collect();
        format!("/{}", components.join("/"))
    }
}

/// The exit code of a program whose output nobody reads: 128 and SIGPIPE.
const CLOSED: u8 = 141;

/// The exit code that is left when nothing is left to break, continue or return to.
fn code_of(done: Done) -> u8 {
    match done {
        Ok(code) | Err(Flow::Return(code) | Flow::Exit(code) | Flow::Abort(code)) => code,
        Err(Flow::Break(_) | Flow::Continue(_)) => 0,
    }
}

/// Kills what runs in the background when the future of a run is dropped.
struct Guard<'a>(&'a mut Shell);

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        self.0.jobs.clear();
        self.0.kept.clear();
        self.0.descriptors = Descriptors::default();
    }
}

/// Reads a script without running it, for a fuzzer: must never panic.
pub fn fuzz_script(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut parser = Parser::new(text.get(..SCRIPT_BYTES_MAX).unwrap_or(&text));
    let mut lines = 0_usize;
    while lines <= text.len() && matches!(parser.line(), Ok(Some(_))) {
        lines += 1;
    }
    debug_assert!(lines <= text.len(), "every line takes text");
    let _ = pattern::Pattern::new(&text).matches("a-b]c");
    let _ = escape::unescape(&text, escape::Style::Printf);
    let _ = arithmetic::evaluate(&text, &mut Variables::default());
}

/// Depth that is left for a nested shell, as [`DEPTH_MAX`] counts nesting of text.
const _: () = assert!(DEPTH_MAX < limits::RUN_DEPTH_MAX);
