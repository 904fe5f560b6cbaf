//! The audit log on both databases.

use super::*;
use crate::story_tests::{Yard, asked, both, ending};
use crate::{Accept, Limits, Outcome, Work};

async fn of_request(yard: &Yard, request_id: &RequestId) -> Vec<Recorded> {
    let filter = AuditFilter { request_id: Some(request_id.to_string()), ..AuditFilter::default() };
    yard.store.audit_list(&filter, 10).await.unwrap()
}

fn alice() -> Actor {
    Actor { user_id: Some(UserId::new("u1")), user_name: "alice".into(), access_key: Some("AK1".into()) }
}

#[test]
fn a_batch_leaves_one_row_with_its_counts_and_later_its_outcome() {
    both(Limits::default(), |yard| async move {
        let mut phones = yard.all();
        phones.push(asked(&model::id::PhoneId::new("0"), ""));
        let accept = Accept { by: alice(), ..yard.restart(phones, None) };
        let answer = yard.store.accept(accept).await.unwrap();
        let rows = of_request(&yard, &answer.request_id).await;
        assert_eq!(rows.len(), 1);
        let change = &rows[0].change;
        assert_eq!((change.accepted, change.refused), (10, 1));
        assert_eq!((&change.by, change.operation.as_str()), (&alice(), "RestartCloudPhone"));
        assert_eq!((change.project_id.as_ref(), &change.target), (Some(&yard.project.id), &None));
        assert_eq!((rows[0].succeeded, rows[0].failed), (0, 0));

        let claimed = yard.claim(&answer).await;
        let failed = Outcome::Failed(model::code::INTERNAL_ERROR.into());
        let endings = [ending(&claimed[0], Outcome::Succeeded), ending(&claimed[1], failed)];
        yard.store.jobs_end(&endings).await.unwrap();
        let rows = of_request(&yard, &answer.request_id).await;
        assert_eq!((rows[0].succeeded, rows[0].failed), (1, 1));
    });
}

#[test]
fn a_single_phones_values_are_kept_from_before_and_after() {
    both(Limits::default(), |yard| async move {
        let property = r#"{"com.cph.mainkeys":"1"}"#;
        let one = || vec![asked(&yard.phones[0], property)];
        let accept = Accept {
            operation: "UpdateCloudPhoneProperty",
            work: Work::Property { asked: one() },
            ..yard.restart(Vec::new(), None)
        };
        let answer = yard.store.accept(accept).await.unwrap();
        let row = of_request(&yard, &answer.request_id).await.remove(0).change;
        assert_eq!(row.target.as_deref(), Some(yard.phones[0].as_str()));
        assert_eq!(json(&row.before), r#"{"property":{}}"#);
        assert_eq!(json(&row.after), r#"{"property":{"com.cph.mainkeys":"1"}}"#);

        // Phones that are asked for different things have no common value.
        let differing = vec![asked(&yard.phones[1], property), asked(&yard.phones[2], "")];
        let answer = yard.store.accept(yard.restart(differing, None)).await.unwrap();
        let row = of_request(&yard, &answer.request_id).await.remove(0).change;
        assert!(row.before.is_empty() && json(&row.after).contains("differ"));
    });
}

#[test]
fn a_refused_phone_shows_nothing_of_itself() {
    both(Limits::default(), |yard| async move {
        let other = yard.store.project_create("phoneyard", "other", None).await.unwrap();
        let one = vec![asked(&yard.phones[0], r#"{"com.cph.mainkeys":"1"}"#)];
        let accept = Accept { project_id: other.id.clone(), ..yard.restart(one, None) };
        let answer = yard.store.accept(accept).await.unwrap();
        let row = of_request(&yard, &answer.request_id).await.remove(0).change;
        assert_eq!((row.accepted, row.refused), (0, 1));
        assert!(row.before.is_empty());
    });
}

#[test]
fn a_rename_keeps_both_names_and_one_that_finds_nothing_leaves_no_row() {
    both(Limits::default(), |yard| async move {
        let phone_id = yard.phones[0].as_str();
        let before = yard.store.phone_get(&yard.project.id, phone_id).await.unwrap().unwrap().name;
        let change = Change::new(RequestId::generate(), alice(), "UpdatePhoneName");
        assert!(yard.store.phone_rename(&yard.project.id, phone_id, "new", change.clone()).await.unwrap());
        let row = of_request(&yard, &change.request_id).await.remove(0).change;
        assert_eq!(row.before["phone_name"], before.as_str());
        assert_eq!(row.after["phone_name"], "new");
        let nothing = Change::new(RequestId::generate(), alice(), "UpdatePhoneName");
        assert!(!yard.store.phone_rename(&yard.project.id, "00", "new", nothing.clone()).await.unwrap());
        assert!(of_request(&yard, &nothing.request_id).await.is_empty());
    });
}

#[test]
fn rows_are_told_latest_first_by_project_and_time_and_pruned_by_age() {
    let limits = Limits { audit_kept_ms: 100_000, ..Limits::default() };
    both(limits, |yard| async move {
        let start_ms = yard.store.clock().now_ms();
        for n in 0..3_i64 {
            let mut change = Change::new(RequestId::generate(), Actor::operator(), format!("verb-{n}"));
            change.project_id = (n != 1).then(|| yard.project.id.clone());
            yard.store.audit_add(&change).await.unwrap();
            yard.clock.advance(50_000);
        }
        let told = |filter: AuditFilter, limit| {
            let store = yard.store.clone();
            async move {
                let rows = store.audit_list(&filter, limit).await.unwrap();
                rows.into_iter().map(|row| row.change.operation).collect::<Vec<_>>()
            }
        };
        let all = AuditFilter::default();
        assert_eq!(told(all.clone(), 10).await, ["verb-2", "verb-1", "verb-0"]);
        assert_eq!(told(all.clone(), 1).await, ["verb-2"]);
        let since = AuditFilter { since_ms: start_ms + 50_000, ..AuditFilter::default() };
        assert_eq!(told(since, 10).await, ["verb-2", "verb-1"]);
        let project = AuditFilter { project_id: Some(yard.project.id.clone()), ..AuditFilter::default() };
        assert_eq!(told(project, 10).await, ["verb-2", "verb-0"]);
        assert_eq!(yard.store.audit_prune().await.unwrap(), 1);
        assert_eq!(told(all, 10).await, ["verb-2", "verb-1"]);
    });
}

#[test]
fn values_are_cut_and_free_of_what_a_database_refuses() {
    assert_eq!(cut("a\0é", 3), "a");
    assert_eq!(cut("é", 2), "é");
    let long = "x".repeat(VALUE_BYTES_MAX + 10);
    assert_eq!(clipped(&long).as_str().unwrap().len(), VALUE_BYTES_MAX);
    assert_eq!(parsed(r#"{"a":1}"#), serde_json::json!({"a": 1}));
    assert_eq!(parsed("no json"), serde_json::json!("no json"));
    assert!(parsed(r#"{"a":"\u0000"}"#).is_string());
}
