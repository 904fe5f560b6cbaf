//! How jobs are carried: limits, fairness, what hangs or breaks, stops and kills.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use model::job_state::JobStatus;
use model::phone_state::Power;
use phoneyard_jobs::Config;
use phoneyard_jobs::scheduler::Caps;
use runtime::{Reason, Want};
use std::time::{Duration, Instant};
use store::{Limits, Work};
use support::scripted::{Act, Scripted};
use support::{asked, both, config, limits, result};

async fn pause(ms: u64) {
    tokio::time::sleep(Duration::from_millis(ms)).await;
}

/// Waits until the runtime was called that often.
async fn called(runtime: &Scripted, times: usize) {
    for _ in 0..2000 {
        if runtime.calls().len() >= times {
            return;
        }
        pause(5).await;
    }
    panic!("{} calls instead of {times}", runtime.calls().len());
}

#[test]
fn no_limit_is_ever_exceeded_and_a_backlog_starves_nobody() {
    both(30, Limits::default(), |yard| async move {
        let runtime = Scripted::new(Act::Ok(10));
        let (_, second) = support::server(&yard.store, &yard.project, &yard.image, 30).await;
        let other = yard.store.project_create("other", "cn-north-4", None).await.unwrap();
        let (_, theirs) = support::server(&yard.store, &other, &yard.image, 5).await;
        let mut entries = yard.all();
        entries.extend(second.iter().map(|phone| asked(phone, "")));
        let answer = yard.restart(entries).await;
        let asked = theirs.iter().map(|phone| asked(phone, "")).collect();
        let small = yard.accept(&other, Work::Power { power: Power::Restart, asked, image_id: None }).await;
        let caps = Caps { per_server: 3, per_project: 5, total: 6 };
        let worker = yard.work(runtime.clone(), Config { caps, ..config() }).await;
        assert!(yard.ended(&answer).await.iter().all(|job| job.status == JobStatus::Succeeded));
        yard.ended(&small).await;
        let (per_server, total) = runtime.most();
        assert!(per_server <= 3 && total <= 6, "{per_server} {total}");
        let calls = runtime.calls();
        let last = calls.iter().rposition(|call| theirs.contains(&call.spec.phone_id)).unwrap();
        assert!(last < 35, "the small project waited for {last} of {} calls", calls.len());
        yard.check().await;
        worker.stop().await;
    });
}

#[test]
fn a_panic_fails_its_own_job_and_puts_the_phone_back() {
    both(5, Limits::default(), |yard| async move {
        let runtime = Scripted::new(Act::Ok(5));
        runtime.script(&yard.phones[1], [Act::Panic]);
        runtime.script(&yard.phones[3], [Act::Panic, Act::Panic]);
        let worker = yard.work(runtime.clone(), config()).await;
        let answer = yard.power(Power::Restart, yard.all(), Some(&yard.new_image)).await;
        for (at, job) in yard.ended(&answer).await.iter().enumerate() {
            let expected = if at == 1 || at == 3 { (-1, Some("CPS.0003")) } else { (2, None) };
            assert_eq!(result(job), expected);
        }
        let calls = runtime.calls_of(&yard.phones[1]);
        let Want::Running { generation, wipe: false } = &calls[1].want else { panic!("{calls:?}") };
        assert_eq!(generation.image.id, yard.image);
        yard.check().await;
        worker.stop().await;
    });
}

#[test]
fn an_unreachable_runtime_is_asked_again_inside_one_attempt() {
    both(1, Limits::default(), |yard| async move {
        let runtime = Scripted::new(Act::Ok(0));
        runtime.script(&yard.phones[0], [Act::Fail(Reason::Unavailable), Act::Fail(Reason::Unavailable)]);
        let worker = yard.work(runtime.clone(), config()).await;
        let answer = yard.restart(yard.all()).await;
        assert_eq!(result(&yard.ended(&answer).await[0]), (2, None));
        let epochs: Vec<i64> = runtime.calls().iter().map(|call| call.spec.epoch).collect();
        assert_eq!(epochs.len(), 3);
        assert!(epochs.iter().all(|epoch| *epoch == epochs[0]));
        yard.check().await;
        worker.stop().await;
    });
}

#[test]
fn a_hung_runtime_ends_its_jobs_at_the_deadline_and_nothing_else() {
    both(3, limits(1_500), |yard| async move {
        let runtime = Scripted::new(Act::Ok(0));
        runtime.script(&yard.phones[0], [Act::Hang]);
        runtime.script(&yard.phones[1], [Act::Hang, Act::Hang]);
        let worker = yard.work(runtime.clone(), config()).await;
        let begin = Instant::now();
        let answer = yard.restart(yard.all()).await;
        let jobs = yard.ended(&answer).await;
        assert!(begin.elapsed() < Duration::from_millis(2_500), "{:?}", begin.elapsed());
        assert_eq!(result(&jobs[0]), (-1, Some("CPS.0054")));
        assert_eq!(result(&jobs[1]), (-1, Some("CPS.0054")), "putting it back hangs too");
        assert_eq!(result(&jobs[2]), (2, None));
        assert_eq!(runtime.calls_of(&yard.phones[0]).len(), 2, "put back");
        yard.check().await;
        worker.stop().await;
    });
}

#[test]
fn a_server_whose_phone_hangs_comes_back_without_it() {
    both(4, limits(2_500), |yard| async move {
        let runtime = Scripted::new(Act::Ok(0));
        runtime.script(&yard.phones[2], [Act::Hang]);
        let worker = yard.work(runtime.clone(), config()).await;
        let work = Work::ServerRestart { asked: vec![yard.server.to_string()] };
        let answer = yard.accept(&yard.project, work).await;
        assert_eq!(result(&yard.ended(&answer).await[0]), (-1, Some("CPS.0003")));
        let server = yard.store.server_get(&yard.project.id, yard.server.as_str()).await.unwrap().unwrap();
        assert_eq!(server.status.number(), 5);
        for (at, phone) in yard.phones.iter().enumerate() {
            assert_eq!(yard.status(phone).await, if at == 2 { -7 } else { 2 });
        }
        yard.check().await;
        worker.stop().await;
    });
}

#[test]
fn property_updates_of_one_phone_run_in_the_order_of_their_acceptance() {
    both(1, Limits::default(), |yard| async move {
        let runtime = Scripted::new(Act::Ok(1));
        let mut answers = Vec::new();
        for round in 0..6 {
            let text = format!(r#"{{"com.cph.mainkeys":"{}"}}"#, round % 2);
            let work = Work::Property { asked: vec![asked(&yard.phones[0], &text)] };
            answers.push(yard.accept(&yard.project, work).await);
        }
        let worker = yard.work(runtime.clone(), config()).await;
        for answer in &answers {
            assert_eq!(result(&yard.ended(answer).await[0]), (2, None));
        }
        let set = runtime.calls().into_iter().map(|call| match call.want {
            Want::Live { properties } => properties["com.cph.mainkeys"].clone(),
            want => panic!("{want:?}"),
        });
        assert_eq!(set.collect::<String>(), "010101");
        assert_eq!(yard.phone(&yard.phones[0]).await.property, r#"{"com.cph.mainkeys":"1"}"#);
        yard.check().await;
        worker.stop().await;
    });
}

#[test]
fn jobs_that_nobody_takes_up_end_too() {
    both(4, Limits { queue_budget_ms: 300, ..limits(1_500) }, |yard| async move {
        let answer = yard.restart(yard.all()).await;
        pause(350).await;
        let runtime = Scripted::new(Act::Ok(0));
        let worker = yard.work(runtime.clone(), config()).await;
        for job in yard.ended(&answer).await {
            assert_eq!(result(&job), (-1, Some("CPS.0054")));
        }
        assert!(runtime.calls().is_empty());
        yard.check().await;
        worker.stop().await;
    });
}

#[test]
fn a_graceful_stop_gives_jobs_back_at_no_cost() {
    both(6, Limits::default(), |yard| async move {
        let runtime = Scripted::new(Act::Hang);
        let answer = yard.restart(yard.all()).await;
        // More stops than a job has attempts.
        for round in 1..=5 {
            let worker = yard.work(runtime.clone(), config()).await;
            called(&runtime, 6 * round).await;
            let begin = Instant::now();
            worker.stop().await;
            assert!(begin.elapsed() < Duration::from_secs(2), "{:?}", begin.elapsed());
            assert_eq!(yard.store.jobs_pending("", 10).await.unwrap().len(), 6);
        }
        runtime.otherwise(Act::Ok(0));
        let worker = yard.work(runtime.clone(), config()).await;
        for job in yard.ended(&answer).await {
            assert_eq!(result(&job), (2, None));
        }
        yard.check().await;
        worker.stop().await;
    });
}

#[test]
fn what_ended_during_the_stop_stays_ended() {
    both(3, Limits::default(), |yard| async move {
        let runtime = Scripted::new(Act::Ok(150));
        let config = Config { stop_grace: Duration::from_secs(5), ..config() };
        let worker = yard.work(runtime.clone(), config).await;
        let answer = yard.restart(yard.all()).await;
        called(&runtime, 3).await;
        worker.stop().await;
        for job in yard.ended(&answer).await {
            assert_eq!(result(&job), (2, None));
        }
        yard.check().await;
    });
}

#[test]
fn a_killed_process_leaves_nothing_undone() {
    both(8, Limits::default(), |yard| async move {
        let runtime = Scripted::new(Act::Hang);
        let worker = yard.work(runtime.clone(), config()).await;
        let answer = yard.restart(yard.all()).await;
        called(&runtime, 8).await;
        drop(worker);
        let yard = yard.reopen().await;
        runtime.otherwise(Act::Ok(0));
        let worker = yard.work(runtime.clone(), config()).await;
        for job in yard.ended(&answer).await {
            assert_eq!(result(&job), (2, None));
        }
        for phone in &yard.phones {
            let calls = runtime.calls_of(phone);
            assert_eq!(calls.len(), 2);
            assert!(calls[1].spec.epoch > calls[0].spec.epoch, "the dead one's calls are fenced off");
        }
        yard.check().await;
        worker.stop().await;
    });
}

#[test]
fn three_kills_by_one_job_end_it_and_put_the_phone_back() {
    both(2, Limits::default(), |mut yard| async move {
        let runtime = Scripted::new(Act::Hang);
        let answer = yard.power(Power::Restart, yard.all(), Some(&yard.new_image)).await;
        for round in 1..=3 {
            let worker = yard.work(runtime.clone(), config()).await;
            called(&runtime, 2 * round).await;
            drop(worker);
            yard = yard.reopen().await;
        }
        runtime.otherwise(Act::Ok(0));
        let worker = yard.work(runtime.clone(), config()).await;
        for job in yard.ended(&answer).await {
            assert_eq!(result(&job), (-1, Some("CPS.0003")));
            assert!(job.error_msg.unwrap().contains("3 attempts"));
        }
        let calls = runtime.calls();
        assert_eq!(calls.len(), 8);
        for call in &calls[6..] {
            let Want::Running { generation, .. } = &call.want else { panic!("{call:?}") };
            assert_eq!(generation.image.id, yard.image);
        }
        yard.check().await;
        worker.stop().await;
    });
}

#[test]
fn a_job_that_was_left_lying_is_taken_up_again() {
    both(3, Limits::default(), |yard| async move {
        let runtime = Scripted::new(Act::Ok(0));
        let answer = yard.restart(yard.all()).await;
        let worker = yard.work(runtime.clone(), config()).await;
        yard.ended(&answer).await;
        // Claimed and then forgotten, as by a claim whose answer was lost.
        let handed_over = yard.store.queued();
        let answer = yard.restart(yard.all()).await;
        let ids: Vec<_> = answer.entries.iter().filter_map(|entry| entry.job_id.clone()).collect();
        assert_eq!(yard.store.jobs_claim(&ids, 100).await.unwrap().len(), 3);
        for job in yard.ended(&answer).await {
            assert_eq!(result(&job), (2, None));
        }
        drop(handed_over);
        yard.check().await;
        worker.stop().await;
    });
}
