use crate::{PHONE, config, image, inside, map, one_phone, restart};
use emulator::{Config, Emulator, Error, FileError};
use std::path::Path;
use std::sync::Arc;

/// A process: an emulator over the directory with the phone running.
fn process(data_dir: &Path) -> Arc<Emulator> {
    let emulator = Emulator::new(Config { data_dir: Some(data_dir.into()), ..config() }).unwrap();
    emulator.add(PHONE, image("image1", "11"), &map([]), true, 0).unwrap();
    Arc::new(emulator)
}

fn entries(data_dir: &Path) -> Vec<String> {
    let names = std::fs::read_dir(data_dir).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

#[test]
fn a_restart_keeps_data_and_a_reset_wipes_it() {
    let emulator = Arc::new(one_phone(config()));
    let booted = restart(&emulator, 0, &map([]));
    inside(&emulator, booted).write_file("/data/local/tmp/x.apk", &[1, 2, 3], 0o644).unwrap();
    emulator.setprop(PHONE, booted, "persist.a", "1").unwrap();

    let booted = restart(&emulator, 2000, &map([]));
    assert_eq!(inside(&emulator, booted).read_file("/data/local/tmp/x.apk", 10).unwrap().as_ref(), [1, 2, 3]);
    assert_eq!(emulator.getprop(PHONE, booted, "persist.a").unwrap().as_deref(), Some("1"));

    emulator.stop(PHONE, 4000).unwrap();
    emulator.wipe(PHONE, 4000).unwrap();
    emulator.start(PHONE, 4000).unwrap();
    assert_eq!(inside(&emulator, 5000).list("/data/local/tmp").unwrap(), []);
    assert_eq!(emulator.getprop(PHONE, 5000, "persist.a").unwrap(), None);
}

#[test]
fn data_outlives_the_process() {
    let dir = tempfile::tempdir().unwrap();
    let data_dir = dir.path().join("phones");
    let first = process(&data_dir);
    inside(&first, 0).write_file("/sdcard/a", &[7; 100_000], 0o660).unwrap();
    inside(&first, 0).write_file("/sdcard/b", &[8; 100], 0o660).unwrap();
    first.setprop(PHONE, 0, "persist.a", "kept").unwrap();
    first.setprop(PHONE, 0, "sys.b", "forgotten").unwrap();
    drop(first);

    let second = process(&data_dir);
    assert_eq!(second.getprop(PHONE, 0, "persist.a").unwrap().as_deref(), Some("kept"));
    assert_eq!(second.getprop(PHONE, 0, "sys.b").unwrap(), None);
    assert_eq!(inside(&second, 0).read_file("/sdcard/a", 100_000).unwrap(), vec![7; 100_000]);
    assert_eq!(inside(&second, 0).read_file("/sdcard/b", 100).unwrap(), vec![8; 100]);
    assert_eq!(entries(&data_dir), [PHONE.to_owned(), format!("{PHONE}.files")], "nothing left over");
    inside(&second, 0).unlink("/sdcard/a").unwrap();
    assert_eq!(entries(&data_dir), [PHONE], "the directory of long files goes with the last of them");
    inside(&second, 0).write_file("/sdcard/c", &[7; 100_000], 0o660).unwrap();
    second.stop(PHONE, 1).unwrap();
    second.wipe(PHONE, 1).unwrap();
    assert!(entries(&data_dir).is_empty());

    let third = process(&data_dir);
    assert_eq!(third.getprop(PHONE, 0, "persist.a").unwrap(), None);
    assert!(inside(&third, 0).list("/sdcard").unwrap().iter().all(|(name, _)| name.len() > 1));
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
    assert!(matches!(inside(&second, 0).write_file("/sdcard/a", &[1], 0o660), Err(FileError::Io(_))));
    assert!(matches!(inside(&second, 0).list("/data/local/tmp"), Err(FileError::Io(_))));
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
    // A directory in the way of the temporary file makes every first write fail, for root too.
    let in_the_way = dir.path().join(format!("{PHONE}.new"));
    std::fs::create_dir(&in_the_way).unwrap();
    assert!(matches!(emulator.setprop(PHONE, 0, "persist.a", "1"), Err(Error::Data(_))));
    assert_eq!(emulator.getprop(PHONE, 0, "persist.a").unwrap(), None);
    std::fs::remove_dir(&in_the_way).unwrap();
    emulator.setprop(PHONE, 0, "persist.a", "1").unwrap();

    // Later ones go to the end of the index: it is away.
    let (index, away) = (dir.path().join(PHONE), dir.path().join("away"));
    std::fs::rename(&index, &away).unwrap();
    std::fs::create_dir(&index).unwrap();
    let phone = inside(&emulator, 0);
    for _ in 0..2 {
        assert!(matches!(emulator.setprop(PHONE, 0, "persist.a", "2"), Err(Error::Data(_))));
        assert!(matches!(phone.write_file("/data/local/tmp/b", &[1; 9000], 0o644), Err(FileError::Io(_))));
        assert_eq!(emulator.getprop(PHONE, 0, "persist.a").unwrap().as_deref(), Some("1"));
        assert_eq!(phone.list("/data/local/tmp").unwrap(), []);
    }
    std::fs::remove_dir(&index).unwrap();
    std::fs::rename(&away, &index).unwrap();
    emulator.setprop(PHONE, 0, "persist.b", "3").unwrap();
    let next = process(dir.path());
    let kept = ["persist.a", "persist.b"].map(|name| next.getprop(PHONE, 0, name).unwrap().unwrap());
    assert_eq!(kept, ["1", "3"]);
    assert_eq!(inside(&next, 0).list("/data/local/tmp").unwrap(), []);
    assert_eq!(entries(dir.path()), [PHONE]);
}

#[test]
fn data_is_bounded() {
    let emulator = Arc::new(one_phone(Config { data_bytes_max: 10_000, ..config() }));
    let booted = restart(&emulator, 0, &map([]));
    let phone = inside(&emulator, booted);
    phone.write_file("/sdcard/a", &[0; 9_000], 0o660).unwrap();
    assert!(matches!(phone.write_file("/sdcard/b", &[0; 1_000], 0o660), Err(FileError::NoSpace)));
    let value = "v".repeat(91);
    let full = (0..).find_map(|n| emulator.setprop(PHONE, booted, &format!("persist.{n}"), &value).err());
    assert!(matches!(full, Some(Error::DataFull { bytes_max: 10_000 })), "{full:?}");
    phone.write_file("/sdcard/a", &[0; 5_000], 0o660).unwrap();
    phone.write_file("/sdcard/b", &[0; 1_000], 0o660).unwrap();
    emulator.stop(PHONE, booted).unwrap();
    assert!(matches!(phone.write_file("/sdcard/c", &[], 0o660), Err(FileError::Off)));
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
