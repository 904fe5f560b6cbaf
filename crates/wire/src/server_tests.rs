#![allow(clippy::unwrap_used)]

use super::*;
use crate::testing::{body, code as code_of, decode, has_fields, query};

#[test]
fn filters() {
    let all = ListCloudPhoneServers {
        server_name: None,
        server_id: None,
        network_version: None,
        phone_model_name: None,
        create_since_ms: None,
        create_until_ms: None,
        status: None,
        page: Page { offset: 0, limit: 100 },
    };
    let nothing =
        "server_name=&server_id=&network_version=&phone_model_name=&create_since=&create_until=&status=";
    for text in ["", nothing] {
        assert_eq!(query::<ListCloudPhoneServers>(text).unwrap(), all, "{text}");
    }
    let some = query(
        "server_name=a&server_id=5e&network_version=V2&phone_model_name=m&status=5&create_since=1556262006&\
         create_until=1556262006001&offset=1&limit=2",
    );
    assert_eq!(
        some,
        Ok(ListCloudPhoneServers {
            server_name: Some("a".into()),
            server_id: Some("5e".into()),
            network_version: Some("v2".into()),
            phone_model_name: Some("m".into()),
            create_since_ms: Some(1_556_262_006_000),
            create_until_ms: Some(1_556_262_006_001),
            status: Some(5),
            page: Page { offset: 1, limit: 2 },
        })
    );
    for (text, expected) in [
        ("limit=101", "CPS.0002"),
        ("offset=-1", "CPS.0002"),
        ("status=x", "CPS.0010"),
        ("network_version=v3", "CPS.0240"),
        ("create_since=2020-01-01", "CPS.0174"),
        ("create_until=x", "CPS.0174"),
        ("server_name=\0", "CPS.0087"),
        ("server_id=\0", "CPS.0016"),
        ("phone_model_name=\0", "CPS.0028"),
    ] {
        assert_eq!(code_of(query::<ListCloudPhoneServers>(text)), expected, "{text}");
    }
    for text in ["create_since=-9223372036854775808", "create_since=9223372036854775807"] {
        assert!(query::<ListCloudPhoneServers>(text).is_ok(), "{text}");
    }
}

#[test]
fn ids_in_the_path() {
    let show = |id: &str| decode::<ShowCloudPhoneServerDetail>(&format!("server_id={id}"), "", "");
    for id in ["5e", "01234567-89ab-cdef-0123-456789abcdef"] {
        assert_eq!(show(id).unwrap().server_id, ServerId::new(id));
    }
    for id in ["", "X", "\0"] {
        assert_eq!(code_of(show(id)), "CPS.0016", "{id:?}");
    }
}

#[test]
fn servers_to_restart() {
    let ids = |count: usize| format!(r#"{{"server_ids":[{}]}}"#, vec!["\"5e\""; count].join(","));
    for count in [1, 2, SERVERS_MAX] {
        assert_eq!(body::<RestartCloudPhoneServer>(&ids(count)).unwrap().server_ids, vec!["5e"; count]);
    }
    assert_eq!(code_of(body::<RestartCloudPhoneServer>(&ids(SERVERS_MAX + 1))), "CPS.0096");
    for (text, expected) in [
        ("", "CPS.0095"),
        ("{}", "CPS.0095"),
        (r#"{"server_ids":null}"#, "CPS.0095"),
        (r#"{"server_ids":[]}"#, "CPS.0095"),
        (r#"{"server_ids":"5e"}"#, "CPS.0094"),
        (r#"{"server_ids":{}}"#, "CPS.0094"),
        (r#"{"server_ids":[1]}"#, "CPS.0094"),
        (r#"{"server_ids":["5e",null]}"#, "CPS.0094"),
        ("x", "CPS.0094"),
        ("[]", "CPS.0094"),
    ] {
        assert_eq!(code_of(body::<RestartCloudPhoneServer>(text)), expected, "{text}");
    }
}

#[test]
fn entries_have_either_a_job_or_an_error() {
    let jobs = vec![ServerJob::accepted("1", "j"), ServerJob::refused("2", "CPS.0097", "no")];
    assert_eq!(
        serde_json::to_string(&jobs).unwrap(),
        r#"[{"server_id":"1","job_id":"j"},{"server_id":"2","error_code":"CPS.0097","error_msg":"no"}]"#
    );
}

fn full() -> Server {
    let text = || Some(String::from("x"));
    Server {
        availability_zone: text(),
        keypair_name: text(),
        vpc_id: text(),
        cidr: text(),
        vpc_cidr: text(),
        subnet_id: text(),
        subnet_cidr: text(),
        resource_project_id: text(),
        enterprise_project_id: text(),
        ..Server::default()
    }
}

#[test]
fn the_fields_of_the_contract() {
    has_fields(
        &serde_json::to_value(full()).unwrap(),
        "server_name:str, availability_zone:str, server_id:str, server_model_name:str, phone_model_name:str, \
         keypair_name:str, status:int, vpc_id:str, cidr:str, vpc_cidr:str, subnet_id:str, subnet_cidr:str, \
         addresses:[Address], resource_project_id:str, metadata:ServerMetadata, network_version:str, \
         enterprise_project_id:str, create_time:str, update_time:str",
    );
    let detail = CloudPhoneServerDetail {
        server: full(),
        share_volume_info: Some(ShareVolumeInfo::default()),
        ..CloudPhoneServerDetail::default()
    };
    let json = serde_json::to_value(&detail).unwrap();
    has_fields(
        &json,
        "request_id:str, server_name:str, availability_zone:str, server_id:str, server_model_name:str, \
         phone_model_name:str, keypair_name:str, status:int, vpc_id:str, cidr:str, vpc_cidr:str, \
         subnet_id:str, subnet_cidr:str, resource_project_id:str, metadata:Metadata, addresses:[Address], \
         band_widths:[Bandwidth], volumes:[Volume], share_volume_info:ShareVolumeInfo, network_version:str, \
         enterprise_project_id:str, security_groups:[str], create_time:str, update_time:str",
    );
    assert_eq!(serde_json::from_value::<CloudPhoneServerDetail>(json).unwrap(), detail);
    has_fields(
        &serde_json::to_value(Bandwidth::default()).unwrap(),
        "band_width_name:str, band_width_id:str, band_width_size:int, band_width_charge_mode:int, \
         band_width_share_type:int, create_time:str, update_time:str",
    );
    has_fields(
        &serde_json::to_value(Volume::default()).unwrap(),
        "volume_name:str, volume_id:str, volume_size:int, volume_type:str, create_time:str, update_time:str",
    );
    has_fields(
        &serde_json::to_value(Address::new("a", "")).unwrap(),
        "intranet_ip:str, access_ip:str, server_ip:str, public_ip:str",
    );
}

#[test]
fn deprecated_addresses_are_twins() {
    let json = serde_json::to_value(Address::new("10.0.0.1", "1.2.3.4")).unwrap();
    assert_eq!((&json["intranet_ip"], &json["access_ip"]), (&json["server_ip"], &json["public_ip"]));
    assert_eq!(json["server_ip"], "10.0.0.1");
}
