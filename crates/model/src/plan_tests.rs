//! Every per-phone rule of `contract/restart.md`, as a table.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::id::ImageId;

const PHONE: &str = "a7f3a1c5258347d6b6f1def79e11f2bc";
const OTHER: &str = "1678567b8bab40f93711234cb80d0764";

fn phones(status: i64) -> Phones {
    phones_on(status, ServerStatus::Normal, "rx1.cp.c15.d10.e1v1")
}

fn phones_on(status: i64, server_status: ServerStatus, model: &str) -> Phones {
    let current = Current {
        status: PhoneStatus::from_number(status).unwrap(),
        server_id: ServerId::new("5e"),
        server_status,
        phone_model: model.into(),
        property: r#"{"com.cph.mainkeys":"1"}"#.into(),
    };
    Phones::from([(PhoneId::new(PHONE), current)])
}

fn asked(phone_id: &str, property: &str) -> Asked {
    Asked {
        phone_id: phone_id.into(),
        property: if property.is_empty() {
            PropertyText::Absent
        } else {
            PropertyText::Text(property.into())
        },
        ..Asked::default()
    }
}

fn codes<T>(verdicts: &[Verdict<T>]) -> Vec<String> {
    let text = |v: &Verdict<T>| match v {
        Verdict::Job(_) => "job".to_string(),
        Verdict::Refused(r) => format!("{} {}", r.code.text(), r.message),
    };
    verdicts.iter().map(text).collect()
}

fn restart(entries: &[Asked], phones: &mut Phones) -> Vec<String> {
    codes(&power(Power::Restart, entries, None, phones, Policy::default()))
}

#[test]
fn per_phone_errors_of_a_restart() {
    let invalid = "CPS.0004 Parameter: phone_id is invalid.";
    let missing = "CPS.0005 Phone is not found.";
    let property = "CPS.0078 Parameter: Property is invalid.";
    let long_id = "0".repeat(33);
    for (phone_id, text, expected) in [
        (PHONE, "", "job"),
        (PHONE, "{}", "job"),
        (PHONE, r#"{"sys.prop.writeimsi":"460021624617113"}"#, "job"),
        ("", "", invalid),
        (&*long_id, "", invalid),
        ("A7F3A1C5258347D6B6F1DEF79E11F2BC", "", invalid),
        (" a7f3", "", invalid),
        ("zz", "", invalid),
        (OTHER, "", missing),
        ("a7f3a1c5258347d6b6f1def79e11f2b", "", missing),
        (PHONE, "no json", property),
        (PHONE, r#"{"com.cph.mainkeys":"1",}"#, property),
        (PHONE, "[]", property),
        (PHONE, r#"{"no.such":"1"}"#, "CPS.0163 Parameter: property no.such not supported."),
        (PHONE, r#"{"com.cph.mainkeys":"2"}"#, "CPS.0164 Parameter: Invalid property com.cph.mainkeys."),
        (PHONE, r#"{"com.cph.mainkeys":true}"#, "CPS.0164 Parameter: Invalid property com.cph.mainkeys."),
    ] {
        assert_eq!(restart(&[asked(phone_id, text)], &mut phones(2)), [expected], "{phone_id} {text}");
    }
    let number = Asked { phone_id: "5".into(), id_not_text: true, ..Asked::default() };
    assert_eq!(restart(&[number], &mut phones(2)), [invalid]);
    let object = Asked { phone_id: PHONE.into(), property: PropertyText::NotText, ..Asked::default() };
    assert_eq!(restart(&[object], &mut phones(2)), [property]);
}

#[test]
fn states() {
    let state = "CPS.0165 The phone must be in stopped or running status.";
    for (status, expected) in [
        (2, "job"),
        (8, "job"),
        (0, state),
        (1, state),
        (3, state),
        (4, state),
        (7, state),
        (6, "CPS.0053 No permission to request resources. Phone is freezed."),
        (-5, state),
        (-6, state),
        (-7, state),
        (-8, state),
        (-9, state),
    ] {
        assert_eq!(restart(&[asked(PHONE, "")], &mut phones(status)), [expected], "{status}");
    }
}

#[test]
fn precedence_is_id_existence_frozen_state_property() {
    assert!(restart(&[asked("x", "bad")], &mut phones(6))[0].starts_with("CPS.0004"));
    assert!(restart(&[asked(OTHER, "bad")], &mut phones(6))[0].starts_with("CPS.0005"));
    assert!(restart(&[asked(PHONE, "bad")], &mut phones(6))[0].starts_with("CPS.0053"));
    assert!(restart(&[asked(PHONE, "bad")], &mut phones(4))[0].starts_with("CPS.0165"));
    assert!(restart(&[asked(PHONE, "bad")], &mut phones(2))[0].starts_with("CPS.0078"));
}

#[test]
fn the_first_entry_wins_unless_it_was_refused() {
    let twice = [asked(PHONE, "bad"), asked(PHONE, ""), asked(PHONE, "")];
    let got = restart(&twice, &mut phones(2));
    assert!(got[0].starts_with("CPS.0078") && got[1] == "job" && got[2].starts_with("CPS.0165"), "{got:?}");
}

#[test]
fn the_server_must_be_ready() {
    let model = "rx1.cp.c15.d10.e1v1";
    let down = restart(&[asked(PHONE, "")], &mut phones_on(2, ServerStatus::ShuttingDown, model));
    assert_eq!(down, ["CPS.0099 Parameter: server is not ready."]);
    let frozen = restart(&[asked(PHONE, "")], &mut phones_on(2, ServerStatus::Frozen, model));
    assert_eq!(frozen, ["CPS.1028 No permission to request resources. Server is frozen."]);
}

#[test]
fn an_image_of_another_label_is_refused_for_that_phone() {
    let image = Image {
        id: ImageId::new("1564567b8bab40f34711234cb80d8574"),
        project_id: None,
        name: "a".into(),
        android_version: "11".into(),
        label: "cloud_phone".into(),
        build_properties: BTreeMap::new(),
        receive_status: None,
        create_ms: 0,
    };
    let plan = |model: &str| {
        let mut phones = phones_on(2, ServerStatus::Normal, model);
        power(Power::Restart, &[asked(PHONE, "")], Some(&image), &mut phones, Policy::default())
    };
    let Verdict::Job(job) = &plan("rx1.cp.c15.d10.e1v1")[0] else { panic!("refused") };
    assert_eq!(job.spec.image_id.as_ref(), Some(&image.id));
    assert_eq!(codes(&plan("kg1.cg.c8.d32.e1v1")), ["CPS.0030 Parameter: image_id is invalid."]);
}

#[test]
fn accepting_moves_the_phone_to_its_pending_status() {
    let mut phones = phones(8);
    let plan = power(Power::Restart, &[asked(PHONE, "")], None, &mut phones, Policy::default());
    let Verdict::Job(job) = &plan[0] else { panic!("refused") };
    assert_eq!((job.from.number(), job.to.number(), job.done), (8, 4, false));
    assert_eq!(phones[&PhoneId::new(PHONE)].status, PhoneStatus::Restarting);
}

#[test]
fn stopping_a_stopped_phone_is_done_at_once() {
    let plan = power(Power::Stop, &[asked(PHONE, "")], None, &mut phones(8), Policy::default());
    let Verdict::Job(job) = &plan[0] else { panic!("refused") };
    assert_eq!((job.from.number(), job.to.number(), job.done), (8, 8, true));
}

#[test]
fn property_updates_need_a_property_and_leave_the_status() {
    let ok = r#"{"com.cph.mainkeys":1}"#;
    for (status, text, expected) in [
        (2, ok, "job"),
        (4, ok, "job"),
        (-7, ok, "job"),
        (8, ok, "job"),
        (1, ok, "CPS.0165"),
        (6, ok, "CPS.0053"),
        (2, "", "CPS.0078"),
    ] {
        let mut phones = phones(status);
        let got = codes(&property_update(&[asked(PHONE, text)], &mut phones));
        assert!(got[0].starts_with(expected), "{status} {text}: {got:?}");
        assert_eq!(phones[&PhoneId::new(PHONE)].status.number(), status);
    }
}

#[test]
fn servers() {
    let id = "5e7f3a1c5258347d6b6f1def79e11f2b";
    let mut servers = HashMap::from([(ServerId::new(id), ServerStatus::Normal)]);
    let asked: Vec<String> = [id, id, "nope!", OTHER].map(String::from).into();
    let got = codes(&server_restart(&asked, &mut servers));
    let prefixes: Vec<&str> = got.iter().map(|c| &c[..8.min(c.len())]).collect();
    assert_eq!(prefixes, ["job", "CPS.0158", "CPS.0097", "CPS.0159"]);
    assert_eq!(servers[&ServerId::new(id)], ServerStatus::ShuttingDown);
}
