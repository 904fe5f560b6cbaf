use crate::{PHONE, config, image, map, one_phone};
use emulator::{Action, Config, Emulator, Error, Power, Stage};

#[test]
fn a_started_phone_boots_when_its_time_has_come_and_not_before() {
    let emulator = one_phone(config());
    assert_eq!(emulator.observe(PHONE, 5).unwrap().power, Power::Off);
    let boot_id = emulator.start(PHONE, 10).unwrap();
    assert_eq!(emulator.next_change_ms(PHONE, 10).unwrap(), Some(1010));
    let early = emulator.observe(PHONE, 1009).unwrap();
    assert_eq!(early.power, Power::Booting(Stage::SystemServer));
    let booted = emulator.observe(PHONE, 1010).unwrap();
    assert_eq!(booted.power, Power::Running);
    assert_eq!(
        (booted.boot_id, booted.started_ms, booted.image.id.as_str(), booted.power_cycles),
        (Some(boot_id), Some(10), "image1", 1)
    );
    assert_eq!(emulator.next_change_ms(PHONE, 1010).unwrap(), None);
}

#[test]
fn a_phone_added_running_has_booted_already() {
    let emulator = Emulator::new(config()).unwrap();
    emulator.add(PHONE, image("image1", "11"), &map([("a", "1")]), true, 3).unwrap();
    assert_eq!(emulator.observe(PHONE, 3).unwrap().power, Power::Running);
    assert_eq!(emulator.getprop(PHONE, 3, "a").unwrap().as_deref(), Some("1"));
    assert!(!emulator.add(PHONE, image("image2", "12"), &map([]), false, 4).unwrap(), "it is there already");
    assert_eq!(emulator.observe(PHONE, 4).unwrap().image.id, "image1");
}

#[test]
fn a_boot_takes_no_time_where_none_is_configured() {
    let emulator = one_phone(Config { boot_ms: 0, ..config() });
    emulator.start(PHONE, 0).unwrap();
    assert_eq!(emulator.observe(PHONE, 0).unwrap().power, Power::Running);
}

#[test]
fn every_boot_has_an_id_of_its_own() {
    let emulator = one_phone(config());
    let mut ids = std::collections::HashSet::new();
    for now in 0..100 {
        assert!(ids.insert(emulator.start(PHONE, now).unwrap()));
        emulator.stop(PHONE, now).unwrap();
    }
}

#[test]
fn power_and_configuration_keep_their_order() {
    let emulator = one_phone(config());
    emulator.start(PHONE, 0).unwrap();
    assert!(matches!(emulator.start(PHONE, 1), Err(Error::NotOff)));
    assert!(matches!(emulator.wipe(PHONE, 1), Err(Error::NotOff)));
    assert!(matches!(emulator.configure(PHONE, image("image2", "12"), &map([]), 1), Err(Error::NotOff)));
    emulator.stop(PHONE, 2).unwrap();
    emulator.stop(PHONE, 3).unwrap();
    emulator.configure(PHONE, image("image2", "12"), &map([]), 4).unwrap();
    emulator.start(PHONE, 5).unwrap();
    assert_eq!(emulator.observe(PHONE, 1005).unwrap().image.id, "image2");
    assert_eq!(emulator.getprop(PHONE, 1005, "ro.build.version.release").unwrap().as_deref(), Some("12"));
}

#[test]
fn unknown_phones_and_bad_ids_are_named_as_such() {
    let emulator = Emulator::new(config()).unwrap();
    assert!(matches!(emulator.stop("nobody", 0), Err(Error::UnknownPhone)));
    assert!(matches!(emulator.observe("nobody", 0), Err(Error::UnknownPhone)));
    assert!(!emulator.remove("nobody", 0).unwrap());
    for bad in ["", "../etc/passwd", "a.new", "a/b", &"x".repeat(65)] {
        assert!(
            matches!(emulator.add(bad, image("i", "11"), &map([]), true, 0), Err(Error::PhoneId)),
            "{bad}"
        );
    }
}

#[test]
fn the_dead_are_found_until_they_are_stopped_or_removed() {
    let emulator = Emulator::new(config()).unwrap();
    for at in 0..1000 {
        emulator.add(&format!("phone{at}"), image("image1", "11"), &map([]), true, 0).unwrap();
    }
    emulator.kill("phone7", 50).unwrap();
    emulator.kill("phone8", 60).unwrap();
    emulator.kill("phone8", 70).unwrap();
    let dead = |now| {
        let mut dead = emulator.dead(now);
        dead.sort();
        dead
    };
    assert_eq!(dead(49), [""; 0]);
    assert_eq!(dead(60), ["phone7", "phone8"]);
    assert_eq!(emulator.observe("phone8", 80).unwrap().power, Power::Dead { at_ms: 60, stage: None });
    emulator.stop("phone7", 90).unwrap();
    emulator.remove("phone8", 90).unwrap();
    assert_eq!(dead(u64::MAX), [""; 0]);
    assert_eq!(emulator.count(), 999);
}

#[test]
fn the_log_tells_what_was_done_in_order() {
    let emulator = one_phone(config());
    let boot_id = emulator.start(PHONE, 1).unwrap();
    emulator.kill(PHONE, 2).unwrap();
    emulator.stop(PHONE, 3).unwrap();
    emulator.stop(PHONE, 4).unwrap();
    emulator.wipe(PHONE, 5).unwrap();
    let log: Vec<_> = emulator.drain_log().into_iter().map(|e| (e.sequence, e.at_ms, e.action)).collect();
    assert_eq!(
        log,
        [
            (0, 0, Action::Added { running: false }),
            (1, 1, Action::Started { boot_id }),
            (2, 2, Action::Killed),
            (3, 3, Action::Stopped),
            (4, 5, Action::Wiped),
        ]
    );
}
