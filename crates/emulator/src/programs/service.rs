//! `service`, `ime`, `bmgr` and `appops`: what is asked now and then, answered cleanly.

use super::dumpsys::SERVICES;
use super::util::{EXCEPTION, error, print, service_up};
use crate::apps::settings::{self, Table};
use crate::guest::Guest;
use crate::phone::boot::Stage;
use crate::program::{Process, Running};

/// `service list|check|call`.
pub(crate) fn service(guest: Guest, process: Process) -> Running {
    Box::pin(async move {
        let up = guest.reached(Some(Stage::SystemServer));
        let services = if up { SERVICES } else { &[] };
        let words: Vec<&str> = process.arguments().iter().map(String::as_str).collect();
        match words.as_slice() {
            ["list"] => {
                let mut text = format!("Found {} services:\n", services.len());
                text.extend(
                    services
                        .iter()
                        .enumerate()
                        .map(|(n, name)| format!("{n}\t{name}: [{}]\n", interface(name))),
                );
                print(&process, text).await;
                0
            }
            ["check", name] => {
                let found = if services.contains(name) { "found" } else { "not found" };
                process.say(format!("Service {name}: {found}")).await;
                0
            }
            ["call", name, _, ..] if services.contains(name) => {
                // UNKNOWN_TRANSACTION: nothing here is called by numbers.
                process.say("Result: Parcel(Error: 0xffffffffffffffb6 \"Not a data message\")").await;
                0
            }
            ["call", name, ..] => {
                error(&process, &format!("service: Service {name} does not exist")).await;
                10
            }
            _ => {
                error(&process, "Usage: service [-h|-?]\n       service list\n       service check SERVICE\n       service call SERVICE CODE ...").await;
                10
            }
        }
    })
}

fn interface(service: &str) -> &str {
    match service {
        "activity" => "android.app.IActivityManager",
        "package" => "android.content.pm.IPackageManager",
        "power" => "android.os.IPowerManager",
        "window" => "android.view.IWindowManager",
        _ => "",
    }
}

/// `ime list|set|reset`.
pub(crate) fn ime(guest: Guest, process: Process) -> Running {
    Box::pin(async move {
        if !service_up(&guest, &process, "input_method").await {
            return super::util::NO_SERVICE;
        }
        let words: Vec<&str> = process.arguments().iter().map(String::as_str).collect();
        let current =
            settings::get(&guest, Table::Secure, "default_input_method").ok().flatten().unwrap_or_default();
        match words.as_slice() {
            ["list", rest @ ..] if rest.contains(&"-s") => {
                process.say("com.android.inputmethod.latin/.LatinIME").await;
                0
            }
            ["list", ..] => {
                print(&process, "com.android.inputmethod.latin/.LatinIME:\n  mId=com.android.inputmethod.latin/.LatinIME mSettingsActivityName=com.android.inputmethod.latin.settings.SettingsActivity\n").await;
                0
            }
            ["set" | "enable", name] if *name == current => {
                process.say(format!("Input method {name} selected for user #0")).await;
                0
            }
            ["set" | "enable" | "disable", name] => {
                error(&process, &format!("Unknown input method {name} cannot be selected for user #0")).await
            }
            ["reset"] => {
                print(
                    &process,
                    format!("Reset current and enabled IMEs for user #0\n  Selected IMEs:\n  {current}\n"),
                )
                .await;
                0
            }
            _ => {
                error(
                    &process,
                    "ime <command>:\n  list [-a] [-s]\n  enable <ID>\n  disable <ID>\n  set <ID>\n  reset",
                )
                .await;
                EXCEPTION
            }
        }
    })
}

/// `bmgr` and `appops`: there are no backups, and no operations are counted.
pub(crate) fn absent(_guest: Guest, process: Process) -> Running {
    Box::pin(async move {
        match process.argv.first().map_or("", |name| name.rsplit('/').next().unwrap_or(name)) {
            "bmgr" => error(&process, "Error: Backup Manager is not activated for user 0").await,
            _ => error(&process, "Error: No operations.").await,
        }
    })
}
