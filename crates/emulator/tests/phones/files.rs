//! What programs on a phone see of its files, wherever they are kept.

use crate::{PHONE, WALL_MS, config, inside, map, one_phone, restart};
use emulator::{Config, Emulator, FileError, Guest, Kind, PATH_BYTES_MAX};
use std::sync::Arc;

fn booted(config: Config) -> (Arc<Emulator>, Guest) {
    let emulator = Arc::new(one_phone(config));
    let now_ms = restart(&emulator, 0, &map([]));
    let phone = inside(&emulator, now_ms);
    (emulator, phone)
}

fn phone() -> Guest {
    booted(config()).1
}

fn names(phone: &Guest, path: &str) -> Vec<String> {
    phone.list(path).unwrap().into_iter().map(|(name, _)| name).collect()
}

fn text(phone: &Guest, path: &str) -> String {
    String::from_utf8(phone.read_file(path, 1 << 20).unwrap().to_vec()).unwrap()
}

fn as_root(phone: &Guest, remounted: bool) {
    phone
        .session(|session| {
            session.root = true;
            session.remounted = remounted;
        })
        .unwrap();
}

/// Linux's number of the error; 0 for none.
fn errno<T>(result: Result<T, FileError>) -> u32 {
    result.map_or_else(|error| error.errno(), |_| 0)
}

const ENOENT: u32 = 2;
const EACCES: u32 = 13;
const EEXIST: u32 = 17;
const ENOTDIR: u32 = 20;
const EISDIR: u32 = 21;
const EINVAL: u32 = 22;
const ENOSPC: u32 = 28;
const EROFS: u32 = 30;
const ENAMETOOLONG: u32 = 36;
const ENOTEMPTY: u32 = 39;
const ELOOP: u32 = 40;
const EPERM: u32 = 1;

#[test]
fn a_fresh_phone_shows_what_android_has() {
    let phone = phone();
    for path in [
        "/",
        "/data",
        "/data/local/tmp",
        "/data/app",
        "/data/anr",
        "/data/tombstones",
        "/data/user/0",
        "/sdcard",
        "/sdcard/Download",
        "/storage/emulated/0/DCIM",
        "/system/bin",
        "/system/app",
        "/system/priv-app",
        "/system/framework",
        "/vendor",
        "/product",
        "/dev",
        "/proc",
        "/sys",
        "/mnt",
        "/apex",
    ] {
        let stat = phone.stat(path).unwrap();
        assert_eq!((stat.kind, stat.st_mode() & 0o170_000), (Kind::Directory, 0o040_000), "{path}");
    }
    let tmp = phone.stat("/data/local/tmp").unwrap();
    assert_eq!((tmp.mode, tmp.uid, tmp.gid), (0o771, 2000, 2000));
    let sh = phone.stat("/system/bin/sh").unwrap();
    assert_eq!((sh.kind, sh.mode), (Kind::File, 0o755));
    assert_eq!(phone.lstat("/sdcard").unwrap().kind, Kind::Link);
    assert_eq!(phone.stat("/bin/ls").unwrap(), phone.stat("/system/bin/ls").unwrap());
    assert!(names(&phone, "/").contains(&"sdcard".to_owned()));
    assert_eq!(phone.usage().unwrap().used, 0, "all that costs nothing");
}

#[test]
fn made_up_files_tell_of_the_phone_as_it_is_now() {
    let (emulator, phone) = booted(config());
    let build = text(&phone, "/system/build.prop");
    assert!(build.contains("\nro.product.model=Yard One\n"), "{build}");
    assert!(build.contains("\nro.build.version.release=11\n"), "{build}");
    assert!(!build.contains("ro.runtime.boot_id"), "{build}");
    assert_eq!(phone.stat("/system/build.prop").unwrap().size, build.len() as u64);
    assert_eq!(text(&phone, "/proc/uptime"), "1.00 1.00\n");
    assert_eq!(text(&inside(&emulator, 61_230), "/proc/uptime"), "61.23 61.23\n");
    assert!(text(&phone, "/proc/version").starts_with("Linux version 5."));
    assert!(text(&phone, "/proc/meminfo").starts_with("MemTotal:"));
    assert!(text(&phone, "/proc/mounts").contains(" /data ext4 rw"));
    assert!(text(&phone, "/proc/cpuinfo").starts_with("processor\t: 0\n"));
    assert!(text(&phone, "/etc/hosts").contains("localhost"));
}

#[test]
fn null_forgets_and_zero_never_ends() {
    let phone = phone();
    phone.write_file("/dev/null", &[1; 100_000], 0o644).unwrap();
    phone.append("/dev/null", 0o644).unwrap().write(&[1]).unwrap();
    assert_eq!(text(&phone, "/dev/null"), "");
    let mut zeros = phone.open("/dev/zero").unwrap();
    for _ in 0..3 {
        assert!(zeros.next().unwrap().unwrap().iter().all(|byte| *byte == 0));
    }
    assert_eq!(errno(phone.read_file("/dev/zero", 100)), EINVAL);
    assert_eq!(phone.usage().unwrap().used, 0);
}

#[test]
fn a_file_is_written_read_listed_and_removed() {
    let phone = phone();
    phone.mkdir("/data/local/tmp/d", 0o750).unwrap();
    phone.write_file("/data/local/tmp/d/b", b"hello", 0o640).unwrap();
    phone.symlink("b", "/data/local/tmp/d/a").unwrap();
    let listed = phone.list("/data/local/tmp/d").unwrap();
    let rows: Vec<_> = listed.iter().map(|(name, stat)| (name.as_str(), stat.st_mode(), stat.size)).collect();
    assert_eq!(rows, [("a", 0o120_777, 1), ("b", 0o100_640, 5)]);
    assert_ne!(listed[0].1.inode, listed[1].1.inode);
    let stat = phone.stat("/data/local/tmp/d/a").unwrap();
    assert_eq!(stat, phone.lstat("/data/local/tmp/d/b").unwrap(), "the link is followed");
    assert_eq!((stat.uid, stat.gid, stat.links), (2000, 2000, 1));
    assert_eq!(stat.mtime_s, (WALL_MS + 1000) / 1000);
    assert_eq!(text(&phone, "/data/local/tmp/d/a"), "hello");
    assert_eq!(phone.readlink("/data/local/tmp/d/a").unwrap(), "b");

    assert_eq!(errno(phone.rmdir("/data/local/tmp/d")), ENOTEMPTY);
    assert_eq!(errno(phone.unlink("/data/local/tmp/d")), EISDIR);
    assert_eq!(errno(phone.rmdir("/data/local/tmp/d/b")), ENOTDIR);
    phone.unlink("/data/local/tmp/d/a").unwrap();
    phone.unlink("/data/local/tmp/d/b").unwrap();
    phone.rmdir("/data/local/tmp/d").unwrap();
    assert_eq!(errno(phone.stat("/data/local/tmp/d")), ENOENT);
    assert_eq!(phone.usage().unwrap().used, 0, "nothing is left of it");
}

#[test]
fn writing_over_a_file_keeps_its_mode_and_its_links() {
    let phone = phone();
    phone.write_file("/data/local/tmp/a", b"one", 0o600).unwrap();
    phone.symlink("/data/local/tmp/a", "/data/local/tmp/l").unwrap();
    phone.write_file("/data/local/tmp/l", b"two", 0o777).unwrap();
    assert_eq!(text(&phone, "/data/local/tmp/a"), "two");
    assert_eq!(phone.stat("/data/local/tmp/a").unwrap().mode, 0o600);
    assert_eq!(phone.lstat("/data/local/tmp/l").unwrap().kind, Kind::Link);
    let mut more = phone.append("/data/local/tmp/l", 0o644).unwrap();
    more.write(b" three").unwrap();
    more.commit(Some(77)).unwrap();
    assert_eq!(text(&phone, "/data/local/tmp/a"), "two three");
    assert_eq!(phone.stat("/data/local/tmp/a").unwrap().mtime_s, 77);
    phone.symlink("new", "/data/local/tmp/dangling").unwrap();
    phone.write_file("/data/local/tmp/dangling", b"x", 0o644).unwrap();
    assert_eq!(text(&phone, "/data/local/tmp/new"), "x");
}

#[test]
fn mode_and_time_can_be_set() {
    let phone = phone();
    phone.write_file("/data/local/tmp/a", b"", 0o644).unwrap();
    phone.chmod("/data/local/tmp/a", 0o107_755).unwrap();
    phone.set_mtime("/data/local/tmp/a", -1).unwrap();
    let stat = phone.stat("/data/local/tmp/a").unwrap();
    assert_eq!((stat.mode, stat.mtime_s), (0o7755, -1));
    phone.chmod("/data/local/tmp", 0o700).unwrap();
    assert_eq!(phone.stat("/data/local/tmp").unwrap().mode, 0o700);
    assert_eq!(names(&phone, "/data/local/tmp"), ["a"], "a directory of a fresh phone keeps what it holds");
    assert_eq!(errno(phone.chmod("/data/anr", 0o777)), EPERM);
    assert_eq!(errno(phone.chmod("/system/bin/sh", 0o777)), EROFS);
    assert_eq!(errno(phone.chmod("/data/local/tmp/none", 0o777)), ENOENT);
}

#[test]
fn shared_storage_is_one_place_with_three_names() {
    let phone = phone();
    phone.write_file("/sdcard/DCIM/photo.jpg", b"jpeg", 0o644).unwrap();
    for path in ["/storage/emulated/0", "/storage/self/primary", "/data/media/0", "/mnt/sdcard"] {
        assert_eq!(text(&phone, &format!("{path}/DCIM/photo.jpg")), "jpeg");
    }
    let stat = phone.stat("/sdcard/DCIM/photo.jpg").unwrap();
    assert_eq!((stat.mode, stat.gid), (0o660, 1023), "fixed there, and the shell can write it again");
    phone.write_file("/sdcard/DCIM/photo.jpg", b"other", 0o644).unwrap();
    phone.chmod("/sdcard/DCIM/photo.jpg", 0o777).unwrap();
    phone.set_mtime("/sdcard/DCIM/photo.jpg", 5).unwrap();
    let stat = phone.stat("/sdcard/DCIM/photo.jpg").unwrap();
    assert_eq!((stat.mode, stat.mtime_s), (0o660, 5));
    phone.mkdir_all("/sdcard/a/b/c", 0o755).unwrap();
    phone.mkdir_all("/sdcard/a/b/c/", 0o755).unwrap();
    assert_eq!(phone.stat("/data/media/0/a/b/c").unwrap().mode, 0o770);
}

#[test]
fn what_is_moved_out_of_shared_storage_belongs_to_who_moved_it_and_back() {
    let phone = phone();
    phone.mkdir("/sdcard/d", 0o770).unwrap();
    phone.write_file("/sdcard/d/run.sh", b"echo", 0o644).unwrap();
    phone.rename("/sdcard/d", "/data/local/tmp/d").unwrap();
    phone.chmod("/data/local/tmp/d/run.sh", 0o755).unwrap();
    let stat = phone.stat("/data/local/tmp/d/run.sh").unwrap();
    assert_eq!((stat.mode, stat.uid, stat.gid), (0o755, 2000, 2000));
    phone.rename("/data/local/tmp/d", "/sdcard/e").unwrap();
    let stat = phone.stat("/sdcard/e/run.sh").unwrap();
    assert_eq!((stat.mode, stat.uid, stat.gid), (0o660, 1023, 1023));
    assert_eq!(phone.stat("/sdcard/e").unwrap().mode, 0o770);
    phone.rename("/sdcard/e/run.sh", "/sdcard/run.sh").unwrap();
    assert_eq!(text(&phone, "/sdcard/run.sh"), "echo");
}

#[test]
fn a_path_may_be_longer_once_its_links_are_followed() {
    let phone = phone();
    let deep = format!("/sdcard{}", "/n".repeat((PATH_BYTES_MAX - 11) / 2));
    phone.mkdir_all(&deep, 0o770).unwrap();
    phone.write_file(&format!("{deep}/ab"), b"x", 0o660).unwrap();
    assert_eq!(text(&phone, &format!("{deep}/ab")), "x");
}

#[test]
fn directories_of_a_fresh_phone_go_like_others_except_data() {
    let phone = phone();
    phone.rmdir("/sdcard/Alarms").unwrap();
    phone.remove_all("/sdcard/Android").unwrap();
    let left = names(&phone, "/sdcard");
    assert!(!left.contains(&"Alarms".to_owned()) && !left.contains(&"Android".to_owned()), "{left:?}");
    phone.mkdir("/sdcard/Android", 0o770).unwrap();
    assert!(names(&phone, "/sdcard/Android").is_empty(), "what was in it does not come back");
    phone.rename("/sdcard/Music", "/sdcard/Songs").unwrap();
    assert_eq!(errno(phone.stat("/sdcard/Music")), ENOENT);
    assert_eq!(phone.stat("/sdcard/Songs").unwrap().kind, Kind::Directory);
    for path in ["/data", "/data/", "/sdcard/../../../data"] {
        assert_eq!(errno(phone.privileged().remove_all(path)), EPERM, "{path}");
        assert_eq!(errno(phone.privileged().rename(path, "/data/local/tmp/x")), EPERM, "{path}");
    }
    assert_eq!(errno(phone.privileged().remove_all("/")), EROFS);
}

#[test]
fn a_directory_is_renamed_with_all_that_is_in_it() {
    let phone = phone();
    phone.mkdir_all("/data/local/tmp/a/b", 0o755).unwrap();
    phone.write_file("/data/local/tmp/a/b/f", b"x", 0o644).unwrap();
    phone.rename("/data/local/tmp/a", "/data/local/tmp/z").unwrap();
    assert_eq!(text(&phone, "/data/local/tmp/z/b/f"), "x");
    assert_eq!(errno(phone.rename("/data/local/tmp/z", "/data/local/tmp/z/b/inside")), EINVAL);
    phone.rename("/data/local/tmp/z", "/data/local/tmp/z").unwrap();

    phone.mkdir("/data/local/tmp/empty", 0o755).unwrap();
    phone.write_file("/data/local/tmp/file", b"old", 0o644).unwrap();
    assert_eq!(errno(phone.rename("/data/local/tmp/empty", "/data/local/tmp/z")), ENOTEMPTY);
    assert_eq!(errno(phone.rename("/data/local/tmp/empty", "/data/local/tmp/file")), ENOTDIR);
    assert_eq!(errno(phone.rename("/data/local/tmp/file", "/data/local/tmp/empty")), EISDIR);
    assert_eq!(errno(phone.rename("/data/local/tmp/none", "/data/local/tmp/b")), ENOENT);
    phone.rename("/data/local/tmp/z", "/data/local/tmp/empty").unwrap();
    phone.rename("/data/local/tmp/empty/b/f", "/data/local/tmp/file").unwrap();
    assert_eq!(text(&phone, "/data/local/tmp/file"), "x");
    phone.remove_all("/data/local/tmp/empty").unwrap();
    assert_eq!(names(&phone, "/data/local/tmp"), ["file"]);
    phone.unlink("/data/local/tmp/file").unwrap();
    assert_eq!(phone.usage().unwrap().used, 0);
}

#[test]
fn the_system_part_is_read_only() {
    let phone = phone();
    for root in [false, true] {
        if root {
            as_root(&phone, false);
        }
        for path in
            ["/x", "/system/x", "/vendor/x", "/proc/x", "/dev/x", "/sys/x", "/storage/x", "/system/app/x"]
        {
            assert_eq!(errno(phone.write_file(path, b"", 0o644)), EROFS, "{path}");
            assert_eq!(errno(phone.mkdir(path, 0o755)), EROFS, "{path}");
            assert_eq!(errno(phone.symlink("t", path)), EROFS, "{path}");
        }
        assert_eq!(errno(phone.unlink("/system/bin/sh")), EROFS);
        assert_eq!(errno(phone.append("/system/etc/hosts", 0o644)), EROFS);
        assert_eq!(errno(phone.remove_all("/system/app")), EROFS);
        assert_eq!(errno(phone.rename("/system/bin/sh", "/system/bin/x")), EROFS);
        assert_eq!(errno(phone.mkdir("/system", 0o755)), EEXIST);
    }
}

#[test]
fn a_remounted_system_keeps_its_changes_over_a_restart_and_loses_them_by_a_reset() {
    let (emulator, phone) = booted(config());
    as_root(&phone, true);
    let mut hosts = phone.append("/system/etc/hosts", 0o644).unwrap();
    hosts.write(b"10.0.0.1 yard\n").unwrap();
    hosts.commit(None).unwrap();
    phone.chmod("/system/build.prop", 0o600).unwrap();
    phone.rename("/system/bin/wm", "/system/bin/mw").unwrap();
    phone.remove_all("/system/media").unwrap();
    phone.write_file("/product/app/new.apk", &[1; 9000], 0o644).unwrap();
    for path in ["/proc/x", "/dev/x", "/sys/x"] {
        assert_eq!(errno(phone.write_file(path, b"", 0o644)), EROFS, "{path}");
    }
    let seen = |phone: &Guest| {
        assert!(text(phone, "/etc/hosts").ends_with("10.0.0.1 yard\n"));
        assert!(text(phone, "/etc/hosts").starts_with("127.0.0.1"));
        assert_eq!(phone.stat("/system/build.prop").unwrap().mode, 0o600);
        assert!(text(&phone.privileged(), "/system/build.prop").contains("ro.product.model=Yard One"));
        assert_eq!(errno(phone.stat("/system/bin/wm")), ENOENT);
        assert!(text(phone, "/system/bin/mw").contains("ELF"));
        assert_eq!(errno(phone.stat("/system/media")), ENOENT);
        assert_eq!(phone.stat("/product/app/new.apk").unwrap().size, 9000);
    };
    seen(&phone);
    let now_ms = restart(&emulator, 5000, &map([]));
    let phone = inside(&emulator, now_ms);
    seen(&phone);
    assert_eq!(errno(phone.write_file("/system/x", b"", 0o644)), EROFS, "that it was remounted is forgotten");
    emulator.stop(PHONE, 9000).unwrap();
    emulator.wipe(PHONE, 9000).unwrap();
    emulator.start(PHONE, 9000).unwrap();
    let phone = inside(&emulator, 10_000);
    assert!(!text(&phone, "/etc/hosts").contains("yard"));
    assert_eq!(phone.stat("/system/bin/wm").unwrap().mode, 0o755);
}

#[test]
fn the_shell_is_kept_out_of_what_is_not_its() {
    let phone = phone();
    phone.privileged().mkdir("/data/data/com.app", 0o700).unwrap();
    phone.privileged().write_file("/data/data/com.app/db", b"secret", 0o600).unwrap();
    phone.privileged().write_file("/data/app/base.apk", b"apk", 0o644).unwrap();
    for path in ["/data", "/data/data", "/data/app", "/data/system", "/data/misc", "/data/data/com.app"] {
        assert_eq!(errno(phone.list(path)), EACCES, "{path}");
        assert_eq!(errno(phone.write_file(&format!("{path}/x"), b"", 0o644)), EACCES, "{path}");
        assert_eq!(errno(phone.mkdir(&format!("{path}/x"), 0o755)), EACCES, "{path}");
    }
    assert_eq!(errno(phone.read_file("/data/data/com.app/db", 100)), EACCES);
    assert_eq!(errno(phone.stat("/data/misc/adb")), EACCES);
    assert_eq!(errno(phone.remove_all("/data/data/com.app")), EACCES);
    assert_eq!(errno(phone.rename("/data/app/base.apk", "/data/local/tmp/x")), EACCES);
    assert_eq!(text(&phone, "/data/app/base.apk"), "apk", "as on Android, whoever knows its path reads it");
    assert_eq!(phone.privileged().stat("/data/app/base.apk").unwrap().uid, 1000);

    as_root(&phone, false);
    assert_eq!(names(&phone, "/data/data"), ["com.app"]);
    assert_eq!(text(&phone, "/data/data/com.app/db"), "secret");
    phone.write_file("/data/local/tmp/of_root", b"", 0o600).unwrap();
    assert_eq!(phone.stat("/data/local/tmp/of_root").unwrap().uid, 0);
    phone.session(|session| session.root = false).unwrap();
    assert_eq!(errno(phone.read_file("/data/local/tmp/of_root", 1)), EACCES);
}

#[test]
fn hostile_paths_are_refused() {
    let phone = phone();
    let long = |n: usize| format!("/data/local/tmp/{}", "n".repeat(n));
    assert_eq!(errno(phone.write_file(&long(255), b"", 0o644)), 0);
    assert_eq!(errno(phone.write_file(&long(256), b"", 0o644)), ENAMETOOLONG);
    assert_eq!(errno(phone.stat(&"/".repeat(PATH_BYTES_MAX))), 0);
    assert_eq!(errno(phone.stat(&"/".repeat(PATH_BYTES_MAX + 1))), ENAMETOOLONG);
    assert_eq!(errno(phone.stat("")), ENOENT);
    assert_eq!(errno(phone.stat("/data/local/tmp/a\0b")), EINVAL);
    assert_eq!(errno(phone.symlink("a\0b", "/data/local/tmp/l")), EINVAL);
    assert_eq!(errno(phone.symlink("", "/data/local/tmp/l")), ENOENT);
    assert_eq!(errno(phone.symlink(&"t".repeat(PATH_BYTES_MAX + 1), "/data/local/tmp/l")), ENAMETOOLONG);
    assert_eq!(phone.stat("/../../data/local/./tmp/..//tmp").unwrap(), phone.stat("data/local/tmp").unwrap());

    phone.write_file("/data/local/tmp/f", b"", 0o644).unwrap();
    for path in ["/data/local/tmp/f/x", "/data/local/tmp/f/", "/data/local/tmp/f/.."] {
        assert_eq!(errno(phone.stat(path)), ENOTDIR, "{path}");
    }
    assert_eq!(errno(phone.write_file("/data/local/tmp/new/", b"", 0o644)), EISDIR);
    assert_eq!(errno(phone.write_file("/data/local/tmp/none/x", b"", 0o644)), ENOENT);
    assert_eq!(errno(phone.write_file("/data/local/tmp", b"", 0o644)), EISDIR);
    assert_eq!(errno(phone.open("/data/local/tmp")), EISDIR);
    assert_eq!(errno(phone.list("/data/local/tmp/f")), ENOTDIR);
    assert_eq!(errno(phone.readlink("/data/local/tmp/f")), EINVAL);
    for path in ["/data/local/tmp/.", "/data/local/tmp/..", "/data/local/tmp/n/.."] {
        assert_ne!(errno(phone.remove_all(path)), 0, "{path}");
        assert_ne!(errno(phone.rename(path, "/data/local/tmp/y")), 0, "{path}");
    }
}

#[test]
fn links_that_lead_nowhere_or_in_circles_end() {
    let phone = phone();
    let at = |name: &str| format!("/data/local/tmp/{name}");
    phone.symlink("b", &at("a")).unwrap();
    phone.symlink("a", &at("b")).unwrap();
    phone.symlink(".", &at("here")).unwrap();
    phone.symlink("/none", &at("dangling")).unwrap();
    phone.symlink("../../../../../../system/etc", &at("out")).unwrap();
    phone.symlink(&"here/".repeat(200), &at("bomb")).unwrap();
    assert_eq!(errno(phone.stat(&at("a"))), ELOOP);
    assert_eq!(errno(phone.write_file(&at("a"), b"", 0o644)), ELOOP);
    assert_eq!(errno(phone.stat(&at(&"here/".repeat(40)))), 0);
    assert_eq!(errno(phone.stat(&at(&"here/".repeat(41)))), ELOOP);
    assert_eq!(errno(phone.stat(&at("bomb"))), ELOOP);
    assert_eq!(errno(phone.stat(&at("dangling"))), ENOENT);
    assert_eq!(errno(phone.write_file(&at("dangling"), b"", 0o644)), EROFS, "a link opens no way around");
    assert_eq!(errno(phone.write_file(&at("out/hosts"), b"", 0o644)), EROFS);
    assert_eq!(errno(phone.mkdir(&at("dangling"), 0o755)), EEXIST);
    let deep: String = "d/".repeat(400);
    phone.mkdir_all(&at(&deep), 0o755).unwrap();
    phone.symlink("/", &at("d/root")).unwrap();
    phone.remove_all(&at("d")).unwrap();
    assert_eq!(phone.stat("/data/local/tmp").unwrap().kind, Kind::Directory, "links are not followed");
    for name in ["a", "b", "here", "dangling", "out", "bomb"] {
        phone.unlink(&at(name)).unwrap();
    }
    assert_eq!(phone.usage().unwrap().used, 0);
}

#[test]
fn a_full_phone_keeps_the_old_file_and_lets_it_shrink() {
    let (_, phone) = booted(Config { data_bytes_max: 1_000_000, ..config() });
    phone.write_file("/sdcard/a", &[1; 700_000], 0o660).unwrap();
    let used = phone.usage().unwrap().used;
    assert!((700_000..701_000).contains(&used), "{used}");
    let mut writer = phone.create("/sdcard/b", 0o660).unwrap();
    writer.write(&[2; 200_000]).unwrap();
    let mut other = phone.create("/sdcard/c", 0o660).unwrap();
    assert_eq!(errno(other.write(&[3; 200_000])), ENOSPC, "what is being written counts already");
    assert_eq!(errno(writer.write(&[2; 200_000])), ENOSPC);
    drop((writer, other));
    assert_eq!(phone.usage().unwrap().used, used);
    assert_eq!(errno(phone.write_file("/sdcard/a", &[2; 1_100_000], 0o660)), ENOSPC);
    assert_eq!(phone.read_file("/sdcard/a", 1 << 20).unwrap(), vec![1; 700_000]);
    phone.write_file("/sdcard/a", &[2; 600_000], 0o660).unwrap();
    phone.write_file("/sdcard/b", &[2; 300_000], 0o660).unwrap();
    assert_eq!(phone.usage().unwrap().total, 1_000_000);
}

#[test]
fn the_number_of_files_is_bounded_too() {
    let (_, phone) = booted(config());
    let error = (0..100_000).find_map(|n| phone.symlink("t", &format!("/data/local/tmp/{n}")).err());
    assert_eq!(error.map(|error| error.errno()), Some(ENOSPC));
    assert_eq!(names(&phone, "/data/local/tmp").len(), 65_536);
    phone.unlink("/data/local/tmp/7").unwrap();
    phone.symlink("t", "/data/local/tmp/again").unwrap();
    phone.remove_all("/data/local/tmp").unwrap_err();
    phone.privileged().remove_all("/data/local/tmp").unwrap();
}

#[test]
fn of_two_writers_the_last_to_commit_wins_and_one_who_gives_up_leaves_nothing() {
    let (emulator, phone) = booted(config());
    let mut first = phone.create("/data/local/tmp/a", 0o644).unwrap();
    let mut second = phone.create("/data/local/tmp/a", 0o644).unwrap();
    first.write(b"first").unwrap();
    second.write(b"second").unwrap();
    assert_eq!(errno(phone.stat("/data/local/tmp/a")), ENOENT, "not before it is committed");
    second.commit(None).unwrap();
    let mut reader = phone.open("/data/local/tmp/a").unwrap();
    first.commit(None).unwrap();
    assert_eq!(text(&phone, "/data/local/tmp/a"), "first");
    assert_eq!(reader.next().unwrap().unwrap(), "second", "who reads goes on with what was there");

    let mut third = phone.create("/data/local/tmp/a", 0o644).unwrap();
    third.write(&[0; 500_000]).unwrap();
    drop(third);
    assert_eq!(text(&phone, "/data/local/tmp/a"), "first");

    let mut fourth = phone.create("/data/local/tmp/a", 0o644).unwrap();
    fourth.write(b"fourth").unwrap();
    phone.unlink("/data/local/tmp/a").unwrap();
    phone.mkdir("/data/local/tmp/a", 0o755).unwrap();
    assert_eq!(errno(fourth.commit(None)), EISDIR);
    phone.rmdir("/data/local/tmp/a").unwrap();
    let untouched = one_phone(config());
    restart(&untouched, 0, &map([]));
    assert_eq!(emulator.memory_bytes(), untouched.memory_bytes());
}

#[test]
fn whoever_belongs_to_an_ended_boot_reaches_no_file() {
    let (emulator, phone) = booted(config());
    let mut writer = phone.create("/data/local/tmp/a", 0o644).unwrap();
    writer.write(b"x").unwrap();
    let now_ms = restart(&emulator, 5000, &map([]));
    assert!(matches!(writer.write(b"y"), Err(FileError::Off)));
    assert!(matches!(writer.commit(None), Err(FileError::Off)));
    assert!(matches!(phone.stat("/"), Err(FileError::Off)));
    assert!(matches!(phone.list("/"), Err(FileError::Off)));
    assert!(matches!(phone.usage(), Err(FileError::Off)));
    assert!(names(&inside(&emulator, now_ms), "/data/local/tmp").is_empty());
}
