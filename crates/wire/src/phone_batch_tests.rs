#![allow(clippy::unwrap_used)]

use super::*;
use crate::testing::{body, code as code_of};

const PHONE: &str = "a7f3a1c5258347d6b6f1def79e11f2bc";
const IMAGE: &str = "1564567b8bab40f34711234cb80d8574";

/// A phones body with one entry.
fn one(entry: &str) -> String {
    format!(r#"{{"phones":[{entry}]}}"#)
}

fn restart(text: &str) -> RestartCloudPhone {
    body(text).unwrap_or_else(|refusal| panic!("{text}: {refusal}"))
}

fn entry(text: &str) -> Asked {
    restart(&one(text)).phones.remove(0)
}

fn update(text: &str) -> Asked {
    body::<UpdateCloudPhoneProperty>(&one(text)).unwrap().phones.remove(0)
}

#[test]
fn the_documented_restart() {
    let text = format!(
        r#"{{"image_id": "{IMAGE}", "phones": [{{"phone_id": "{PHONE}", "property": "{{\"a\":1}}"}}, {{"phone_id":"1"}}]}}{}"#,
        "\n"
    );
    let request = restart(&text);
    assert_eq!(request.image_id, Some(ImageId::new(IMAGE)));
    assert_eq!(request.phones.len(), 2);
    assert_eq!(request.phones[0].phone_id, PHONE);
    assert_eq!(request.phones[0].property, PropertyText::Text(r#"{"a":1}"#.into()));
    assert_eq!(request.phones[1], Asked { phone_id: "1".into(), ..Asked::default() });
}

#[test]
fn a_bad_phones_list_is_cps_0077_for_the_whole_request() {
    for text in [
        "",
        "\n",
        "{}",
        "x",
        "[]",
        "null",
        "1",
        r#"{"phones":null}"#,
        r#"{"phones":[]}"#,
        r#"{"phones":{}}"#,
        r#"{"phones":"a"}"#,
        r#"{"phones":["a"]}"#,
        r#"{"phones":[null]}"#,
        r#"{"phones":[{"phone_id":"1"},[]]}"#,
        r#"{"phones":[{"phone_id":"1"}]"#,
        r#"{"phones":[{"phone_id":"1"}]} x"#,
        r#"{"phones":[{"phone_id":"1"}],}"#,
        r#"{"phones":[{"phone_id":"1"}],"phones":[]}"#,
        r#"{"Phones":[{"phone_id":"1"}]}"#,
        "\u{feff}{}",
    ] {
        assert_eq!(code_of(body::<RestartCloudPhone>(text)), "CPS.0077", "{text}");
        assert_eq!(code_of(body::<ResetCloudPhone>(text)), "CPS.0077", "{text}");
        assert_eq!(code_of(body::<UpdateCloudPhoneProperty>(text)), "CPS.0077", "{text}");
    }
    let invalid_utf8 = Parts { body: b"{\"phones\":[{\"phone_id\":\"\xff\"}]}", ..Parts::default() };
    assert_eq!(code_of(RestartCloudPhone::decode(&invalid_utf8)), "CPS.0077");
}

#[test]
fn image_ids() {
    let with = |image: &str| format!(r#"{{"phones":[{{"phone_id":"1"}}],"image_id":{image}}}"#);
    for image in ["null", "\"\""] {
        assert_eq!(restart(&with(image)).image_id, None, "{image}");
    }
    let quoted = format!("\"{IMAGE}\"");
    assert_eq!(restart(&with(&quoted)).image_id, Some(ImageId::new(IMAGE)));
    for image in ["1", "[]", "{}", "true", "\" \"", "\"X\"", "\"1564567B\"", &format!("\"{IMAGE}0\"")] {
        assert_eq!(code_of(body::<RestartCloudPhone>(&with(image))), "CPS.0030", "{image}");
        assert_eq!(code_of(body::<ResetCloudPhone>(&with(image))), "CPS.0030", "{image}");
    }
    assert_eq!(code_of(body::<RestartCloudPhone>(r#"{"image_id":1}"#)), "CPS.0077", "the list is first");
}

#[test]
fn phone_ids_are_echoed_as_they_came() {
    for (phone_id, echo) in [
        ("\"a7\"", "a7"),
        ("\"A7 \"", "A7 "),
        ("\"\"", ""),
        ("null", ""),
        ("123", "123"),
        ("true", "true"),
        (r#"["a7"]"#, r#"["a7"]"#),
        (r#"{"a": 1}"#, r#"{"a": 1}"#),
        (r#""\u56fe""#, "图"),
    ] {
        assert_eq!(entry(&format!(r#"{{"phone_id":{phone_id}}}"#)).phone_id, echo);
    }
    assert_eq!(entry("{}").phone_id, "");
    let long = format!("[\"{}\"]", "图".repeat(1000));
    let echo = entry(&format!(r#"{{"phone_id":{long}}}"#)).phone_id;
    assert!((1000..=crate::json::ECHO_BYTES_MAX).contains(&echo.len()) && long.starts_with(&echo), "{echo}");
}

#[test]
fn properties_as_they_came() {
    let property = |text: &str| entry(&format!(r#"{{"phone_id":"1","property":{text}}}"#)).property;
    for absent in ["null", "\"\""] {
        assert_eq!(property(absent), PropertyText::Absent, "{absent}");
    }
    for (text, expected) in [("\"{}\"", "{}"), ("\" \"", " "), (r#""{\"a\":1,}""#, r#"{"a":1,}"#)] {
        assert_eq!(property(text), PropertyText::Text(expected.into()));
    }
    for text in ["{}", "[]", "1", "true", r#""\ud800""#] {
        assert_eq!(property(text), PropertyText::NotText, "{text}");
    }
}

#[test]
fn unknown_fields_are_passed_over_and_the_last_of_a_name_counts() {
    let text =
        r#"{"a":[[{}]],"phones":[{"phone_id":"1","x":{},"phone_id":"2"}],"image_id":1,"image_id":null}"#;
    let request = restart(text);
    assert_eq!((request.image_id, &*request.phones[0].phone_id), (None, "2"));
    let other = r#"{"phone_id":"1","custom_property":1,"factory_reset_enabled":7}"#;
    assert_eq!(entry(other), Asked { phone_id: "1".into(), ..Asked::default() }, "not restart's fields");
}

#[test]
fn the_number_of_entries_is_bounded() {
    let phones = |count: usize| one(&vec!["{}"; count].join(","));
    assert_eq!(restart(&phones(ENTRIES_MAX)).phones.len(), ENTRIES_MAX);
    assert_eq!(code_of(body::<RestartCloudPhone>(&phones(ENTRIES_MAX + 1))), "CPS.0190");
    let ids = format!(r#"{{"phone_ids":[{}]}}"#, vec!["\"\""; ENTRIES_MAX + 1].join(","));
    assert_eq!(code_of(body::<StopCloudPhone>(&ids)), "CPS.0190");
}

#[test]
fn factory_resets() {
    let reset = |text: &str| {
        let entry = format!(r#"{{"phone_id":"1","property":"x","factory_reset_enabled":{text}}}"#);
        body::<ResetCloudPhone>(&one(&entry)).map(|request| request.phones[0].factory_reset)
    };
    for (text, expected) in [
        ("true", true),
        ("false", false),
        ("null", false),
        ("\"true\"", true),
        ("\"True\"", true),
        ("\"false\"", false),
        ("\"\"", false),
    ] {
        assert_eq!(reset(text), Ok(expected), "{text}");
    }
    for text in ["1", "0", "[]", "{}", "\"yes\"", "\" true\""] {
        assert_eq!(code_of(reset(text)), "CPS.0077", "{text}");
    }
    let absent = body::<ResetCloudPhone>(r#"{"phones":[{"phone_id":"1","property":"x"}]}"#).unwrap();
    let property = PropertyText::Text("x".into());
    assert_eq!(absent.phones, [Asked { phone_id: "1".into(), property, ..Asked::default() }]);
}

#[test]
fn custom_properties_are_an_object_of_strings() {
    let asked = update(r#"{"phone_id":"1","property":"{}","custom_property":{"b":"2","a":"1","b":"3"}}"#);
    assert_eq!(asked.property, PropertyText::Text("{}".into()));
    let pairs: Vec<(&str, &str)> = asked.custom_property.iter().map(|(k, v)| (&**k, &**v)).collect();
    assert_eq!(pairs, [("a", "1"), ("b", "3")]);

    let none = update(r#"{"phone_id":"1","property":"{}","custom_property":null}"#);
    assert_eq!((none.property, none.custom_property.len()), (PropertyText::Text("{}".into()), 0));
    let absent = update(r#"{"phone_id":"1","custom_property":{"a":"1"}}"#);
    assert_eq!((absent.property, absent.custom_property.len()), (PropertyText::Absent, 1));

    for bad in [
        "1",
        "[]",
        "\"{}\"",
        r#"{"a":1}"#,
        r#"{"a":null}"#,
        r#"{"a":"\u0000"}"#,
        r#"{"\u0000":""}"#,
        r#"{"":""}"#,
    ] {
        let asked = update(&format!(r#"{{"phone_id":"1","property":"{{}}","custom_property":{bad}}}"#));
        assert_eq!(asked.property, PropertyText::NotText, "{bad}");
        assert!(asked.custom_property.is_empty());
    }
}

#[test]
fn both_kinds_of_properties_together_are_bounded() {
    let update = |property: usize, custom: usize| {
        let (property, custom) = ("x".repeat(property), "y".repeat(custom - 1));
        update(&format!(r#"{{"phone_id":"1","property":"{property}","custom_property":{{"k":"{custom}"}}}}"#))
    };
    assert_eq!(update(2000, 5800).custom_property.len(), 1);
    assert_eq!(update(2000, 5801).property, PropertyText::NotText);
}

#[test]
fn phones_to_stop() {
    let ids = |text: &str| {
        let request = body::<StopCloudPhone>(text).unwrap_or_else(|refusal| panic!("{text}: {refusal}"));
        request.phones.into_iter().map(|asked| asked.phone_id).collect::<Vec<_>>()
    };
    assert_eq!(ids(r#"{"phone_ids":["1","X",""]}"#), ["1", "X", ""]);
    assert_eq!(ids(r#"{"phones":[{"phone_id":"1","property":"x"},{}]}"#), ["1", ""]);
    assert_eq!(ids(r#"{"phone_ids":null,"phones":[{"phone_id":"1"}]}"#), ["1"]);
    assert_eq!(ids(r#"{"phone_ids":["1"],"phones":1}"#), ["1"], "phone_ids go first");
    for (text, expected) in [
        (r#"{"phone_ids":[]}"#, "CPS.0009"),
        (r#"{"phone_ids":[],"phones":[{"phone_id":"1"}]}"#, "CPS.0009"),
        ("", "CPS.0081"),
        ("{}", "CPS.0081"),
        (r#"{"phone_ids":null}"#, "CPS.0081"),
        (r#"{"phones":[]}"#, "CPS.0081"),
        (r#"{"phone_ids":"1"}"#, "CPS.0080"),
        (r#"{"phone_ids":{}}"#, "CPS.0080"),
        (r#"{"phone_ids":[1]}"#, "CPS.0080"),
        (r#"{"phone_ids":["1",null]}"#, "CPS.0080"),
        ("x", "CPS.0080"),
        ("[]", "CPS.0080"),
        (r#"{"phones":"1"}"#, "CPS.0077"),
        (r#"{"phones":["1"]}"#, "CPS.0077"),
    ] {
        assert_eq!(code_of(body::<StopCloudPhone>(text)), expected, "{text}");
    }
}

#[test]
fn entries_have_either_a_job_or_an_error() {
    let jobs = PhoneJobs {
        request_id: "r".into(),
        jobs: vec![PhoneJob::accepted("1", "j"), PhoneJob::refused("2", "CPS.0004", "no")],
    };
    let text = r#"{"request_id":"r","jobs":[{"phone_id":"1","job_id":"j"},{"phone_id":"2","error_code":"CPS.0004","error_msg":"no"}]}"#;
    assert_eq!(serde_json::to_string(&jobs).unwrap(), text);
    assert_eq!(serde_json::from_str::<PhoneJobs>(text).unwrap(), jobs);
    let empty = serde_json::to_string(&PhoneJobs::default()).unwrap();
    assert_eq!(empty, r#"{"request_id":"","jobs":[]}"#);
}

#[test]
fn documented_bodies_are_read_back() {
    let text = serde_json::to_string(&RestartCloudPhoneBody {
        image_id: Some(IMAGE.into()),
        phones: vec![PhoneProperty { phone_id: PHONE.into(), property: Some("{}".into()) }],
    });
    assert_eq!(restart(&text.unwrap()).image_id, Some(ImageId::new(IMAGE)));
    let text = serde_json::to_string(&StopCloudPhoneBody { phone_ids: vec![PHONE.into()] }).unwrap();
    assert_eq!(body::<StopCloudPhone>(&text).unwrap().phones[0].phone_id, PHONE);
}
