//! What the worker does when a job is ended or taken behind its back, when time jumps and when it breaks down.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use model::id::{ImageId, JobId, PhoneId};
use model::phone_state::Power;
use phoneyard_jobs::Config;
use phoneyard_jobs::scheduler::Caps;
use runtime::Want;
use std::time::{Duration, Instant};
use store::{Answer, Limits, Work};
use support::scripted::{Act, Scripted};
use support::{asked, both, config, limits, result, until};

async fn pause(ms: u64) {
    tokio::time::sleep(Duration::from_millis(ms)).await;
}

fn ids(answer: &Answer) -> Vec<JobId> {
    answer.entries.iter().filter_map(|entry| entry.job_id.clone()).collect()
}

/// The image with which the runtime was last told to run the phone; none when it was told to stop it.
fn last_image(runtime: &Scripted, phone: &PhoneId) -> Option<ImageId> {
    match runtime.calls_of(phone).pop().expect("it was called").want {
        Want::Running { generation, .. } => Some(generation.image.id.clone()),
        Want::Stopped | Want::Live { .. } => None,
    }
}

#[test]
fn a_job_that_the_reaper_ended_is_broken_off_and_its_phone_put_back() {
    both(2, limits(60_000), |yard| async move {
        let runtime = Scripted::new(Act::Ok(0));
        runtime.script(&yard.phones[0], [Act::Hang]);
        let worker = yard.work(runtime.clone(), config()).await;
        let one = vec![asked(&yard.phones[0], "")];
        let answer = yard.power(Power::Restart, one, Some(&yard.new_image)).await;
        until("the job runs", || runtime.calls().len() == 1).await;
        // As after the machine was suspended.
        yard.clock.jump(120_000);
        assert_eq!(result(&yard.ended(&answer).await[0]), (-1, Some("CPS.0054")));
        until("the phone is put back", || runtime.calls().len() == 2).await;
        assert_eq!(last_image(&runtime, &yard.phones[0]), Some(yard.image.clone()));
        // The phone is free again for the next job, under a higher epoch.
        let reset = yard.power(Power::Reset, vec![asked(&yard.phones[0], "")], None).await;
        assert_eq!(result(&yard.ended(&reset).await[0]), (2, None));
        let epochs: Vec<i64> = runtime.calls().iter().map(|call| call.spec.epoch).collect();
        assert!(epochs[0] == epochs[1] && epochs[1] < epochs[2], "{epochs:?}");
        assert_eq!(runtime.most(), (1, 1), "never two calls for one phone");
        yard.check().await;
        worker.stop().await;
    });
}

#[test]
fn a_success_that_comes_after_the_reaper_is_undone() {
    both(1, limits(60_000), |yard| async move {
        let runtime = Scripted::new(Act::Ok(0));
        runtime.script(&yard.phones[0], [Act::Ok(400)]);
        // The worker does not look at its leases before the call comes back.
        let config = Config { lease: Duration::from_secs(30), ..config() };
        let worker = yard.work(runtime.clone(), config).await;
        let answer = yard.power(Power::Restart, yard.all(), Some(&yard.new_image)).await;
        until("the job runs", || runtime.calls().len() == 1).await;
        yard.clock.jump(120_000);
        assert_eq!(result(&yard.ended(&answer).await[0]), (-1, Some("CPS.0054")));
        until("the phone is put back", || runtime.calls().len() == 2).await;
        assert_eq!(last_image(&runtime, &yard.phones[0]), Some(yard.image.clone()));
        yard.check().await;
        worker.stop().await;
    });
}

#[test]
fn a_job_that_somebody_else_took_is_broken_off_and_nothing_more() {
    both(1, limits(60_000), |yard| async move {
        let runtime = Scripted::new(Act::Ok(0));
        runtime.script(&yard.phones[0], [Act::Hang]);
        let worker = yard.work(runtime.clone(), config()).await;
        let answer = yard.power(Power::Restart, yard.all(), Some(&yard.new_image)).await;
        until("the job runs", || runtime.calls().len() == 1).await;
        // Another worker believes this one dead.
        yard.store.jobs_adopt().await.unwrap();
        let theirs = yard.store.jobs_claim(&ids(&answer), 2_000).await.unwrap();
        assert_eq!(theirs.len(), 1);
        until("it is broken off", || runtime.under_way() == 0).await;
        assert_eq!(runtime.calls().len(), 1, "the phone is theirs");
        // They die too: when their lease is over it is taken up here again.
        assert_eq!(result(&yard.ended(&answer).await[0]), (2, None));
        let epochs: Vec<i64> = runtime.calls().iter().map(|call| call.spec.epoch).collect();
        assert_eq!(epochs, [theirs[0].epoch - 1, theirs[0].epoch + 1]);
        yard.check().await;
        worker.stop().await;
    });
}

#[test]
fn the_reaper_needs_neither_a_free_worker_nor_a_runtime() {
    let limits = Limits { queue_budget_ms: 400, ..limits(60_000) };
    both(6, limits, |yard| async move {
        let runtime = Scripted::new(Act::Hang);
        let caps = Caps { per_server: 2, per_project: 2, total: 2 };
        let worker = yard.work(runtime.clone(), Config { caps, ..config() }).await;
        let answer = yard.restart(yard.all()).await;
        yard.until_ended(&ids(&answer)[2..]).await;
        let now = yard.check_now().await;
        assert_eq!(now.jobs.iter().filter(|job| job.active()).count(), 2, "these run and have more time");
        assert_eq!(runtime.calls().len(), 2);
        yard.clock.jump(120_000);
        yard.ended(&answer).await;
        yard.check().await;
        worker.stop().await;
    });
}

#[test]
fn a_job_without_time_left_does_not_touch_its_phone() {
    both(1, limits(5), |yard| async move {
        let runtime = Scripted::new(Act::Ok(0));
        let config = Config { reap_period: Duration::from_secs(5), ..config() };
        let worker = yard.work(runtime.clone(), config).await;
        let answer = yard.restart(yard.all()).await;
        assert_eq!(result(&yard.ended(&answer).await[0]), (-1, Some("CPS.0054")));
        assert!(runtime.calls().is_empty());
        yard.check().await;
        worker.stop().await;
    });
}

#[test]
fn a_stop_that_hangs_does_not_boot_the_phone() {
    both(1, limits(500), |yard| async move {
        let runtime = Scripted::new(Act::Hang);
        let worker = yard.work(runtime.clone(), config()).await;
        let answer = yard.power(Power::Stop, yard.all(), None).await;
        assert_eq!(result(&yard.ended(&answer).await[0]), (-1, Some("CPS.0054")));
        assert_eq!(yard.status(&yard.phones[0]).await, -9);
        pause(100).await;
        assert_eq!(runtime.calls().len(), 1);
        yard.check().await;
        worker.stop().await;
    });
}

#[test]
fn a_worker_that_breaks_down_starts_over() {
    both(20, Limits::default(), |yard| async move {
        let runtime = Scripted::new(Act::Ok(30));
        let caps = Caps { per_server: 4, per_project: 4, total: 4 };
        let worker = yard.work(runtime.clone(), Config { caps, ..config() }).await;
        let answer = yard.restart(yard.all()).await;
        until("some run", || runtime.calls().len() >= 4).await;
        // Whoever asks for the time panics: the loop, the finisher, the reaper, the accepting task.
        yard.clock.broken(true);
        let accept = yard.accepting(Work::Property { asked: vec![asked(&yard.phones[0], "x")] });
        assert!(yard.store.accept(accept).await.is_err());
        pause(400).await;
        yard.clock.broken(false);
        for job in yard.ended(&answer).await {
            assert!(matches!(result(&job), (2, None) | (-1, Some("CPS.0003"))), "{job:?}");
        }
        let again = yard.power(Power::Reset, yard.all(), None).await;
        for job in yard.ended(&again).await {
            assert_eq!(result(&job), (2, None));
        }
        yard.check().await;
        // The reaper is alive too.
        runtime.otherwise(Act::Hang);
        let late = yard.restart(vec![asked(&yard.phones[0], "")]).await;
        yard.clock.jump(40 * 60_000);
        assert_eq!(result(&yard.ended(&late).await[0]), (-1, Some("CPS.0054")));
        worker.stop().await;
    });
}

#[test]
fn every_limit_holds_right_after_recovery() {
    both(60, Limits::default(), |yard| async move {
        let caps = Caps { per_server: 7, per_project: 9, total: 9 };
        let config = Config { caps, ..config() };
        let runtime = Scripted::new(Act::Hang);
        let worker = yard.work(runtime.clone(), config.clone()).await;
        let answer = yard.restart(yard.all()).await;
        until("as many run as may", || runtime.under_way() == 7).await;
        drop(worker);
        let yard = yard.reopen().await;
        until("the dead one's calls are gone", || runtime.under_way() == 0).await;
        runtime.otherwise(Act::Ok(10));
        let worker = yard.work(runtime.clone(), config).await;
        for job in yard.ended(&answer).await {
            assert_eq!(result(&job), (2, None));
        }
        assert_eq!(runtime.most(), (7, 7));
        yard.check().await;
        worker.stop().await;
    });
}

#[test]
fn a_restart_does_not_wait_behind_another_projects_ten_thousand() {
    both(10_000, Limits::default(), |yard| async move {
        let other = yard.store.project_create("other", "cn-north-4", None).await.unwrap();
        let (_, theirs) = support::server(&yard.store, &other, &yard.image, 1).await;
        let runtime = Scripted::new(Act::Ok(10));
        let caps = Caps { per_server: 50, per_project: 50, total: 50 };
        let worker = yard.work(runtime.clone(), Config { caps, ..config() }).await;
        let many = yard.restart(yard.all()).await;
        until("the many run", || runtime.calls().len() > 100).await;
        let (before, begin) = (runtime.calls().len(), Instant::now());
        let restart =
            Work::Power { power: Power::Restart, asked: vec![asked(&theirs[0], "")], image_id: None };
        let one = yard.accept(&other, restart).await;
        until("theirs begins", || !runtime.calls_of(&theirs[0]).is_empty()).await;
        let at = runtime.calls().iter().position(|call| call.spec.phone_id == theirs[0]).unwrap();
        println!("begun after {:?} and {} other calls", begin.elapsed(), at - before);
        assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", begin.elapsed());
        assert!(at < 5_000, "{at}");
        yard.until_ended(&ids(&one)).await;
        yard.until_ended(&ids(&many)).await;
        yard.check().await;
        worker.stop().await;
    });
}

#[test]
fn a_stop_under_load_loses_nothing_and_costs_nothing() {
    both(200, Limits::default(), |mut yard| async move {
        let runtime = Scripted::new(Act::Ok(15));
        let caps = Caps { per_server: 20, per_project: 20, total: 20 };
        let config = Config { caps, stop_grace: Duration::from_millis(5), ..config() };
        let mut answers = Vec::new();
        for round in 0..5 {
            let worker = yard.work(runtime.clone(), config.clone()).await;
            let entries = |from: usize| yard.phones[from..from + 20].iter().map(|p| asked(p, "")).collect();
            // Accepted before, during and after the stop.
            let (first, second) = (entries(round * 40), entries(round * 40 + 20));
            answers.push(yard.restart(first).await);
            pause(20).await;
            let (answer, ()) = tokio::join!(yard.restart(second), worker.stop());
            answers.push(answer);
            let now = yard.check_now().await;
            let held =
                now.jobs.iter().filter(|job| job.active() && (job.lease_until_ms, job.attempts) != (0, 0));
            assert_eq!(held.count(), 0, "given back, at no cost");
            yard = yard.reopen().await;
        }
        let worker = yard.work(runtime.clone(), config).await;
        for answer in &answers {
            for job in yard.ended(answer).await {
                assert_eq!(result(&job), (2, None));
            }
        }
        yard.check().await;
        worker.stop().await;
    });
}
