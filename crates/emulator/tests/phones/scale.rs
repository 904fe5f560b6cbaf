use crate::{config, image, map};
use emulator::{Emulator, Power};
use std::sync::atomic::{AtomicUsize, Ordering};

const PHONES: usize = 100_000;

fn phone_id(n: usize) -> String {
    format!("{:032x}", n.wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

/// Resident memory of this process, in bytes.
fn resident_bytes() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    statm.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok()).unwrap_or(0) * 4096
}

#[test]
fn a_hundred_thousand_phones_fit() {
    let before = resident_bytes();
    let emulator = Emulator::new(config()).unwrap();
    let image = image("image1", "11");
    for n in 0..PHONES {
        emulator.add(&phone_id(n), image.clone(), &map([]), true, 0).unwrap();
    }
    let counted = emulator.memory_bytes() / PHONES;
    let resident = resident_bytes().saturating_sub(before) / PHONES;
    println!("bytes per untouched phone: {counted} counted, about {resident} resident");
    assert!(counted < 600, "{counted} bytes per phone");

    for n in (0..PHONES).step_by(1000) {
        emulator.kill(&phone_id(n), 10).unwrap();
    }
    assert_eq!(emulator.dead(10).len(), PHONES / 1000);
    assert_eq!(emulator.count(), PHONES);

    let two = map([("com.cph.mainkeys", "1"), ("persist.sys.locale", "zh-CN")]);
    for n in 0..PHONES {
        emulator.stop(&phone_id(n), 20).unwrap();
        emulator.configure(&phone_id(n), image.clone(), &two, 20).unwrap();
        emulator.start(&phone_id(n), 20).unwrap();
    }
    let counted = emulator.memory_bytes() / PHONES;
    println!("bytes per restarted phone with two properties: {counted} counted");
    assert!(counted < 900, "{counted} bytes per phone");
    let running = |n: &usize| emulator.observe(&phone_id(*n), 1020).unwrap().power == Power::Running;
    assert_eq!((0..PHONES).filter(running).count(), PHONES);
}

#[test]
fn threads_share_the_phones() {
    let emulator = Emulator::new(config()).unwrap();
    let image = image("image1", "11");
    for n in 0..64 {
        emulator.add(&phone_id(n), image.clone(), &map([]), false, 0).unwrap();
    }
    let started = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for n in 0..64 {
                    if emulator.start(&phone_id(n), 0).is_ok() {
                        started.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    assert_eq!(started.into_inner(), 64, "each phone starts once");
}
