#![allow(clippy::unwrap_used)]

use super::*;
use crate::testing::{body, decode};

const PASSWORD: &str =
    r#""methods":["password"],"password":{"user":{"name":"u","password":"p","domain":{"name":"d"}}}"#;

fn auth(identity: &str, scope: &str) -> String {
    let scope = if scope.is_empty() { String::new() } else { format!(r#","scope":{scope}"#) };
    format!(r#"{{"auth":{{"identity":{{{identity}}}{scope}}}}}"#)
}

fn read(identity: &str, scope: &str) -> CreateToken {
    let text = auth(identity, scope);
    body(&text).unwrap_or_else(|refusal| panic!("{text}: {refusal}"))
}

fn refused(text: &str) -> String {
    let refusal = body::<CreateToken>(text).unwrap_err();
    assert_eq!((refusal.code, refusal.http()), (code::API_REQUEST_ERROR, 400), "{text}");
    refusal.message.into_owned()
}

#[test]
fn a_list_is_no_object() {
    let user = r#"{"id":"1","password":"p"}"#;
    for text in [
        auth(PASSWORD, "[]"),
        auth(PASSWORD, r#"{"project":["1"]}"#),
        auth(PASSWORD, r#"{"domain":["1"]}"#),
        auth(&format!(r#""methods":["password"],"password":[{user}]"#), ""),
        auth(r#""methods":["password"],"password":{"user":["1","u",["d"],"p"]}"#, ""),
        auth(r#""methods":["token"],"token":["t"]"#, ""),
        format!(r#"{{"auth":[{{{PASSWORD}}}]}}"#),
        format!(r#"[{{"identity":{{{PASSWORD}}}}}]"#),
    ] {
        assert_eq!(refused(&text), "The body is not a request for a token.");
    }
}

#[test]
fn identities() {
    let by_name = UserRef::Name { name: "u".into(), domain: DomainRef::Name("d".into()) };
    assert_eq!(read(PASSWORD, "").identity, Identity::Password { user: by_name, password: "p".into() });

    let by_id = r#""methods":["password"],"password":{"user":{"id":"1","name":"","password":"p"}}"#;
    let user = UserRef::Id("1".into());
    assert_eq!(read(by_id, "").identity, Identity::Password { user, password: "p".into() });

    let token = r#""methods":["token"],"token":{"id":"t"},"password":null"#;
    assert_eq!(read(token, "").identity, Identity::Token("t".into()));

    for (identity, message) in [
        (r#""methods":[]"#, "auth.identity.methods must be"),
        (r#""methods":["totp"]"#, "auth.identity.methods must be"),
        (
            r#""methods":["password","totp"],"password":{"user":{"id":"1","password":"p"}}"#,
            "auth.identity.methods",
        ),
        (r#""methods":["password"]"#, "auth.identity.password is missing"),
        (r#""methods":["token"]"#, "auth.identity.token is missing"),
        (r#""methods":["token"],"token":{"id":""}"#, "auth.identity.token.id is empty"),
        (r#""methods":["password"],"password":{"user":{"password":"p"}}"#, "needs a name or an id"),
        (
            r#""methods":["password"],"password":{"user":{"name":"u","password":"p"}}"#,
            "needs a domain or an id",
        ),
        (
            r#""methods":["password"],"password":{"user":{"name":"u","domain":{},"password":"p"}}"#,
            "needs a domain",
        ),
        (r#""methods":["password"],"password":{"user":{"id":"1","password":""}}"#, "password is empty"),
        (r#""methods":["password"],"password":{"user":{"id":"1"}}"#, "not a request for a token"),
        (
            r#""methods":["password"],"password":{"user":{"id":1,"password":"p"}}"#,
            "not a request for a token",
        ),
        (r#""methods":["password"],"password":{"user":{"id":"\u0000","password":"p"}}"#, "control character"),
    ] {
        let got = refused(&auth(identity, ""));
        assert!(got.contains(message), "{identity}: {got}");
    }
}

#[test]
fn scopes() {
    for (scope, expected) in [
        ("", Scope::Unscoped),
        ("null", Scope::Unscoped),
        ("\"unscoped\"", Scope::Unscoped),
        (r#"{"unscoped":{}}"#, Scope::Unscoped),
        ("{}", Scope::Unscoped),
        (r#"{"project":{"id":"1"}}"#, Scope::ProjectId("1".into())),
        (r#"{"project":{"id":"1","name":"n"}}"#, Scope::ProjectId("1".into())),
        (r#"{"project":{"name":"n"}}"#, Scope::ProjectName { name: "n".into(), domain: None }),
        (
            r#"{"project":{"name":"n","domain":{"id":"1"}}}"#,
            Scope::ProjectName { name: "n".into(), domain: Some(DomainRef::Id("1".into())) },
        ),
        (r#"{"domain":{"name":"d"}}"#, Scope::Domain(DomainRef::Name("d".into()))),
        (r#"{"domain":{"id":"1","name":"d"}}"#, Scope::Domain(DomainRef::Id("1".into()))),
        (r#"{"project":{"id":"1"},"domain":{"id":"2"}}"#, Scope::ProjectId("1".into())),
    ] {
        assert_eq!(read(PASSWORD, scope).scope, expected, "{scope}");
    }
    for scope in ["\"all\"", "1", r#"{"project":{}}"#, r#"{"domain":{}}"#, r#"{"project":{"id":1}}"#] {
        refused(&auth(PASSWORD, scope));
    }
}

#[test]
fn what_is_no_request_is_refused() {
    let long = format!("{{\"a\":\"{}\"}}", "x".repeat(BODY_BYTES_MAX));
    let long_name = auth(&format!(r#""methods":["token"],"token":{{"id":"{}"}}"#, "t".repeat(5000)), "");
    let deep = "[".repeat(10_000);
    for text in ["", "x", "{}", "[]", "null", r#"{"auth":{}}"#, r#"{"auth":1}"#, &long, &long_name, &deep] {
        refused(text);
    }
    let twice = format!(r#"{{"auth":1,{}"#, &auth(PASSWORD, "")[1..]);
    assert!(body::<CreateToken>(&twice).is_ok(), "the last of a name counts");
}

#[test]
fn the_catalog_is_left_out_on_request() {
    let text = auth(PASSWORD, "");
    for (query, expected) in [("", false), ("a=nocatalog", false), ("nocatalog", true), ("nocatalog=1", true)]
    {
        assert_eq!(decode::<CreateToken>("", query, &text).unwrap().nocatalog, expected, "{query}");
    }
}

#[test]
fn secrets_are_not_shown() {
    let secret = "hunter2";
    let shown = |identity: &str| format!("{:?}", read(identity, ""));
    let password = PASSWORD.replace("\"p\"", &format!("\"{secret}\""));
    assert!(shown(&password).contains("\"u\"") && !shown(&password).contains(secret));
    assert!(!shown(&format!(r#""methods":["token"],"token":{{"id":"{secret}"}}"#)).contains(secret));
    let wrong = auth(&format!(r#""methods":["password"],"password":{{"user":"{secret}"}}"#), "");
    assert!(!refused(&wrong).contains(secret), "{}", refused(&wrong));
    let wrong = auth(&format!(r#""methods":["token"],"token":"{secret}""#), "");
    assert!(!refused(&wrong).contains(secret), "{}", refused(&wrong));
}
