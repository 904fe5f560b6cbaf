//! What is stored at most, and how long.

use crate::CLIENT_TOKEN_KEPT_MS;
use crate::access::ADB_KEYS_MAX;
use crate::ending::{CUSTOM_PROPERTY_BYTES_MAX, MESSAGE_BYTES_MAX};
use crate::identity::TOKEN_LIFE_MS;

/// Name, value, unit, what is limited, and what happens beyond. `phoneyard limits` prints the rows of all crates.
pub const LIMITS: &[(&str, u64, &str, &str, &str)] = &[
    ("store.token_life", TOKEN_LIFE_MS as u64, "ms", "life of a token", "401 APIGW.0301"),
    (
        "store.client_token_kept",
        CLIENT_TOKEN_KEPT_MS as u64,
        "ms",
        "how long a client token gets its first answer again",
        "it is a new one",
    ),
    (
        "store.adb_keys",
        ADB_KEYS_MAX as u64,
        "keys",
        "keys that open the phones of a project",
        "the operator's verb is refused",
    ),
    (
        "store.custom_property",
        CUSTOM_PROPERTY_BYTES_MAX as u64,
        "bytes",
        "custom properties of a phone in all",
        "the job ends as -1 with CPS.0078",
    ),
    ("store.message", MESSAGE_BYTES_MAX as u64, "bytes", "error_msg of a job", "it is cut"),
];
