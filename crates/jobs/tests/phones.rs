//! What becomes of the phones: every kind of job on emulated phones, good and bad.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use emulator::{Action, Clock, Emulator, Fault, Guest, PowerRequest, Stage};
use model::id::PhoneId;
use model::phone_state::Power;
use runtime::EmulatedRuntime;
use std::sync::Arc;
use std::time::Duration;
use store::{Limits, Work};
use support::{Yard, asked, both, config, limits, result};

const KEYS: &str = r#"{"com.cph.mainkeys":"1"}"#;

fn emulated() -> Arc<EmulatedRuntime> {
    let config = emulator::Config { boot_ms: 10, log_entries_max: 10_000, ..emulator::Config::default() };
    Arc::new(EmulatedRuntime::new(Arc::new(Emulator::new(config).unwrap()), Duration::from_millis(150)))
}

/// Image and properties with which the emulator runs the phone.
fn runs(runtime: &EmulatedRuntime, yard: &Yard, at: usize) -> (String, Option<String>) {
    let (emulator, id, now_ms) = (runtime.emulator(), yard.phones[at].as_str(), runtime.now_ms());
    let image = emulator.observe(id, now_ms).unwrap().image.id.clone();
    (image, emulator.getprop(id, now_ms, "com.cph.mainkeys").unwrap_or_default())
}

#[test]
fn a_restart_brings_image_and_properties_into_force() {
    both(3, Limits::default(), |yard| async move {
        let runtime = emulated();
        let worker = yard.work(runtime.clone(), config()).await;
        let entries = yard.phones.iter().map(|phone| asked(phone, KEYS)).collect();
        let answer = yard.power(Power::Restart, entries, Some(&yard.new_image)).await;
        for job in yard.ended(&answer).await {
            assert_eq!(result(&job), (2, None));
        }
        for (at, phone) in yard.phones.iter().enumerate() {
            let phone = yard.phone(phone).await;
            assert_eq!((phone.status.number(), &phone.image_id), (2, &yard.new_image));
            assert_eq!(phone.property, KEYS);
            assert_eq!(runs(&runtime, &yard, at), (yard.new_image.to_string(), Some("1".into())));
        }
        yard.check().await;
        worker.stop().await;
    });
}

#[test]
fn every_fault_fails_its_job_and_leaves_the_old_generation() {
    both(7, Limits::default(), |yard| async move {
        let runtime = emulated();
        let faults = [
            (Fault::NeverBoots, "CPS.0054"),
            (Fault::BootsLate { factor: 1000.0 }, "CPS.0054"),
            (Fault::DiesBooting { stage: Stage::ALL[1] }, "CPS.0003"),
            (Fault::Refuses, "CPS.0003"),
            (Fault::DropsKeys(vec!["com.cph.mainkeys".into()]), "CPS.0003"),
            (Fault::KeepsImage, "CPS.0003"),
            (Fault::NoAdb, "CPS.0003"),
        ];
        let worker = yard.work(runtime.clone(), config()).await;
        for (phone, (fault, _)) in yard.phones.iter().zip(&faults) {
            runtime.emulator().set_fault(phone.as_str(), Some(fault.clone()));
        }
        let entries = yard.phones.iter().map(|phone| asked(phone, KEYS)).collect();
        let answer = yard.power(Power::Restart, entries, Some(&yard.new_image)).await;
        let jobs = yard.ended(&answer).await;
        for (at, (job, (fault, code))) in jobs.iter().zip(&faults).enumerate() {
            assert_eq!(result(job), (-1, Some(*code)), "{fault:?}: {job:?}");
            let phone = yard.phone(&yard.phones[at]).await;
            assert_eq!((phone.status.number(), &phone.image_id), (-6, &yard.image), "{fault:?}");
            assert_eq!(phone.property, "{}", "{fault:?}");
            assert_eq!(runs(&runtime, &yard, at), (yard.image.to_string(), None), "{fault:?}");
        }
        yard.check().await;
        worker.stop().await;
    });
}

#[test]
fn a_reset_wipes_and_a_factory_reset_forgets_properties() {
    both(2, Limits::default(), |yard| async move {
        let runtime = emulated();
        let worker = yard.work(runtime.clone(), config()).await;
        let entries = yard.phones.iter().map(|phone| asked(phone, KEYS)).collect();
        yard.ended(&yard.restart(entries).await).await;
        runtime.emulator().drain_log();
        let mut entries = yard.all();
        entries[1].factory_reset = true;
        let answer = yard.power(Power::Reset, entries, None).await;
        for job in yard.ended(&answer).await {
            assert_eq!(result(&job), (2, None));
        }
        let log = runtime.emulator().drain_log();
        assert_eq!(log.iter().filter(|entry| entry.action == Action::Wiped).count(), 2);
        for (at, expected) in [(0, KEYS), (1, "{}")] {
            let phone = yard.phone(&yard.phones[at]).await;
            assert_eq!((phone.status.number(), phone.property.as_str()), (2, expected));
        }
        assert_eq!(runs(&runtime, &yard, 0).1.as_deref(), Some("1"));
        assert_eq!(runs(&runtime, &yard, 1).1, None);
        yard.check().await;
        worker.stop().await;
    });
}

#[test]
fn stop_start_and_properties_of_a_stopped_phone() {
    both(2, Limits::default(), |yard| async move {
        let runtime = emulated();
        let worker = yard.work(runtime.clone(), config()).await;
        let stopped = yard.power(Power::Stop, vec![asked(&yard.phones[0], "")], None).await;
        assert_eq!(result(&yard.ended(&stopped).await[0]), (2, None));
        assert_eq!(yard.status(&yard.phones[0]).await, 8);
        let entries = yard.phones.iter().map(|phone| asked(phone, KEYS)).collect();
        let updated = yard.accept(&yard.project, Work::Property { asked: entries }).await;
        for job in yard.ended(&updated).await {
            assert_eq!(result(&job), (2, None));
        }
        assert_eq!(runs(&runtime, &yard, 1).1.as_deref(), Some("1"), "at once");
        assert_eq!((yard.status(&yard.phones[0]).await, yard.status(&yard.phones[1]).await), (8, 2));
        let started = yard.restart(vec![asked(&yard.phones[0], "")]).await;
        assert_eq!(result(&yard.ended(&started).await[0]), (2, None));
        assert_eq!(runs(&runtime, &yard, 0).1.as_deref(), Some("1"), "at the next boot");
        assert_eq!(yard.phone(&yard.phones[0]).await.property, KEYS);
        yard.check().await;
        worker.stop().await;
    });
}

#[test]
fn a_server_comes_back_and_names_the_phones_that_do_not() {
    both(5, limits(5_000), |yard| async move {
        let runtime = emulated();
        let worker = yard.work(runtime.clone(), config()).await;
        runtime.emulator().set_fault(yard.phones[2].as_str(), Some(Fault::Refuses));
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
fn a_phone_that_dies_is_marked() {
    both(2, Limits::default(), |yard| async move {
        let runtime = emulated();
        let worker = yard.work(runtime.clone(), config()).await;
        yard.ended(&yard.restart(yard.all()).await).await;
        runtime.emulator().kill(yard.phones[1].as_str(), runtime.now_ms()).unwrap();
        for _ in 0..300 {
            if yard.status(&yard.phones[1]).await != 2 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!((yard.status(&yard.phones[0]).await, yard.status(&yard.phones[1]).await), (2, -7));
        yard.check().await;
        worker.stop().await;
    });
}

/// The runtime's time, for those inside its phones.
struct RuntimeClock(Arc<EmulatedRuntime>);

impl Clock for RuntimeClock {
    fn now_ms(&self) -> u64 {
        self.0.now_ms()
    }

    fn wall_ms(&self) -> i64 {
        0
    }
}

fn asks(runtime: &Arc<EmulatedRuntime>, phone: &PhoneId, request: PowerRequest) {
    let clock = Arc::new(RuntimeClock(runtime.clone()));
    Guest::enter(runtime.emulator().clone(), phone.as_str(), clock).unwrap().request_power(request).unwrap();
}

#[test]
fn a_reboot_from_inside_is_a_job_like_any_other() {
    both(2, Limits::default(), |yard| async move {
        let runtime = emulated();
        let worker = yard.work(runtime.clone(), config()).await;
        // The runtime learns of phones as somebody acts on them.
        yard.ended(&yard.restart(yard.all()).await).await;
        let starts = || {
            let log = runtime.emulator().drain_log();
            log.iter().filter(|entry| matches!(entry.action, Action::Started { .. })).count()
        };
        starts();
        asks(&runtime, &yard.phones[0], PowerRequest::Reboot { reason: String::new() });
        asks(&runtime, &yard.phones[1], PowerRequest::Off);
        let all = yard.jobs_stored(4).await;
        yard.until_ended(&all).await;
        assert_eq!(yard.status(&yard.phones[0]).await, 2);
        assert_eq!(yard.status(&yard.phones[1]).await, 8);
        assert_eq!(starts(), 1);
        yard.check().await;
        worker.stop().await;
    });
}
