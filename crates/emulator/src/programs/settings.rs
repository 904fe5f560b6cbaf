//! `settings`, and `cmd settings`.

use super::util::{EXCEPTION, NO_SERVICE, error, print, service_up};
use crate::apps::settings::{self, Table};
use crate::guest::Guest;
use crate::program::{Process, Running};

const HELP: &str = "Settings provider (settings) commands:
  help
  get [--user <USER_ID> | current] NAMESPACE KEY
  put [--user <USER_ID> | current] NAMESPACE KEY VALUE [TAG] [default]
  delete [--user <USER_ID> | current] NAMESPACE KEY
  reset [--user <USER_ID> | current] NAMESPACE {PACKAGE_NAME | RESET_MODE}
  list [--user <USER_ID> | current] NAMESPACE
  NAMESPACE is one of {system, secure, global}, case-insensitive
";

/// `settings`.
pub(crate) fn settings(guest: Guest, process: Process) -> Running {
    Box::pin(async move { run(&guest, &process, process.arguments()).await })
}

/// Runs a command of the settings service.
pub(super) async fn run(guest: &Guest, process: &Process, arguments: &[String]) -> u8 {
    if !service_up(guest, process, "settings").await {
        return NO_SERVICE;
    }
    let mut rest = Vec::new();
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        // A value may look like an option.
        if argument == "--user" && rest.len() < 3 {
            arguments.next();
        } else {
            rest.push(argument.as_str());
        }
    }
    let Some(command) = rest.first().copied() else {
        print(process, HELP).await;
        return EXCEPTION;
    };
    if command == "help" {
        print(process, HELP).await;
        return 0;
    }
    if !["get", "put", "delete", "reset", "list"].contains(&command) {
        error(process, &format!("Invalid command: {command}")).await;
        return EXCEPTION;
    }
    let Some(table) = rest.get(1) else { return bad(process, "Not enough arguments").await };
    let Some(table) = Table::of(table) else {
        return bad(process, &format!("Invalid namespace '{table}'")).await;
    };
    let (key, value) = (rest.get(2).copied(), rest.get(3).copied());
    match work(guest, command, table, key, value) {
        Ok(Some(text)) => {
            print(process, text).await;
            0
        }
        Ok(None) => bad(process, "Not enough arguments").await,
        Err(why) => error(process, &format!("Failed to {command}: {why}")).await,
    }
}

async fn bad(process: &Process, why: &str) -> u8 {
    error(process, why).await;
    EXCEPTION
}

/// What is printed; none when something is missing.
fn work(
    guest: &Guest,
    command: &str,
    table: Table,
    key: Option<&str>,
    value: Option<&str>,
) -> Result<Option<String>, crate::FileError> {
    let text = match (command, key, value) {
        ("get", Some(key), _) => {
            format!("{}\n", settings::get(guest, table, key)?.as_deref().unwrap_or("null"))
        }
        ("put", Some(key), Some(value)) => {
            settings::put(guest, table, key, value)?;
            String::new()
        }
        ("delete", Some(key), _) => {
            format!("Deleted {} rows\n", u8::from(settings::delete(guest, table, key)?))
        }
        ("reset", Some(_), _) => {
            settings::reset(guest, table)?;
            String::new()
        }
        ("list", _, _) => {
            let all = settings::list(guest, table)?.into_iter();
            all.map(|(key, value)| format!("{key}={value}\n")).collect()
        }
        _ => return Ok(None),
    };
    Ok(Some(text))
}
