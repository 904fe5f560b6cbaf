//! What runs beside the shell: jobs in the background, and the carriers between pipes and files.

use super::ast::{Chain, Part, RedirectKind};
use super::system::{Refusal, Sink, Source};
use super::{Done, Flow, Shell};
use crate::pipe::{Input, Output};
use futures::future::FutureExt;
use tokio::task::JoinHandle;

/// Signals that end nobody: none at all, CHLD and CONT.
const HARMLESS: [u32; 3] = [0, 17, 18];

/// A task that ends when this is dropped.
#[derive(Debug)]
pub(super) struct Task<T>(JoinHandle<T>);

impl<T: Send + 'static> Task<T> {
    pub(super) fn start(work: impl Future<Output = T> + Send + 'static) -> Self {
        Self(tokio::spawn(work))
    }

    /// What it gives; none when it was killed.
    pub(super) async fn wait(mut self) -> Option<T> {
        (&mut self.0).await.ok()
    }

    fn kill(&self) {
        self.0.abort();
    }

    pub(super) fn ended(&self) -> bool {
        self.0.is_finished()
    }
}

impl<T> Drop for Task<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// A job in the background.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) pid: u32,
    /// All that it prints goes elsewhere than to what the shell prints to.
    pub(super) apart: bool,
    /// The exit code that `kill` gave it.
    killed: Option<u8>,
    task: Task<(u8, Vec<Job>)>,
}

impl Job {
    pub(super) fn new(pid: u32, task: Task<(u8, Vec<Job>)>) -> Self {
        Self { pid, apart: false, killed: None, task }
    }

    pub(super) fn ended(&self) -> bool {
        self.task.ended()
    }

    /// Waits for it and for what it left in the background; gives its exit code.
    pub(super) async fn wait(self) -> u8 {
        let Some((code, mut rest)) = self.task.wait().await else { return self.killed.unwrap_or(137) };
        while let Some(job) = rest.pop() {
            if let Some((_, more)) = job.task.wait().await {
                rest.extend(more);
            }
        }
        code
    }
}

/// Whether all that these commands print goes to files or pipes of their own, as far as the text says.
pub(super) fn prints_elsewhere(chain: &Chain) -> bool {
    let rest = chain.rest.iter().map(|(_, pipeline)| pipeline);
    std::iter::once(&chain.first).chain(rest).all(|pipeline| {
        let last = pipeline.commands.len().saturating_sub(1);
        pipeline.commands.iter().enumerate().all(|(at, command)| {
            // Whether standard output and standard error go elsewhere.
            let mut away = (at < last, false);
            for redirect in &command.redirects {
                let from = match (redirect.kind, redirect.target.0.as_slice()) {
                    (RedirectKind::Duplicate, [Part::Literal(fd)]) if fd == "1" => away.0,
                    (RedirectKind::Duplicate, [Part::Literal(fd)]) if fd == "2" => away.1,
                    (RedirectKind::Duplicate, [Part::Literal(fd)]) => fd == "-",
                    (
                        RedirectKind::Write | RedirectKind::Append | RedirectKind::Both,
                        [Part::Literal(path)],
                    ) => !path.starts_with("/dev/") || path == "/dev/null",
                    _ => false,
                };
                match (redirect.kind, redirect.fd) {
                    (RedirectKind::Both, _) => away = (from, from),
                    (_, 1) => away.0 = from,
                    (_, 2) => away.1 = from,
                    _ => {}
                }
            }
            away == (true, true)
        })
    })
}

impl Shell {
    /// Leaves a job to itself if it does not print to where the shell does, and waits for it otherwise: who
    /// reads that would wait too.
    pub(super) async fn part_from(&self, job: Job) {
        let apart = job.apart;
        let work = async move {
            job.wait().await;
        }
        .boxed();
        if let Err(work) = if apart { self.system.leave(work) } else { Err(work) } {
            work.await;
        }
    }

    /// `kill` of this shell, or of jobs of its own; none where it is about other processes, which a program
    /// knows.
    pub(super) fn kill_own(&mut self, argv: &[String]) -> Option<Done> {
        let (signal, pids) = crate::programs::signal_and_rest(argv.get(1..)?).ok()?;
        let own = self.pid.to_string();
        let name = |at: usize, job: &Job| [job.pid.to_string(), format!("%{}", at + 1)];
        let places: Vec<Option<usize>> = pids
            .iter()
            .map(|pid| self.jobs.iter().enumerate().position(|(at, job)| name(at, job).contains(pid)))
            .collect();
        if pids.is_empty() || pids.iter().zip(&places).any(|(pid, place)| *pid != own && place.is_none()) {
            return None;
        }
        let ends = !HARMLESS.contains(&signal);
        let code = u8::try_from(signal).unwrap_or(0).saturating_add(128);
        for place in places.into_iter().flatten().filter(|_| ends) {
            if let Some(job) = self.jobs.get_mut(place) {
                job.killed = Some(code);
                job.task.kill();
            }
        }
        Some(if ends && pids.contains(&own) { Err(Flow::Exit(code)) } else { Ok(0) })
    }

    /// Keeps what still runs of another shell's jobs.
    pub(super) fn adopt(&mut self, jobs: Vec<Job>) {
        self.jobs.extend(jobs.into_iter().filter(|job| !job.ended()));
    }
}

/// Writes to a file what comes out of a pipe.
pub(super) async fn store(from: Input, mut to: Box<dyn Sink>) -> Result<(), Refusal> {
    while let Some(bytes) = from.next().await {
        to.write(&bytes)?;
    }
    to.close()
}

/// Writes a file into a pipe.
pub(super) async fn load(mut from: Box<dyn Source>, to: Output) -> Result<(), Refusal> {
    while let Some(bytes) = from.next()? {
        if to.write(bytes).await.is_err() {
            break;
        }
    }
    Ok(())
}
