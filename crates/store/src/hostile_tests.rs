//! Stories of things that should not happen: bad rows, bad bytes, late writers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use crate::sql::Sql;
use crate::story_tests::{Yard, asked, both, ending};
use crate::*;
use model::id::RequestId;
use model::phone_state::Power;

fn server_restart(yard: &Yard, asked: Vec<String>) -> Accept {
    Accept {
        operation: "RestartCloudPhoneServer",
        work: Work::ServerRestart { asked },
        ..yard.restart(Vec::new(), None)
    }
}

fn property(yard: &Yard, at: usize) -> Accept {
    Accept {
        operation: "UpdateCloudPhoneProperty",
        work: Work::Property { asked: vec![asked(&yard.phones[at], r#"{"com.cph.mainkeys":"1"}"#)] },
        ..yard.restart(Vec::new(), None)
    }
}

#[test]
fn an_id_that_no_database_takes_spoils_no_request() {
    both(Limits::default(), |yard| async move {
        let bad = server_restart(&yard, vec!["\0".into(), yard.server.to_string()]);
        let good = yard.restart(vec![asked(&yard.phones[0], "")], None);
        let (bad, good) = tokio::join!(yard.store.accept(bad), yard.store.accept(good));
        let entries = bad.unwrap().entries;
        assert!(entries[0].error.is_some() && entries[1].job_id.is_some(), "{entries:?}");
        good.unwrap();
    });
}

#[test]
fn a_request_that_the_database_refuses_spoils_no_other() {
    both(Limits::default(), |yard| async move {
        // The same id twice: a stand-in for whatever a database may refuse.
        let request_id = RequestId::generate();
        let tasks: Vec<_> = (0..10)
            .map(|n| {
                let mut accept = yard.restart(vec![asked(&yard.phones[n], "")], None);
                if n == 3 || n == 7 {
                    accept.request_id = request_id.clone();
                }
                let store = yard.store.clone();
                tokio::spawn(async move { store.accept(accept).await })
            })
            .collect();
        let mut refused = 0;
        for task in tasks {
            refused += usize::from(task.await.unwrap().is_err());
        }
        assert_eq!(refused, 1);
        assert_eq!(yard.statuses().await, [2, 4, 4, 4, 4, 4, 4, 4, 4, 4]);
        assert_eq!(yard.store.jobs_active(), 9);
        assert_eq!(yard.store.db().snapshot().await.unwrap().at_any_moment(), Vec::<String>::new());
    });
}

#[test]
fn an_ending_that_the_database_refuses_stands_alone() {
    both(Limits::default(), |yard| async move {
        // One text may be there once only: a stand-in for whatever a database may refuse.
        const ONCE: Sql = Sql {
            name: "once",
            text: "CREATE UNIQUE INDEX once ON job (error_msg) WHERE error_msg = 'twice'",
        };
        yard.store.db.write(ONCE, Vec::new()).await.unwrap();
        let answer = yard.store.accept(yard.restart(yard.all(), None)).await.unwrap();
        let claimed = yard.claim(&answer).await;
        let twice =
            || Outcome::Failed(model::code::Refusal::new(model::code::INTERNAL_ERROR).saying("twice"));
        yard.store.jobs_end(&[ending(&claimed[0], twice())]).await.unwrap();
        let mut endings: Vec<Ending> = claimed[1..].iter().map(|c| ending(c, Outcome::Succeeded)).collect();
        endings[4].outcome = twice();
        let ended = yard.store.jobs_end(&endings).await.unwrap();
        assert_eq!(ended.len(), 8);
        assert!(!ended.contains(&endings[4].job_id));
        assert!(yard.store.jobs_end(&endings[4..5]).await.is_err(), "by itself it is an error");
        assert_eq!(yard.store.db().snapshot().await.unwrap().at_any_moment(), Vec::<String>::new());
        assert_eq!(yard.store.jobs_active(), 1);
        yard.clock.advance(6 * 60_000);
        assert_eq!(yard.store.jobs_reap(10).await.unwrap().len(), 1, "the reaper's text is another");
    });
}

#[test]
fn the_reaper_ends_jobs_that_cannot_be_read() {
    both(Limits::default(), |yard| async move {
        const KIND: Sql = Sql { name: "kind", text: "UPDATE job SET kind = 'later_version', spec = '?'" };
        let entries = yard.phones[..3].iter().map(|phone| asked(phone, "")).collect();
        yard.store.accept(yard.restart(entries, None)).await.unwrap();
        let reset =
            Work::Power { power: Power::Reset, asked: vec![asked(&yard.phones[3], "")], image_id: None };
        yard.store.accept(Accept { work: reset, ..yard.restart(Vec::new(), None) }).await.unwrap();
        let stop =
            Work::Power { power: Power::Stop, asked: vec![asked(&yard.phones[4], "")], image_id: None };
        yard.store.accept(Accept { work: stop, ..yard.restart(Vec::new(), None) }).await.unwrap();
        yard.store.accept(property(&yard, 5)).await.unwrap();
        yard.store.accept(server_restart(&yard, vec![yard.server.to_string()])).await.unwrap();
        yard.store.db.write(KIND, Vec::new()).await.unwrap();
        yard.clock.advance(30 * 60_000);
        assert_eq!(yard.store.jobs_reap(100).await.unwrap().len(), 7);
        assert_eq!(yard.statuses().await, [-9, -6, -6, -6, -5, 2, 2, 2, 2, 2]);
        let server = yard.store.server_get(&yard.project.id, yard.server.as_str()).await.unwrap().unwrap();
        assert_eq!(server.status.number(), 2);
        assert_eq!(yard.store.jobs_active(), 0);
    });
}

#[test]
fn a_servers_restart_fences_what_came_before_it_and_not_what_comes_after() {
    both(Limits::default(), |yard| async move {
        let before = yard.store.accept(property(&yard, 0)).await.unwrap();
        let before = yard.claim(&before).await.remove(0);
        yard.store.jobs_end(&[ending(&before, Outcome::Succeeded)]).await.unwrap();
        yard.store.accept(server_restart(&yard, vec![yard.server.to_string()])).await.unwrap();
        let after = yard.store.accept(property(&yard, 0)).await.unwrap();
        let server = yard.store.server_running_phones(&yard.server).await.unwrap();
        let after = yard.claim(&after).await.remove(0);
        for (phone, epoch) in server {
            if phone.id == yard.phones[0] {
                assert!(before.epoch < epoch, "{} {epoch}", before.epoch);
                assert!(epoch < after.epoch, "{epoch} {}", after.epoch);
            }
        }
    });
}

#[test]
fn a_phone_that_came_back_while_it_was_found_dead_is_not_marked() {
    both(Limits::default(), |yard| async move {
        yard.clock.advance(1000);
        let seen_ms = yard.store.clock().now_ms();
        let answer = yard.store.accept(yard.restart(vec![asked(&yard.phones[0], "")], None)).await.unwrap();
        let claimed = yard.claim(&answer).await.remove(0);
        yard.clock.advance(1000);
        yard.store.jobs_end(&[ending(&claimed, Outcome::Succeeded)]).await.unwrap();
        let dead = [yard.phones[0].clone(), yard.phones[1].clone()];
        assert_eq!(yard.store.phones_died(&dead, seen_ms).await.unwrap(), 1);
        assert_eq!(yard.statuses().await, [-7, 2, 2, 2, 2, 2, 2, 2, 2, 2]);
        let phone = yard.store.phone_get(&yard.project.id, yard.phones[0].as_str()).await.unwrap().unwrap();
        assert_eq!(phone.status.number(), 2, "restarted since");
    });
}

#[test]
fn a_job_given_back_may_wait_as_long_as_one_that_was_never_taken() {
    both(Limits::default(), |yard| async move {
        let answer = yard.store.accept(yard.restart(vec![asked(&yard.phones[0], "")], None)).await.unwrap();
        let first = yard.claim(&answer).await.remove(0);
        yard.store.jobs_release(&[(first.job_id.clone(), first.epoch)]).await.unwrap();
        yard.clock.advance(19 * 60_000);
        assert!(yard.store.jobs_reap(10).await.unwrap().is_empty());
        assert_eq!(yard.claim(&answer).await.len(), 1);
    });
}

#[test]
fn an_endings_text_is_kept_to_what_a_database_takes() {
    both(Limits::default(), |yard| async move {
        let answer = yard.store.accept(yard.restart(vec![asked(&yard.phones[0], "")], None)).await.unwrap();
        let claimed = yard.claim(&answer).await.remove(0);
        let text = format!("a\0b{}", "\u{e9}".repeat(5000));
        let refusal = model::code::Refusal::new(model::code::INTERNAL_ERROR).saying(text);
        yard.store.jobs_end(&[ending(&claimed, Outcome::Failed(refusal))]).await.unwrap();
        let text = yard.jobs(&answer).await.remove(0).error_msg.unwrap();
        assert!(text.starts_with("ab\u{e9}") && (1022..=1024).contains(&text.len()), "{} {text}", text.len());
    });
}

#[test]
fn a_moment_is_one_while_jobs_come_and_go() {
    both(Limits::default(), |yard| async move {
        let store = yard.store.clone();
        let (project, phones) = (yard.project.id.clone(), yard.phones.clone());
        let busy = tokio::spawn(async move {
            for _ in 0..30 {
                let accept = Accept {
                    project_id: project.clone(),
                    operation: "RestartCloudPhone",
                    request_id: RequestId::generate(),
                    work: Work::Power {
                        power: Power::Restart,
                        asked: phones.iter().map(|phone| asked(phone, "")).collect(),
                        image_id: None,
                    },
                    by: crate::Actor::operator(),
                    client_token: None,
                };
                let answer = store.accept(accept).await.unwrap();
                let ids: Vec<_> = answer.entries.iter().filter_map(|e| e.job_id.clone()).collect();
                let claimed = store.jobs_claim(&ids, 1000).await.unwrap();
                let endings: Vec<_> = claimed.iter().map(|c| ending(c, Outcome::Succeeded)).collect();
                store.jobs_end(&endings).await.unwrap();
            }
        });
        let first = yard.store.db().snapshot().await.unwrap();
        let mut earlier = first.clone();
        while !busy.is_finished() {
            let now = yard.store.db().snapshot().await.unwrap();
            let complaints = [now.at_any_moment(), now.since(&earlier)].concat();
            assert_eq!(complaints, Vec::<String>::new());
            earlier = now;
        }
        busy.await.unwrap();
        let last = yard.store.db().snapshot().await.unwrap();
        assert_eq!([last.at_rest(), last.outcomes_since(&first)].concat(), Vec::<String>::new());
        assert_eq!(last.jobs.len(), 300);
    });
}
