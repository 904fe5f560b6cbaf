//! `svc`.

use super::reboot::{ask, restart_reason};
use super::util::{error, print, service_up};
use crate::apps::settings::{self, Table};
use crate::guest::Guest;
use crate::phone::power::PowerRequest;
use crate::program::{Process, Running};

const HELP: &str = "Available commands:
    help     Show information about the subcommands
    power    Control the power manager
    data     Control mobile data connectivity
    wifi     Control the Wi-Fi manager
    bluetooth Control Bluetooth service
";

/// `svc`.
pub(crate) fn svc(guest: Guest, process: Process) -> Running {
    Box::pin(async move {
        let words: Vec<&str> = process.arguments().iter().map(String::as_str).collect();
        match words.as_slice() {
            ["power", "reboot", rest @ ..] => {
                let reason = restart_reason(rest.first().copied());
                ask(&guest, &process, reason).await
            }
            ["power", "shutdown"] => ask(&guest, &process, PowerRequest::Off).await,
            ["power", "stayon", how] => stay_on(&guest, &process, how).await,
            ["wifi", on @ ("enable" | "disable")] => {
                radio(&guest, &process, "wifi_on", *on == "enable").await
            }
            ["data", on @ ("enable" | "disable")] => {
                radio(&guest, &process, "mobile_data", *on == "enable").await
            }
            ["bluetooth", on @ ("enable" | "disable")] => {
                radio(&guest, &process, "bluetooth_on", *on == "enable").await
            }
            _ => {
                print(&process, HELP).await;
                u8::from(!matches!(words.as_slice(), [] | ["help"]))
            }
        }
    })
}

async fn stay_on(guest: &Guest, process: &Process, how: &str) -> u8 {
    let value = match how {
        "true" => "7",
        "false" => "0",
        "ac" => "1",
        "usb" => "2",
        "wireless" => "4",
        _ => return error(process, "usage: svc power stayon [true|false|usb|ac|wireless]").await,
    };
    keep(guest, process, "stay_on_while_plugged_in", value).await
}

/// Switches a radio: the setting says so from then on.
pub(super) async fn radio(guest: &Guest, process: &Process, key: &str, on: bool) -> u8 {
    keep(guest, process, key, if on { "1" } else { "0" }).await
}

async fn keep(guest: &Guest, process: &Process, key: &str, value: &str) -> u8 {
    if !service_up(guest, process, "settings").await {
        return super::util::NO_SERVICE;
    }
    match settings::put(guest, Table::Global, key, value) {
        Ok(()) => 0,
        Err(why) => error(process, &format!("Error: {why}")).await,
    }
}
