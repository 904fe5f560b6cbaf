//! `uiautomator dump`: the window in front, as XML.

use super::util::{error, screen_on};
use crate::guest::Guest;
use crate::program::{Process, Running};
use crate::screen::Display;

/// Where the window is written to unless something else is asked for.
const FILE: &str = "/sdcard/window_dump.xml";
/// What is in front when no app is.
const LAUNCHER: &str = "com.android.launcher3";

/// Writes what is in front to a file.
pub(super) fn uiautomator(guest: Guest, process: Process) -> Running {
    Box::pin(async move {
        let rest = match process.arguments() {
            [command, rest @ ..] if command == "dump" => rest,
            _ => return error(&process, "Usage: uiautomator <subcommand> [options]\n\nAvailable subcommands:\n\ndump: creates an XML dump of current UI hierarchy\n    dump [--verbose][file]").await,
        };
        if !screen_on(&guest) {
            return error(&process, "ERROR: null root node returned by UiTestAutomationBridge.").await;
        }
        let file = rest.iter().find(|word| !word.starts_with('-')).map_or(FILE, String::as_str);
        let Ok(display) = Display::of(&guest) else { return 1 };
        let (width, height, _) = display.holds();
        let (width, height) = if display.sideways() { (height, width) } else { (width, height) };
        let turns = display.locked.unwrap_or(0);
        let front = guest
            .session(|session| session.screen.front().map(|front| front.package.clone()))
            .unwrap_or_default();
        let package = front.unwrap_or_else(|| LAUNCHER.to_owned());
        let xml = format!(
            "<?xml version='1.0' encoding='UTF-8' standalone='yes' ?><hierarchy rotation=\"{turns}\"><node \
             index=\"0\" text=\"\" resource-id=\"\" class=\"android.widget.FrameLayout\" package=\"{package}\" \
             content-desc=\"\" checkable=\"false\" checked=\"false\" clickable=\"false\" enabled=\"true\" \
             focusable=\"false\" focused=\"false\" scrollable=\"false\" long-clickable=\"false\" \
             password=\"false\" selected=\"false\" bounds=\"[0,0][{width},{height}]\" /></hierarchy>"
        );
        match guest.write_file(&process.path(file), xml.as_bytes(), 0o660) {
            Ok(()) => {
                process.say(format!("UI hierchary dumped to: {file}")).await;
                0
            }
            Err(why) => error(&process, &format!("ERROR: could not write {file}: {why}")).await,
        }
    })
}
