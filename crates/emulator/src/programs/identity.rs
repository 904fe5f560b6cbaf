//! Who runs here and what this is: `id`, `whoami`, `uname`, `hostname`, `nproc`.

use super::options::Options;
use crate::guest::Guest;
use crate::program::{Process, Running};
use crate::users;

/// Processors of every phone, as /proc/cpuinfo lists them.
const PROCESSORS: usize = 8;

fn uid(guest: &Guest) -> u32 {
    if guest.is_root() { crate::files::base::ROOT } else { crate::files::base::SHELL }
}

/// The user and its groups.
pub(super) fn id(guest: Guest, process: Process) -> Running {
    Box::pin(async move {
        let options = match Options::of(&process, "ugGnrZ") {
            Ok(options) => options,
            Err(why) => return process.complain(why).await,
        };
        let id = uid(&guest);
        let groups: Vec<u32> = if id == 0 { users::ROOT_GROUPS.into() } else { users::SHELL_GROUPS.into() };
        let show = |id: u32| if options.has('n') { users::name(id) } else { id.to_string() };
        let full = |id: &u32| format!("{id}({})", users::name(*id));
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
        process.say(users::name(uid(&guest))).await;
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
            ('r', crate::files::system::KERNEL_RELEASE),
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
