use super::*;
use crate::apps::apk::Source;
use crate::clock::{Clock, Still};
use crate::emulator::{Config, Emulator};
use crate::phone::image::Image;
use crate::phone::rng::Rng;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Stands still until it was asked for some times more: from then on the boot is over.
#[derive(Default)]
struct Ending(AtomicU64);

impl Clock for Ending {
    fn now_ms(&self) -> u64 {
        let left = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        if left.is_ok() { 100_000 } else { 0 }
    }

    fn wall_ms(&self) -> i64 {
        1_772_319_600_000
    }
}

fn guest() -> Guest {
    guest_at(Arc::new(Still))
}

fn guest_at(clock: Arc<dyn Clock>) -> Guest {
    let emulator = Arc::new(Emulator::new(Config::default()).unwrap());
    let image = Image {
        id: "i".into(),
        name: "i".into(),
        android_version: "11".into(),
        build_properties: Arc::default(),
    };
    emulator.add("phone", Arc::new(image), &BTreeMap::new(), true, 100_000).unwrap();
    Guest::enter(emulator, "phone", clock).unwrap()
}

const BASE: &[u8] = include_bytes!("../../../tests/fixtures/base.apk");
const UPDATE: &[u8] = include_bytes!("../../../tests/fixtures/update.apk");
const SPLIT: &[u8] = include_bytes!("../../../tests/fixtures/split.apk");
const HELLO: &str = "org.example.hello";

fn stage(guest: &Guest, apk: &[u8], options: Options) -> Result<u32, Failure> {
    let id = session_create(guest, options)?;
    let mut writer = session_write(guest, id, "one.apk")?;
    writer.write(apk)?;
    session_written(guest, id, "one.apk", writer)?;
    Ok(id)
}

fn install(guest: &Guest, apk: &[u8], options: Options) -> Result<(), Failure> {
    let id = stage(guest, apk, options)?;
    session_commit(guest, id).map(|_| ())
}

/// Paths of the code that the packages name, and whether all of it is there.
fn code(guest: &Guest) -> (Vec<String>, bool) {
    let paths: Vec<_> =
        packages(guest).unwrap().installed.values().flat_map(|package| package.paths()).collect();
    let there = paths.iter().all(|path| guest.privileged().stat(path).is_ok());
    (paths, there)
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

#[test]
fn a_boot_that_ends_at_any_moment_leaves_no_package_without_its_code() {
    let inherit = || Options { inherit: Some(HELLO.into()), ..Options::default() };
    type Work<'a> = &'a dyn Fn(&Guest) -> Result<(), Failure>;
    let works: [Work; 4] = [
        &|guest| uninstall(guest, HELLO, false),
        &|guest| install(guest, UPDATE, Options::default()),
        &|guest| install(guest, SPLIT, inherit()),
        &|guest| clear(guest, HELLO),
    ];
    for (n, work) in works.into_iter().enumerate() {
        let mut ended = false;
        for calls in 0..1_000 {
            let clock = Arc::new(Ending(u64::MAX.into()));
            let guest = guest_at(clock.clone());
            install(&guest, BASE, Options::default()).unwrap();
            clock.0.store(calls, Ordering::Relaxed);
            let done = work(&guest);
            ended = clock.0.load(Ordering::Relaxed) > 0;
            clock.0.store(u64::MAX, Ordering::Relaxed);
            let (paths, there) = code(&guest);
            assert!(there, "work {n} ended after {calls} looks at the clock: {paths:?} is not there");
            let data = guest.privileged().stat(&data_path(HELLO)).is_ok();
            assert_eq!(data, !paths.is_empty(), "work {n} ended after {calls}");
            if ended {
                done.unwrap();
                break;
            }
        }
        assert!(ended, "work {n} does not come to an end");
    }
}

#[test]
fn code_that_nothing_names_goes_at_the_next_change() {
    let guest = guest();
    install(&guest, BASE, Options::default()).unwrap();
    let staged = stage(&guest, UPDATE, Options::default()).unwrap();
    let root = guest.privileged();
    for path in ["/data/app/~~left==/org.example-over==", "/data/app/vmdl7.tmp", "/data/app/mine"] {
        root.mkdir_all(path, 0o755).unwrap();
    }
    edit(&guest, |_| Ok(())).unwrap();
    let names: Vec<_> = root.list(CODE).unwrap().into_iter().map(|(name, _)| name).collect();
    let (paths, there) = code(&guest);
    assert!(there && names.len() == 3, "{names:?}");
    assert!(
        paths[0]
            .starts_with(&format!("{CODE}/{}/", names.iter().find(|name| name.starts_with("~~")).unwrap())),
        "{paths:?} {names:?}"
    );
    assert!(names.contains(&"mine".to_owned()) && names.contains(&format!("vmdl{staged}.tmp")));
}
