//! The AK/SK signature SDK-HMAC-SHA256 (`contract/README.md`, "Authentication").
//!
//! Checked over exactly what came: the raw body bytes, the header values as sent, the headers that the
//! client itself lists. Only `x-sdk-date` has to be among them: real clients leave out even `host`.

use hmac::{Hmac, Mac};
use http::HeaderMap;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

const SCHEME: &str = "SDK-HMAC-SHA256";
/// Largest difference between the client's clock and ours.
pub const SKEW_MS: i64 = 15 * 60 * 1000;
/// RFC 3986 unreserved characters stay, everything else is encoded.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// What an `Authorization` header says.
#[derive(Debug, PartialEq, Eq)]
pub struct Claim<'a> {
    /// The access key.
    pub ak: &'a str,
    signed_headers: &'a str,
    signature: &'a str,
}

/// A request as it came over the wire.
#[derive(Debug, Clone, Copy)]
pub struct Signed<'a> {
    /// Method in capitals.
    pub method: &'a str,
    /// Path, still percent-encoded.
    pub path: &'a str,
    /// Query without the question mark, still percent-encoded; "" when there is none.
    pub query: &'a str,
    /// All headers.
    pub headers: &'a HeaderMap,
    /// The raw body.
    pub body: &'a [u8],
}

/// Reads the header; none for any other scheme or form.
pub fn claim(authorization: &str) -> Option<Claim<'_>> {
    let fields = authorization.strip_prefix(SCHEME)?.strip_prefix(' ')?;
    let (mut ak, mut signed_headers, mut signature) = (None, None, None);
    for field in fields.split(',') {
        let (name, value) = field.trim().split_once('=')?;
        match name {
            "Access" => ak = Some(value),
            "SignedHeaders" => signed_headers = Some(value),
            "Signature" => signature = Some(value),
            _ => {}
        }
    }
    Some(Claim { ak: ak?, signed_headers: signed_headers?, signature: signature? })
}

/// Whether the signature is the SK's, the date is near and the body is the one that was signed.
pub fn good(claim: &Claim<'_>, signed: &Signed<'_>, sk: &str, now_ms: i64) -> bool {
    let Some(date) = signed.headers.get("x-sdk-date").and_then(|v| v.to_str().ok()) else { return false };
    let near = date_ms(date.trim()).is_some_and(|ms| ms.abs_diff(now_ms) <= SKEW_MS as u64);
    let listed = |name: &str| claim.signed_headers.split(';').any(|n| n.eq_ignore_ascii_case(name));
    if !near || !listed("x-sdk-date") {
        return false;
    }
    let Some(body_hash) = body_hash(signed, listed("x-sdk-content-sha256")) else { return false };
    let Some(canonical) = canonical(claim, signed, &body_hash) else { return false };
    let to_sign = format!("{SCHEME}\n{}\n{}", date.trim(), hex_sha256(&canonical));
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(sk.as_bytes()) else { return false };
    mac.update(to_sign.as_bytes());
    let expected = hex(&mac.finalize().into_bytes());
    expected.as_bytes().ct_eq(claim.signature.as_bytes()).into()
}

/// The sixth part of the canonical request; none when the client's own hash is not the body's.
fn body_hash(signed: &Signed<'_>, header_is_signed: bool) -> Option<String> {
    let real = || hex_sha256(signed.body);
    match signed.headers.get("x-sdk-content-sha256") {
        None => Some(real()),
        Some(value) => match value.to_str().ok()?.trim() {
            "UNSIGNED-PAYLOAD" => header_is_signed.then(|| "UNSIGNED-PAYLOAD".to_string()),
            hash => (hash == real()).then(|| hash.to_string()),
        },
    }
}

/// The canonical request; none when a listed header is missing or path or query are not UTF-8.
fn canonical(claim: &Claim<'_>, signed: &Signed<'_>, body_hash: &str) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    out.extend(signed.method.as_bytes());
    out.push(b'\n');
    out.extend(canonical_path(signed.path)?.as_bytes());
    out.push(b'\n');
    out.extend(canonical_query(signed.query)?.as_bytes());
    out.push(b'\n');
    for name in claim.signed_headers.split(';') {
        let value = signed.headers.get(name)?;
        out.extend(name.to_ascii_lowercase().as_bytes());
        out.push(b':');
        // Only the ends are trimmed: a user agent holds `;` and `#`, which are signed as they are.
        out.extend(value.as_bytes().trim_ascii());
        out.push(b'\n');
    }
    out.push(b'\n');
    out.extend(claim.signed_headers.as_bytes());
    out.push(b'\n');
    out.extend(body_hash.as_bytes());
    Some(out)
}

fn canonical_path(path: &str) -> Option<String> {
    let decoded = percent_decode_str(path).decode_utf8().ok()?;
    let segments: Vec<String> = decoded.split('/').map(encode).collect();
    let mut path = segments.join("/");
    if !path.ends_with('/') {
        path.push('/');
    }
    Some(path)
}

fn canonical_query(query: &str) -> Option<String> {
    let mut pairs = pairs(query)?;
    pairs.sort();
    let pairs: Vec<String> = pairs.iter().map(|(n, v)| format!("{}={}", encode(n), encode(v))).collect();
    Some(pairs.join("&"))
}

/// The pairs of a query, decoded; a plus sign is a plus sign. None when they are not UTF-8.
pub fn pairs(query: &str) -> Option<Vec<(String, String)>> {
    let decode = |text: &str| Some(percent_decode_str(text).decode_utf8().ok()?.into_owned());
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((decode(name)?, decode(value)?))
        })
        .collect()
}

fn encode(text: &str) -> String {
    utf8_percent_encode(text, ENCODED).to_string()
}

/// Epoch milliseconds of `YYYYMMDDTHHMMSSZ`.
fn date_ms(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    if bytes.len() != 16 || bytes[8] != b'T' || bytes[15] != b'Z' {
        return None;
    }
    let number = |range: std::ops::Range<usize>| -> Option<i64> {
        let digits = text.get(range)?;
        digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok())?
    };
    let (year, month, day) = (number(0..4)?, number(4..6)?, number(6..8)?);
    let (hour, minute, second) = (number(9..11)?, number(11..13)?, number(13..15)?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    // Days since 1970-01-01 by counting years from March, so that leap days come last.
    let (y, m) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719_468;
    Some((((days * 24 + hour) * 60 + minute) * 60 + second) * 1000)
}

fn hex_sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
#[path = "signature_tests.rs"]
mod tests;
