//! Jobs (`contract/operations.md`, "Jobs"; `contract/restart.md`, "Job life cycle").

use crate::request::{OFFSET, PER_PAGE_MAX, Page, Parts, QueryField, Request};
use model::code::{self, Refusal};
use model::id::{self, JobId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Most requests whose jobs are listed in one call.
pub const REQUEST_IDS_MAX: usize = 20;

/// ShowJob.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShowJob {
    /// The job.
    pub job_id: JobId,
}

impl Request for ShowJob {
    /// CPS.0011 for an id that is none: no code says more.
    fn decode(parts: &Parts<'_>) -> Result<Self, Refusal> {
        let text = parts.path("job_id");
        if id::well_formed(text) {
            Ok(Self { job_id: JobId::new(text) })
        } else {
            Err(code::JOB_NOT_FOUND.into())
        }
    }
}

/// ListJobs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListJobs {
    /// The requests whose jobs to list: 1 to [`REQUEST_IDS_MAX`].
    pub request_ids: Vec<String>,
    /// The client asks for pages: it sent an offset or a limit.
    pub paged: bool,
    /// Which part of the list.
    pub page: Page,
}

impl Request for ListJobs {
    const QUERY: &'static [QueryField] = &[
        QueryField::text("request_id", "The request whose jobs to list. This or request_ids is required."),
        QueryField::text(
            "request_ids",
            "At most 20 requests, with commas or repeated; goes before request_id.",
        ),
        OFFSET,
        QueryField::integer("limit", "Most jobs to answer: 1 to 100, 100 by default."),
    ];

    /// CPS.0049 without an id, CPS.0161 for more than [`REQUEST_IDS_MAX`], CPS.0050 when none of them can be
    /// the id of a request, CPS.0002 for offset and limit.
    fn decode(parts: &Parts<'_>) -> Result<Self, Refusal> {
        let mut asked: Vec<&str> = parts.values("request_ids").take(REQUEST_IDS_MAX + 1).collect();
        if asked.len() > REQUEST_IDS_MAX {
            return Err(code::TOO_MANY_REQUEST_IDS.into());
        }
        if asked.is_empty() {
            asked.extend(parts.query("request_id"));
        }
        if asked.is_empty() {
            return Err(code::REQUEST_ID_EMPTY.into());
        }
        let page = parts.page(PER_PAGE_MAX, PER_PAGE_MAX)?;
        asked.retain(|text| id::well_formed(text));
        if asked.is_empty() {
            return Err(code::JOBS_OF_REQUEST_NOT_FOUND.into());
        }
        let paged = ["offset", "limit"].iter().any(|name| parts.query(name).is_some());
        Ok(Self { request_ids: asked.into_iter().map(String::from).collect(), paged, page })
    }
}

/// The answer of ShowJob.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JobDetail {
    /// The request that submitted the job, not the one that asks for it.
    pub request_id: String,
    /// The job's id.
    pub job_id: String,
    /// When it was accepted, UTC.
    pub begin_time: String,
    /// When it ended, UTC; null until then.
    pub end_time: Option<String>,
    /// 1 running or queued, 2 succeeded, -1 failed.
    pub status: i64,
    /// The phone it works on; absent for a server's job.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone_id: Option<String>,
    /// The server it works on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_id: Option<String>,
    /// The text of a failed job, else null.
    pub error_msg: Option<String>,
    /// The code of a failed job, else null.
    pub error_code: Option<String>,
    /// The output of a command, else null.
    pub execute_msg: Option<String>,
}

/// The answer of ListJobs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Jobs {
    /// The request's id.
    pub request_id: String,
    /// The jobs: running ones first, then failed, then succeeded ones.
    pub jobs: Vec<Job>,
}

/// A job in a list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Job {
    /// The phone it works on; absent for a server's job.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone_id: Option<String>,
    /// The server it works on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_id: Option<String>,
    /// Deprecated, equal to server_id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node_id: Option<String>,
    /// The job's id.
    pub job_id: String,
    /// When it was accepted, UTC.
    pub begin_time: String,
    /// When it ended, UTC; null until then.
    pub end_time: Option<String>,
    /// 1 running or queued, 2 succeeded, -1 failed.
    pub status: i64,
    /// The code of a failed job, else null.
    pub error_code: Option<String>,
    /// The text of a failed job, else null.
    pub error_msg: Option<String>,
    /// The output of a command, else null.
    pub execute_msg: Option<String>,
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::testing::{code as code_of, decode, has_fields, query};

    const REQUEST: &str = "6837531fd3f54550927b930180a706bf";

    fn listed(text: &str) -> Vec<String> {
        query::<ListJobs>(text).unwrap_or_else(|refusal| panic!("{text}: {refusal}")).request_ids
    }

    #[test]
    fn requests_to_list_the_jobs_of() {
        let twenty: Vec<String> = (0..20).map(|at| format!("{at:x}")).collect();
        for (text, expected) in [
            (format!("request_id={REQUEST}"), vec![REQUEST.to_owned()]),
            (format!("request_id=1&request_ids={REQUEST}"), vec![REQUEST.to_owned()]),
            (format!("request_ids=&request_id={REQUEST}"), vec![REQUEST.to_owned()]),
            ("request_ids=1,2&request_ids=3".into(), vec!["1".into(), "2".into(), "3".into()]),
            (format!("request_ids={}", twenty.join(",")), twenty.clone()),
            ("request_ids=NO,1".into(), vec!["1".into()]),
        ] {
            assert_eq!(listed(&text), expected, "{text}");
        }
        for (text, expected) in [
            (String::new(), "CPS.0049"),
            ("request_id=".into(), "CPS.0049"),
            ("request_ids=,".into(), "CPS.0049"),
            (format!("request_ids={},14", twenty.join(",")), "CPS.0161"),
            (format!("request_ids={}&request_ids=14", twenty.join(",")), "CPS.0161"),
            ("request_id=NO".into(), "CPS.0050"),
            ("request_id=\0".into(), "CPS.0050"),
            ("request_ids=NO,NEITHER".into(), "CPS.0050"),
            ("request_id=1&limit=101".into(), "CPS.0002"),
            ("request_id=1&offset=-1".into(), "CPS.0002"),
        ] {
            assert_eq!(code_of(query::<ListJobs>(&text)), expected, "{text}");
        }
        let page = query::<ListJobs>("request_id=1&offset=3&limit=2").unwrap().page;
        assert_eq!(page, Page { offset: 3, limit: 2 });
        assert_eq!(query::<ListJobs>("request_id=1").unwrap().page, Page { offset: 0, limit: 100 });
    }

    #[test]
    fn ids_in_the_path() {
        let show = |id: &str| decode::<ShowJob>(&format!("job_id={id}"), "", "");
        assert_eq!(show(REQUEST).unwrap().job_id, JobId::new(REQUEST));
        for id in ["", "X", "\0"] {
            assert_eq!(code_of(show(id)), "CPS.0011", "{id:?}");
        }
    }

    #[test]
    fn the_fields_of_the_contract() {
        let text = || Some(String::from("x"));
        let detail = JobDetail {
            end_time: text(),
            phone_id: text(),
            server_id: text(),
            error_msg: text(),
            error_code: text(),
            execute_msg: text(),
            ..JobDetail::default()
        };
        has_fields(
            &serde_json::to_value(detail).unwrap(),
            "request_id:str, job_id:str, begin_time:str, end_time:str, status:int, phone_id:str, \
             server_id:str, error_msg:str, error_code:str, execute_msg:str",
        );
        let job = Job {
            phone_id: text(),
            server_id: text(),
            node_id: text(),
            end_time: text(),
            error_code: text(),
            error_msg: text(),
            execute_msg: text(),
            ..Job::default()
        };
        has_fields(
            &serde_json::to_value(job).unwrap(),
            "phone_id:str, server_id:str, node_id:str, job_id:str, begin_time:str, end_time:str, status:int, \
             error_code:str, error_msg:str, execute_msg:str",
        );
        let running =
            serde_json::to_string(&Job { job_id: "j".into(), status: 1, ..Job::default() }).unwrap();
        let expected = r#"{"job_id":"j","begin_time":"","end_time":null,"status":1,"error_code":null,"error_msg":null,"execute_msg":null}"#;
        assert_eq!(running, expected);
    }
}
