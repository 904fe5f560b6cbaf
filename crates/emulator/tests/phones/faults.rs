use crate::{PHONE, config, image, map, one_phone, restart};
use emulator::{Action, Config, Emulator, Error, Fault, FaultRates, Power, Stage};

#[test]
fn a_phone_that_never_boots_hangs_until_it_is_stopped() {
    let emulator = one_phone(config());
    emulator.set_fault(PHONE, Some(Fault::NeverBoots));
    emulator.start(PHONE, 0).unwrap();
    assert_eq!(emulator.observe(PHONE, 1 << 40).unwrap().power, Power::Booting(Stage::SystemServer));
    assert_eq!(emulator.next_change_ms(PHONE, 0).unwrap(), None);
    assert!(emulator.dead(u64::MAX).is_empty());
    emulator.set_fault(PHONE, None);
    assert_eq!(restart(&emulator, 5000, &map([])), 6000, "the fault is gone with the next start");
}

#[test]
fn a_late_phone_boots_late() {
    let emulator = one_phone(config());
    emulator.set_fault(PHONE, Some(Fault::BootsLate { factor: 2.5 }));
    assert_eq!(restart(&emulator, 0, &map([])), 2500);
}

#[test]
fn a_phone_dies_at_the_stage_it_was_told_to() {
    for stage in Stage::ALL {
        let emulator = one_phone(config());
        emulator.set_fault(PHONE, Some(Fault::DiesBooting { stage }));
        emulator.start(PHONE, 0).unwrap();
        let at_ms = emulator.next_change_ms(PHONE, 0).unwrap().unwrap_or(0);
        let power = emulator.observe(PHONE, at_ms).unwrap().power;
        assert_eq!(power, Power::Dead { at_ms, stage: Some(stage) }, "{}", stage.name());
        assert_eq!(emulator.dead(at_ms), [PHONE]);
    }
}

#[test]
fn a_phone_dies_later_and_is_listed() {
    let emulator = one_phone(config());
    emulator.set_fault(PHONE, Some(Fault::DiesLater { after_ms: 300 }));
    assert_eq!(restart(&emulator, 0, &map([])), 1000);
    assert_eq!(emulator.observe(PHONE, 1000).unwrap().power, Power::Running);
    assert_eq!(emulator.next_change_ms(PHONE, 1000).unwrap(), Some(1300));
    assert_eq!(emulator.observe(PHONE, 1300).unwrap().power, Power::Dead { at_ms: 1300, stage: None });
    assert_eq!((emulator.dead(1299).len(), emulator.dead(1300).len()), (0, 1));
    emulator.set_fault(PHONE, None);
    restart(&emulator, 2000, &map([]));
    assert!(emulator.dead(u64::MAX).is_empty());
}

#[test]
fn a_refusing_phone_stays_off() {
    let emulator = one_phone(config());
    emulator.set_fault(PHONE, Some(Fault::Refuses));
    assert!(matches!(emulator.start(PHONE, 0), Err(Error::Refused)));
    assert_eq!(emulator.observe(PHONE, 9).unwrap().power, Power::Off);
    assert_eq!(emulator.drain_log().last().map(|e| e.action.clone()), Some(Action::Refused));
}

#[test]
fn dropped_properties_show_when_read_back() {
    let emulator = one_phone(config());
    let wanted = map([("a", "1"), ("ro.b", "2"), ("ro.build.id", "mine")]);
    emulator.set_fault(PHONE, Some(Fault::DropsKeys(vec!["a".into(), "ro.build.id".into()])));
    let booted = restart(&emulator, 0, &wanted);
    assert_eq!(emulator.getprop(PHONE, booted, "a").unwrap(), None);
    assert_eq!(emulator.getprop(PHONE, booted, "ro.b").unwrap().as_deref(), Some("2"));
    assert_eq!(emulator.getprop(PHONE, booted, "ro.build.id").unwrap().as_deref(), Some("image1"));
    emulator.setprop(PHONE, booted, "a", "live").unwrap();
    assert_eq!(emulator.getprop(PHONE, booted, "a").unwrap().as_deref(), Some("live"));
}

#[test]
fn a_share_of_the_properties_is_dropped() {
    let emulator = one_phone(config());
    let wanted = (0..1000).map(|n| (format!("p{n}"), "1".to_owned())).collect();
    emulator.set_fault(PHONE, Some(Fault::DropsFraction(0.3)));
    let booted = restart(&emulator, 0, &wanted);
    let all = emulator.getprop_all(PHONE, booted).unwrap();
    let kept = wanted.keys().filter(|name| all.contains_key(*name)).count();
    assert!((650..750).contains(&kept), "{kept}");
}

#[test]
fn a_phone_may_boot_from_the_image_it_had() {
    let emulator = one_phone(config());
    restart(&emulator, 0, &map([]));
    emulator.stop(PHONE, 2000).unwrap();
    emulator.configure(PHONE, image("image2", "12"), &map([]), 2000).unwrap();
    emulator.set_fault(PHONE, Some(Fault::KeepsImage));
    emulator.start(PHONE, 2000).unwrap();
    assert_eq!(emulator.observe(PHONE, 3000).unwrap().image.id, "image1");
    assert_eq!(emulator.getprop(PHONE, 3000, "ro.build.id").unwrap().as_deref(), Some("image1"));
}

#[test]
fn a_fault_can_wait_for_a_phone_that_is_still_to_come() {
    let emulator = Emulator::new(config()).unwrap();
    emulator.set_fault(PHONE, Some(Fault::Refuses));
    emulator.add(PHONE, image("image1", "11"), &map([]), true, 0).unwrap();
    emulator.stop(PHONE, 1).unwrap();
    assert!(matches!(emulator.start(PHONE, 1), Err(Error::Refused)));
}

#[test]
fn drawn_faults_repeat_with_the_seed_and_end_with_the_rates() {
    let outcomes = |seed| {
        let faults = FaultRates { never_boots: 0.3, refuses: 0.3, ..FaultRates::default() };
        let emulator = Emulator::new(Config { seed, faults, ..config() }).unwrap();
        let start = |n: u32| {
            let phone_id = format!("phone{n}");
            let _ = emulator.add(&phone_id, image("image1", "11"), &map([]), false, 0);
            emulator.stop(&phone_id, 0).unwrap();
            match emulator.start(&phone_id, 0) {
                Ok(_) => emulator.next_change_ms(&phone_id, 0).unwrap().map_or("hangs", |_| "boots"),
                Err(_) => "refuses",
            }
        };
        let drawn: Vec<_> = (0..200).map(start).collect();
        emulator.set_fault_rates(FaultRates::default());
        assert!((0..200).map(start).all(|outcome| outcome == "boots"));
        drawn
    };
    assert_eq!(outcomes(1), outcomes(1));
    assert_ne!(outcomes(1), outcomes(2));
    for outcome in ["boots", "hangs", "refuses"] {
        assert!(outcomes(1).iter().filter(|o| **o == outcome).count() > 40);
    }
}
