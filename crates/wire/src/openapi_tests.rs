#![allow(clippy::unwrap_used)]

use super::*;
use std::collections::HashSet;

/// Every `$ref` below a value.
fn references(value: &Value, into: &mut HashSet<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::String(target) if name == "$ref" => drop(into.insert(target.clone())),
                    _ => references(value, into),
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| references(value, into)),
        _ => {}
    }
}

#[test]
fn every_reference_leads_somewhere_and_every_component_is_used() {
    let document = document();
    let mut used = HashSet::new();
    references(&document, &mut used);
    for target in &used {
        assert!(document.pointer(target.trim_start_matches('#')).is_some(), "{target}");
    }
    for kind in ["schemas", "responses"] {
        for name in document["components"][kind].as_object().unwrap().keys() {
            assert!(used.contains(&format!("#/components/{kind}/{name}")), "{kind} {name}");
        }
    }
}

#[test]
fn every_operation_is_there() {
    let document = document();
    for op in OPERATIONS {
        let operation = &document["paths"][op.path][op.method.as_str().to_ascii_lowercase()];
        assert_eq!(operation["operationId"], op.name);
        assert!(operation["responses"][op.success.to_string()].is_object(), "{op:?}");
        assert_eq!(operation["requestBody"].is_object(), op.request_schema.is_some(), "{op:?}");
        assert_eq!(operation["security"] == json!([]), op.access == Access::Open, "{op:?}");
    }
}

#[test]
fn the_restart() {
    let document = document();
    let path = "/v1/{project_id}/cloud-phone/phones/batch-restart";
    let restart = &document["paths"][path]["post"];
    assert_eq!(restart["x-permission"], "cph:phones:restart");
    let names: Vec<&Value> = restart["parameters"].as_array().unwrap().iter().map(|p| &p["name"]).collect();
    assert_eq!(names, ["project_id"]);
    let body = &restart["requestBody"]["content"]["application/json"]["schema"]["$ref"];
    assert_eq!(body, "#/components/schemas/RestartCloudPhoneBody");
    let schema = &document["components"]["schemas"]["RestartCloudPhoneBody"];
    assert_eq!(schema["required"], json!(["phones"]));
    assert_eq!(schema["properties"]["image_id"]["type"], "string");
}

#[test]
fn fields_that_may_be_absent_are_not_null_and_those_that_may_be_null_are_there() {
    let document = document();
    let schemas = &document["components"]["schemas"];
    assert_eq!(schemas["PhoneJob"]["required"], json!(["phone_id"]));
    assert_eq!(schemas["PhoneJob"]["properties"]["job_id"]["type"], "string");
    assert_eq!(schemas["Job"]["properties"]["end_time"]["type"], json!(["string", "null"]));
    assert!(schemas["Job"]["required"].as_array().unwrap().contains(&json!("end_time")));
    let volume = &schemas["CloudPhoneDetail"]["properties"]["phone_data_volume"];
    assert_eq!(volume["$ref"], "#/components/schemas/PhoneDataVolume");
    assert!(volume.get("anyOf").is_none());
}

#[test]
fn the_document_is_the_same_every_time() {
    assert_eq!(text(), text());
    assert!(text().ends_with("}\n"));
}
