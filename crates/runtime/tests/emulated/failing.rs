use crate::{
    BOOT_MS, PHONE, getprop, has_photo, map, new_generation, running, runtime, runtime_with, spec,
    take_photo, until_running,
};
use emulator::{Action, Config, Emulator, Fault, Power};
use runtime::{EmulatedRuntime, PhoneSpec, Reason, Runtime, Stage, Want};
use std::sync::Arc;
use std::time::Duration;

/// Every fault with the reason and the stage that it must end in.
fn faults() -> Vec<(Fault, Reason, Stage)> {
    let mismatch = Reason::PropertyMismatch { key: "com.cph.mainkeys".into() };
    let mut table = vec![
        (Fault::NeverBoots, Reason::NotBooted, Stage::Boot),
        (Fault::BootsLate { factor: 1e6 }, Reason::NotBooted, Stage::Boot),
        (Fault::DiesLater { after_ms: 0 }, Reason::Died, Stage::Boot),
        (Fault::Refuses, Reason::Refused, Stage::Start),
        (Fault::DropsKeys(vec!["com.cph.mainkeys".into()]), mismatch.clone(), Stage::Verify),
        (Fault::DropsFraction(1.0), mismatch, Stage::Verify),
        (Fault::KeepsImage, Reason::ImageMismatch, Stage::Verify),
    ];
    let stages = emulator::Stage::ALL.into_iter();
    table.extend(stages.map(|stage| (Fault::DiesBooting { stage }, Reason::Died, Stage::Boot)));
    table
}

fn impatient() -> EmulatedRuntime {
    let config = Config { boot_ms: BOOT_MS, boot_variance: 0.0, log_entries_max: 100, ..Config::default() };
    EmulatedRuntime::new(Arc::new(Emulator::new(config).unwrap()), Duration::from_millis(200))
}

/// Whether the phone, freshly started without a fault, is as it was before: image, properties, data.
async fn assert_old_generation(runtime: &EmulatedRuntime, what: &str) {
    let emulator = runtime.emulator();
    emulator.set_fault(PHONE, None);
    emulator.stop(PHONE, runtime.now_ms()).unwrap();
    emulator.start(PHONE, runtime.now_ms()).unwrap();
    until_running(runtime).await;
    let now_ms = runtime.now_ms();
    let seen = emulator.observe(PHONE, now_ms).unwrap();
    assert_eq!((seen.power, seen.image.id.as_str()), (Power::Running, "old"), "{what}");
    assert_eq!(
        emulator.first_mismatch(PHONE, now_ms, &spec(PHONE, 1).was.properties).unwrap(),
        None,
        "{what}"
    );
    assert_eq!(
        getprop(runtime, "persist.sys.locale").as_deref(),
        Some("en-US"),
        "{what}: nothing of the new generation stays"
    );
    assert!(has_photo(runtime), "{what}");
}

#[tokio::test]
async fn each_fault_has_its_reason_and_leaves_the_old_generation_in_force() {
    for (fault, reason, stage) in faults() {
        let what = format!("{fault:?}");
        let runtime = impatient();
        runtime.apply(&spec(PHONE, 1), &Want::Live { properties: map([]) }).await.unwrap();
        take_photo(&runtime);
        runtime.emulator().set_fault(PHONE, Some(fault.clone()));
        let error = runtime.apply(&spec(PHONE, 2), &running(new_generation())).await.unwrap_err();
        assert_eq!((&error.reason, error.stage), (&reason, stage), "{what}: {error}");
        assert!(!error.retryable(), "{what}");
        let power = runtime.emulator().observe(PHONE, runtime.now_ms()).unwrap().power;
        assert_eq!(power == Power::Off, fault == Fault::Refuses, "{what}: it is started again");
        assert_old_generation(&runtime, &what).await;
    }
}

#[tokio::test]
async fn a_phone_that_was_off_is_off_after_a_failed_power_on() {
    for (fault, ..) in faults() {
        let runtime = impatient();
        runtime.apply(&spec(PHONE, 1), &Want::Stopped).await.unwrap();
        runtime.emulator().set_fault(PHONE, Some(fault.clone()));
        let was_off = PhoneSpec { was_running: false, ..spec(PHONE, 2) };
        runtime.apply(&was_off, &running(new_generation())).await.unwrap_err();
        let seen = runtime.emulator().observe(PHONE, runtime.now_ms()).unwrap();
        assert_eq!((seen.power, seen.image.id.as_str()), (Power::Off, "old"), "{fault:?}");
    }
}

#[tokio::test]
async fn the_way_back_is_told_when_it_fails_too() {
    let runtime = impatient();
    runtime.emulator().set_fault(PHONE, Some(Fault::Refuses));
    let error = runtime.apply(&spec(PHONE, 1), &running(new_generation())).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "start: refused: the phone refuses to start; then, to put the phone back as it was: \
         start: refused: the phone refuses to start"
    );
}

#[tokio::test]
async fn after_a_fault_the_next_attempt_works() {
    let runtime = impatient();
    runtime.emulator().set_fault(PHONE, Some(Fault::NeverBoots));
    runtime.apply(&spec(PHONE, 1), &running(new_generation())).await.unwrap_err();
    runtime.emulator().set_fault(PHONE, None);
    runtime.apply(&spec(PHONE, 2), &running(new_generation())).await.unwrap();
    assert_eq!(getprop(&runtime, "ro.mine").as_deref(), Some("new"));
}

#[tokio::test]
async fn a_failed_reset_has_wiped_but_keeps_the_old_generation() {
    let runtime = impatient();
    let set = Want::Live { properties: map([("persist.a", "1")]) };
    runtime.apply(&spec(PHONE, 1), &set).await.unwrap();
    runtime.emulator().set_fault(PHONE, Some(Fault::KeepsImage));
    let reset = Want::Running { generation: new_generation(), wipe: true };
    runtime.apply(&spec(PHONE, 2), &reset).await.unwrap_err();
    until_running(&runtime).await;
    assert_eq!(getprop(&runtime, "ro.mine").as_deref(), Some("old"));
    assert_eq!(getprop(&runtime, "persist.a"), None);
}

#[tokio::test]
async fn an_impossible_wish_does_not_touch_the_phone() {
    let runtime = runtime();
    runtime.apply(&spec(PHONE, 1), &Want::Live { properties: map([]) }).await.unwrap();
    runtime.emulator().drain_log();
    for (name, value) in [("not legal", "1".to_owned()), ("a.long", "v".repeat(2049))] {
        let mut generation = new_generation();
        generation.properties.insert(name.into(), value);
        let error = runtime.apply(&spec(PHONE, 2), &running(generation)).await.unwrap_err();
        assert_eq!(error.reason, Reason::PropertyMismatch { key: name.into() });
        assert_eq!(error.stage, Stage::Check);
    }
    assert_eq!(runtime.emulator().drain_log(), []);
}

#[tokio::test]
async fn a_disk_that_fails_is_worth_another_try() {
    let dir = tempfile::tempdir().unwrap();
    let data_dir = Some(dir.path().to_owned());
    let runtime = runtime_with(Config { boot_ms: BOOT_MS, data_dir, ..Config::default() });
    // A directory where the phone's file should be cannot be removed as a file, not even by root.
    std::fs::create_dir(dir.path().join(PHONE)).unwrap();
    let reset = Want::Running { generation: new_generation(), wipe: true };
    let error = runtime.apply(&spec(PHONE, 1), &reset).await.unwrap_err();
    assert_eq!((&error.reason, error.stage), (&Reason::Unavailable, Stage::Wipe), "{error}");
    assert!(error.retryable());
    std::fs::remove_dir(dir.path().join(PHONE)).unwrap();
    runtime.apply(&spec(PHONE, 1), &reset).await.unwrap();
    let wiped = runtime.emulator().drain_log().iter().filter(|entry| entry.action == Action::Wiped).count();
    assert_eq!(wiped, 1);
}
