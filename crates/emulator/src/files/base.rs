//! What every phone's file tree shows before anything is written: one table for all phones, so that it
//! costs none of them anything.

use crate::files::data::{BASE_INODE, Content, Entry, Key, What};
use crate::files::system::Source;
use crate::phone::rng;
use crate::programs;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Android's ids of users and groups.
pub(crate) const ROOT: u32 = 0;
pub(crate) const SYSTEM: u32 = 1000;
pub(crate) const MEDIA_RW: u32 = 1023;
pub(crate) const SHELL: u32 = 2000;
const MISC: u32 = 9998;

/// Android images carry this date: 2009-01-01.
const BUILT_S: i64 = 1_230_768_000;

/// Directories: path, mode, owner, group. Parents come first.
const DIRECTORIES: &[(&str, u32, u32, u32)] = &[
    ("/acct", 0o755, ROOT, ROOT),
    ("/apex", 0o755, ROOT, ROOT),
    ("/apex/com.android.art", 0o755, ROOT, ROOT),
    ("/apex/com.android.runtime", 0o755, ROOT, ROOT),
    ("/cache", 0o770, SYSTEM, SYSTEM),
    ("/config", 0o755, ROOT, ROOT),
    ("/data", 0o771, SYSTEM, SYSTEM),
    ("/data/anr", 0o775, SYSTEM, SYSTEM),
    ("/data/app", 0o771, SYSTEM, SYSTEM),
    ("/data/backup", 0o700, SYSTEM, SYSTEM),
    ("/data/dalvik-cache", 0o771, ROOT, ROOT),
    ("/data/data", 0o771, SYSTEM, SYSTEM),
    ("/data/local", 0o751, ROOT, ROOT),
    ("/data/local/tmp", 0o771, SHELL, SHELL),
    ("/data/media", 0o770, MEDIA_RW, MEDIA_RW),
    ("/data/media/0", 0o770, MEDIA_RW, MEDIA_RW),
    ("/data/media/0/Alarms", 0o770, MEDIA_RW, MEDIA_RW),
    ("/data/media/0/Android", 0o770, MEDIA_RW, MEDIA_RW),
    ("/data/media/0/Android/data", 0o770, MEDIA_RW, MEDIA_RW),
    ("/data/media/0/Android/media", 0o770, MEDIA_RW, MEDIA_RW),
    ("/data/media/0/Android/obb", 0o770, MEDIA_RW, MEDIA_RW),
    ("/data/media/0/Audiobooks", 0o770, MEDIA_RW, MEDIA_RW),
    ("/data/media/0/DCIM", 0o770, MEDIA_RW, MEDIA_RW),
    ("/data/media/0/Documents", 0o770, MEDIA_RW, MEDIA_RW),
    ("/data/media/0/Download", 0o770, MEDIA_RW, MEDIA_RW),
    ("/data/media/0/Movies", 0o770, MEDIA_RW, MEDIA_RW),
    ("/data/media/0/Music", 0o770, MEDIA_RW, MEDIA_RW),
    ("/data/media/0/Notifications", 0o770, MEDIA_RW, MEDIA_RW),
    ("/data/media/0/Pictures", 0o770, MEDIA_RW, MEDIA_RW),
    ("/data/media/0/Podcasts", 0o770, MEDIA_RW, MEDIA_RW),
    ("/data/media/0/Recordings", 0o770, MEDIA_RW, MEDIA_RW),
    ("/data/media/0/Ringtones", 0o770, MEDIA_RW, MEDIA_RW),
    ("/data/misc", 0o770, SYSTEM, MISC),
    ("/data/misc/adb", 0o700, SYSTEM, SHELL),
    ("/data/property", 0o700, ROOT, ROOT),
    ("/data/system", 0o770, SYSTEM, SYSTEM),
    ("/data/tombstones", 0o771, SYSTEM, SYSTEM),
    ("/data/user", 0o711, SYSTEM, SYSTEM),
    ("/data/user_de", 0o711, SYSTEM, SYSTEM),
    ("/data/user_de/0", 0o771, SYSTEM, SYSTEM),
    ("/data/vendor", 0o771, ROOT, ROOT),
    ("/dev", 0o755, ROOT, ROOT),
    ("/mnt", 0o755, ROOT, SYSTEM),
    ("/mnt/user", 0o755, ROOT, ROOT),
    ("/mnt/user/0", 0o755, ROOT, ROOT),
    ("/odm", 0o755, ROOT, ROOT),
    ("/odm/etc", 0o755, ROOT, ROOT),
    ("/proc", 0o555, ROOT, ROOT),
    ("/product", 0o755, ROOT, ROOT),
    ("/product/app", 0o755, ROOT, ROOT),
    ("/product/etc", 0o755, ROOT, ROOT),
    ("/product/overlay", 0o755, ROOT, ROOT),
    ("/product/priv-app", 0o755, ROOT, ROOT),
    ("/storage", 0o755, ROOT, ROOT),
    ("/storage/emulated", 0o755, ROOT, ROOT),
    ("/storage/self", 0o755, ROOT, ROOT),
    ("/sys", 0o755, ROOT, ROOT),
    ("/sys/class", 0o755, ROOT, ROOT),
    ("/sys/devices", 0o755, ROOT, ROOT),
    ("/sys/kernel", 0o755, ROOT, ROOT),
    ("/system", 0o755, ROOT, ROOT),
    ("/system/app", 0o755, ROOT, ROOT),
    ("/system/bin", 0o751, ROOT, SHELL),
    ("/system/etc", 0o755, ROOT, ROOT),
    ("/system/fonts", 0o755, ROOT, ROOT),
    ("/system/framework", 0o755, ROOT, ROOT),
    ("/system/lib", 0o755, ROOT, ROOT),
    ("/system/lib64", 0o755, ROOT, ROOT),
    ("/system/media", 0o755, ROOT, ROOT),
    ("/system/priv-app", 0o755, ROOT, ROOT),
    ("/system/usr", 0o755, ROOT, ROOT),
    ("/system/xbin", 0o751, ROOT, SHELL),
    ("/vendor", 0o755, ROOT, SHELL),
    ("/vendor/app", 0o755, ROOT, ROOT),
    ("/vendor/bin", 0o751, ROOT, SHELL),
    ("/vendor/etc", 0o755, ROOT, ROOT),
    ("/vendor/lib64", 0o755, ROOT, ROOT),
];

/// Links and where they point.
const LINKS: &[(&str, &str)] = &[
    ("/bin", "/system/bin"),
    ("/d", "/sys/kernel/debug"),
    ("/data/user/0", "/data/data"),
    ("/etc", "/system/etc"),
    ("/mnt/sdcard", "/storage/self/primary"),
    ("/mnt/user/0/primary", "/storage/emulated/0"),
    ("/proc/mounts", "self/mounts"),
    ("/sdcard", "/storage/self/primary"),
    ("/storage/emulated/0", "/data/media/0"),
    ("/storage/self/primary", "/storage/emulated/0"),
    ("/system/product", "/product"),
    ("/system/vendor", "/vendor"),
];

const MOUNTS: &str = "\
/dev/block/dm-0 / ext4 ro,seclabel,relatime 0 0
tmpfs /dev tmpfs rw,seclabel,nosuid,relatime,mode=755 0 0
proc /proc proc rw,relatime,gid=3009,hidepid=invisible 0 0
sysfs /sys sysfs rw,seclabel,relatime 0 0
/dev/block/dm-1 /vendor ext4 ro,seclabel,relatime 0 0
/dev/block/dm-2 /product ext4 ro,seclabel,relatime 0 0
/dev/block/dm-3 /data ext4 rw,seclabel,nosuid,nodev,noatime 0 0
/dev/fuse /storage/emulated fuse rw,nosuid,nodev,noexec,noatime 0 0
";

const FILESYSTEMS: &str = "nodev\tsysfs\nnodev\ttmpfs\nnodev\tproc\n\text4\n\tvfat\nnodev\tfuse\n";

const HOSTS: &str = "127.0.0.1       localhost\n::1             ip6-localhost\n";

/// What programs hold, as far as anybody can read them: nothing on a phone is run from its bytes.
const PROGRAM: &str = "\u{7f}ELF\u{2}\u{1}\u{1}";

/// Files: path, mode, content.
const FILES: &[(&str, u32, Source)] = &[
    ("/dev/null", 0o666, Source::Null),
    ("/dev/zero", 0o666, Source::Zero),
    ("/proc/cmdline", 0o444, Source::CommandLine),
    ("/proc/cpuinfo", 0o444, Source::CpuInfo),
    ("/proc/filesystems", 0o444, Source::Text(FILESYSTEMS)),
    ("/proc/loadavg", 0o444, Source::LoadAverage),
    ("/proc/meminfo", 0o444, Source::MemInfo),
    ("/proc/self/mounts", 0o444, Source::Text(MOUNTS)),
    ("/proc/uptime", 0o444, Source::Uptime),
    ("/proc/version", 0o444, Source::Version),
    ("/system/build.prop", 0o644, Source::BuildProp),
    ("/system/etc/hosts", 0o644, Source::Text(HOSTS)),
];

static ENTRIES: LazyLock<BTreeMap<Key, Entry>> = LazyLock::new(build);

static TOP: LazyLock<Entry> = LazyLock::new(|| entry("/", What::Directory, 0o755, ROOT, ROOT));

fn entry(path: &str, what: What, mode: u32, uid: u32, gid: u32) -> Entry {
    Entry { what, mode, uid, gid, mtime_s: BUILT_S, inode: inode(path) }
}

fn build() -> BTreeMap<Key, Entry> {
    let mut entries = BTreeMap::new();
    let mut put = |path: &str, what: What, mode, uid, gid| {
        let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
        let parent = if parent.is_empty() { "/" } else { parent };
        entries.insert((inode(parent), name.into()), entry(path, what, mode, uid, gid));
    };
    put("/proc/self", What::Directory, 0o555, ROOT, ROOT);
    for (path, mode, uid, gid) in DIRECTORIES {
        put(path, What::Directory, *mode, *uid, *gid);
    }
    for (path, target) in LINKS {
        put(path, What::Link((*target).into()), 0o777, ROOT, ROOT);
    }
    for (path, mode, source) in FILES {
        put(path, What::File(Content::System(*source)), *mode, ROOT, ROOT);
    }
    for program in programs::names() {
        let path = format!("/system/bin/{program}");
        put(&path, What::File(Content::System(Source::Text(PROGRAM))), 0o755, ROOT, SHELL);
    }
    entries
}

/// The inode of a path that a fresh phone has: the same in every version, as what is kept refers to it.
pub(crate) fn inode(path: &str) -> u64 {
    BASE_INODE | (rng::fnv(path.as_bytes()) & (BASE_INODE - 1))
}

/// The directory `/`.
pub(crate) fn top() -> &'static Entry {
    &TOP
}

/// The entry of a directory.
pub(crate) fn get(inode: u64, name: &str) -> Option<&'static Entry> {
    ENTRIES.get(&(inode, name.into()))
}

/// The entries of a directory, by name.
pub(crate) fn entries(inode: u64) -> impl Iterator<Item = (&'static str, &'static Entry)> {
    let range = (inode, Box::<str>::default())..(inode.saturating_add(1), Box::<str>::default());
    ENTRIES.range(range).map(|((_, name), entry)| (name.as_ref(), entry))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_inode_is_its_own_and_every_parent_is_there() {
        let inodes: HashSet<u64> = ENTRIES.values().map(|entry| entry.inode).chain([TOP.inode]).collect();
        assert_eq!(inodes.len(), ENTRIES.len() + 1);
        assert!(ENTRIES.keys().all(|(parent, _)| inodes.contains(parent)));
        assert_eq!(
            ENTRIES.len(),
            DIRECTORIES.len() + 1 + LINKS.len() + FILES.len() + programs::names().count()
        );
    }
}
