//! What the protocol takes at most.
use crate::auth::KEY_TEXT_BYTES_MAX;
use crate::packet::{EARLY_BYTES_MAX, PAYLOAD_BYTES_MAX};
use crate::shell::CONTROL_BYTES_MAX;
use crate::sync::{DATA_BYTES_MAX, PATH_BYTES_MAX};

/// Name, value, unit, what is limited, and what happens beyond. `phoneyard limits` prints the rows of all crates.
pub const LIMITS: &[(&str, u64, &str, &str, &str)] = &[
    ("adb.payload", PAYLOAD_BYTES_MAX as u64, "bytes", "payload of one packet", "the connection is closed"),
    (
        "adb.early_payload",
        EARLY_BYTES_MAX as u64,
        "bytes",
        "payload of a packet before the client has proven its key",
        "the connection is closed",
    ),
    (
        "adb.sync_data",
        DATA_BYTES_MAX as u64,
        "bytes",
        "one piece of a file that is pushed",
        "the transfer fails",
    ),
    (
        "adb.sync_path",
        PATH_BYTES_MAX as u64,
        "bytes",
        "path of a file transfer, mode included",
        "the transfer fails",
    ),
    (
        "adb.control",
        CONTROL_BYTES_MAX as u64,
        "bytes",
        "window size or other control message of a shell",
        "the stream is closed",
    ),
    ("adb.key", KEY_TEXT_BYTES_MAX as u64, "bytes", "text of a public key", "the key is refused"),
];
