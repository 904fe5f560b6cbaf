#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::*;

fn changes(text: &str) -> Vec<(String, String)> {
    let changes = parse(Some(text)).unwrap_or_else(|refusal| panic!("{text}: {refusal}"));
    changes.iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

fn refused(text: &str) -> String {
    parse(Some(text)).expect_err(text).to_string()
}

#[test]
fn the_table_is_the_contracts_both_ways() {
    let contract = crate::code::tests::csv(include_str!("../../../contract/properties.csv"));
    let ours: Vec<Vec<String>> = PropertyKey::ALL.iter().map(row).collect();
    let theirs: Vec<&[String]> = contract.iter().map(|row| &row[..5]).collect();
    for (ours, theirs) in ours.iter().zip(&theirs) {
        assert_eq!(ours, theirs);
    }
    assert_eq!(ours.len(), theirs.len());
}

fn row(key: &PropertyKey) -> Vec<String> {
    let kind = match key.kind {
        Kind::Integer => "Integer",
        Kind::Text => "String",
    };
    let constraint = match key.constraint {
        Constraint::Nothing => String::new(),
        Constraint::Regex(pattern) => pattern.to_owned(),
        Constraint::Range { from, to } => format!("{from}..{to}"),
    };
    let deprecated = if key.deprecated { "yes" } else { "no" };
    [key.name, kind, key.default, &constraint, deprecated].map(String::from).into()
}

#[test]
fn every_expression_compiles_and_only_deprecated_keys_have_no_constraint() {
    for key in PropertyKey::ALL {
        assert_eq!(key.deprecated, key.constraint == Constraint::Nothing, "{}", key.name);
        if let Constraint::Regex(pattern) = key.constraint {
            assert!(EXPRESSIONS.contains_key(pattern), "{}", key.name);
        }
        if !key.default.is_empty() {
            assert!(key.allows(key.default), "{} does not allow its default", key.name);
        }
    }
}

/// Keys, values just inside their constraint, values just outside.
type Sides = (&'static [&'static str], Vec<String>, Vec<String>);

fn texts<const N: usize>(values: [&str; N]) -> Vec<String> {
    values.map(String::from).into()
}

fn sides() -> Vec<Sides> {
    let repeat = |text: &str, times: usize| text.repeat(times);
    let url = |rest: usize| format!("http{}", "a".repeat(rest));
    vec![
        (
            &[
                "com.cph.mainkeys",
                "disable.status.bar",
                "ro.permission.changed",
                "ro.install.auto",
                "ro.com.cph.non_root",
                "ro.com.cph.notification_disable",
                "com.cph.disable_fb_permission",
                "ro.com.cph.toast_enable",
                "ro.horizontal.screen",
                "ro.com.cph.cloud_app_engine",
            ],
            texts(["0", "1"]),
            texts(["", "2", "-1", "00", "01", "true", "1 ", "1\n"]),
        ),
        (
            &["com.cph.bandwidth_limit"],
            texts(["-1", "1", "99999999"]),
            texts(["", "0", "-2", "-11", "01", "100000000", "+1"]),
        ),
        (
            &["com.cph.cam_local_pic_path"],
            [texts(["a", "/data/图片 1_@#.:-", "\u{4e00}", "\u{9fff}"]), vec![repeat("图", 90)]].concat(),
            [texts(["", "\u{4dff}", "\u{a000}", "a\\b", "a*"]), vec![repeat("a", 91)]].concat(),
        ),
        (
            &["persist.sys.locale"],
            [texts(["zh-CN"]), vec![repeat("a", 64)]].concat(),
            [texts(["", "zh_CN"]), vec![repeat("a", 65)]].concat(),
        ),
        (&["sys.prop.writeimsi"], texts(["", "460021624617113"]), texts(["4600216246171130", "46a", "-1"])),
        (
            &["sys.prop.writephonenum"],
            vec![String::new(), repeat("9", 20)],
            vec![repeat("9", 21), "+86".into()],
        ),
        (
            &["sys.prop.writewifissid"],
            [texts(["test_wifi", "a./-"]), vec![repeat("a", 64)]].concat(),
            [texts(["", "a b", "a@b"]), vec![repeat("a", 65)]].concat(),
        ),
        (
            &["gsm.sim.operator.iso-country", "gsm.operator.iso-country"],
            texts(["", "cn,us", "abcdefghij"]),
            texts(["abcdefghijk", "c1"]),
        ),
        (
            &["gsm.sim.operator.numeric", "gsm.operator.numeric"],
            texts(["", "46000,4600"]),
            texts(["46000,46001", "46 "]),
        ),
        (
            &["gsm.sim.operator.alpha", "gsm.operator.alpha"],
            vec![String::new(), repeat("a", 20)],
            vec![repeat("a", 21), "C1".into()],
        ),
        (
            &["com.cph.cg.sign_check_url", "com.cph.cg.event_notify_url", "com.cph.cg.heartbeat_url"],
            vec!["https://a.b:1/c_-,".into(), url(252)],
            vec!["".into(), "ftp://a".into(), "http://a?b".into(), url(253)],
        ),
        (&["com.cph.cg.heartbeat_interval"], texts(["0", "9999999999"]), texts(["", "10000000000", "1s"])),
        (
            &["com.cph.cg.app_port", "com.cph.cg.h5_port"],
            texts(["10000", "11000"]),
            texts(["", "9999", "11001", "+10000", "010000", "10000.0", " 10000", "99999999999"]),
        ),
    ]
}

#[test]
fn both_sides_of_every_constraint() {
    let sides = sides();
    for key in PropertyKey::ALL.iter().filter(|key| !key.deprecated) {
        let named = sides.iter().filter(|(names, ..)| names.contains(&key.name)).count();
        assert_eq!(named, 1, "{} needs its sides", key.name);
    }
    for (names, inside, outside) in &sides {
        for name in *names {
            let text = |value: &str| serde_json::json!({ *name: value }).to_string();
            for value in inside {
                assert_eq!(changes(&text(value)), [(name.to_string(), value.clone())]);
            }
            for value in outside {
                let expected = format!("CPS.0164 Parameter: Invalid property {name}.");
                assert_eq!(refused(&text(value)), expected, "{value:?}");
            }
        }
    }
}

#[test]
fn nothing_asked_is_no_change() {
    assert!(parse(None).unwrap().is_empty());
    for text in ["", "{}", " { } "] {
        assert_eq!(changes(text), [], "{text:?}");
    }
}

#[test]
fn what_is_not_an_object_in_a_string_is_refused() {
    let long = format!("{{{}}}", " ".repeat(PROPERTY_BYTES_MAX - 1));
    let nested = "[".repeat(PROPERTY_BYTES_MAX);
    for text in [
        " ",
        "x",
        "1",
        "[]",
        "null",
        "\"{}\"",
        "{",
        "{}}",
        r#"{"com.cph.mainkeys":"1",}"#,
        r#"{"com.cph.mainkeys":1e}"#,
        r#"{"sys.prop.writewifissid":"\ud800"}"#,
        r#"{1:2}"#,
        &long,
        &nested,
    ] {
        assert_eq!(refused(text), "CPS.0078 Parameter: Property is invalid.", "{text}");
    }
    assert_eq!(changes(&format!("{{{}}}", " ".repeat(PROPERTY_BYTES_MAX - 2))), []);
}

#[test]
fn scalars_become_text_and_the_rest_is_refused() {
    for (value, expected) in [
        ("1", "1"),
        ("\"1\"", "1"),
        ("1.50", "1.50"),
        ("-0", "-0"),
        ("1e5", "1e5"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
        (r#""\u0061\/b""#, "a/b"),
    ] {
        let text = format!(r#"{{"sys.prop.writewifissid":{value}}}"#);
        assert_eq!(changes(&text), [("sys.prop.writewifissid".to_string(), expected.to_string())]);
    }
    for value in ["true", "false", "null", "[]", "[1]", "{}"] {
        for key in ["com.cph.mainkeys", "imsi"] {
            let expected = format!("CPS.0164 Parameter: Invalid property {key}.");
            assert_eq!(refused(&format!(r#"{{"{key}":{value}}}"#)), expected, "{value}");
        }
    }
}

#[test]
fn keys() {
    assert_eq!(refused(r#"{"a.b":"1"}"#), "CPS.0163 Parameter: property a.b not supported.");
    assert_eq!(refused(r#"{"":"1"}"#), "CPS.0163 Parameter: property  not supported.");
    assert_eq!(
        refused(r#"{"COM.CPH.MAINKEYS":"1"}"#),
        "CPS.0163 Parameter: property COM.CPH.MAINKEYS not supported."
    );
    let ignored =
        r#"{"ro.com.cph.sfs_enable":1,"ro.product.name":"x","imsi":"not checked","com.cph.mainkeys":0}"#;
    assert_eq!(changes(ignored), [("com.cph.mainkeys".to_string(), "0".to_string())]);
    let twice = r#"{"com.cph.mainkeys":"9","com.cph.mainkeys":1}"#;
    assert_eq!(changes(twice), [("com.cph.mainkeys".to_string(), "1".to_string())], "the last one wins");
}

#[test]
fn merging_goes_by_key_and_sorts() {
    let changes = parse(Some(r#"{"sys.prop.writeimsi":"1","com.cph.mainkeys":1}"#)).unwrap();
    for (stored, merged) in [
        ("", r#"{"com.cph.mainkeys":"1","sys.prop.writeimsi":"1"}"#),
        ("{}", r#"{"com.cph.mainkeys":"1","sys.prop.writeimsi":"1"}"#),
        (
            r#"{"persist.sys.locale":"zh-CN", "com.cph.mainkeys":"0"}"#,
            r#"{"com.cph.mainkeys":"1","persist.sys.locale":"zh-CN","sys.prop.writeimsi":"1"}"#,
        ),
    ] {
        assert_eq!(merge(stored, &changes).unwrap(), merged);
    }
    assert_eq!(merge("", &Changes::default()).unwrap(), "{}");
    assert_eq!(merge(r#"{"b":"1","a":"2"}"#, &Changes::default()).unwrap(), r#"{"b":"1","a":"2"}"#);
    assert_eq!(merge("broken", &changes).unwrap_err().code, code::INTERNAL_ERROR);
}

#[test]
fn the_merged_text_is_bounded() {
    let changes = parse(Some(r#"{"com.cph.mainkeys":1}"#)).unwrap();
    let stored = |length: usize| {
        let frame = r#"{"a":""}"#.len() + r#","com.cph.mainkeys":"1""#.len();
        format!(r#"{{"a":"{}"}}"#, "x".repeat(length - frame))
    };
    assert_eq!(merge(&stored(PROPERTY_BYTES_MAX), &changes).unwrap().len(), PROPERTY_BYTES_MAX);
    let refusal = merge(&stored(PROPERTY_BYTES_MAX + 1), &changes).unwrap_err();
    assert_eq!(refusal.code, code::PROPERTY_INVALID);
}

#[test]
fn changes_are_stored_as_a_plain_object() {
    let changes = parse(Some(r#"{"com.cph.mainkeys":1}"#)).unwrap();
    let text = serde_json::to_string(&changes).unwrap();
    assert_eq!(text, r#"{"com.cph.mainkeys":"1"}"#);
    assert_eq!(serde_json::from_str::<Changes>(&text).unwrap(), changes);
    assert_eq!(changes.get("com.cph.mainkeys"), Some("1"));
}
