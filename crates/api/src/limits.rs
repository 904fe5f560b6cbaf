//! What a request over HTTP may hold at most, and how long it may take.

use crate::adapter::HEADER_BYTES_MAX;
use crate::auth::signature::SKEW_MS;
use crate::context::{BODY_BYTES_MAX, CLIENT_TOKEN_BYTES_MAX, LARGE_BODIES_MAX, PASSWORDS_MAX};
use crate::serve::{HANDSHAKE_TIMEOUT, HEADERS_MAX};

/// Name, value, unit, what is limited, and what happens beyond. `phoneyard limits` prints the rows of all crates.
pub const LIMITS: &[(&str, u64, &str, &str, &str)] = &[
    (
        "api.headers_bytes",
        HEADER_BYTES_MAX as u64,
        "bytes",
        "path, query and headers of a request",
        "494 APIGW.0201; from twice as much on 431",
    ),
    ("api.headers", HEADERS_MAX as u64, "headers", "headers of a request", "431"),
    ("api.body", BODY_BYTES_MAX as u64, "bytes", "body of a request", "413 APIGW.0201"),
    (
        "api.large_bodies",
        LARGE_BODIES_MAX as u64,
        "requests",
        "bodies over 64 KiB, or of unknown length, at once",
        "the next ones wait as long as for a body, then 429 CPS.0042",
    ),
    (
        "api.passwords",
        PASSWORDS_MAX as u64,
        "log-ins",
        "passwords that are checked at once",
        "429 with Retry-After",
    ),
    ("api.client_token", CLIENT_TOKEN_BYTES_MAX as u64, "bytes", "X-Client-Token", "400 APIGW.0201"),
    (
        "api.clock_skew",
        SKEW_MS as u64,
        "ms",
        "difference between X-Sdk-Date and the service's clock",
        "401 APIGW.0301",
    ),
    (
        "api.handshake",
        HANDSHAKE_TIMEOUT.as_secs(),
        "s",
        "TLS handshake; headers_wait where that is shorter",
        "the connection is closed",
    ),
];
