use super::*;
use crate::clock::Clock;
use crate::emulator::{Config, Emulator};
use crate::image::Image;
use crate::rng::Rng;
use std::collections::BTreeMap;
use std::sync::Arc;

struct Noon;

impl Clock for Noon {
    fn now_ms(&self) -> u64 {
        100_000
    }

    fn wall_ms(&self) -> i64 {
        1_772_319_600_000
    }
}

fn guest() -> Guest {
    let emulator = Arc::new(Emulator::new(Config::default()).unwrap());
    let image = Image {
        id: "i".into(),
        name: "i".into(),
        android_version: "11".into(),
        build_properties: Arc::default(),
    };
    emulator.add("phone", Arc::new(image), &BTreeMap::new(), true, 100_000).unwrap();
    Guest::enter(emulator, "phone", Arc::new(Noon)).unwrap()
}

#[test]
fn a_large_file_is_read_in_any_order() {
    let guest = guest().privileged();
    let mut rng = Rng::of(3, "staged", 0);
    let content: Vec<u8> = (0..3 << 20).map(|_| rng.word() as u8).collect();
    guest.write_file("/data/app/x", &content, 0o644).unwrap();
    let mut staged = Staged::open(&guest, "/data/app/x".into()).unwrap();
    for _ in 0..60 {
        let at = rng.word() as usize % content.len();
        let bytes = rng.word() as usize % (content.len() - at) % 200_000;
        assert!(staged.read(at as u64, bytes).unwrap() == content[at..at + bytes], "{bytes} at {at}");
    }
    assert!(staged.read(content.len() as u64, 1).is_err() && staged.read(u64::MAX, 1).is_err());
    assert_eq!(staged.read(content.len() as u64, 0).unwrap(), b"");
}

#[test]
fn a_state_that_cannot_be_read_is_begun_anew() {
    let guest = guest();
    guest.privileged().write_file(STATE, b"{\"installed\": 7", 0o640).unwrap();
    assert_eq!(packages(&guest).unwrap(), Packages::default());
    assert!(guest.with_log(|log| log.since(0).any(|line| line.text.contains("Error reading"))).unwrap());
    assert!(session_create(&guest, Options::default()).is_ok());
}

#[test]
fn names_of_directories_are_made_of_letters_that_a_path_may_have() {
    for word in 0..1_000 {
        let token = token(word);
        assert!(token.len() == 22 && !token.contains(['/', '.', '\\']), "{token}");
    }
    assert_ne!(token(1), token(2));
}
