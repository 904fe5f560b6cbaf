//! `getprop`, `setprop`, `start` and `stop`.

use super::reboot::{ask, restart_reason};
use super::util::{error, print};
use crate::error::Error;
use crate::guest::Guest;
use crate::logcat::{Buffer, Priority};
use crate::phone::power::PowerRequest;
use crate::phone::property::PropertyError;
use crate::program::{Process, Running};

/// The property by which init is told to reboot.
const POWER: &str = "sys.powerctl";

/// `getprop [-TZ] [NAME [DEFAULT]]`.
pub(crate) fn getprop(guest: Guest, process: Process) -> Running {
    Box::pin(async move {
        let arguments = process.arguments();
        let types = arguments.first().is_some_and(|first| first == "-T" || first == "-Z");
        let words = if types { arguments.get(1..).unwrap_or_default() } else { arguments };
        if let Some(option) = words.first().filter(|word| word.starts_with('-')) {
            return process
                .complain(format!(
                    "Unknown option '{}' (see \"getprop --help\")",
                    option.trim_start_matches('-')
                ))
                .await;
        }
        match words {
            [] => {
                let Ok(all) = guest.getprop_all() else { return 1 };
                let shown = |(name, value): (&String, &String)| {
                    let value = if types { kind(value) } else { value };
                    format!("[{name}]: [{value}]\n")
                };
                print(&process, all.iter().map(shown).collect::<String>()).await;
                0
            }
            [name, rest @ ..] if rest.len() <= 1 => {
                let Ok(value) = guest.getprop(name) else { return 1 };
                let value = if value.is_empty() { rest.first().cloned().unwrap_or_default() } else { value };
                process.say(if types { kind(&value) } else { &value }).await;
                0
            }
            _ => process.complain("Max 2 arguments (see \"getprop --help\")").await,
        }
    })
}

/// The type of a property, as far as its value tells.
fn kind(value: &str) -> &str {
    match value {
        "0" | "1" | "true" | "false" => "bool",
        value if value.parse::<i64>().is_ok() => "int",
        _ => "string",
    }
}

/// `setprop NAME VALUE`.
pub(crate) fn setprop(guest: Guest, process: Process) -> Running {
    Box::pin(async move {
        let [name, value] = process.arguments() else {
            let why = if process.arguments().len() < 2 { "Need 2 arguments" } else { "Max 2 arguments" };
            return process.complain(format!("{why} (see \"setprop --help\")")).await;
        };
        if name == POWER {
            return power(&guest, &process, value).await;
        }
        match guest.setprop(name, value) {
            Ok(()) => {
                let text = format!("setprop {name}");
                guest.log_as(1, Buffer::Main, Priority::Info, "init", &text);
                0
            }
            Err(why) => refused(&process, name, value, &why).await,
        }
    })
}

async fn refused(process: &Process, name: &str, value: &str, why: &Error) -> u8 {
    let line = match why {
        Error::Property { why: PropertyError::Name, .. } => format!("illegal property name '{name}'"),
        Error::Property { why: PropertyError::ValueTooLong, .. } => {
            format!(
                "value '{value}' too long; try '{}'",
                value.get(..crate::phone::property::LIVE_VALUE_BYTES_MAX).unwrap_or("")
            )
        }
        Error::Property { why: PropertyError::Value, .. } => format!("value '{value}' not a UTF-8 string"),
        _ => return failed(process, name, value).await,
    };
    process.complain(line).await
}

async fn failed(process: &Process, name: &str, value: &str) -> u8 {
    error(process, &format!("Failed to set property '{name}' to '{value}'.\nSee dmesg for error reason."))
        .await
}

async fn power(guest: &Guest, process: &Process, value: &str) -> u8 {
    let root = guest.is_root();
    let (what, reason) = value.split_once(',').map_or((value, None), |(what, reason)| (what, Some(reason)));
    match what {
        "reboot" if root => ask(guest, process, restart_reason(reason)).await,
        "shutdown" if root => ask(guest, process, PowerRequest::Off).await,
        _ => failed(process, POWER, value).await,
    }
}

/// `start` and `stop`, of the Android runtime or a service.
pub(crate) fn start_stop(guest: Guest, process: Process) -> Running {
    Box::pin(async move {
        if !guest.is_root() {
            return error(&process, "Must be root").await;
        }
        let name = process.arguments().first().map_or("zygote", String::as_str);
        error(&process, &format!("Unable to control service '{name}'")).await
    })
}
