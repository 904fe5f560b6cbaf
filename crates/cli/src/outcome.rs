//! What became of an order: which entries were accepted, how their jobs ended, and the exit code. Pure.

use crate::failure::{Failure, Kind};
use crate::progress::Tally;
use crate::select::Chosen;
use crate::span;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;
use wire::job::{Job, JobDetail};
use wire::phone_batch::PhoneJobs;
use wire::server::ServerJobs;

/// A job that has ended well, in the wire's numbers.
const SUCCEEDED: i64 = 2;
/// A job that is queued or running.
const RUNNING: i64 = 1;

/// What the service answered to one request.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answered {
    /// The request's id.
    pub request_id: String,
    /// One entry for each phone or server asked.
    pub entries: Vec<Entry>,
    /// The answer as it came.
    pub wire: Value,
}

/// What became of one phone or server.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    /// The phone's or server's id.
    pub id: String,
    /// The job, if it was accepted.
    pub job_id: Option<String>,
    /// Code and text, if it was refused.
    pub error: String,
}

/// What became of an order.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The answers to its requests.
    pub answers: Vec<Answered>,
    /// Its jobs as last seen, by id.
    pub jobs: BTreeMap<String, Job>,
    /// How many phones were not asked for, because a request failed.
    pub unsent: usize,
    /// Why a request, or the wait, failed.
    pub failure: Option<Failure>,
}

/// The outcome in numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    /// Entries with a job.
    pub accepted: usize,
    /// Entries with an error.
    pub refused: usize,
    /// Not sent.
    pub unsent: usize,
    /// The jobs.
    pub jobs: Tally,
}

impl Answered {
    /// From the answer to a batch operation on phones.
    pub fn phones(answer: &PhoneJobs) -> Self {
        let entries = answer.jobs.iter().map(|job| {
            let error = [job.error_code.as_deref(), job.error_msg.as_deref()];
            entry(&job.phone_id, job.job_id.as_ref(), error)
        });
        Self {
            request_id: answer.request_id.clone(),
            entries: entries.collect(),
            wire: serde_json::to_value(answer).unwrap_or_default(),
        }
    }

    /// From the answer to a restart of servers.
    pub fn servers(answer: &ServerJobs) -> Self {
        let entries = answer.jobs.iter().map(|job| {
            let error = [job.error_code.as_deref(), job.error_msg.as_deref()];
            entry(&job.server_id, job.job_id.as_ref(), error)
        });
        Self {
            request_id: answer.request_id.clone(),
            entries: entries.collect(),
            wire: serde_json::to_value(answer).unwrap_or_default(),
        }
    }

    /// How many entries have a job.
    pub fn accepted(&self) -> usize {
        self.entries.iter().filter(|entry| entry.job_id.is_some()).count()
    }
}

fn entry(id: &str, job_id: Option<&String>, error: [Option<&str>; 2]) -> Entry {
    Entry { id: id.into(), job_id: job_id.cloned(), error: error.map(Option::unwrap_or_default).join(" ") }
}

/// A job of ShowJob in the form of ListJobs.
pub fn listed(job: JobDetail) -> Job {
    Job {
        phone_id: job.phone_id,
        node_id: job.server_id.clone(),
        server_id: job.server_id,
        job_id: job.job_id,
        begin_time: job.begin_time,
        end_time: job.end_time,
        status: job.status,
        error_code: job.error_code,
        error_msg: job.error_msg,
        execute_msg: job.execute_msg,
    }
}

/// Whether a job has ended.
pub fn ended(job: &Job) -> bool {
    job.status != RUNNING
}

/// Counts jobs.
pub fn tally<'a>(jobs: impl Iterator<Item = &'a Job>) -> Tally {
    jobs.fold(Tally::default(), |mut tally, job| {
        match job.status {
            RUNNING => tally.running += 1,
            SUCCEEDED => tally.succeeded += 1,
            _ => tally.failed += 1,
        }
        tally
    })
}

impl Outcome {
    /// Counts the accepted jobs as running until they are seen, so that a wait knows its whole from the start.
    pub fn expect_jobs(&mut self) {
        let entries = self.answers.iter().flat_map(|answer| &answer.entries);
        for job_id in entries.filter_map(|entry| entry.job_id.clone()) {
            let job = Job { job_id: job_id.clone(), status: RUNNING, ..Job::default() };
            self.jobs.entry(job_id).or_insert(job);
        }
    }

    /// In numbers.
    pub fn summary(&self) -> Summary {
        let accepted = self.answers.iter().map(Answered::accepted).sum();
        let entries: usize = self.answers.iter().map(|answer| answer.entries.len()).sum();
        let jobs = tally(self.jobs.values());
        Summary { accepted, refused: entries - accepted, unsent: self.unsent, jobs }
    }

    /// The exit code: that of the failure, or whether anything was refused or failed.
    pub fn exit_code(&self) -> u8 {
        let summary = self.summary();
        match &self.failure {
            Some(failure) => failure.kind.exit_code(),
            None if summary.refused + summary.unsent + summary.jobs.failed > 0 => Kind::Refused.exit_code(),
            None => 0,
        }
    }

    /// The ids of requests that have jobs.
    pub fn request_ids(&self) -> Vec<String> {
        let with_jobs = self.answers.iter().filter(|answer| answer.accepted() > 0);
        with_jobs.map(|answer| answer.request_id.clone()).collect()
    }

    /// One JSON document: the answers, the jobs as last seen, the numbers.
    pub fn json(&self) -> Value {
        let Summary { accepted, refused, unsent, jobs } = self.summary();
        let requests: Vec<&Value> = self.answers.iter().map(|answer| &answer.wire).collect();
        json!({
            "requests": requests,
            "jobs": self.jobs.values().collect::<Vec<_>>(),
            "summary": {"accepted": accepted, "refused": refused, "unsent": unsent, "running": jobs.running,
                "succeeded": jobs.succeeded, "failed": jobs.failed},
            "error": self.failure.as_ref().map(|failure| failure.message.clone()),
        })
    }

    /// A line for each entry that was refused and each job that failed.
    pub fn bad(&self, names: &Names) -> Vec<String> {
        let entries = self.answers.iter().flat_map(|answer| &answer.entries);
        let refused = entries.filter(|entry| entry.job_id.is_none());
        let refused = refused.map(|entry| format!("refused  {}  {}", names.show(&entry.id), entry.error));
        let failed = self.jobs.values().filter(|job| ended(job) && job.status != SUCCEEDED);
        let failed = failed.map(|job| {
            let id = job.phone_id.as_ref().or(job.server_id.as_ref()).unwrap_or(&job.job_id);
            let code = job.error_code.as_deref().unwrap_or_default();
            let text = job.error_msg.as_deref().unwrap_or_default();
            format!("failed   {}  {code} {text}", names.show(id))
        });
        refused.chain(failed).collect()
    }

    /// The last line. `took` is how long was waited, if it was.
    pub fn total(&self, verb: &str, took: Option<Duration>) -> String {
        let Summary { accepted, refused, unsent, jobs } = self.summary();
        let mut parts = Vec::new();
        match took {
            None => parts.push(format!("{accepted} accepted")),
            Some(_) => parts.push(format!("{} succeeded", jobs.succeeded)),
        }
        let more = [
            (jobs.failed, "failed"),
            (jobs.running, "still running"),
            (refused, "refused"),
            (unsent, "not sent"),
        ];
        parts.extend(
            more.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")),
        );
        let took = took.map_or_else(String::new, |took| format!(" in {}", span::show(took)));
        format!("{verb}: {}{took}", parts.join(", "))
    }
}

/// Names by id.
#[derive(Debug, Default)]
pub struct Names(HashMap<String, String>);

impl Names {
    /// Those that are known.
    pub fn of(chosen: &[Chosen]) -> Self {
        let named = chosen.iter().filter_map(|one| Some((one.id.clone(), one.name.clone()?)));
        Self(named.collect())
    }

    fn show(&self, id: &str) -> String {
        self.0.get(id).map_or_else(|| id.to_string(), |name| format!("{name} ({id})"))
    }
}

#[cfg(test)]
#[path = "outcome_tests.rs"]
mod tests;
