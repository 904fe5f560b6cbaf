use crate::{PHONE, config, image, map, one_phone, restart};
use emulator::{Config, Emulator, Error, PATH_BYTES_MAX};
use std::path::Path;

/// A process: an emulator over the directory with the phone running.
fn process(data_dir: &Path) -> Emulator {
    let emulator = Emulator::new(Config { data_dir: Some(data_dir.into()), ..config() }).unwrap();
    emulator.add(PHONE, image("image1", "11"), &map([]), true, 0).unwrap();
    emulator
}

fn entries(data_dir: &Path) -> Vec<String> {
    let names = std::fs::read_dir(data_dir).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap());
    names.collect()
}

#[test]
fn a_restart_keeps_data_and_a_reset_wipes_it() {
    let emulator = one_phone(config());
    let booted = restart(&emulator, 0, &map([]));
    emulator.file_write(PHONE, booted, "app/x.apk", vec![1, 2, 3]).unwrap();
    emulator.setprop(PHONE, booted, "persist.a", "1").unwrap();

    let booted = restart(&emulator, 2000, &map([]));
    assert_eq!(emulator.file_read(PHONE, booted, "app/x.apk").unwrap(), Some(vec![1, 2, 3]));
    assert_eq!(emulator.file_list(PHONE, booted).unwrap(), [("app/x.apk".to_owned(), 3)]);
    assert_eq!(emulator.getprop(PHONE, booted, "persist.a").unwrap().as_deref(), Some("1"));

    emulator.stop(PHONE, 4000).unwrap();
    emulator.wipe(PHONE, 4000).unwrap();
    emulator.start(PHONE, 4000).unwrap();
    assert_eq!(emulator.file_list(PHONE, 5000).unwrap(), []);
    assert_eq!(emulator.getprop(PHONE, 5000, "persist.a").unwrap(), None);
}

#[test]
fn data_outlives_the_process() {
    let dir = tempfile::tempdir().unwrap();
    let data_dir = dir.path().join("phones");
    let first = process(&data_dir);
    first.file_write(PHONE, 0, "a", vec![7; 100_000]).unwrap();
    first.setprop(PHONE, 0, "persist.a", "kept").unwrap();
    first.setprop(PHONE, 0, "sys.b", "forgotten").unwrap();
    drop(first);

    let second = process(&data_dir);
    assert_eq!(second.getprop(PHONE, 0, "persist.a").unwrap().as_deref(), Some("kept"));
    assert_eq!(second.getprop(PHONE, 0, "sys.b").unwrap(), None);
    assert_eq!(second.file_read(PHONE, 0, "a").unwrap(), Some(vec![7; 100_000]));
    assert_eq!(entries(&data_dir), [PHONE], "one file, nothing left over");
    second.file_remove(PHONE, 0, "a").unwrap();
    second.stop(PHONE, 1).unwrap();
    second.wipe(PHONE, 1).unwrap();
    assert!(entries(&data_dir).is_empty());

    let third = process(&data_dir);
    assert_eq!(third.getprop(PHONE, 0, "persist.a").unwrap(), None);
    assert_eq!(third.file_list(PHONE, 0).unwrap(), []);
}

#[test]
fn a_wipe_reaches_data_that_this_process_never_read() {
    let dir = tempfile::tempdir().unwrap();
    process(dir.path()).setprop(PHONE, 0, "persist.a", "1").unwrap();
    let second = process(dir.path());
    second.stop(PHONE, 0).unwrap();
    second.wipe(PHONE, 0).unwrap();
    assert!(entries(dir.path()).is_empty());
}

#[test]
fn phones_that_nobody_touched_write_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let emulator = process(dir.path());
    restart(&emulator, 0, &map([("persist.a", "configured")]));
    emulator.setprop(PHONE, 1000, "sys.a", "1").unwrap();
    emulator.getprop_all(PHONE, 1000).unwrap();
    assert!(entries(dir.path()).is_empty());
}

#[test]
fn a_write_cut_short_by_a_crash_leaves_the_old_data() {
    let dir = tempfile::tempdir().unwrap();
    process(dir.path()).setprop(PHONE, 0, "persist.a", "old").unwrap();
    std::fs::write(dir.path().join(format!("{PHONE}.new")), b"half a fi").unwrap();
    let second = process(dir.path());
    assert_eq!(second.getprop(PHONE, 0, "persist.a").unwrap().as_deref(), Some("old"));
    second.setprop(PHONE, 0, "persist.a", "new").unwrap();
    assert_eq!(process(dir.path()).getprop(PHONE, 0, "persist.a").unwrap().as_deref(), Some("new"));
}

#[test]
fn damaged_data_is_an_error_and_not_an_empty_phone() {
    let dir = tempfile::tempdir().unwrap();
    process(dir.path()).setprop(PHONE, 0, "persist.a", "1").unwrap();
    std::fs::write(dir.path().join(PHONE), b"garbage").unwrap();
    let second = process(dir.path());
    let error = second.getprop(PHONE, 0, "persist.a").unwrap_err();
    assert!(matches!(error, Error::Data(_)), "{error}");
    assert!(error.to_string().contains(PHONE), "{error}");
    assert!(matches!(second.file_write(PHONE, 0, "a", vec![1]), Err(Error::Data(_))));
    assert_eq!(std::fs::read(dir.path().join(PHONE)).unwrap(), b"garbage", "nothing overwrites it");
    assert_eq!(second.getprop(PHONE, 0, "ro.build.id").unwrap().as_deref(), Some("image1"));
    second.stop(PHONE, 1).unwrap();
    second.wipe(PHONE, 1).unwrap();
    restart(&second, 2, &map([]));
    assert_eq!(second.getprop(PHONE, 2000, "persist.a").unwrap(), None);
}

#[test]
fn a_failing_disk_changes_nothing_in_memory_either() {
    let dir = tempfile::tempdir().unwrap();
    let emulator = process(dir.path());
    emulator.setprop(PHONE, 0, "persist.a", "1").unwrap();
    // A directory in the way of the temporary file makes every write fail, for root too.
    std::fs::create_dir(dir.path().join(format!("{PHONE}.new"))).unwrap();
    assert!(matches!(emulator.setprop(PHONE, 0, "persist.a", "2"), Err(Error::Data(_))));
    assert!(matches!(emulator.file_write(PHONE, 0, "b", vec![1]), Err(Error::Data(_))));
    assert_eq!(emulator.getprop(PHONE, 0, "persist.a").unwrap().as_deref(), Some("1"));
    assert_eq!(emulator.file_list(PHONE, 0).unwrap(), []);
}

#[test]
fn data_is_bounded() {
    let emulator = one_phone(Config { data_bytes_max: 10_000, ..config() });
    let booted = restart(&emulator, 0, &map([]));
    emulator.file_write(PHONE, booted, "a", vec![0; 9_000]).unwrap();
    let full = emulator.file_write(PHONE, booted, "b", vec![0; 1_000]);
    assert!(matches!(full, Err(Error::DataFull { bytes_max: 10_000 })));
    emulator.file_write(PHONE, booted, "a", vec![0; 5_000]).unwrap();
    emulator.file_write(PHONE, booted, "b", vec![0; 1_000]).unwrap();
    for path in ["", "a\0b", &"x".repeat(PATH_BYTES_MAX + 1)] {
        assert!(matches!(emulator.file_write(PHONE, booted, path, Vec::new()), Err(Error::Path)));
    }
    emulator.stop(PHONE, booted).unwrap();
    assert!(matches!(emulator.file_write(PHONE, booted, "c", Vec::new()), Err(Error::NotOn)));
}

#[test]
fn a_removed_phone_takes_its_data_along() {
    let dir = tempfile::tempdir().unwrap();
    let emulator = process(dir.path());
    emulator.setprop(PHONE, 0, "persist.a", "1").unwrap();
    assert!(emulator.remove(PHONE, 0).unwrap());
    assert!(entries(dir.path()).is_empty());
    assert!(!emulator.knows(PHONE));
}
