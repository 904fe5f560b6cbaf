//! What a phone holds and does at most.

use crate::adbd::{BOOT_WAIT_MAX, HANDSHAKE_MAX, STREAMS_MAX, UNAUTHORIZED_MAX, WRITE_MAX};
use crate::apps::APPS_MAX;
use crate::keeper::ENTRIES_MAX;
use crate::logcat::{LINES_MAX, LOG_BYTES_MAX, TEXT_BYTES_MAX as LOG_TEXT_BYTES_MAX};
use crate::packages::{PACKAGES_MAX, SESSIONS_MAX, STAGED_MAX};
use crate::property::{BOOT_VALUE_BYTES_MAX, LIVE_VALUE_BYTES_MAX};
use crate::screen::{FRONTS_MAX, SIDE_MAX, TEXT_BYTES_MAX};
use crate::shell::limits as shell;
use crate::tree::{LINKS_MAX, NAME_BYTES_MAX, PATH_BYTES_MAX};

/// Name, value, unit, what is limited, and what happens beyond. `phoneyard limits` prints the rows of all crates.
pub const LIMITS: &[(&str, u64, &str, &str, &str)] = &[
    (
        "emulator.streams",
        STREAMS_MAX as u64,
        "streams",
        "open streams of an ADB connection",
        "the stream is refused",
    ),
    (
        "emulator.boot_wait",
        BOOT_WAIT_MAX.as_secs(),
        "s",
        "how long a connection waits for a phone that boots",
        "it is closed",
    ),
    (
        "emulator.handshake",
        HANDSHAKE_MAX.as_secs(),
        "s",
        "wait for each step of an ADB client's introduction",
        "the connection is closed",
    ),
    (
        "emulator.unauthorized",
        UNAUTHORIZED_MAX.as_secs(),
        "s",
        "wait of a client whose key is not registered",
        "the connection is closed",
    ),
    (
        "emulator.write",
        WRITE_MAX.as_secs(),
        "s",
        "how long an ADB client may not read",
        "the connection is closed",
    ),
    (
        "emulator.entries",
        ENTRIES_MAX as u64,
        "entries",
        "files, folders and links in /data of a phone",
        "No space left on device",
    ),
    ("emulator.path", PATH_BYTES_MAX as u64, "bytes", "a path", "File name too long"),
    ("emulator.name", NAME_BYTES_MAX as u64, "bytes", "a file's name", "File name too long"),
    (
        "emulator.links",
        LINKS_MAX as u64,
        "links",
        "links that a path leads over",
        "Too many symbolic links encountered",
    ),
    (
        "emulator.property",
        LIVE_VALUE_BYTES_MAX as u64,
        "bytes",
        "value of a property that may change",
        "setprop is refused",
    ),
    (
        "emulator.boot_property",
        BOOT_VALUE_BYTES_MAX as u64,
        "bytes",
        "value of a property from the image or a restart",
        "it is left out",
    ),
    (
        "emulator.packages",
        PACKAGES_MAX as u64,
        "packages",
        "packages installed on a phone",
        "INSTALL_FAILED_INSUFFICIENT_STORAGE",
    ),
    (
        "emulator.sessions",
        SESSIONS_MAX as u64,
        "sessions",
        "install sessions of a phone",
        "Too many active sessions",
    ),
    ("emulator.staged", STAGED_MAX as u64, "files", "files of an install session", "the file is refused"),
    ("emulator.apps", APPS_MAX as u64, "apps", "apps that run on a phone", "the oldest ends"),
    ("emulator.log_lines", LINES_MAX as u64, "lines", "logcat of a phone", "the oldest lines go"),
    ("emulator.log", LOG_BYTES_MAX as u64, "bytes", "logcat of a phone", "the oldest lines go"),
    ("emulator.log_text", LOG_TEXT_BYTES_MAX as u64, "bytes", "one line of logcat", "it is cut"),
    ("emulator.screen_side", SIDE_MAX as u64, "pixels", "side of a screen", "the side is that long"),
    (
        "emulator.screen_apps",
        FRONTS_MAX as u64,
        "apps",
        "apps that the screen remembers",
        "the oldest is forgotten",
    ),
    ("emulator.screen_text", TEXT_BYTES_MAX as u64, "bytes", "text typed on the screen", "it is cut"),
    (
        "emulator.script",
        shell::SCRIPT_BYTES_MAX as u64,
        "bytes",
        "a shell's script",
        "Argument list too long",
    ),
    (
        "emulator.script_depth",
        shell::DEPTH_MAX as u64,
        "levels",
        "nesting of a script",
        "syntax error: nested too deep",
    ),
    (
        "emulator.run_depth",
        shell::RUN_DEPTH_MAX as u64,
        "levels",
        "functions, subshells and substitutions inside each other",
        "recursion too deep",
    ),
    (
        "emulator.variable",
        shell::VALUE_BYTES_MAX as u64,
        "bytes",
        "a shell's variable",
        "Cannot allocate memory",
    ),
    (
        "emulator.variables",
        shell::VARIABLES_BYTES_MAX as u64,
        "bytes",
        "all variables of a shell",
        "Cannot allocate memory",
    ),
    (
        "emulator.substitution",
        shell::SUBSTITUTION_BYTES_MAX as u64,
        "bytes",
        "what a command substitution gives",
        "Cannot allocate memory",
    ),
    (
        "emulator.arguments",
        shell::ARGUMENTS_BYTES_MAX as u64,
        "bytes",
        "arguments of a program",
        "Argument list too long",
    ),
    (
        "emulator.expansion",
        shell::EXPANSION_BYTES_MAX as u64,
        "bytes",
        "words of a command",
        "Argument list too long",
    ),
    (
        "emulator.glob_names",
        shell::GLOB_NAMES_MAX as u64,
        "names",
        "names that a pattern gives",
        "the pattern stays as it is",
    ),
    (
        "emulator.functions",
        shell::FUNCTIONS_MAX as u64,
        "functions",
        "functions of a shell",
        "Cannot allocate memory",
    ),
    ("emulator.jobs", shell::JOBS_MAX as u64, "jobs", "background jobs of a shell", "can't fork - try again"),
    (
        "emulator.stages",
        shell::STAGES_MAX as u64,
        "stages",
        "stages of a pipeline",
        "syntax error: nested too deep",
    ),
    (
        "emulator.processes",
        shell::PROCESSES_MAX as u64,
        "processes",
        "subshells, stages and jobs of a shell and all below it",
        "can't fork - try again",
    ),
    (
        "emulator.redirections",
        shell::REDIRECTS_MAX as u64,
        "redirections",
        "redirections of a command",
        "too many redirections",
    ),
    ("emulator.line", shell::LINE_BYTES_MAX as u64, "bytes", "a line that is typed", "the bell rings"),
    (
        "emulator.history",
        shell::HISTORY_LINES_MAX as u64,
        "lines",
        "lines that a terminal remembers",
        "the oldest is forgotten",
    ),
];
