//! Every judgement catches what it is for: a snapshot that is right, and one change that makes it wrong.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::check::ServerRow;

/// A phone with an ended restart to another image, and one that restarts now.
fn right() -> Snapshot {
    let job = |id: &str, phone: &str, status: i64| JobRow {
        id: id.into(),
        request_id: "r".into(),
        server_id: "s".into(),
        phone_id: Some(phone.into()),
        kind: "phone_restart".into(),
        status,
        epoch: 1001,
        attempts: 1,
        lease_until_ms: if status == ACTIVE { 9 } else { 0 },
        begin_ms: 5,
        end_ms: (status != ACTIVE).then_some(6),
        spec: r#"{"image_id":"new","property":{"com.cph.mainkeys":"1"}}"#.into(),
        error_code: None,
        error_msg: None,
    };
    Snapshot {
        jobs: vec![job("a", "p", SUCCEEDED), job("b", "q", ACTIVE)],
        phones: vec![phone("p", 2, "new", r#"{"com.cph.mainkeys":"1"}"#), phone("q", 4, "old", "{}")],
        servers: vec![ServerRow { id: "s".into(), status: 5 }],
        requests: vec!["r".into()],
    }
}

fn before() -> Snapshot {
    Snapshot {
        phones: vec![phone("p", 2, "old", "{}"), phone("q", 2, "old", "{}")],
        servers: vec![ServerRow { id: "s".into(), status: 5 }],
        ..Snapshot::default()
    }
}

fn phone(id: &str, status: i64, image: &str, property: &str) -> PhoneRow {
    PhoneRow {
        id: id.into(),
        server_id: "s".into(),
        image_id: image.into(),
        status,
        property: property.into(),
        custom_property: "{}".into(),
        epoch: 1000,
    }
}

fn complaints(change: impl FnOnce(&mut Snapshot)) -> String {
    let mut snapshot = right();
    change(&mut snapshot);
    snapshot.at_any_moment().join("\n")
}

#[test]
fn what_is_right_passes() {
    assert_eq!(complaints(|_| {}), "");
    assert_eq!(right().since(&right()), Vec::<String>::new());
    assert_eq!(right().since(&before()), Vec::<String>::new());
}

#[test]
fn status_and_active_job_must_agree() {
    assert!(complaints(|s| s.phones[1].status = 2).contains("phone q at 2 with the active jobs [Restart]"));
    assert!(complaints(|s| s.phones[1].status = 3).contains("phone q at 3"));
    assert!(complaints(|s| s.phones[0].status = 4).contains("phone p at 4 with the active jobs []"));
    assert!(complaints(|s| s.jobs.push(s.jobs[1].clone())).contains("[Restart, Restart]"));
    assert!(complaints(|s| s.servers[0].status = 11).contains("server s at 11 with 0"));
    assert!(complaints(|s| s.requests.clear()).contains("its request r is not there"));
}

#[test]
fn a_job_stands_as_one_of_three() {
    assert!(complaints(|s| s.jobs[0].end_ms = None).contains("ended without a time"));
    assert!(complaints(|s| s.jobs[0].end_ms = Some(4)).contains("ended before it began"));
    assert!(complaints(|s| s.jobs[0].lease_until_ms = 1).contains("ended with a lease"));
    assert!(complaints(|s| s.jobs[0].error_code = Some("x".into())).contains("succeeded with an error"));
    assert!(complaints(|s| s.jobs[0].status = FAILED).contains("failed without an error"));
    assert!(complaints(|s| s.jobs[1].end_ms = Some(6)).contains("active, with an end"));
    assert!(complaints(|s| s.jobs[0].status = 7).contains("no such status"));
}

#[test]
fn rest_means_that_all_have_ended() {
    assert!(right().at_rest()[0].starts_with("job b has not ended"));
}

#[test]
fn what_has_ended_does_not_change_and_nothing_is_lost() {
    let earlier = right();
    let after = |change: fn(&mut Snapshot)| {
        let mut now = right();
        change(&mut now);
        now.since(&earlier).join("\n")
    };
    assert!(after(|s| s.jobs[0].end_ms = Some(7)).contains("job a had ended and changed"));
    assert!(after(|s| drop(s.jobs.remove(1))).contains("job b is lost"));
    assert!(after(|s| s.jobs[1].epoch = 1000).contains("its epoch went"));
    assert!(after(|s| s.requests.clear()).contains("request r is lost"));
    assert_eq!(after(|s| s.jobs[1].status = FAILED), "", "an active job may end");
}

#[test]
fn a_phone_has_what_its_jobs_brought_about() {
    let after = |change: fn(&mut Snapshot)| {
        let mut now = right();
        now.jobs[1].status = FAILED;
        now.phones[1].status = -6;
        change(&mut now);
        now.outcomes_since(&before()).join("\n")
    };
    assert_eq!(after(|_| {}), "");
    assert_eq!(after(|s| s.phones[0].status = -7), "", "it died since");
    assert!(after(|s| s.phones[0].image_id = "old".into()).contains("phone p"), "(2, old)");
    assert!(after(|s| s.phones[0].property = "{}".into()).contains("phone p"));
    assert!(after(|s| s.phones[1].image_id = "new".into()).contains("phone q"), "(-1, new)");
    assert!(after(|s| s.phones[1].status = 2).contains("phone q"));
    assert!(after(|s| s.jobs[0].spec = "?".into()).contains("job a"));
}
