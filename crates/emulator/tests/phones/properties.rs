use crate::{PHONE, config, image, map, one_phone, restart};
use emulator::property::PropertyError;
use emulator::{Emulator, Error};
use std::collections::BTreeMap;

fn get(emulator: &Emulator, now_ms: u64, name: &str) -> Option<String> {
    emulator.getprop(PHONE, now_ms, name).unwrap()
}

fn refused(result: Result<(), Error>) -> PropertyError {
    match result {
        Err(Error::Property { why, .. }) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_boot_sets_what_android_sets() {
    let emulator = one_phone(config());
    let boot_id = emulator.start(PHONE, 0).unwrap();
    assert!(
        matches!(emulator.getprop(PHONE, 149, "ro.build.id"), Err(Error::NotOn)),
        "init does not run yet"
    );
    assert_eq!(get(&emulator, 150, "ro.build.id").as_deref(), Some("image1"));
    assert_eq!(get(&emulator, 150, "init.svc.bootanim"), None);
    assert_eq!(get(&emulator, 999, "init.svc.bootanim").as_deref(), Some("running"));
    assert_eq!(get(&emulator, 999, "sys.boot_completed"), None);
    let expected = map([
        ("init.svc.bootanim", "stopped"),
        ("persist.sys.timezone", "UTC"),
        ("ro.boot.bootreason", "cold"),
        ("ro.build.id", "image1"),
        ("ro.build.version.release", "11"),
        ("ro.product.model", "Yard One"),
        ("ro.runtime.boot_id", &format!("{boot_id:016x}")),
        ("sys.boot_completed", "1"),
    ]);
    let mut all = emulator.getprop_all(PHONE, 1000).unwrap();
    assert_eq!(all.get("ro.serialno").unwrap(), &PHONE[..16], "what is derived is among them");
    all.retain(|name, _| expected.contains_key(name));
    assert_eq!(all, expected);
    let booted = restart(&emulator, 2000, &map([]));
    assert_eq!(get(&emulator, booted, "ro.boot.bootreason").as_deref(), Some("reboot"));
    assert_ne!(get(&emulator, booted, "ro.runtime.boot_id"), Some(format!("{boot_id:016x}")));
}

#[test]
fn configured_read_only_properties_win_over_the_image_and_stay_for_the_boot() {
    let emulator = one_phone(config());
    let wanted =
        map([("ro.product.model", "Mine"), ("ro.build.version.release", "99"), ("ro.mine", "x y=z")]);
    let booted = restart(&emulator, 0, &wanted);
    for (name, value) in &wanted {
        assert_eq!(get(&emulator, booted, name).as_ref(), Some(value));
        assert_eq!(refused(emulator.setprop(PHONE, booted, name, "other")), PropertyError::ReadOnly);
    }
    assert_eq!(refused(emulator.setprop(PHONE, booted, "ro.build.id", "x")), PropertyError::ReadOnly);
    assert_eq!(refused(emulator.setprop(PHONE, booted, "ro.runtime.boot_id", "x")), PropertyError::ReadOnly);
}

#[test]
fn a_phone_looks_like_one_where_its_image_says_nothing() {
    let emulator = one_phone(config());
    let booted = restart(&emulator, 0, &map([("ro.product.brand", "Mine"), ("persist.sys.locale", "de-DE")]));
    let shown = |name| get(&emulator, booted, name).unwrap();
    assert_eq!(shown("ro.build.version.sdk"), "30");
    let print = shown("ro.build.fingerprint");
    assert!(print.starts_with("Mine/phoneyard_one/phoneyard_one:11/image1/"), "{print}");
    assert!(print.ends_with(":userdebug/test-keys"), "{print}");
    assert_eq!((shown("persist.sys.locale"), shown("sys.usb.state")), ("de-DE".into(), "adb".into()));
    assert_eq!(refused(emulator.setprop(PHONE, booted, "ro.serialno", "x")), PropertyError::ReadOnly);
    emulator.setprop(PHONE, booted, "sys.usb.state", "none").unwrap();
    assert_eq!(get(&emulator, booted, "sys.usb.state").unwrap(), "none");
}

#[test]
fn an_unset_read_only_property_can_be_written_once_per_boot() {
    let emulator = one_phone(config());
    for now_ms in [0, 5000] {
        let booted = restart(&emulator, now_ms, &map([]));
        assert_eq!(get(&emulator, booted, "ro.late"), None);
        emulator.setprop(PHONE, booted, "ro.late", &"v".repeat(2048)).unwrap();
        assert_eq!(get(&emulator, booted, "ro.late").unwrap().len(), 2048);
        assert_eq!(refused(emulator.setprop(PHONE, booted, "ro.late", "w")), PropertyError::ReadOnly);
    }
}

#[test]
fn a_restart_forgets_what_was_set_except_persist() {
    let emulator = one_phone(config());
    let wanted = map([("sys.a", "configured")]);
    let booted = restart(&emulator, 0, &wanted);
    for (name, value) in [("sys.a", "live"), ("sys.b", "live"), ("persist.c", "live"), ("ro.d", "live")] {
        emulator.setprop(PHONE, booted, name, value).unwrap();
        assert_eq!(get(&emulator, booted, name).as_deref(), Some(value));
    }
    emulator.setprop(PHONE, booted, "persist.sys.timezone", "Asia/Shanghai").unwrap();
    let booted = restart(&emulator, 5000, &wanted);
    assert_eq!(get(&emulator, booted, "sys.a").as_deref(), Some("configured"));
    assert_eq!((get(&emulator, booted, "sys.b"), get(&emulator, booted, "ro.d")), (None, None));
    assert_eq!(get(&emulator, booted, "persist.c").as_deref(), Some("live"));
    assert_eq!(get(&emulator, booted, "persist.sys.timezone").as_deref(), Some("Asia/Shanghai"));
    assert_eq!(emulator.getprop_all(PHONE, booted).unwrap().get("persist.c").unwrap(), "live");
}

#[test]
fn configured_persist_properties_win_and_leave_no_trace() {
    let emulator = one_phone(config());
    let booted = restart(&emulator, 0, &map([]));
    emulator.setprop(PHONE, booted, "persist.a", "live").unwrap();
    let booted = restart(&emulator, 5000, &map([("persist.a", "configured"), ("persist.b", "configured")]));
    assert_eq!(get(&emulator, booted, "persist.a").as_deref(), Some("configured"));
    let booted = restart(&emulator, 9000, &map([]));
    assert_eq!(get(&emulator, booted, "persist.a").as_deref(), Some("live"));
    assert_eq!(get(&emulator, booted, "persist.b"), None);
}

#[test]
fn lengths_differ_for_boot_and_live() {
    let emulator = one_phone(config());
    let long = "v".repeat(2048);
    let booted = restart(&emulator, 0, &map([("sys.long", &long), ("sys.longer", &"v".repeat(2049))]));
    assert_eq!(get(&emulator, booted, "sys.long").as_deref(), Some(long.as_str()));
    assert_eq!(get(&emulator, booted, "sys.longer"), None, "left out, as init does");
    let long_live = emulator.setprop(PHONE, booted, "sys.long", &"v".repeat(92));
    assert_eq!(refused(long_live), PropertyError::ValueTooLong);
    emulator.setprop(PHONE, booted, "sys.long", &"v".repeat(91)).unwrap();
    assert_eq!(refused(emulator.setprop(PHONE, booted, ".x", "1")), PropertyError::Name);
}

#[test]
fn reading_back_finds_the_first_difference() {
    let emulator = one_phone(config());
    let wanted = map([("a", "1"), ("b", ""), ("ro.c", "3")]);
    let booted = restart(&emulator, 0, &wanted);
    assert_eq!(emulator.first_mismatch(PHONE, booted, &wanted).unwrap(), None);
    assert_eq!(emulator.first_mismatch(PHONE, booted, &map([("unset", "")])).unwrap(), None);
    emulator.setprop(PHONE, booted, "b", "2").unwrap();
    assert_eq!(emulator.first_mismatch(PHONE, booted, &wanted).unwrap().as_deref(), Some("b"));
}

#[test]
fn a_phone_that_is_off_or_dead_answers_nothing() {
    let emulator = one_phone(config());
    let silent = |now_ms| {
        assert!(matches!(emulator.getprop(PHONE, now_ms, "a"), Err(Error::NotOn)));
        assert!(matches!(emulator.getprop_all(PHONE, now_ms), Err(Error::NotOn)));
        assert!(matches!(emulator.setprop(PHONE, now_ms, "a", "1"), Err(Error::NotOn)));
        assert!(matches!(emulator.first_mismatch(PHONE, now_ms, &BTreeMap::new()), Err(Error::NotOn)));
    };
    silent(0);
    emulator.start(PHONE, 0).unwrap();
    emulator.kill(PHONE, 2000).unwrap();
    silent(2000);
}

#[test]
fn another_image_brings_its_own_properties() {
    let emulator = one_phone(config());
    restart(&emulator, 0, &map([]));
    emulator.stop(PHONE, 2000).unwrap();
    emulator.configure(PHONE, image("image2", "12"), &map([]), 2000).unwrap();
    emulator.start(PHONE, 2000).unwrap();
    assert_eq!(get(&emulator, 3000, "ro.build.id").as_deref(), Some("image2"));
    assert_eq!(get(&emulator, 3000, "ro.build.version.release").as_deref(), Some("12"));
}

#[test]
fn the_properties_of_a_boot_are_bounded_and_the_next_boot_starts_over() {
    let emulator = one_phone(config());
    let booted = restart(&emulator, 0, &map([]));
    let name = |n: usize| format!("debug.{n:04}.{}", "x".repeat(200));
    let full = (0..10_000).find(|n| emulator.setprop(PHONE, booted, &name(*n), "v").is_err()).unwrap();
    assert!((400..600).contains(&full), "{full}");
    assert_eq!(refused(emulator.setprop(PHONE, booted, &name(full), "v")), PropertyError::NoRoom);
    emulator.setprop(PHONE, booted, &name(0), "w").unwrap();
    assert_eq!(refused(emulator.setprop(PHONE, booted, &"n".repeat(257), "v")), PropertyError::Name);
    let booted = restart(&emulator, 2_000, &map([]));
    emulator.setprop(PHONE, booted, &name(full), "v").unwrap();
}
