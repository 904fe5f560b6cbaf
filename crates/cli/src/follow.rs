//! Follows jobs to their end.

use crate::api;
use crate::failure::{Failure, Kind};
use crate::http::{Patience, Trouble};
use crate::outcome::{self, ended};
use crate::screen::Screen;
use crate::session::Session;
use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use wire::job::Job;

/// Pauses between two looks: they double from the first to the last, and are never shorter than a look took.
const PAUSE_FIRST: Duration = Duration::from_millis(100);
const PAUSE_LAST: Duration = Duration::from_secs(1);

/// What is followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// All jobs of a request.
    Request(String),
    /// One job.
    Job(String),
}

/// What runs on when the user breaks off.
#[derive(Debug, Default)]
pub struct Followed(Mutex<(Vec<Target>, bool)>);

impl Followed {
    /// What is followed from the start.
    pub fn of(targets: Vec<Target>) -> Self {
        Self(Mutex::new((targets, false)))
    }

    /// A request that was accepted.
    pub fn add(&self, request_id: &str) {
        self.lock().0.push(Target::Request(request_id.into()));
    }

    /// Whether a request is under way.
    pub fn sending(&self, yes: bool) {
        self.lock().1 = yes;
    }

    /// The lines of a break-off.
    pub fn farewell(&self) -> String {
        let state = self.lock();
        let mut line = match command(&state.0) {
            Some(command) => format!("the jobs run on; follow them with: {command}"),
            None => "nothing was accepted".into(),
        };
        if state.1 {
            line.push_str("; one more request was under way: see phoneyard phones list");
        }
        line
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, (Vec<Target>, bool)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How targets are followed; none without any.
pub fn command(targets: &[Target]) -> Option<String> {
    let words = targets.iter().map(|target| match target {
        Target::Request(id) => format!(" --request {id}"),
        Target::Job(id) => format!(" {id}"),
    });
    (!targets.is_empty()).then(|| format!("phoneyard jobs wait{}", words.collect::<String>()))
}

/// Does something until Ctrl-C. The jobs run on, and how to follow them is told.
///
/// # Errors
/// Those of what is done, and Ctrl-C.
pub async fn unless_interrupted<T>(
    screen: &Screen,
    followed: &Followed,
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let result = tokio::select! {
        result = work => result,
        signal = tokio::signal::ctrl_c() => {
            let message = match signal {
                Ok(()) => followed.farewell(),
                Err(error) => format!("no signals from the system: {error}"),
            };
            Err(Failure { kind: Kind::Interrupted, message })
        }
    };
    screen.clear();
    result
}

/// Follows targets until all their jobs have ended; `jobs` holds them as last seen. A service that is away
/// comes back or time is up.
///
/// # Errors
/// The service refuses to tell, or time is up.
pub async fn follow(
    session: &Session,
    screen: &Screen,
    targets: &[Target],
    jobs: &mut BTreeMap<String, Job>,
    deadline: Instant,
) -> Result<(), Failure> {
    let started = Instant::now();
    let mut open: Vec<&Target> = targets.iter().collect();
    let mut pause = PAUSE_FIRST;
    loop {
        let look = Instant::now();
        let mut still = Vec::new();
        for target in open {
            // A service that hangs must not outlast the deadline.
            let asked = tokio::time::timeout_at(deadline.into(), ask(session, target, jobs, deadline)).await;
            match asked {
                Ok(Ok(true)) => {}
                Ok(Ok(false)) => still.push(target),
                Ok(Err(failure)) => return Err(failure),
                Err(_) => return Err(time_is_up(targets, "the service did not answer; ")),
            }
            screen.bar(outcome::tally(jobs.values()), started.elapsed());
        }
        open = still;
        if open.is_empty() {
            return Ok(());
        }
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(time_is_up(targets, ""));
        }
        tokio::time::sleep(pause.max(look.elapsed()).min(left)).await;
        pause = (pause * 2).min(PAUSE_LAST);
    }
}

/// Looks at one target; whether all its jobs have ended.
async fn ask(
    session: &Session,
    target: &Target,
    jobs: &mut BTreeMap<String, Job>,
    deadline: Instant,
) -> Result<bool, Failure> {
    let patience = Patience { away: deadline, busy: deadline };
    let seen = match target {
        Target::Request(id) => api::jobs(session, id, patience).await,
        Target::Job(id) => api::job(session, id, patience).await.map(|job| vec![outcome::listed(job)]),
    };
    match seen {
        Ok(seen) => {
            let all_ended = seen.iter().all(ended);
            merge(jobs, seen);
            Ok(all_ended)
        }
        Err(Trouble::Away(why)) if Instant::now() >= deadline => {
            Err(time_is_up(std::slice::from_ref(target), &format!("{why}; ")))
        }
        Err(trouble) => Err(trouble.into()),
    }
}

/// Takes what was seen; a job that has ended does not change any more.
fn merge(jobs: &mut BTreeMap<String, Job>, seen: Vec<Job>) {
    for job in seen {
        let old = jobs.get(&job.job_id);
        if !old.is_some_and(ended) {
            jobs.insert(job.job_id.clone(), job);
        }
    }
}

fn time_is_up(targets: &[Target], why: &str) -> Failure {
    let command = command(targets).unwrap_or_default();
    Failure {
        kind: Kind::TimedOut,
        message: format!("{why}time is up; the jobs run on; follow them with: {command}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(job_id: &str, status: i64) -> Job {
        Job { job_id: job_id.into(), status, ..Job::default() }
    }

    #[test]
    fn a_job_that_has_ended_stays_as_it_is() {
        let mut jobs = BTreeMap::new();
        merge(&mut jobs, vec![job("a", 2), job("b", 1)]);
        merge(&mut jobs, vec![job("a", 1), job("b", -1)]);
        let seen: Vec<i64> = jobs.values().map(|job| job.status).collect();
        assert_eq!(seen, [2, -1]);
    }

    #[test]
    fn a_break_off_tells_how_to_go_on() {
        let followed = Followed::default();
        assert_eq!(followed.farewell(), "nothing was accepted");
        followed.add("r1");
        followed.add("r2");
        followed.sending(true);
        let line = followed.farewell();
        assert!(line.contains("phoneyard jobs wait --request r1 --request r2;"), "{line}");
        assert!(line.contains("one more request was under way"), "{line}");
        let command = command(&[Target::Job("j".into())]);
        assert_eq!(command.as_deref(), Some("phoneyard jobs wait j"));
    }
}
