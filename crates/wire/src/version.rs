//! Version documents, for clients that look around before they log in (`contract/README.md`, "IAM subset";
//! `contract/clients.md`, K5).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The version of IAM that is shown. The contract's `v3.x` stands for one: keystoneauth reads it as numbers.
pub const IAM_VERSION: &str = "v3.0";

/// The answer of both version documents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Versions {
    /// The versions.
    pub versions: VersionValues,
}

/// The versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VersionValues {
    /// One by one.
    pub values: Vec<Version>,
}

/// A version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Version {
    /// Its number, for example `v3.0`.
    pub id: String,
    /// `stable`.
    pub status: String,
    /// Where it is.
    pub links: Vec<VersionLink>,
}

/// Where a version is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VersionLink {
    /// `self`.
    pub rel: String,
    /// The address.
    pub href: String,
}

impl Versions {
    /// The document of a service at this address, for example `http://127.0.0.1:8080`.
    pub fn at(base_url: &str) -> Self {
        let href = format!("{}/v3/", base_url.trim_end_matches('/'));
        let links = vec![VersionLink { rel: "self".into(), href }];
        let version = Version { id: IAM_VERSION.into(), status: "stable".into(), links };
        Self { versions: VersionValues { values: vec![version] } }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_document() {
        let text = r#"{"versions":{"values":[{"id":"v3.0","status":"stable","links":[{"rel":"self","href":"http://a:1/v3/"}]}]}}"#;
        for base in ["http://a:1", "http://a:1/"] {
            assert_eq!(serde_json::to_string(&Versions::at(base)).unwrap(), text);
        }
    }
}
