//! `content`, on the settings.

use super::util::{error, print, service_up};
use crate::apps::settings::{self, Table};
use crate::guest::Guest;
use crate::program::{Process, Running};

const USAGE: &str = "usage: adb shell content [subcommand] [options]\n\n\
usage: adb shell content query --uri <URI> [--projection <PROJECTION>] [--where <WHERE>]\n\
usage: adb shell content insert --uri <URI> --bind <NAME>:<TYPE>:<VALUE>...\n\
usage: adb shell content delete --uri <URI> --where <WHERE>\n";

/// `content query|insert|delete --uri content://settings/TABLE…`.
pub(crate) fn content(guest: Guest, process: Process) -> Running {
    Box::pin(async move {
        let arguments = process.arguments();
        let value = |option: &str| {
            let at = arguments.iter().position(|argument| argument == option)?;
            arguments.get(at + 1).map(String::as_str)
        };
        let (Some(command), Some(uri)) = (arguments.first(), value("--uri")) else {
            print(&process, USAGE).await;
            return 1;
        };
        if !service_up(&guest, &process, "settings").await {
            return super::util::NO_SERVICE;
        }
        let path = uri.strip_prefix("content://settings/");
        let mut parts = path.into_iter().flat_map(|path| path.split('/'));
        let Some(table) = parts.next().and_then(Table::of) else {
            let authority = uri.trim_start_matches("content://").split('/').next().unwrap_or_default();
            return error(&process, &format!("[ERROR] Could not find provider: {authority}")).await;
        };
        let named = value("--where").and_then(name_of).or_else(|| parts.next().map(str::to_owned));
        let worked = match command.as_str() {
            "query" => query(&guest, table, named.as_deref()),
            "insert" => insert(&guest, table, arguments),
            "delete" => match named {
                Some(name) => settings::delete(&guest, table, &name).map(|_| String::new()),
                None => return error(&process, "[ERROR] No setting is named").await,
            },
            other => return error(&process, &format!("[ERROR] Unsupported operation: {other}")).await,
        };
        match worked {
            Ok(text) => {
                print(&process, text).await;
                0
            }
            Err(why) => error(&process, &format!("[ERROR] {why}")).await,
        }
    })
}

/// The name in `name='x'`.
fn name_of(condition: &str) -> Option<String> {
    let name = condition.trim().strip_prefix("name")?.trim_start().strip_prefix('=')?;
    Some(name.trim().trim_matches(['\'', '"']).to_owned())
}

fn query(guest: &Guest, table: Table, named: Option<&str>) -> Result<String, crate::FileError> {
    let all = settings::list(guest, table)?;
    let found = all.iter().filter(|(key, _)| named.is_none_or(|name| name == *key));
    let row = |(n, (key, value)): (usize, (&String, &String))| {
        format!("Row: {n} _id={}, name={key}, value={value}\n", n + 1)
    };
    let text: String = found.enumerate().map(row).collect();
    Ok(if text.is_empty() { "No result found.\n".into() } else { text })
}

fn insert(guest: &Guest, table: Table, arguments: &[String]) -> Result<String, crate::FileError> {
    let bound = |column: &str| {
        let prefix = format!("{column}:s:");
        arguments.iter().find_map(|argument| argument.strip_prefix(&prefix))
    };
    let (Some(name), Some(value)) = (bound("name"), bound("value")) else {
        return Err(crate::FileError::Invalid);
    };
    settings::put(guest, table, name, value)?;
    Ok(String::new())
}
