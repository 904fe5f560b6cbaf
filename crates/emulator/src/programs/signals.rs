//! `kill`, `killall` and `pkill`: what they do to the phone's processes.

use crate::apps::Row;
use crate::apps::installer;
use crate::guest::Guest;
use crate::logcat::{Buffer, Priority};
use crate::program::{Process, Running};

/// Signals by number.
const NAMES: &[(u32, &str)] = &[
    (1, "HUP"),
    (2, "INT"),
    (3, "QUIT"),
    (6, "ABRT"),
    (9, "KILL"),
    (10, "USR1"),
    (12, "USR2"),
    (13, "PIPE"),
    (14, "ALRM"),
    (15, "TERM"),
    (18, "CONT"),
    (19, "STOP"),
];

fn signal(name: &str) -> Option<u32> {
    let name = name.trim_start_matches("SIG");
    let number = name.parse().ok().filter(|number| *number <= 64);
    number
        .or_else(|| NAMES.iter().find(|(_, have)| have.eq_ignore_ascii_case(name)).map(|(number, _)| *number))
}

/// The signal that is asked for, and the rest of the arguments.
pub(crate) fn parse(arguments: &[String]) -> Result<(u32, &[String]), String> {
    match arguments {
        [option, name, rest @ ..] if option == "-s" => {
            Ok((signal(name).ok_or(format!("bad -s '{name}'"))?, rest))
        }
        [option, rest @ ..] if option.starts_with('-') && option.len() > 1 && option != "--" => {
            let name = option.get(1..).unwrap_or_default();
            Ok((signal(name).ok_or(format!("bad signal '{name}'"))?, rest))
        }
        [option, rest @ ..] if option == "--" => Ok((15, rest)),
        rest => Ok((15, rest)),
    }
}

/// Sends a signal to a process; why not otherwise.
fn send(guest: &Guest, row: &Row, signal: u32) -> Result<(), &'static str> {
    let root = guest.is_root();
    if !root && row.uid != 2000 {
        return Err("Operation not permitted");
    }
    let ends = ![0, 18].contains(&signal);
    if ends && guest.session(|s| s.apps.running().iter().any(|app| app.pid == row.pid)).unwrap_or(false) {
        installer::stop(guest, &row.name, &format!("exited due to signal {signal}"));
    } else if ends && row.ppid == 1 {
        // init starts its services again at once.
        let text = format!("Service '{}' (pid {}) received signal {signal}", row.name, row.pid);
        guest.log_as(1, Buffer::Main, Priority::Info, "init", &text);
    }
    Ok(())
}

/// `kill [-l] [-SIGNAL] PID…`.
pub(crate) fn kill(guest: Guest, process: Process) -> Running {
    Box::pin(async move {
        if process.arguments().first().is_some_and(|first| first == "-l") {
            for (number, name) in NAMES {
                process.say(format!("{number:2} {name}")).await;
            }
            return 0;
        }
        let (signal, pids) = match parse(process.arguments()) {
            Ok(parsed) => parsed,
            Err(why) => return process.complain(why).await,
        };
        if pids.is_empty() {
            return process.complain("Need 1 argument (see \"kill --help\")").await;
        }
        let Ok(rows) = guest.processes() else { return 1 };
        let mut code = 0;
        for pid in pids {
            let row = rows.iter().find(|row| Ok(row.pid) == pid.parse());
            let sent = match row {
                Some(row) => send(&guest, row, signal),
                None if pid.parse::<u32>().is_ok() => Err("No such process"),
                None => {
                    code = process.complain(format!("unknown pid '{pid}'")).await;
                    continue;
                }
            };
            if let Err(why) = sent {
                code = process.complain(format!("bad pid '{pid}': {why}")).await;
            }
        }
        code
    })
}

/// `killall [-SIGNAL] NAME…`, and `pkill PATTERN`.
pub(crate) fn killall(guest: Guest, process: Process) -> Running {
    Box::pin(async move {
        let (signal, names) = match parse(process.arguments()) {
            Ok(parsed) => parsed,
            Err(why) => return process.complain(why).await,
        };
        if names.is_empty() {
            return process.complain("Need 1 argument (see \"killall --help\")").await;
        }
        let part = process.argv.first().is_some_and(|name| name.ends_with("pkill"));
        let Ok(rows) = guest.processes() else { return 1 };
        let mut code = 0;
        for name in names {
            let found: Vec<&Row> = rows
                .iter()
                .filter(|row| row.name == *name || (part && row.name.contains(name.as_str())))
                .collect();
            if found.is_empty() {
                code = if part { 1 } else { process.complain(format!("{name}: No such process")).await };
            }
            for row in found {
                if let Err(why) = send(&guest, row, signal) {
                    code = process.complain(format!("bad pid '{}': {why}", row.pid)).await;
                }
            }
        }
        code
    })
}
