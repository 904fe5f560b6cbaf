#![allow(clippy::unwrap_used)]

use super::*;
use crate::testing::{code as code_of, decode, query};

const PHONE: &str = "a7f3a1c5258347d6b6f1def79e11f2bc";

#[test]
fn filters() {
    let all = ListCloudPhones {
        phone_name: None,
        server_id: None,
        status: None,
        phone_type: None,
        page: Page { offset: 0, limit: 100 },
    };
    for text in ["", "phone_name=&server_id=&status=&type=&offset=&limit=", "nothing=known"] {
        assert_eq!(query::<ListCloudPhones>(text).unwrap(), all, "{text}");
    }
    let some = query::<ListCloudPhones>("phone_name=图 a&server_id=5E-x&status=-6&type=0&offset=7&limit=200")
        .unwrap();
    assert_eq!(
        some,
        ListCloudPhones {
            phone_name: Some("图 a".into()),
            server_id: Some("5E-x".into()),
            status: Some(-6),
            phone_type: Some(0),
            page: Page { offset: 7, limit: 200 },
        }
    );
    for (text, expected) in [
        ("limit=201", "CPS.0002"),
        ("limit=0", "CPS.0002"),
        ("offset=-1", "CPS.0002"),
        ("status=running", "CPS.0010"),
        ("status=2.0", "CPS.0010"),
        ("type=x", "CPS.0116"),
        ("phone_name=\0", "CPS.0025"),
        ("server_id=\0", "CPS.0016"),
    ] {
        assert_eq!(code_of(query::<ListCloudPhones>(text)), expected, "{text}");
    }
}

#[test]
fn ids_in_the_path() {
    let show = |id: &str| decode::<ShowCloudPhoneDetail>(&format!("project_id=1&phone_id={id}"), "", "");
    assert_eq!(show(PHONE).unwrap().phone_id, PhoneId::new(PHONE));
    for id in ["", "X", "a b", "\0", "0123456789abcdef0123456789abcdef0"] {
        let refusal = show(id).unwrap_err();
        assert_eq!(refusal.to_string(), "CPS.0004 Invalid phone id.", "{id}");
    }
}

#[test]
fn names() {
    let rename = |body: &str| decode::<UpdatePhoneName>(&format!("phone_id={PHONE}"), "", body);
    let named = |name: &str| rename(&serde_json::json!({ "phone_name": name }).to_string());
    for name in ["a", "A-z_09", "云手机", &"图".repeat(60)] {
        assert_eq!(named(name).unwrap().phone_name, name);
    }
    for name in ["", " ", "a b", "a.b", "é", "\u{4dff}", "a\n", &"a".repeat(61)] {
        assert_eq!(code_of(named(name)), "CPS.0025", "{name:?}");
    }
    for body in
        ["", "{}", "x", "[]", r#"{"phone_name":1}"#, r#"{"phone_name":null}"#, r#"{"phone_name":"a"}}"#]
    {
        assert_eq!(code_of(rename(body)), "CPS.0025", "{body}");
    }
    assert_eq!(code_of(decode::<UpdatePhoneName>("phone_id=X", "", "")), "CPS.0004", "the id is first");
}

#[test]
fn the_fields_of_the_contract() {
    let phone = serde_json::to_value(Phone {
        imei: Some("1".into()),
        traffic_type: Some("direct".into()),
        availability_zone: Some("a".into()),
        ..Phone::default()
    });
    crate::testing::has_fields(
        &phone.unwrap(),
        "phone_name:str, server_id:str, phone_id:str, phone_model_name:str, image_id:str, image_version:str, \
         vnc_enable:str, status:int, type:int, imei:str, traffic_type:str, volume_mode:int, \
         availability_zone:str, metadata:PhoneMetadata, has_encrypt:bool, create_time:str, update_time:str",
    );
    let detail = serde_json::to_value(CloudPhoneDetail {
        imei: Some("1".into()),
        traffic_type: Some("direct".into()),
        availability_zone: Some("a".into()),
        phone_data_volume: Some(PhoneDataVolume::default()),
        ..CloudPhoneDetail::default()
    });
    crate::testing::has_fields(
        &detail.unwrap(),
        "request_id:str, phone_name:str, server_id:str, phone_id:str, image_id:str, image_version:str, \
         vnc_enable:str, phone_model_name:str, status:int, access_infos:[PhoneAccessInfo], property:str, \
         custom_property:map<str,str>, metadata:Metadata, phone_data_volume:PhoneDataVolume, imei:str, \
         type:int, traffic_type:str, volume_mode:int, availability_zone:str, has_encrypt:bool, \
         create_time:str, update_time:str",
    );
    let access = PhoneAccessInfo {
        phone_ipv6: Some("::1".into()),
        server_ipv6: Some("::1".into()),
        ..PhoneAccessInfo::default()
    };
    crate::testing::has_fields(
        &serde_json::to_value(access).unwrap(),
        "type:str, device_ip:str, phone_ip:str, listen_port:int, access_ip:str, public_ip:str, \
         intranet_ip:str, server_ip:str, access_port:int, phone_ipv6:str, server_ipv6:str",
    );
    let bare = serde_json::to_value(Phone::default()).unwrap();
    assert!(bare.get("imei").is_none(), "absent, not null");
    assert_eq!(bare["metadata"], serde_json::json!({}));
    let list = serde_json::to_string(&CloudPhones::default()).unwrap();
    assert_eq!(list, r#"{"request_id":"","count":0,"phones":[]}"#);
}

#[test]
fn deprecated_addresses_are_twins() {
    let info = PhoneAccessInfo::new("adb", ("10.0.0.2", 5555), ("192.168.0.9", 40001), "");
    let json = serde_json::to_value(info).unwrap();
    assert_eq!(json["type"], "adb");
    assert_eq!((&json["device_ip"], &json["listen_port"]), (&json["phone_ip"], &5555.into()));
    assert_eq!((&json["intranet_ip"], &json["access_port"]), (&json["server_ip"], &40001.into()));
    assert_eq!((&json["access_ip"], &json["public_ip"]), (&"".into(), &"".into()));
    assert_eq!(json["phone_ip"], "10.0.0.2");
    assert_eq!(json["server_ip"], "192.168.0.9");
}
