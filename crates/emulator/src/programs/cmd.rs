//! `cmd`: calls a service by its name.

use super::dumpsys::SERVICES;
use super::util::{EXCEPTION, NO_SERVICE, error, no_service, print, service_up};
use super::{am, pm, settings, svc};
use crate::guest::Guest;
use crate::phone::boot::Stage;
use crate::program::{Process, Running};

/// `cmd`.
pub(crate) fn cmd(guest: Guest, process: Process) -> Running {
    Box::pin(async move {
        let arguments = process.arguments();
        let arguments = match arguments {
            [first, rest @ ..] if first == "-w" => rest,
            arguments => arguments,
        };
        let Some((service, rest)) = arguments.split_first() else {
            error(&process, "cmd: No service specified; use -l to list all running services. use -w to start and wait for running services.").await;
            return NO_SERVICE;
        };
        match service.as_str() {
            "-l" => list(&guest, &process).await,
            "package" => pm::run(&guest, &process, rest).await,
            "activity" | "activity_task" => am::run(&guest, &process, rest).await,
            "settings" => settings::run(&guest, &process, rest).await,
            service if SERVICES.contains(&service) => {
                if service_up(&guest, &process, service).await {
                    call(&guest, &process, service, rest).await
                } else {
                    NO_SERVICE
                }
            }
            service => no_service(&process, service).await,
        }
    })
}

async fn list(guest: &Guest, process: &Process) -> u8 {
    let mut text = "Currently running services:\n".to_owned();
    if guest.reached(Some(Stage::SystemServer)) {
        text.extend(SERVICES.iter().map(|service| format!("  {service}\n")));
    }
    print(process, text).await;
    0
}

async fn call(guest: &Guest, process: &Process, service: &str, arguments: &[String]) -> u8 {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match (service, words.as_slice()) {
        ("wifi", ["set-wifi-enabled", "enabled" | "true"]) => {
            svc::radio(guest, process, "wifi_on", true).await
        }
        ("wifi", ["set-wifi-enabled", "disabled" | "false"]) => {
            svc::radio(guest, process, "wifi_on", false).await
        }
        ("wifi", ["status"]) => {
            let on = crate::apps::settings::get(guest, crate::apps::settings::Table::Global, "wifi_on");
            let on = on.ok().flatten().is_some_and(|on| on != "0");
            process.say(format!("Wifi is {}", if on { "enabled" } else { "disabled" })).await;
            0
        }
        ("statusbar", ["expand-notifications" | "expand-settings" | "collapse"]) => 0,
        ("uimode", ["night"]) => {
            let night =
                crate::apps::settings::get(guest, crate::apps::settings::Table::Secure, "ui_night_mode");
            let night = night.ok().flatten().is_some_and(|night| night == "2");
            process.say(format!("Night mode: {}", if night { "yes" } else { "no" })).await;
            0
        }
        ("uimode", ["night", yes @ ("yes" | "no")]) => {
            let value = if *yes == "yes" { "2" } else { "1" };
            match crate::apps::settings::put(
                guest,
                crate::apps::settings::Table::Secure,
                "ui_night_mode",
                value,
            ) {
                Ok(()) => {
                    process.say(format!("Night mode: {yes}")).await;
                    0
                }
                Err(why) => error(process, &format!("Error: {why}")).await,
            }
        }
        ("battery", ["get", "level"]) => {
            process
                .say(guest.session(|session| session.battery.level().to_string()).unwrap_or_default())
                .await;
            0
        }
        (_, [] | ["help" | "-h"]) => {
            process.say(format!("No shell command implementation for {service} beyond this help.")).await;
            0
        }
        (_, [command, ..]) => {
            process.say(format!("Unknown command: {command}")).await;
            EXCEPTION
        }
    }
}
