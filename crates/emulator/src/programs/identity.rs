//! Who runs here and what this is: `id`, `whoami`, `uname`, `hostname`, `nproc`.

use super::options::Options;
use crate::guest::Guest;
use crate::program::{Process, Running};

/// Android's users, by id.
const USERS: [(u32, &str); 16] = [
    (0, "root"),
    (1000, "system"),
    (1001, "radio"),
    (1004, "input"),
    (1007, "log"),
    (1011, "adb"),
    (1015, "sdcard_rw"),
    (1023, "media_rw"),
    (1028, "sdcard_r"),
    (1078, "ext_data_rw"),
    (1079, "ext_obb_rw"),
    (2000, "shell"),
    (3001, "net_bt_admin"),
    (3003, "inet"),
    (3009, "readproc"),
    (9998, "misc"),
];

/// Processors of every phone, as /proc/cpuinfo lists them.
const PROCESSORS: usize = 8;

/// Groups of adb's shell.
const SHELL_GROUPS: [u32; 10] = [2000, 1004, 1007, 1011, 1015, 1028, 1078, 1079, 3001, 3003];

/// The name of a user; an app's for an app, the number where there is none.
pub(super) fn name_of(id: u32) -> String {
    match USERS.iter().find(|(own, _)| *own == id) {
        Some((_, name)) => (*name).to_owned(),
        None if (10_000..20_000).contains(&id) => format!("u0_a{}", id - 10_000),
        None => id.to_string(),
    }
}

fn uid(guest: &Guest) -> u32 {
    if guest.session(|session| session.root).unwrap_or(false) { 0 } else { 2000 }
}

/// The user and its groups.
pub(super) fn id(guest: Guest, process: Process) -> Running {
    Box::pin(async move {
        let options = match Options::of(&process, "ugGnrZ") {
            Ok(options) => options,
            Err(why) => return process.complain(why).await,
        };
        let id = uid(&guest);
        let groups: Vec<u32> =
            if id == 0 { vec![0, 1004, 1007, 1011, 1015, 1028, 3001, 3003] } else { SHELL_GROUPS.into() };
        let show = |id: u32| if options.has('n') { name_of(id) } else { id.to_string() };
        let full = |id: &u32| format!("{id}({})", name_of(*id));
        let context = if id == 0 { "u:r:su:s0" } else { "u:r:shell:s0" };
        let text = match options.last_of("ugGZ") {
            Some('G') => groups.iter().map(|id| show(*id)).collect::<Vec<_>>().join(" "),
            Some('Z') => context.to_owned(),
            Some(_) => show(id),
            None => {
                let groups: Vec<String> = groups.iter().map(full).collect();
                format!("uid={0} gid={0} groups={1} context={context}", full(&id), groups.join(","))
            }
        };
        process.say(text).await;
        0
    })
}

/// The user's name.
pub(super) fn whoami(guest: Guest, process: Process) -> Running {
    Box::pin(async move {
        process.say(name_of(uid(&guest))).await;
        0
    })
}

/// What system this is.
pub(super) fn uname(guest: Guest, process: Process) -> Running {
    Box::pin(async move {
        let options = match Options::of(&process, "asnrvmo") {
            Ok(options) => options,
            Err(why) => return process.complain(why).await,
        };
        let abi = guest.getprop("ro.product.cpu.abi").unwrap_or_default();
        let machine = match abi.as_str() {
            "x86_64" => "x86_64",
            "x86" => "i686",
            "armeabi-v7a" => "armv8l",
            _ => "aarch64",
        };
        let version = "#1 SMP PREEMPT Thu Jan 1 00:00:00 UTC 2009";
        let fields = [
            ('s', "Linux"),
            ('n', "localhost"),
            ('r', crate::system::KERNEL_RELEASE),
            ('v', version),
            ('m', machine),
            ('o', "Android"),
        ];
        let none = options.last_of("asnrvmo").is_none();
        let wanted = |letter: char| match letter {
            's' if none => true,
            'o' => options.has('o') || options.has('a'),
            letter => options.has(letter) || options.has('a'),
        };
        let shown: Vec<&str> =
            fields.iter().filter(|(letter, _)| wanted(*letter)).map(|(_, text)| *text).collect();
        process.say(shown.join(" ")).await;
        0
    })
}

/// The phone's name in the network.
pub(super) fn hostname(process: Process) -> Running {
    Box::pin(async move {
        if !process.arguments().is_empty() {
            return process.complain("sethostname: Operation not permitted").await;
        }
        process.say("localhost").await;
        0
    })
}

/// How many processors there are.
pub(super) fn nproc(process: Process) -> Running {
    Box::pin(async move {
        process.say(PROCESSORS.to_string()).await;
        0
    })
}
