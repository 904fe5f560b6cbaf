#![allow(clippy::unwrap_used)]
use super::*;

fn answers() -> Vec<Answered> {
    let accepted = Entry { id: "a".into(), job_id: Some("j1".into()), error: String::new() };
    let refused = Entry { id: "b".into(), job_id: None, error: "CPS.0005 Phone is not found.".into() };
    let first = Answered { request_id: "r1".into(), entries: vec![accepted], wire: json!({}) };
    let second = Answered { request_id: "r2".into(), entries: vec![refused], wire: json!({}) };
    vec![first, second]
}

fn job(job_id: &str, status: i64) -> (String, Job) {
    let job = Job {
        job_id: job_id.into(),
        phone_id: Some("a".into()),
        status,
        error_code: Some("CPS.0003".into()),
        error_msg: Some("boot".into()),
        ..Job::default()
    };
    (job_id.into(), job)
}

fn failed(kind: Kind) -> Outcome {
    Outcome { failure: Some(Failure { kind, message: "why".into() }), ..Outcome::default() }
}

#[test]
fn the_exit_code_says_the_worst() {
    assert_eq!(Outcome::default().exit_code(), 0);
    let good = Outcome { jobs: [job("j", 2), job("k", 1)].into(), ..Outcome::default() };
    assert_eq!(good.exit_code(), 0);
    let bad = Outcome { jobs: [job("j", 2), job("k", -1)].into(), ..Outcome::default() };
    assert_eq!(bad.exit_code(), 1);
    assert_eq!(Outcome { answers: answers(), ..Outcome::default() }.exit_code(), 1);
    let codes = [Kind::Refused, Kind::Usage, Kind::Unreachable, Kind::TimedOut, Kind::Interrupted];
    assert_eq!(codes.map(|kind| failed(kind).exit_code()), [1, 2, 3, 4, 130]);
}

#[test]
fn the_summary_counts_everything_once() {
    let jobs = [job("j1", -1), job("j2", 1), job("j3", 2)].into();
    let outcome = Outcome { answers: answers(), jobs, unsent: 7, failure: None };
    let jobs = Tally { running: 1, succeeded: 1, failed: 1 };
    assert_eq!(outcome.summary(), Summary { accepted: 1, refused: 1, unsent: 7, jobs });
    assert_eq!(
        outcome.total("restart", Some(Duration::from_secs(2))),
        "restart: 1 succeeded, 1 failed, 1 still running, 1 refused, 7 not sent in 2.0 s"
    );
    assert_eq!(
        Outcome { answers: answers(), ..Outcome::default() }.total("stop", None),
        "stop: 1 accepted, 1 refused"
    );
}

#[test]
fn bad_ends_are_named_with_their_reasons() {
    let outcome = Outcome { answers: answers(), jobs: [job("j1", -1)].into(), ..Outcome::default() };
    let names = Names::of(&[Chosen { id: "a".into(), name: Some("rack-1".into()) }]);
    assert_eq!(
        outcome.bad(&names),
        ["refused  b  CPS.0005 Phone is not found.", "failed   rack-1 (a)  CPS.0003 boot"]
    );
    assert_eq!(outcome.request_ids(), ["r1"], "a request without jobs cannot be followed");
}

#[test]
fn json_has_answers_jobs_and_numbers() {
    let outcome = Outcome { answers: answers(), jobs: [job("j1", 2)].into(), ..Outcome::default() };
    let value = outcome.json();
    assert_eq!(value["requests"].as_array().unwrap().len(), 2);
    assert_eq!(value["jobs"][0]["job_id"], "j1");
    assert_eq!(
        value["summary"],
        json!({"accepted": 1, "refused": 1, "unsent": 0, "running": 0, "succeeded": 1, "failed": 0})
    );
    assert_eq!(value["error"], Value::Null);
}

#[test]
fn a_wait_knows_its_jobs_from_the_start() {
    let mut outcome = Outcome { answers: answers(), ..Outcome::default() };
    outcome.expect_jobs();
    assert_eq!(outcome.summary().jobs, Tally { running: 1, succeeded: 0, failed: 0 });
    outcome.jobs.extend([job("j1", 2)]);
    outcome.expect_jobs();
    assert_eq!(outcome.summary().jobs, Tally { running: 0, succeeded: 1, failed: 0 });
}
