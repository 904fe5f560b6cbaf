//! Requests for tests, decoded from texts.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use crate::request::{Parts, Request};
use model::code::Refusal;

pub(crate) fn pairs(text: &str) -> Vec<(String, String)> {
    let pair = |text: &str| {
        let (name, value) = text.split_once('=').unwrap_or((text, ""));
        (name.to_owned(), value.to_owned())
    };
    text.split('&').filter(|text| !text.is_empty()).map(pair).collect()
}

/// A request with these path parameters and query (`a=1&b=2`, not percent-encoded) and body.
pub(crate) fn decode<R: Request>(path: &str, query: &str, body: &str) -> Result<R, Refusal> {
    R::decode(&Parts { path: &pairs(path), query: &pairs(query), body: body.as_bytes() })
}

/// As [`decode`], of a body only.
pub(crate) fn body<R: Request>(body: &str) -> Result<R, Refusal> {
    decode("", "", body)
}

/// As [`decode`], of a query only.
pub(crate) fn query<R: Request>(query: &str) -> Result<R, Refusal> {
    decode("", query, "")
}

/// The code of the refusal.
pub(crate) fn code<R: std::fmt::Debug>(result: Result<R, Refusal>) -> &'static str {
    match result {
        Ok(_) => "ok",
        Err(refusal) => refusal.code.text(),
    }
}

/// Holds a value against a row of `contract/operations.md`, "Structures": the same fields with fitting types.
pub(crate) fn has_fields(value: &serde_json::Value, contract: &str) {
    let fits = |value: &serde_json::Value, kind: &str| match kind {
        "str" => value.is_string(),
        "int" => value.is_i64(),
        "bool" => value.is_boolean(),
        list if list.starts_with('[') => value.is_array(),
        _ => value.is_object(),
    };
    let object = value.as_object().expect("a structure is an object");
    let fields: Vec<(&str, &str)> = contract.split(", ").filter_map(|field| field.split_once(':')).collect();
    for (name, kind) in &fields {
        let value = object.get(*name).unwrap_or_else(|| panic!("{name} is missing"));
        assert!(fits(value, kind), "{name} is no {kind}: {value}");
    }
    assert_eq!(object.len(), fields.len(), "more fields than the contract: {value}");
}
