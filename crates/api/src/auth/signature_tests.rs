//! The contract's two vectors, and every way to spoil them.
#![allow(clippy::unwrap_used)]

use super::*;
use http::HeaderValue;

const AK: &str = "AKEXAMPLE00000000001";
const SK: &str = "not-a-real-secret-key-0000000000000001";
const PROJECT: &str = "0503dda878000fed2f78c00909158a4d";
/// 2026-01-01T00:00:00Z.
const NOW: i64 = 1_767_225_600_000;
const BODY: &[u8] = br#"{"phones": [{"phone_id": "a7f3a1c5258347d6b6f1def79e11f2bc"}]}"#;

struct Case {
    method: &'static str,
    path: String,
    query: &'static str,
    headers: HeaderMap,
    body: &'static [u8],
    signed_headers: &'static str,
    signature: &'static str,
}

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    pairs.iter().map(|(n, v)| (http::HeaderName::from_static(n), HeaderValue::from_str(v).unwrap())).collect()
}

/// A restart by the Python SDK.
fn restart() -> Case {
    Case {
        method: "POST",
        path: format!("/v1/{PROJECT}/cloud-phone/phones/batch-restart"),
        query: "",
        headers: headers(&[
            ("content-type", "application/json"),
            ("host", "cph.local:8080"),
            ("x-project-id", PROJECT),
            ("x-sdk-date", "20260101T000000Z"),
        ]),
        body: BODY,
        signed_headers: "content-type;host;x-project-id;x-sdk-date",
        signature: "053175e84e6c38bc7c82dc0bdee44a0c20a65c59d60920e15b95c7dcee39f546",
    }
}

/// A listing by the Go library, without host.
fn list() -> Case {
    Case {
        method: "GET",
        path: format!("/v1/{PROJECT}/cloud-phone/jobs"),
        query: "request_id=6837531fd3f54550927b930180a706bf",
        headers: headers(&[
            ("accept", "application/json"),
            ("user-agent", "golangsdk/2.0.0"),
            ("x-sdk-date", "20260101T000000Z"),
        ]),
        body: b"",
        signed_headers: "accept;user-agent;x-sdk-date",
        signature: "71c2ea96d11eec4aa3db7e0e81f7a04bf3ad26514e9b86300fe51254fadc2da5",
    }
}

fn check_at(case: &Case, sk: &str, now_ms: i64) -> bool {
    let claim = Claim { ak: AK, signed_headers: case.signed_headers, signature: case.signature };
    let Case { method, path, query, headers, body, .. } = case;
    good(&claim, &Signed { method, path, query, headers, body }, sk, now_ms)
}

fn check(case: &Case) -> bool {
    check_at(case, SK, NOW)
}

/// Signs the case anew, so that only one thing at a time is wrong with it.
fn resign(case: &Case) -> String {
    let claim = Claim { ak: AK, signed_headers: case.signed_headers, signature: "" };
    let Case { method, path, query, headers, body, .. } = case;
    let signed = Signed { method, path, query, headers, body };
    let hash = headers
        .get("x-sdk-content-sha256")
        .map_or_else(|| hex_sha256(body), |v| v.to_str().unwrap().to_string());
    let canonical = canonical(&claim, &signed, &hash).unwrap();
    let date = headers["x-sdk-date"].to_str().unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(SK.as_bytes()).unwrap();
    mac.update(format!("{SCHEME}\n{date}\n{}", hex_sha256(&canonical)).as_bytes());
    hex(&mac.finalize().into_bytes())
}

#[test]
fn the_contracts_vectors() {
    let claim =
        |c: &Case| Claim { ak: AK, signed_headers: c.signed_headers, signature: c.signature }.signed_headers;
    assert_eq!(claim(&restart()), "content-type;host;x-project-id;x-sdk-date");
    for (case, hash) in [
        (restart(), "239cf48f9a908dd7935d5ca4b7f5095b5f6d9ea25c68cc2ea34151cf1428cf91"),
        (list(), "0104593022488be455973c47a00cb2b3ee48c8aa08505494dc292dfbaef7337a"),
    ] {
        let Case { method, path, query, headers, body, .. } = &case;
        let claim = Claim { ak: AK, signed_headers: case.signed_headers, signature: "" };
        let signed = Signed { method, path, query, headers, body };
        assert_eq!(hex_sha256(&canonical(&claim, &signed, &hex_sha256(body)).unwrap()), hash);
        assert!(check(&case));
    }
}

#[test]
fn a_replay_inside_the_window_is_good_and_outside_is_not() {
    let case = restart();
    for (seconds, expected) in [(0, true), (900, true), (-900, true), (901, false), (-901, false)] {
        assert_eq!(check_at(&case, SK, NOW + seconds * 1000), expected, "{seconds}");
    }
}

#[test]
fn nothing_signed_may_change() {
    let spoil: [fn(&mut Case); 9] = [
        |c| c.method = "PUT",
        |c| c.path.push('x'),
        |c| c.query = "a=b",
        |c| c.body = b"{}",
        |c| c.body = br#"{"phones": [{"phone_id": "a7f3a1c5258347d6b6f1def79e11f2bd"}]}"#,
        |c| drop(c.headers.insert("host", HeaderValue::from_static("cph.local"))),
        |c| drop(c.headers.insert("x-sdk-date", HeaderValue::from_static("20260101T000001Z"))),
        |c| drop(c.headers.remove("x-project-id")),
        |c| c.signed_headers = "host;x-sdk-date",
    ];
    for (n, spoil) in spoil.into_iter().enumerate() {
        let mut case = restart();
        spoil(&mut case);
        assert!(!check(&case), "{n}");
    }
    assert!(!check_at(&restart(), "another", NOW));
}

#[test]
fn the_date_must_be_listed_and_readable() {
    let mut case = list();
    case.signed_headers = "accept;user-agent";
    let signature = resign(&case);
    case.signature = Box::leak(signature.into_boxed_str());
    assert!(!check(&case), "not listed");
    for bad in ["", "x", "20260101T000000", "20261301T000000Z", "2026-01-01T00:00:00Z", "20260101 000000Z"] {
        assert_eq!(date_ms(bad), None, "{bad}");
    }
    assert_eq!(date_ms("20260101T000000Z"), Some(NOW));
    assert_eq!(date_ms("20240229T235959Z"), Some(1_709_251_199_000));
    assert_eq!(date_ms("19700101T000000Z"), Some(0));
}

#[test]
fn the_clients_own_body_hash_must_be_true() {
    let with = |hash: &str, listed: bool| {
        let mut case = restart();
        case.headers.insert("x-sdk-content-sha256", HeaderValue::from_str(hash).unwrap());
        if listed {
            case.signed_headers = "content-type;host;x-project-id;x-sdk-content-sha256;x-sdk-date";
        }
        let signature = resign(&case);
        case.signature = Box::leak(signature.into_boxed_str());
        check(&case)
    };
    let real = hex_sha256(BODY);
    assert!(with(&real, true) && with(&real, false));
    assert!(!with(&hex_sha256(b"other"), true), "a hash of another body");
    assert!(with("UNSIGNED-PAYLOAD", true));
    assert!(!with("UNSIGNED-PAYLOAD", false), "counts only when it is signed itself");
}

#[test]
fn paths_and_queries_are_decoded_and_encoded_anew() {
    for (path, expected) in [
        ("/v1/p/a", "/v1/p/a/"),
        ("/v1/p/a/", "/v1/p/a/"),
        ("/", "/"),
        ("/a%2Fb", "/a/b/"),
        ("/%E4%BA%91 x", "/%E4%BA%91%20x/"),
        ("/a~b_c-d.e", "/a~b_c-d.e/"),
        ("/%7Bproject_id%7D", "/%7Bproject_id%7D/"),
    ] {
        assert_eq!(canonical_path(path).as_deref(), Some(expected), "{path}");
    }
    for (query, expected) in [
        ("", ""),
        ("b=2&a=1", "a=1&b=2"),
        ("a=2&a=1", "a=1&a=2"),
        ("nocatalog", "nocatalog="),
        ("q=a%20b%2Cc%2F", "q=a%20b%2Cc%2F"),
        ("q=a+b", "q=a%2Bb"),
        ("phone_name=", "phone_name="),
    ] {
        assert_eq!(canonical_query(query).as_deref(), Some(expected), "{query}");
    }
    assert_eq!(canonical_path("/%ff"), None);
    assert_eq!(canonical_query("a=%ff"), None);
}

#[test]
fn other_schemes_and_broken_headers_are_no_claim() {
    for text in [
        "",
        "Basic abc",
        "SDK-HMAC-SM3 Access=a, SignedHeaders=b, Signature=c",
        "V11-HMAC-SHA256 Access=a, SignedHeaders=b, Signature=c",
        "SDK-HMAC-SHA256",
        "SDK-HMAC-SHA256 Access=a",
        "SDK-HMAC-SHA256 nonsense",
    ] {
        assert_eq!(claim(text), None, "{text}");
    }
    let good = claim("SDK-HMAC-SHA256 Access=a, SignedHeaders=host;x-sdk-date, Signature=c").unwrap();
    assert_eq!((good.ak, good.signed_headers, good.signature), ("a", "host;x-sdk-date", "c"));
}
