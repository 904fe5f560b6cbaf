//! What a request may hold at most.
use crate::{iam, iam_token, image, job, json, phone, phone_batch, request, server};

/// Name, value, unit, what is limited, and what happens beyond. `phoneyard limits` prints the rows of all crates.
pub const LIMITS: &[(&str, u64, &str, &str, &str)] = &[
    (
        "wire.entries",
        phone_batch::ENTRIES_MAX as u64,
        "entries",
        "entries of a batch that are read at all",
        "400 CPS.0190",
    ),
    (
        "wire.update",
        phone_batch::UPDATE_BYTES_MAX as u64,
        "bytes",
        "property and custom_property of one phone in one update",
        "CPS.0078 for that phone",
    ),
    (
        "wire.servers_per_request",
        server::SERVERS_MAX as u64,
        "servers",
        "servers in one restart",
        "400 CPS.0096",
    ),
    ("wire.request_ids", job::REQUEST_IDS_MAX as u64, "ids", "requests in one list of jobs", "400 CPS.0161"),
    ("wire.phone_name", phone::NAME_CHARS_MAX as u64, "characters", "a phone's name", "400 CPS.0025"),
    (
        "wire.echo",
        json::ECHO_BYTES_MAX as u64,
        "bytes",
        "a malformed id as its refusal repeats it",
        "the repetition is cut",
    ),
    (
        "wire.phones_per_page",
        phone::PHONES_PER_PAGE_MAX as u64,
        "phones",
        "limit of a list of phones",
        "400 CPS.0002",
    ),
    (
        "wire.per_page",
        request::PER_PAGE_MAX as u64,
        "entries",
        "limit of a list of servers or jobs",
        "400 CPS.0002",
    ),
    (
        "wire.images_per_page",
        image::IMAGES_PER_PAGE_MAX as u64,
        "images",
        "limit of a list of images",
        "400 CPS.0002",
    ),
    (
        "wire.projects_per_page",
        iam::PROJECTS_PER_PAGE_MAX as u64,
        "projects",
        "per_page of a list of projects",
        "400",
    ),
    ("wire.login_body", iam_token::BODY_BYTES_MAX as u64, "bytes", "body of a log-in", "400"),
    (
        "wire.login_text",
        iam_token::TEXT_BYTES_MAX as u64,
        "bytes",
        "a name, id, password or token in a log-in",
        "400",
    ),
];
