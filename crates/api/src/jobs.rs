//! Jobs: how an accepted entry stands.

use crate::context::Context;
use model::code::{self, Refusal};
use store::Page;
use wire::job::{Job, JobDetail, Jobs, ListJobs, ShowJob};
use wire::time::utc;

/// ShowJob.
pub async fn show(context: Context, request: ShowJob) -> Result<JobDetail, Refusal> {
    let job = context.store().job_get(context.project()?, request.job_id.as_str()).await?;
    let job = job.ok_or(code::JOB_NOT_FOUND)?;
    Ok(JobDetail {
        // The submitting request's, not this one's (contract/restart.md, "Job life cycle" 4).
        request_id: job.request_id.into_string(),
        job_id: job.id.into_string(),
        begin_time: utc(job.begin_ms),
        end_time: job.end_ms.map(utc),
        status: job.status.number(),
        phone_id: job.phone_id.map(|id| id.into_string()),
        server_id: Some(job.server_id.into_string()),
        error_msg: job.error_msg,
        error_code: job.error_code,
        execute_msg: job.execute_msg,
    })
}

/// ListJobs.
pub async fn list(context: Context, request: ListJobs) -> Result<Jobs, Refusal> {
    let page = Page { offset: request.page.offset, limit: request.page.limit };
    let jobs =
        context.store().jobs_list(context.project()?, &request.request_ids, page, request.paged).await?;
    let jobs = jobs.ok_or(code::JOBS_OF_REQUEST_NOT_FOUND)?;
    // With one request asked for, its id is the answer's: pollers compare it.
    let request_id = match request.request_ids.as_slice() {
        [only] => only.clone(),
        _ => context.request_text(),
    };
    Ok(Jobs { request_id, jobs: jobs.into_iter().map(listed).collect() })
}

fn listed(job: model::job::Job) -> Job {
    let server_id = job.server_id.into_string();
    Job {
        phone_id: job.phone_id.map(|id| id.into_string()),
        node_id: Some(server_id.clone()),
        server_id: Some(server_id),
        job_id: job.id.into_string(),
        begin_time: utc(job.begin_ms),
        end_time: job.end_ms.map(utc),
        status: job.status.number(),
        error_code: job.error_code,
        error_msg: job.error_msg,
        execute_msg: job.execute_msg,
    }
}
