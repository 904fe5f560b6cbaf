#![allow(clippy::unwrap_used)]

use super::*;
use std::collections::HashSet;

/// `RestartCloudPhone` as `RESTART_CLOUD_PHONE`.
fn constant(name: &str) -> String {
    let mut text = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !text.is_empty() {
            text.push('_');
        }
        text.push(letter.to_ascii_uppercase());
    }
    text
}

#[test]
fn every_constant_is_in_the_table_once_under_its_documented_name() {
    let source = include_str!("op/table.rs");
    let mut constants: Vec<&str> = source
        .lines()
        .filter_map(|line| line.strip_prefix("pub const ")?.split_once(": Op<").map(|(name, _)| name))
        .collect();
    let mut table: Vec<String> = OPERATIONS.iter().map(|op| constant(op.name)).collect();
    constants.sort_unstable();
    table.sort_unstable();
    assert_eq!(constants, table);
}

#[test]
fn names_and_routes_are_unique() {
    let names: HashSet<_> = OPERATIONS.iter().map(|op| op.name).collect();
    // Two templates that differ only in a parameter's name are one route.
    let route = |op: &OpInfo| {
        let parts: Vec<&str> =
            op.path.split('/').map(|p| if p.starts_with('{') { "{}" } else { p }).collect();
        (op.method, parts.join("/"))
    };
    let routes: HashSet<_> = OPERATIONS.iter().map(route).collect();
    assert_eq!((names.len(), routes.len()), (OPERATIONS.len(), OPERATIONS.len()));
}

#[test]
fn paths_are_well_formed() {
    for op in OPERATIONS {
        assert!(op.path.starts_with('/') && !op.path.contains("//"), "{op:?}");
        assert!(op.path == "/" || !op.path.ends_with('/'), "{op:?}");
        assert_eq!(op.path.matches('{').count(), op.path_parameters().count(), "{op:?}");
        let of_a_project = op.path_parameters().next() == Some("project_id");
        assert_eq!(of_a_project, op.permission().is_some(), "{op:?}");
        assert_eq!(of_a_project, op.errors == ErrorForm::Cph, "{op:?}");
        assert!(op.request_schema.is_none() || op.method != Method::Get, "{op:?}");
    }
}

#[test]
fn permissions_follow_the_pattern() {
    for permission in OPERATIONS.iter().filter_map(OpInfo::permission) {
        let parts: Vec<&str> = permission.split(':').collect();
        assert!(
            matches!(parts.as_slice(), ["cph", resource, verb] if !resource.is_empty() && !verb.is_empty())
        );
    }
    assert_eq!(RESTART_CLOUD_PHONE.info.permission(), Some("cph:phones:restart"));
}

#[test]
fn types_belong_to_their_constants() {
    let decode =
        |op: Op<crate::phone_batch::RestartCloudPhone, crate::phone_batch::PhoneJobs>| op.info.success;
    assert_eq!(decode(RESTART_CLOUD_PHONE), 200);
    assert_eq!((CREATE_TOKEN.info.success, LIST_VERSIONS.info.success), (201, 300));
}
