//! Stories of emulated phones, told through the public surface, with time passed in by hand.
#![allow(clippy::unwrap_used, clippy::expect_used)]

extern crate phoneyard_emulator as emulator;

mod data;
mod faults;
mod files;
mod life;
mod properties;
mod scale;
mod storage;

use emulator::{Clock, Config, Emulator, Guest, Image};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The phone of the stories that need one.
const PHONE: &str = "a7f3a1c5258347d6b6f1def79e11f2bc";

fn map<const N: usize>(pairs: [(&str, &str); N]) -> BTreeMap<String, String> {
    pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).into()
}

fn image(id: &str, android_version: &str) -> Arc<Image> {
    let build = [("ro.product.model", "Yard One"), ("persist.sys.timezone", "UTC"), ("ro.build.id", id)];
    Arc::new(Image {
        id: id.into(),
        name: id.into(),
        android_version: android_version.into(),
        build_properties: Arc::new(map(build)),
    })
}

/// Boots take exactly a second.
fn config() -> Config {
    Config { boot_ms: 1000, boot_variance: 0.0, log_entries_max: 100, ..Config::default() }
}

/// An emulator with one phone that is off.
fn one_phone(config: Config) -> Emulator {
    let emulator = Emulator::new(config).unwrap();
    assert!(emulator.add(PHONE, image("image1", "11"), &map([]), false, 0).unwrap());
    emulator
}

/// Stops, configures and starts the phone; returns the time at which it has booted.
fn restart(emulator: &Emulator, now_ms: u64, properties: &BTreeMap<String, String>) -> u64 {
    emulator.stop(PHONE, now_ms).unwrap();
    emulator.configure(PHONE, image("image1", "11"), properties, now_ms).unwrap();
    emulator.start(PHONE, now_ms).unwrap();
    emulator.next_change_ms(PHONE, now_ms).unwrap().unwrap()
}

/// What the wall clock says when the monotonic one says 0, in milliseconds.
const WALL_MS: i64 = 1_700_000_000_000;

/// A clock that is set by hand.
#[derive(Default)]
struct Hand(AtomicU64);

impl Clock for Hand {
    fn now_ms(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    fn wall_ms(&self) -> i64 {
        WALL_MS + i64::try_from(self.now_ms()).unwrap()
    }
}

/// The inside of the phone, at a time that stays.
fn inside(emulator: &Arc<Emulator>, now_ms: u64) -> Guest {
    Guest::enter(emulator.clone(), PHONE, Arc::new(Hand(now_ms.into()))).unwrap()
}
