//! What proving a boot costs beside the boot itself: the runtime's whole restart of an emulated phone against the
//! bare power cycle in the emulator.

use emulator::{Config, Emulator, Image};
use model::id::{ImageId, PhoneId, ServerId};
use runtime::{EmulatedRuntime, Generation, ImageSpec, PhoneSpec, Runtime, Want};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Phones, each restarted once per round.
const PHONES: u32 = 20_000;
/// Rounds; the first warms up and is not counted.
const ROUNDS: usize = 4;

/// Prints the figure.
///
/// # Errors
/// What a phone that does not restart says.
pub async fn measure() -> Result<(), String> {
    let emulator = || {
        let config = Config { boot_ms: 0, boot_variance: 0.0, ..Config::default() };
        Emulator::new(config).map(Arc::new).map_err(|e| e.to_string())
    };
    let (bare, driven) = (emulator()?, emulator()?);
    let runtime = EmulatedRuntime::new(driven, Duration::from_secs(60));
    let specs: Vec<PhoneSpec> = (0..PHONES).map(|_| spec()).collect();
    let image = Arc::new(Image {
        id: "image".into(),
        name: "android-11".into(),
        android_version: "11".into(),
        build_properties: Arc::default(),
    });
    for spec in &specs {
        let added = bare.add(spec.phone_id.as_str(), image.clone(), &spec.was.properties, true, 0);
        added.map_err(|e| e.to_string())?;
    }
    let (mut cycles, mut applies) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let begun = Instant::now();
        for spec in &specs {
            cycle(&bare, spec, &image).map_err(|e| e.to_string())?;
        }
        let cycled = begun.elapsed() / PHONES;
        let begun = Instant::now();
        for spec in &specs {
            let want = Want::Running { generation: spec.was.clone(), wipe: false };
            runtime.apply(spec, &want).await.map_err(|e| e.to_string())?;
        }
        if round > 0 {
            cycles.push(cycled);
            applies.push(begun.elapsed() / PHONES);
        }
    }
    cycles.sort();
    applies.sort();
    let middle = |times: &[Duration]| times.get(times.len() / 2).copied().unwrap_or_default();
    println!("\n== proving a boot ==");
    println!(
        "a restart of an emulated phone: {:.1} us bare, {:.1} us with its proof (answer over ADB, image and \
         properties read back)",
        middle(&cycles).as_secs_f64() * 1e6,
        middle(&applies).as_secs_f64() * 1e6
    );
    Ok(())
}

fn cycle(emulator: &Emulator, spec: &PhoneSpec, image: &Arc<Image>) -> Result<u64, emulator::Error> {
    let phone_id = spec.phone_id.as_str();
    emulator.stop(phone_id, 0)?;
    emulator.configure(phone_id, image.clone(), &spec.was.properties, 0)?;
    emulator.start(phone_id, 0)
}

fn spec() -> PhoneSpec {
    let image = ImageSpec {
        id: ImageId::new("image"),
        name: "android-11".into(),
        version: "AOSP 11".into(),
        build_properties: BTreeMap::new(),
    };
    let properties = [("com.cph.mainkeys", "1"), ("sys.prop.writephonenum", "13666666666")];
    PhoneSpec {
        phone_id: PhoneId::generate(),
        server_id: ServerId::new("server"),
        phone_name: "phone".into(),
        phone_model: "model".into(),
        epoch: 1,
        was: Generation {
            image: Arc::new(image),
            properties: properties.map(|(name, value)| (name.into(), value.into())).into(),
        },
        was_running: true,
    }
}
