//! Stories of the emulated runtime: what a job sees, and what the phone is left as. Boots take a few real
//! milliseconds.
#![allow(clippy::unwrap_used, clippy::expect_used)]

extern crate phoneyard_runtime as runtime;

mod concurrent;
mod failing;
mod live;
mod working;

use emulator::{Clock, Config, Emulator, Guest};
use model::id::{ImageId, PhoneId, ServerId};
use runtime::{EmulatedRuntime, Generation, ImageSpec, PhoneSpec, Want};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

const PHONE: &str = "a7f3a1c5258347d6b6f1def79e11f2bc";
const BOOT_MS: u32 = 5;

fn map<const N: usize>(pairs: [(&str, &str); N]) -> BTreeMap<String, String> {
    pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).into()
}

fn generation<const N: usize>(image: &str, properties: [(&str, &str); N]) -> Generation {
    let build_properties = map([("ro.build.id", image)]);
    let image = ImageSpec {
        id: ImageId::new(image),
        name: image.into(),
        version: "AOSP 11.0".into(),
        build_properties,
    };
    Generation { image: Arc::new(image), properties: map(properties) }
}

/// A phone that runs the old generation.
fn spec(phone_id: &str, epoch: i64) -> PhoneSpec {
    PhoneSpec {
        phone_id: PhoneId::new(phone_id),
        server_id: ServerId::new("server1"),
        phone_name: "phone".into(),
        phone_model: "model".into(),
        epoch,
        was: generation("old", [("com.cph.mainkeys", "0"), ("ro.mine", "old")]),
        was_running: true,
    }
}

fn new_generation() -> Generation {
    generation("new", [("com.cph.mainkeys", "1"), ("ro.mine", "new"), ("persist.sys.locale", "zh-CN")])
}

fn running(generation: Generation) -> Want {
    Want::Running { generation, wipe: false }
}

fn runtime_with(config: Config) -> EmulatedRuntime {
    let config = Config { boot_variance: 0.0, log_entries_max: 10_000, ..config };
    // Never met by a phone that boots, however loaded the machine is.
    EmulatedRuntime::new(Arc::new(Emulator::new(config).unwrap()), Duration::from_secs(60))
}

fn runtime() -> EmulatedRuntime {
    runtime_with(Config { boot_ms: BOOT_MS, ..Config::default() })
}

fn getprop(runtime: &EmulatedRuntime, name: &str) -> Option<String> {
    runtime.emulator().getprop(PHONE, runtime.now_ms(), name).unwrap()
}

/// The present time of the runtime, for a look inside.
struct Now(u64);

impl Clock for Now {
    fn now_ms(&self) -> u64 {
        self.0
    }

    fn wall_ms(&self) -> i64 {
        0
    }
}

fn inside(runtime: &EmulatedRuntime) -> Guest {
    Guest::enter(runtime.emulator().clone(), PHONE, Arc::new(Now(runtime.now_ms()))).unwrap()
}

/// Leaves a photo on the phone.
fn take_photo(runtime: &EmulatedRuntime) {
    inside(runtime).write_file("/sdcard/DCIM/photo", &[1], 0o660).unwrap();
}

/// Whether that photo is there.
fn has_photo(runtime: &EmulatedRuntime) -> bool {
    inside(runtime).read_file("/sdcard/DCIM/photo", 10).is_ok_and(|bytes| bytes.as_ref() == [1])
}

/// Waits until the phone has booted, at most ten seconds.
async fn until_running(runtime: &EmulatedRuntime) {
    for _ in 0..10_000 {
        if runtime.emulator().observe(PHONE, runtime.now_ms()).unwrap().power == emulator::Power::Running {
            return;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    panic!("the phone does not boot");
}
