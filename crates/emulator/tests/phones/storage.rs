//! How a phone's files are kept between processes, and what a crash or a bad disk does to them.

use crate::{PHONE, config, image, inside, map, restart};
use emulator::{Config, Emulator, FileError};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A process: an emulator over the directory with the phone running.
fn process(data_dir: &Path) -> Arc<Emulator> {
    let emulator = Emulator::new(Config { data_dir: Some(data_dir.into()), ..config() }).unwrap();
    emulator.add(PHONE, image("image1", "11"), &map([]), true, 0).unwrap();
    Arc::new(emulator)
}

fn long_files(data_dir: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(data_dir.join(format!("{PHONE}.files")));
    entries.into_iter().flatten().map(|entry| entry.unwrap().path()).collect()
}

/// A piece of a long file, told apart from the others.
fn piece(n: u32) -> Vec<u8> {
    n.to_le_bytes().repeat(16 << 10)
}

const PIECES: u32 = 800;

#[test]
fn fifty_megabytes_stream_in_and_out_without_being_held() {
    let dir = tempfile::tempdir().unwrap();
    let emulator = process(dir.path());
    let phone = inside(&emulator, 0);
    let mut writer = phone.create("/sdcard/Movies/film.mp4", 0o660).unwrap();
    for n in 0..PIECES {
        writer.write(&piece(n)).unwrap();
    }
    writer.commit(Some(1)).unwrap();
    let size = u64::from(PIECES) * 65_536;
    assert_eq!(phone.stat("/sdcard/Movies/film.mp4").unwrap().size, size);
    assert!(phone.usage().unwrap().used > size);
    assert!(emulator.memory_bytes() < 30_000, "{}", emulator.memory_bytes());
    assert!(std::fs::metadata(dir.path().join(PHONE)).unwrap().len() < 1000);

    let again = process(dir.path());
    let mut reader = inside(&again, 0).open("/sdcard/Movies/film.mp4").unwrap();
    assert_eq!(reader.size(), size);
    // Who reads goes on, whatever becomes of the file.
    inside(&again, 0).unlink("/sdcard/Movies/film.mp4").unwrap();
    assert!(long_files(dir.path()).is_empty());
    for n in 0..PIECES {
        assert!(reader.next().unwrap().unwrap() == piece(n), "piece {n}");
    }
    assert!(reader.next().unwrap().is_none());
}

#[test]
fn a_writer_dropped_half_way_leaves_nothing_over() {
    let dir = tempfile::tempdir().unwrap();
    let emulator = process(dir.path());
    let phone = inside(&emulator, 0);
    let mut writer = phone.create("/sdcard/a", 0o660).unwrap();
    for n in 0..20 {
        writer.write(&piece(n)).unwrap();
    }
    assert_eq!(long_files(dir.path()).len(), 1);
    drop(writer);
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    assert_eq!(phone.usage().unwrap().used, 0);
}

#[test]
fn an_overwritten_long_file_is_removed_from_disk_and_a_moved_one_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let emulator = process(dir.path());
    let phone = inside(&emulator, 0);
    phone.write_file("/sdcard/a", &piece(1), 0o660).unwrap();
    phone.write_file("/sdcard/a", &piece(2), 0o660).unwrap();
    phone.rename("/sdcard/a", "/sdcard/b").unwrap();
    assert_eq!(long_files(dir.path()).len(), 1);
    assert_eq!(phone.read_file("/sdcard/b", 1 << 20).unwrap(), piece(2));
    phone.write_file("/sdcard/b", b"short", 0o660).unwrap();
    assert!(long_files(dir.path()).is_empty());
}

#[test]
fn what_a_crash_left_over_is_removed_when_the_phone_is_next_read() {
    let dir = tempfile::tempdir().unwrap();
    inside(&process(dir.path()), 0).write_file("/sdcard/a", &piece(1), 0o660).unwrap();
    let kept = long_files(dir.path());
    let files = dir.path().join(format!("{PHONE}.files"));
    for name in ["99", "100.new", "stray"] {
        std::fs::write(files.join(name), b"left over").unwrap();
    }
    std::fs::write(dir.path().join(format!("{PHONE}.new")), b"half an ind").unwrap();
    let again = process(dir.path());
    assert_eq!(inside(&again, 0).read_file("/sdcard/a", 1 << 20).unwrap(), piece(1));
    assert_eq!(long_files(dir.path()), kept);
    assert!(!dir.path().join(format!("{PHONE}.new")).exists());
    inside(&again, 0).write_file("/sdcard/b", &piece(2), 0o660).unwrap();
    assert_eq!(
        inside(&again, 0).read_file("/sdcard/a", 1 << 20).unwrap(),
        piece(1),
        "no name is taken twice"
    );
}

#[test]
fn nothing_is_removed_beside_a_damaged_index() {
    let dir = tempfile::tempdir().unwrap();
    inside(&process(dir.path()), 0).write_file("/sdcard/a", &piece(1), 0o660).unwrap();
    let index = dir.path().join(PHONE);
    let mut bytes = std::fs::read(&index).unwrap();
    bytes[20] ^= 1;
    std::fs::write(&index, bytes).unwrap();
    let error = inside(&process(dir.path()), 0).stat("/sdcard/a").unwrap_err();
    let FileError::Io(cause) = error else { panic!("{error}") };
    assert!(cause.to_string().contains(PHONE), "{cause}");
    assert_eq!(long_files(dir.path()).len(), 1);
}

#[test]
fn a_long_file_that_is_missing_or_cut_is_an_error_of_that_file_only() {
    let dir = tempfile::tempdir().unwrap();
    let emulator = process(dir.path());
    let phone = inside(&emulator, 0);
    phone.write_file("/sdcard/a", &piece(1), 0o660).unwrap();
    phone.write_file("/sdcard/b", b"short", 0o660).unwrap();
    let blob = long_files(dir.path()).remove(0);
    std::fs::write(&blob, b"cut").unwrap();
    assert!(matches!(phone.open("/sdcard/a"), Err(FileError::Io(_))));
    std::fs::remove_file(&blob).unwrap();
    assert!(matches!(phone.open("/sdcard/a"), Err(FileError::Io(_))));
    assert_eq!(phone.stat("/sdcard/a").unwrap().size, 65_536);
    assert_eq!(phone.read_file("/sdcard/b", 10).unwrap(), "short");
    phone.unlink("/sdcard/a").unwrap();
}

#[test]
fn a_reset_and_a_removal_take_the_long_files_along_and_writers_with_them() {
    let dir = tempfile::tempdir().unwrap();
    let emulator = process(dir.path());
    let phone = inside(&emulator, 0);
    phone.write_file("/sdcard/a", &piece(1), 0o660).unwrap();
    let mut writer = phone.create("/sdcard/b", 0o660).unwrap();
    writer.write(&piece(1)).unwrap();
    assert_eq!(long_files(dir.path()).len(), 2);
    emulator.stop(PHONE, 1).unwrap();
    emulator.wipe(PHONE, 1).unwrap();
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    assert!(matches!(writer.commit(None), Err(FileError::Off)));
    let now_ms = restart(&emulator, 1, &map([]));
    inside(&emulator, now_ms).write_file("/sdcard/a", &piece(1), 0o660).unwrap();
    assert!(emulator.remove(PHONE, now_ms).unwrap());
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn many_small_files_write_the_index_anew_only_now_and_then() {
    let dir = tempfile::tempdir().unwrap();
    let emulator = process(dir.path());
    let phone = inside(&emulator, 0);
    let index = dir.path().join(PHONE);
    let (mut anew, mut length) = (0, 0);
    for n in 0..300 {
        phone.write_file(&format!("/sdcard/{n}"), &[7; 2000], 0o660).unwrap();
        let now = std::fs::metadata(&index).unwrap().len();
        anew += u32::from(now < length);
        length = now;
    }
    for n in (0..300).step_by(2) {
        phone.unlink(&format!("/sdcard/{n}")).unwrap();
    }
    assert!(anew < 10, "{anew} times");
    let again = inside(&process(dir.path()), 0);
    let left = again.list("/sdcard").unwrap().into_iter().filter(|(_, stat)| stat.size == 2000).count();
    assert_eq!(left, 150);
}

#[test]
fn a_change_that_a_crash_cut_short_did_not_happen() {
    let dir = tempfile::tempdir().unwrap();
    let emulator = process(dir.path());
    inside(&emulator, 0).write_file("/sdcard/a", b"kept", 0o660).unwrap();
    inside(&emulator, 0).write_file("/sdcard/b", b"lost", 0o660).unwrap();
    let index = dir.path().join(PHONE);
    let bytes = std::fs::read(&index).unwrap();
    std::fs::write(&index, &bytes[..bytes.len() - 3]).unwrap();
    let again = process(dir.path());
    assert!(matches!(inside(&again, 0).stat("/sdcard/b"), Err(FileError::NotFound)));
    inside(&again, 0).write_file("/sdcard/c", b"next", 0o660).unwrap();
    let third = inside(&process(dir.path()), 0);
    assert_eq!(third.read_file("/sdcard/a", 10).unwrap(), "kept");
    assert_eq!(third.read_file("/sdcard/c", 10).unwrap(), "next");
}

/// FNV-1a, 64 bits.
fn fnv(bytes: &[u8]) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, step)
}

/// The format of earlier versions.
fn first_format(properties: &[(&str, &[u8])], files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = b"phdata\0\x01".to_vec();
    for map in [properties, files] {
        out.extend(u32::try_from(map.len()).unwrap().to_le_bytes());
        for (key, value) in map {
            for part in [key.as_bytes(), value] {
                out.extend(u32::try_from(part.len()).unwrap().to_le_bytes());
                out.extend_from_slice(part);
            }
        }
    }
    out.extend(fnv(&out).to_le_bytes());
    out
}

#[test]
fn what_an_earlier_version_kept_is_read_and_written_anew_at_the_first_change() {
    let dir = tempfile::tempdir().unwrap();
    let index = dir.path().join(PHONE);
    let long = piece(3);
    let files: [(&str, &[u8]); 3] = [("app/x.apk", &long), ("local/tmp/a", b"short"), ("photo", b"")];
    let old = first_format(&[("persist.sys.locale", b"zh-CN")], &files);
    std::fs::write(&index, &old).unwrap();
    for changed in [false, true, true] {
        let emulator = process(dir.path());
        assert_eq!(emulator.getprop(PHONE, 0, "persist.sys.locale").unwrap().as_deref(), Some("zh-CN"));
        let phone = inside(&emulator, 0);
        let system = phone.privileged();
        assert_eq!(system.read_file("/data/app/x.apk", 1 << 20).unwrap(), long);
        assert_eq!(system.read_file("/data/local/tmp/a", 10).unwrap(), "short");
        assert_eq!(system.stat("/data/photo").unwrap().size, 0);
        assert_eq!(std::fs::read(&index).unwrap() == old, !changed || long_files(dir.path()).is_empty());
        if changed {
            emulator.setprop(PHONE, 0, "persist.b", "1").unwrap();
            assert_eq!(std::fs::read(&index).unwrap()[7], 2);
            assert_eq!(long_files(dir.path()).len(), 1, "long files leave the index");
        }
    }
}

#[test]
fn threads_at_the_same_files_leave_a_tree_that_the_next_process_finds_whole() {
    let dir = tempfile::tempdir().unwrap();
    let emulator = process(dir.path());
    std::thread::scope(|scope| {
        for thread in 0..4_u8 {
            let phone = inside(&emulator, 0);
            scope.spawn(move || {
                for n in 0..40_u8 {
                    let path = |n: u8| format!("/sdcard/Download/{}", n % 5);
                    let length = if n % 3 == 0 { 9000 } else { 100 };
                    let mut writer = phone.create(&path(n + thread), 0o660).unwrap();
                    writer.write(&vec![thread; length]).unwrap();
                    if n % 4 == 3 {
                        drop(writer)
                    } else {
                        writer.commit(None).unwrap()
                    }
                    // Somebody else may have been faster.
                    let _ = phone.rename(&path(n), &path(n * 3));
                    if n % 7 == 0 {
                        let _ = phone.unlink(&path(n / 2));
                    }
                }
            });
        }
    });
    let seen = inside(&emulator, 0).list("/sdcard/Download").unwrap();
    let again = inside(&process(dir.path()), 0);
    assert_eq!(again.list("/sdcard/Download").unwrap(), seen);
    for (name, stat) in &seen {
        let bytes = again.read_file(&format!("/sdcard/Download/{name}"), 9000).unwrap();
        assert_eq!(bytes.len() as u64, stat.size);
        assert!(bytes.windows(2).all(|pair| pair[0] == pair[1]), "all of one writer");
    }
    let long = seen.iter().filter(|(_, stat)| stat.size > 4096).count();
    assert_eq!(long_files(dir.path()).len(), long);
}

/// Bytes that say whose they are.
fn of(owner: u8, length: usize) -> Vec<u8> {
    vec![owner; length]
}

#[test]
fn who_appends_at_the_same_time_loses_nothing() {
    const LENGTHS: [usize; 5] = [0, 10, 5_000, 70_000, 200_000];
    let dir = tempfile::tempdir().unwrap();
    let in_memory = Emulator::new(config()).unwrap();
    in_memory.add(PHONE, image("image1", "11"), &map([]), true, 0).unwrap();
    for emulator in [process(dir.path()), Arc::new(in_memory)] {
        let phone = inside(&emulator, 0);
        for (before, first, second) in LENGTHS
            .into_iter()
            .flat_map(|a| LENGTHS.into_iter().flat_map(move |b| LENGTHS.into_iter().map(move |c| (a, b, c))))
        {
            phone.write_file("/sdcard/a", &of(b'a', before), 0o660).unwrap();
            let mut writers = [first, second].map(|_| phone.append("/sdcard/a", 0o660).unwrap());
            writers[0].write(&of(b'b', first)).unwrap();
            writers[1].write(&of(b'c', second)).unwrap();
            writers.into_iter().for_each(|writer| writer.commit(None).unwrap());
            let all = [of(b'a', before), of(b'b', first), of(b'c', second)].concat();
            let read = phone.read_file("/sdcard/a", 1 << 20).unwrap();
            assert!(read == all, "{first} and {second} behind {before}");
            assert!(long_files(dir.path()).len() <= 1);
        }
        let mut writer = phone.append("/sdcard/new", 0o660).unwrap();
        writer.write(b"new").unwrap();
        assert!(phone.stat("/sdcard/new").is_err(), "it comes to be at the end");
        writer.commit(None).unwrap();
        assert_eq!(phone.read_file("/sdcard/new", 100).unwrap(), &b"new"[..]);
        let used = phone.usage().unwrap().used;
        drop(phone.append("/sdcard/new", 0o660).unwrap());
        assert_eq!(phone.usage().unwrap().used, used);
    }
}

#[test]
fn a_line_behind_a_long_file_costs_that_line_and_readers_see_what_they_opened() {
    let dir = tempfile::tempdir().unwrap();
    let emulator = process(dir.path());
    let phone = inside(&emulator, 0);
    phone.write_file("/sdcard/log", &piece(1), 0o660).unwrap();
    let before = long_files(dir.path());
    let mut reader = phone.open("/sdcard/log").unwrap();
    let mut all = piece(1);
    for n in 0..5_u8 {
        let mut writer = phone.append("/sdcard/log", 0o660).unwrap();
        writer.write(&of(n, 10)).unwrap();
        writer.commit(None).unwrap();
        all.extend(of(n, 10));
    }
    assert_eq!(long_files(dir.path()), before, "it was not copied");
    assert!(reader.next().unwrap().unwrap() == piece(1) && reader.next().unwrap().is_none());

    // What a crash left behind the end is none of the file's.
    let mut file = std::fs::OpenOptions::new().append(true).open(&before[0]).unwrap();
    std::io::Write::write_all(&mut file, b"half a li").unwrap();
    let phone = inside(&process(dir.path()), 0);
    assert!(phone.read_file("/sdcard/log", 1 << 20).unwrap() == all);
    let mut writer = phone.append("/sdcard/log", 0o660).unwrap();
    writer.write(b"line").unwrap();
    writer.commit(None).unwrap();
    all.extend(b"line");
    assert!(phone.read_file("/sdcard/log", 1 << 20).unwrap() == all);
}

#[test]
fn threads_that_append_much_and_little_lose_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let emulator = process(dir.path());
    const LENGTHS: [usize; 3] = [100, 6_000, 100_000];
    std::thread::scope(|scope| {
        for (owner, length) in LENGTHS.into_iter().enumerate() {
            let phone = inside(&emulator, 0);
            scope.spawn(move || {
                for _ in 0..8 {
                    let mut writer = phone.append("/sdcard/a", 0o660).unwrap();
                    writer.write(&of(owner as u8, length)).unwrap();
                    writer.commit(None).unwrap();
                }
            });
        }
    });
    let all = inside(&process(dir.path()), 0).read_file("/sdcard/a", 1 << 20).unwrap();
    for (owner, length) in LENGTHS.into_iter().enumerate() {
        assert_eq!(all.iter().filter(|byte| **byte == owner as u8).count(), 8 * length);
    }
    assert_eq!(long_files(dir.path()).len(), 1);
}

#[test]
fn long_files_come_and_go_at_the_same_time() {
    let dir = tempfile::tempdir().unwrap();
    let emulator = process(dir.path());
    std::thread::scope(|scope| {
        for thread in 0..3 {
            let phone = inside(&emulator, 0);
            scope.spawn(move || {
                for n in 0..600 {
                    let path = format!("/sdcard/{thread}");
                    phone.write_file(&path, &piece(n), 0o660).unwrap();
                    phone.unlink(&path).unwrap();
                }
            });
        }
    });
    assert!(long_files(dir.path()).is_empty());
}
