//! What ids and properties may hold at most.
use crate::id::{ID_BYTES_MAX, SERVER_ID_BYTES_MAX};
use crate::property::PROPERTY_BYTES_MAX;

/// Name, value, unit, what is limited, and what happens beyond. `phoneyard limits` prints the rows of all crates.
pub const LIMITS: &[(&str, u64, &str, &str, &str)] = &[
    (
        "model.id",
        ID_BYTES_MAX as u64,
        "bytes",
        "an id of a phone, job, request or image",
        "the code for a malformed id, CPS.0004 for a phone",
    ),
    (
        "model.server_id",
        SERVER_ID_BYTES_MAX as u64,
        "bytes",
        "an id of a server, dashes included",
        "CPS.0097, in a path 400 CPS.0016",
    ),
    (
        "model.property",
        PROPERTY_BYTES_MAX as u64,
        "bytes",
        "property text asked for, and the stored one that it makes",
        "CPS.0078 for that phone",
    ),
];
