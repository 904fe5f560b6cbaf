use crate::clock::Still;
use crate::emulator::{Config, Emulator};
use crate::guest::Guest;
use crate::phone::image::Image;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

fn process(data_dir: Option<&Path>, data_bytes_max: u64) -> Arc<Emulator> {
    let data_dir = data_dir.map(Path::to_owned);
    let emulator = Emulator::new(Config { data_dir, data_bytes_max, ..Config::default() }).unwrap();
    let image = Image {
        id: "i".into(),
        name: "i".into(),
        android_version: "11".into(),
        build_properties: Arc::default(),
    };
    emulator.add("phone", Arc::new(image), &BTreeMap::new(), true, 100_000).unwrap();
    Arc::new(emulator)
}

fn inside(emulator: &Arc<Emulator>) -> Guest {
    Guest::enter(emulator.clone(), "phone", Arc::new(Still)).unwrap()
}

fn fill(phone: &Guest) {
    for n in 0..300 {
        phone.write_file(&format!("/sdcard/{n}"), &[7; 4000], 0o660).unwrap();
    }
}

#[test]
fn files_are_not_held_in_memory_once_nobody_is_inside_any_more() {
    let dir = tempfile::tempdir().unwrap();
    let emulator = process(Some(dir.path()), 1 << 30);
    let phone = inside(&emulator);
    for stops in [false, true] {
        let alive = phone.session(|session| session.alive.subscribe()).unwrap();
        fill(&phone);
        phone.leave();
        assert!(emulator.memory_bytes() > 1_000_000, "somebody is inside");
        drop(alive);
        let writer = phone.create("/sdcard/late", 0o660).unwrap();
        phone.leave();
        assert!(emulator.memory_bytes() > 1_000_000, "somebody writes");
        writer.commit(None).unwrap();
        if stops {
            emulator.stop("phone", 100_000).unwrap();
        } else {
            phone.leave();
            assert_eq!(phone.read_file("/sdcard/299", 4_000).unwrap(), [7; 4000][..]);
            phone.leave();
        }
        assert!(emulator.memory_bytes() < 100_000, "{}", emulator.memory_bytes());
    }
}

#[test]
fn files_that_are_nowhere_else_stay_in_memory() {
    let emulator = process(None, 1 << 30);
    let phone = inside(&emulator);
    fill(&phone);
    phone.leave();
    emulator.stop("phone", 100_000).unwrap();
    assert!(emulator.memory_bytes() > 1_000_000);
}

#[test]
fn a_phone_over_a_lowered_limit_is_read_and_can_be_made_smaller() {
    let dir = tempfile::tempdir().unwrap();
    fill(&inside(&process(Some(dir.path()), 1 << 30)));
    let phone = inside(&process(Some(dir.path()), 1));
    assert_eq!(phone.read_file("/sdcard/299", 4_000).unwrap().len(), 4_000);
    phone.write_file("/sdcard/299", b"shorter", 0o660).unwrap();
    phone.unlink("/sdcard/298").unwrap();
    assert!(phone.write_file("/sdcard/new", b"", 0o660).is_err());
}
