use crate::{
    PHONE, generation, getprop, has_photo, map, new_generation, running, runtime, runtime_with, spec,
    take_photo,
};
use emulator::{Config, Power};
use model::id::{PhoneId, ServerId};
use runtime::{PhoneSpec, Runtime, Want};

#[tokio::test]
async fn a_restart_brings_the_new_image_and_properties_and_keeps_data() {
    let runtime = runtime();
    runtime.apply(&spec(PHONE, 1), &Want::Live { properties: map([]) }).await.unwrap();
    let before = runtime.emulator().observe(PHONE, runtime.now_ms()).unwrap();
    assert_eq!((before.power, before.image.id.as_str()), (Power::Running, "old"), "as it was believed to be");
    take_photo(&runtime);

    runtime.apply(&spec(PHONE, 2), &running(new_generation())).await.unwrap();
    let after = runtime.emulator().observe(PHONE, runtime.now_ms()).unwrap();
    assert_eq!((after.power, after.image.id.as_str()), (Power::Running, "new"));
    assert_ne!(after.boot_id, before.boot_id);
    for (name, value) in new_generation().properties {
        assert_eq!(getprop(&runtime, &name), Some(value), "{name}");
    }
    assert_eq!(getprop(&runtime, "sys.boot_completed").as_deref(), Some("1"));
    assert_eq!(getprop(&runtime, "ro.build.version.release").as_deref(), Some("11.0"));
    assert!(has_photo(&runtime));
}

#[tokio::test]
async fn a_restart_is_over_when_the_boot_is_and_not_before() {
    let runtime = runtime_with(Config { boot_ms: 40, ..Config::default() });
    let begun = std::time::Instant::now();
    runtime.apply(&spec(PHONE, 1), &running(new_generation())).await.unwrap();
    assert!(begun.elapsed().as_millis() >= 39, "{:?}", begun.elapsed());
}

#[tokio::test]
async fn every_restart_is_a_power_cycle() {
    let runtime = runtime();
    for epoch in 1..=3 {
        runtime.apply(&spec(PHONE, epoch), &running(new_generation())).await.unwrap();
    }
    assert_eq!(runtime.emulator().observe(PHONE, runtime.now_ms()).unwrap().power_cycles, 3);
}

#[tokio::test]
async fn a_stopped_phone_is_powered_on() {
    let runtime = runtime();
    let was_off = PhoneSpec { was_running: false, ..spec(PHONE, 1) };
    runtime.apply(&was_off, &Want::Live { properties: map([("a", "1")]) }).await.unwrap();
    assert_eq!(runtime.emulator().observe(PHONE, runtime.now_ms()).unwrap().power, Power::Off);
    runtime.apply(&was_off, &running(was_off.was.clone())).await.unwrap();
    assert_eq!(runtime.emulator().observe(PHONE, runtime.now_ms()).unwrap().power, Power::Running);
}

#[tokio::test]
async fn a_stop_switches_off_and_can_be_repeated() {
    let runtime = runtime();
    for epoch in [1, 1, 2] {
        runtime.apply(&spec(PHONE, epoch), &Want::Stopped).await.unwrap();
        assert_eq!(runtime.emulator().observe(PHONE, runtime.now_ms()).unwrap().power, Power::Off);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_wipes_data_on_disk_too() {
    let dir = tempfile::tempdir().unwrap();
    let data_dir = Some(dir.path().to_owned());
    let runtime = runtime_with(Config { boot_ms: 1, data_dir, ..Config::default() });
    let locale = Want::Live { properties: map([("persist.sys.locale", "zh-CN")]) };
    runtime.apply(&spec(PHONE, 1), &locale).await.unwrap();
    assert!(dir.path().join(PHONE).exists());
    runtime.apply(&spec(PHONE, 2), &running(spec(PHONE, 2).was)).await.unwrap();
    assert_eq!(getprop(&runtime, "persist.sys.locale").as_deref(), Some("zh-CN"));
    let reset = Want::Running { generation: generation("old", []), wipe: true };
    runtime.apply(&spec(PHONE, 3), &reset).await.unwrap();
    assert_eq!(getprop(&runtime, "persist.sys.locale").as_deref(), Some("en-US"));
    assert!(!dir.path().join(PHONE).exists());
}

#[tokio::test]
async fn the_dead_are_named_with_their_server() {
    let runtime = runtime();
    let other = PhoneSpec { server_id: ServerId::new("server2"), ..spec("other", 1) };
    for spec in [&spec(PHONE, 1), &other, &spec("third", 1)] {
        runtime.apply(spec, &running(new_generation())).await.unwrap();
    }
    let dead = async |server: &str| runtime.dead(&ServerId::new(server)).await.unwrap();
    assert!(dead("server1").await.is_empty());
    for phone_id in [PHONE, "other"] {
        runtime.emulator().kill(phone_id, runtime.now_ms()).unwrap();
    }
    assert_eq!(dead("server1").await, [spec(PHONE, 1).phone_id]);
    assert_eq!(dead("server2").await, [PhoneId::new("other")]);
    assert!(dead("server3").await.is_empty());
    runtime.apply(&spec(PHONE, 2), &running(new_generation())).await.unwrap();
    assert!(dead("server1").await.is_empty());
}
