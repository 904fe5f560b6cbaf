#![allow(clippy::unwrap_used)]

use super::*;
use std::collections::HashSet;

/// The records of a CSV text, header left out: fields may be quoted, quotes in them doubled.
pub(crate) fn csv(text: &str) -> Vec<Vec<String>> {
    let record = |line: &str| {
        let mut fields = vec![String::new()];
        let mut quoted = false;
        let mut letters = line.chars().peekable();
        while let Some(letter) = letters.next() {
            let field = fields.last_mut().unwrap();
            match letter {
                '"' if quoted && letters.peek() == Some(&'"') => field.extend(letters.next()),
                '"' => quoted = !quoted,
                ',' if !quoted => fields.push(String::new()),
                _ => field.push(letter),
            }
        }
        assert!(!quoted, "open quote: {line}");
        fields
    };
    text.lines().skip(1).map(record).collect()
}

#[test]
fn the_table_is_the_contracts_both_ways() {
    let contract = csv(include_str!("../../../contract/errors.csv"));
    let ours: Vec<Vec<String>> = Code::ALL
        .iter()
        .map(|code| {
            let newer = code.0.http_newer.map(|http| http.to_string()).unwrap_or_default();
            vec![code.text().into(), code.http_doc().to_string(), code.message().into(), newer]
        })
        .collect();
    let theirs: Vec<Vec<String>> =
        contract.iter().map(|row| [0, 1, 2, 4].map(|column| row[column].clone()).into()).collect();
    for (ours, theirs) in ours.iter().zip(&theirs) {
        assert_eq!(ours, theirs);
    }
    assert_eq!(ours.len(), theirs.len());
}

#[test]
fn only_gateway_codes_have_several_rows_and_no_two_rows_are_equal() {
    let texts: Vec<&str> =
        Code::ALL.iter().map(|code| code.text()).filter(|t| t.starts_with("CPS.")).collect();
    assert_eq!(texts.iter().collect::<HashSet<_>>().len(), texts.len());
    assert_eq!(Code::ALL.iter().collect::<HashSet<_>>().len(), Code::ALL.len());
}

#[test]
fn the_newer_http_status_wins_where_it_is_known() {
    assert_eq!((PHONE_NOT_FOUND.http(), PHONE_NOT_FOUND.http_doc()), (404, 400));
    assert_eq!((PHONE_STATE.http(), PHONE_STATE.http_doc()), (400, 400));
    assert_eq!((HEADERS_TOO_LARGE.http(), HEADERS_TOO_LARGE.http_doc()), (494, 494));
}

#[test]
fn constants_name_the_rows_they_say() {
    for (code, text) in [
        (NO_PERMISSION, "CPS.0001"),
        (PHONE_ID_INVALID, "CPS.0004"),
        (JOB_NOT_FOUND, "CPS.0011"),
        (IMAGE_ID_INVALID, "CPS.0030"),
        (PHONES_LIST_INVALID, "CPS.0077"),
        (SERVER_ID_PARAMETER_INVALID, "CPS.0097"),
        (PROPERTY_NOT_SUPPORTED, "CPS.0163"),
        (TOO_MANY_PHONES, "CPS.0190"),
        (SERVER_FROZEN, "CPS.1028"),
        (THROTTLED, "APIGW.0308"),
    ] {
        assert_eq!(code.text(), text);
    }
}

#[test]
fn texts_of_refusals() {
    for (refusal, http, text) in [
        (Refusal::new(PHONE_NOT_FOUND), 404, "CPS.0005 Phone is not found."),
        (
            Refusal::new(PROPERTY_NOT_SUPPORTED).with("a.b"),
            400,
            "CPS.0163 Parameter: property a.b not supported.",
        ),
        (Refusal::new(INTERNAL_ERROR).saying("No disk."), 500, "CPS.0003 No disk."),
        (Refusal::phone_id(), 400, "CPS.0004 Parameter: phone_id is invalid."),
        (Refusal::busy(3), 429, "CPS.0042 System busy."),
        (
            Refusal::unauthenticated("decrypt token fail"),
            401,
            "APIGW.0301 Incorrect IAM authentication information: decrypt token fail",
        ),
    ] {
        assert_eq!(refusal.to_string(), text);
        assert_eq!(refusal.http(), http, "{text}");
    }
    assert_eq!(Refusal::busy(3).retry_after_s, Some(3));
    assert_eq!(Refusal::busy(3).http_doc(), 429, "overload is no row of the 2021 pages");
}
