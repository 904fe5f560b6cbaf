//! Signs requests with AK/SK: SDK-HMAC-SHA256 (`contract/README.md`, "Authentication").

use hmac::{Hmac, Mac};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest, Sha256};

const SCHEME: &str = "SDK-HMAC-SHA256";
/// RFC 3986 unreserved characters stay, everything else is encoded.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A request as it goes over the wire. Path and query are encoded by [`encode`] and the query is sorted, so
/// that what is sent is what is signed.
#[derive(Debug, Clone, Copy)]
pub struct Unsigned<'a> {
    /// Method in capitals.
    pub method: &'a str,
    /// Path without a slash at its end.
    pub path: &'a str,
    /// Query without the question mark.
    pub query: &'a str,
    /// The headers to sign: names in small letters, sorted, `x-sdk-date` among them.
    pub headers: &'a [(&'a str, &'a str)],
    /// The body.
    pub body: &'a [u8],
}

/// The value of the header `Authorization`.
pub fn authorization(request: &Unsigned<'_>, ak: &str, sk: &str) -> Option<String> {
    let date = request.headers.iter().find(|(name, _)| *name == "x-sdk-date")?.1;
    let names: Vec<&str> = request.headers.iter().map(|(name, _)| *name).collect();
    let names = names.join(";");
    let lines: String =
        request.headers.iter().map(|(name, value)| format!("{name}:{}\n", value.trim())).collect();
    let Unsigned { method, path, query, .. } = request;
    let body = hex(&Sha256::digest(request.body));
    let canonical = format!("{method}\n{path}/\n{query}\n{lines}\n{names}\n{body}");
    let to_sign = format!("{SCHEME}\n{date}\n{}", hex(&Sha256::digest(canonical)));
    let mut mac = Hmac::<Sha256>::new_from_slice(sk.as_bytes()).ok()?;
    mac.update(to_sign.as_bytes());
    let signature = hex(&mac.finalize().into_bytes());
    Some(format!("{SCHEME} Access={ak}, SignedHeaders={names}, Signature={signature}"))
}

/// `YYYYMMDDTHHMMSSZ` for epoch milliseconds.
pub fn date(now_ms: i64) -> String {
    wire::time::utc(now_ms).replace(['-', ':'], "")
}

/// A text as a part of a path or a query.
pub fn encode(text: &str) -> String {
    utf8_percent_encode(text, ENCODED).to_string()
}

/// A query, sorted as the signature wants it.
pub fn query(pairs: &[(&str, String)]) -> String {
    let mut pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (*name, value.as_str())).collect();
    pairs.sort_unstable();
    let pairs: Vec<String> =
        pairs.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    pairs.join("&")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const AK: &str = "AKEXAMPLE00000000001";
    const SK: &str = "not-a-real-secret-key-0000000000000001";

    /// The vectors of `contract/README.md`, checked there against the official signer.
    #[test]
    fn the_signatures_are_those_of_the_official_signer() {
        let project = "0503dda878000fed2f78c00909158a4d";
        let restart = Unsigned {
            method: "POST",
            path: &format!("/v1/{project}/cloud-phone/phones/batch-restart"),
            query: "",
            headers: &[
                ("content-type", "application/json"),
                ("host", "cph.local:8080"),
                ("x-project-id", project),
                ("x-sdk-date", "20260101T000000Z"),
            ],
            body: br#"{"phones": [{"phone_id": "a7f3a1c5258347d6b6f1def79e11f2bc"}]}"#,
        };
        let expected = "SDK-HMAC-SHA256 Access=AKEXAMPLE00000000001, \
            SignedHeaders=content-type;host;x-project-id;x-sdk-date, \
            Signature=053175e84e6c38bc7c82dc0bdee44a0c20a65c59d60920e15b95c7dcee39f546";
        assert_eq!(authorization(&restart, AK, SK).unwrap(), expected);
        let jobs = Unsigned {
            method: "GET",
            path: &format!("/v1/{project}/cloud-phone/jobs"),
            query: "request_id=6837531fd3f54550927b930180a706bf",
            headers: &[
                ("accept", "application/json"),
                ("user-agent", "golangsdk/2.0.0"),
                ("x-sdk-date", "20260101T000000Z"),
            ],
            body: b"",
        };
        let expected = "71c2ea96d11eec4aa3db7e0e81f7a04bf3ad26514e9b86300fe51254fadc2da5";
        assert!(authorization(&jobs, AK, SK).unwrap().ends_with(expected));
    }

    #[test]
    fn queries_are_encoded_and_sorted() {
        let pairs = [("name", "my rack/1 +ä~".to_string()), ("limit", "5".into())];
        assert_eq!(query(&pairs), "limit=5&name=my%20rack%2F1%20%2B%C3%A4~");
    }

    #[test]
    fn dates_have_no_punctuation() {
        assert_eq!(date(1_767_225_600_000), "20260101T000000Z");
    }
}
