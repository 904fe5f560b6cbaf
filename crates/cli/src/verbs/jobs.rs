//! `phoneyard jobs`.

use super::report;
use crate::api;
use crate::arguments::{Common, JobsVerb};
use crate::context::Context;
use crate::failure::Failure;
use crate::follow::{Followed, Target, follow, unless_interrupted};
use crate::out::Row;
use crate::outcome::{Names, Outcome};
use crate::session::ordinary;
use crate::status;
use crate::table::Column;
use std::time::{Duration, Instant};
use wire::job::Job;

const COLUMNS: [Column; 6] = [
    Column { name: "JOB ID", spare: 0 },
    Column { name: "PHONE ID", spare: 1 },
    Column { name: "STATUS", spare: 2 },
    Column { name: "BEGIN", spare: 4 },
    Column { name: "END", spare: 3 },
    Column { name: "REASON", spare: 5 },
];

/// Runs `phoneyard jobs`.
///
/// # Errors
/// The service refuses or is not reached, or Ctrl-C.
pub async fn run(verb: JobsVerb) -> Result<u8, Failure> {
    match verb {
        JobsVerb::List { requests, common } => {
            let context = Context::open(&common).await?;
            let mut jobs = Vec::new();
            for request in &requests {
                jobs.extend(api::jobs(&context.session, request, ordinary()).await?);
            }
            context.out.list(&COLUMNS, &jobs, row)?;
            Ok(0)
        }
        JobsVerb::Show { job, common } => {
            let context = Context::open(&common).await?;
            let detail = api::job(&context.session, &job, ordinary()).await?;
            context.out.show(&detail, &detail.job_id)?;
            Ok(0)
        }
        JobsVerb::Wait { requests, jobs, timeout, common } => {
            let requests = requests.into_iter().map(Target::Request);
            wait(requests.chain(jobs.into_iter().map(Target::Job)).collect(), timeout, &common).await
        }
    }
}

async fn wait(targets: Vec<Target>, timeout: Duration, common: &Common) -> Result<u8, Failure> {
    let started = Instant::now();
    let context = Context::open(common).await?;
    let followed = Followed::of(targets.clone());
    let work = async {
        let mut outcome = Outcome::default();
        let deadline = started + timeout;
        let result = follow(&context.session, &context.screen, &targets, &mut outcome.jobs, deadline).await;
        outcome.failure = result.err();
        Ok(outcome)
    };
    let outcome = unless_interrupted(&context.screen, &followed, work).await?;
    report(&context, "jobs", &outcome, &Names::default(), Some(started.elapsed()))
}

fn row(job: &Job) -> Row {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let reason = format!("{} {}", text(&job.error_code), text(&job.error_msg));
    let about = job.phone_id.clone().or_else(|| job.server_id.clone()).unwrap_or_default();
    let cells = [
        job.job_id.clone(),
        about,
        status::job(job.status),
        job.begin_time.clone(),
        text(&job.end_time),
        reason.trim().to_string(),
    ];
    Row { id: job.job_id.clone(), cells: cells.to_vec(), alarm: job.status < 0 }
}
