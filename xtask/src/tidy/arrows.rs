//! Which crate may know which: ARCHITECTURE.md's arrows as two tables.

use serde_json::Value;

/// What a crate may know of our own.
enum Knows {
    Anything,
    Only(&'static [&'static str]),
}

/// Every crate of the workspace and those of ours it may depend on.
const ARROWS: &[(&str, Knows)] = &[
    ("model", Knows::Only(&[])),
    ("metrics", Knows::Only(&[])),
    ("adb", Knows::Only(&[])),
    ("emulator", Knows::Only(&["adb"])),
    ("wire", Knows::Only(&["model"])),
    ("store", Knows::Only(&["metrics", "model"])),
    ("runtime", Knows::Only(&["adb", "emulator", "metrics", "model"])),
    ("gateway", Knows::Only(&["adb", "metrics", "store", "runtime", "model"])),
    ("jobs", Knows::Only(&["metrics", "store", "runtime", "model"])),
    ("api", Knows::Only(&["metrics", "wire", "store", "model"])),
    ("cli", Knows::Only(&["wire", "model"])),
    ("testing", Knows::Only(&[])),
    ("phoneyard", Knows::Anything),
    ("bench", Knows::Anything),
    ("xtask", Knows::Only(&["wire"])),
];

/// What a crate must not know of others: the model and the emulator do no I/O, SQL is the store's, HTTP is
/// the adapter's.
const FORBIDDEN: &[(&str, &[&str])] = &[
    ("model", &["axum", "http", "hyper", "reqwest", "sqlx", "tokio"]),
    ("metrics", &["axum", "http", "hyper", "reqwest", "sqlx", "tokio"]),
    ("adb", &["axum", "http", "hyper", "reqwest", "sqlx"]),
    ("emulator", &["axum", "http", "hyper", "reqwest", "sqlx"]),
    ("wire", &["axum", "hyper", "reqwest", "sqlx", "tokio"]),
    ("store", &["axum", "http", "hyper", "reqwest"]),
    ("runtime", &["axum", "sqlx"]),
    ("gateway", &["axum", "http", "hyper", "reqwest", "sqlx"]),
    ("jobs", &["axum", "http", "hyper", "reqwest", "sqlx"]),
    ("api", &["sqlx"]),
    ("cli", &["axum", "hyper", "sqlx"]),
    ("testing", &["axum", "http", "hyper", "reqwest", "sqlx"]),
    ("phoneyard", &["sqlx"]),
    ("xtask", &["axum", "hyper", "reqwest", "sqlx", "tokio"]),
];

/// Complaints about `cargo metadata`'s answer. Dependencies of tests are free: a test may know more than
/// what it tests.
///
/// # Errors
/// The answer is not what cargo documents.
pub fn check(metadata: &Value) -> Result<Vec<String>, String> {
    let packages = metadata["packages"].as_array().ok_or("tidy: cargo metadata names no packages")?;
    let mut complaints = Vec::new();
    for package in packages {
        let name = short(text(package, "name")?);
        let Some((_, knows)) = ARROWS.iter().find(|(known, _)| *known == name) else {
            complaints.push(format!(
                "{name}: this crate has no arrows; add it to xtask/src/tidy/arrows.rs and the map"
            ));
            continue;
        };
        let dependencies =
            package["dependencies"].as_array().ok_or("tidy: a package without dependencies")?;
        for dependency in dependencies.iter().filter(|dependency| dependency["kind"] != "dev") {
            let other = text(dependency, "name")?;
            complaints.extend(complaint(name, knows, other, dependency["path"].is_string()));
        }
    }
    Ok(complaints)
}

fn complaint(name: &str, knows: &Knows, other: &str, ours: bool) -> Option<String> {
    if ours {
        let other = short(other);
        return match knows {
            Knows::Anything => None,
            Knows::Only(allowed) if allowed.contains(&other) => None,
            Knows::Only(_) => Some(format!("{name}: must not know {other}")),
        };
    }
    let forbidden = FORBIDDEN.iter().find(|(known, _)| *known == name).map_or(&[][..], |(_, list)| list);
    forbidden.contains(&other).then(|| format!("{name}: must not use {other}"))
}

fn short(name: &str) -> &str {
    name.strip_prefix("phoneyard-").unwrap_or(name)
}

fn text<'a>(value: &'a Value, key: &str) -> Result<&'a str, String> {
    value[key].as_str().ok_or_else(|| format!("tidy: cargo metadata without {key}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    fn package(name: &str, dependencies: Value) -> Value {
        json!({"packages": [{"name": name, "dependencies": dependencies}]})
    }

    #[test]
    fn the_arrows_are_allowed() {
        let api = package(
            "phoneyard-api",
            json!([{"name": "phoneyard-wire", "kind": null, "path": "/w"}, {"name": "axum", "kind": null}]),
        );
        assert_eq!(check(&api), Ok(vec![]));
    }

    #[test]
    fn an_arrow_that_is_not_on_the_map_is_named() {
        let api = package("phoneyard-api", json!([{"name": "phoneyard-jobs", "kind": null, "path": "/j"}]));
        assert_eq!(check(&api), Ok(vec!["api: must not know jobs".to_owned()]));
        let model = package("phoneyard-model", json!([{"name": "tokio", "kind": "build"}]));
        assert_eq!(check(&model), Ok(vec!["model: must not use tokio".to_owned()]));
    }

    #[test]
    fn a_test_may_know_more() {
        let jobs = package("phoneyard-jobs", json!([{"name": "phoneyard-api", "kind": "dev", "path": "/a"}]));
        assert_eq!(check(&jobs), Ok(vec![]));
    }

    #[test]
    fn a_crate_without_arrows_is_named() {
        let complaints = check(&package("phoneyard-news", json!([]))).unwrap();
        assert!(complaints[0].starts_with("news: this crate has no arrows"), "{complaints:?}");
    }

    #[test]
    fn only_the_store_and_the_bench_may_use_sqlx() {
        for (name, _) in ARROWS {
            let forbidden = FORBIDDEN.iter().any(|(known, list)| known == name && list.contains(&"sqlx"));
            assert_eq!(forbidden, !["store", "bench"].contains(name), "{name}");
        }
    }

    #[test]
    fn metadata_that_cargo_would_not_write_is_an_error() {
        assert!(check(&json!({})).is_err());
        assert!(check(&json!({"packages": [{"name": "phoneyard-model"}]})).is_err());
    }
}
