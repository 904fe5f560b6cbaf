//! Programs of the phone. Each is a function from a process to its run; nothing is ever run on the machine
//! below. To add one, add a row to the table.

mod am;
mod awk;
mod clock;
mod cmd;
mod content;
mod copy;
mod disk;
mod dumpsys;
mod dumpsys_activity;
mod dumpsys_package;
mod expr;
mod filter;
mod find;
mod follow;
mod grep;
mod identity;
mod input;
mod intent;
mod links;
mod logcat;
mod logcat_filter;
mod logcat_format;
mod ls;
mod make;
mod mode;
mod network;
mod options;
mod output;
mod package_install;
mod package_list;
mod pm;
mod properties;
mod ps;
mod reboot;
mod regex;
mod remove;
mod run;
mod screencap;
mod sed;
mod sed_script;
mod service;
mod settings;
mod signals;
mod sort;
mod source;
mod status;
mod sums;
mod svc;
#[cfg(test)]
mod system_tests;
#[cfg(test)]
mod tests;
mod text;
mod top;
mod transfer;
mod uiautomator;
mod util;
mod wm;
mod wrap;

pub(crate) use signals::parse as signal_and_rest;

use crate::guest::Guest;
use crate::program::{Process, Running};

/// A program.
#[derive(Debug, Clone, Copy)]
pub enum Program {
    /// One that looks at the phone.
    Inside(fn(Guest, Process) -> Running),
    /// One that only reads and prints.
    Plain(fn(Process) -> Running),
}

use Program::{Inside, Plain};

impl Program {
    /// Starts it.
    pub fn start(self, guest: Guest, process: Process) -> Running {
        match self {
            Self::Inside(program) => program(guest, process),
            Self::Plain(program) => program(process),
        }
    }
}

/// Every program, by name.
const PROGRAMS: &[(&str, Program)] = &[
    ("am", Inside(am::am)),
    ("appops", Inside(service::absent)),
    ("awk", Inside(awk::awk)),
    ("base64", Inside(sums::base64)),
    ("basename", Plain(links::basename)),
    ("bmgr", Inside(service::absent)),
    ("cat", Inside(text::cat)),
    ("chgrp", Inside(mode::chown)),
    ("chmod", Inside(mode::chmod)),
    ("chown", Inside(mode::chown)),
    ("cmd", Inside(cmd::cmd)),
    ("content", Inside(content::content)),
    ("cp", Inside(copy::cp)),
    ("cut", Inside(filter::cut)),
    ("date", Inside(clock::date)),
    ("dd", Inside(transfer::dd)),
    ("df", Inside(disk::df)),
    ("dirname", Plain(links::dirname)),
    ("du", Inside(disk::du)),
    ("dumpsys", Inside(dumpsys::dumpsys)),
    ("egrep", Inside(grep::grep)),
    ("env", Inside(run::env)),
    ("expr", Plain(expr::expr)),
    ("false", Plain(run::no)),
    ("fgrep", Inside(grep::grep)),
    ("file", Inside(status::file)),
    ("find", Inside(find::find)),
    ("getprop", Inside(properties::getprop)),
    ("grep", Inside(grep::grep)),
    ("head", Inside(text::head)),
    ("hexdump", Inside(sums::hexdump)),
    ("hostname", Plain(identity::hostname)),
    ("id", Inside(identity::id)),
    ("ifconfig", Plain(network::ifconfig)),
    ("ime", Inside(service::ime)),
    ("input", Inside(input::input)),
    ("ip", Plain(network::ip)),
    ("kill", Inside(signals::kill)),
    ("killall", Inside(signals::killall)),
    ("ln", Inside(links::ln)),
    ("log", Inside(logcat::log)),
    ("logcat", Inside(logcat::logcat)),
    ("ls", Inside(ls::ls)),
    ("md5sum", Inside(sums::sums)),
    ("mkdir", Inside(make::mkdir)),
    ("mktemp", Inside(make::mktemp)),
    ("monkey", Inside(am::monkey)),
    ("mount", Inside(disk::mount)),
    ("mv", Inside(copy::mv)),
    ("nice", Inside(wrap::nice)),
    ("nohup", Inside(run::nohup)),
    ("nproc", Plain(identity::nproc)),
    ("pidof", Inside(ps::pidof)),
    ("ping", Plain(network::ping)),
    ("ping6", Plain(network::ping)),
    ("pkill", Inside(signals::killall)),
    ("pm", Inside(pm::pm)),
    ("printenv", Plain(run::printenv)),
    ("ps", Inside(ps::ps)),
    ("readlink", Inside(links::readlink)),
    ("realpath", Inside(links::realpath)),
    ("reboot", Inside(reboot::reboot)),
    ("rev", Inside(filter::rev)),
    ("rm", Inside(remove::rm)),
    ("rmdir", Inside(remove::rmdir)),
    ("run-as", Inside(wrap::run_as)),
    ("screencap", Inside(screencap::screencap)),
    ("sed", Inside(sed::sed)),
    ("seq", Plain(expr::seq)),
    ("service", Inside(service::service)),
    ("setprop", Inside(properties::setprop)),
    ("setsid", Inside(wrap::nice)),
    ("settings", Inside(settings::settings)),
    ("sh", Inside(run::sh)),
    ("sha1sum", Inside(sums::sums)),
    ("sha256sum", Inside(sums::sums)),
    ("sleep", Plain(clock::sleep)),
    ("sort", Inside(sort::sort)),
    ("start", Inside(properties::start_stop)),
    ("stat", Inside(status::stat)),
    ("stop", Inside(properties::start_stop)),
    ("su", Inside(wrap::su)),
    ("svc", Inside(svc::svc)),
    ("sync", Plain(run::yes_it_is)),
    ("tac", Inside(sort::tac)),
    ("tail", Inside(text::tail)),
    ("tee", Inside(text::tee)),
    ("timeout", Inside(run::timeout)),
    ("top", Inside(top::top)),
    ("touch", Inside(make::touch)),
    ("toybox", Inside(wrap::toybox)),
    ("tr", Plain(filter::tr)),
    ("true", Plain(run::yes_it_is)),
    ("uiautomator", Inside(uiautomator::uiautomator)),
    ("uname", Inside(identity::uname)),
    ("uniq", Inside(sort::uniq)),
    ("uptime", Inside(clock::uptime)),
    ("wc", Inside(text::wc)),
    ("which", Inside(run::which)),
    ("whoami", Inside(identity::whoami)),
    ("wm", Inside(wm::wm)),
    ("xargs", Inside(run::xargs)),
    ("xxd", Inside(sums::xxd)),
    ("yes", Plain(expr::yes)),
];

/// The program that makes root of who runs it; only where the image allows that.
pub(crate) const SU: &str = "su";

/// The names of all programs: what /system/bin shows. [`SU`] is not there on every phone.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    PROGRAMS.iter().map(|(name, _)| *name).filter(|name| *name != SU)
}

/// The program of this name.
pub fn find(name: &str) -> Option<Program> {
    PROGRAMS.iter().find(|(own, _)| *own == name).map(|(_, program)| *program)
}
