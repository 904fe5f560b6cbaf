//! The part of IAM that CPH's clients use to log in (`contract/README.md`, "IAM subset").

pub use crate::iam_token::*;

use crate::request::{Page, Parts, QueryField, Request};
use model::code::{self, Refusal};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Most projects on a page, and the default.
pub const PROJECTS_PER_PAGE_MAX: i64 = 5000;

/// ListProjects: the projects of who asks. An absent filter lets everything pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListProjects {
    /// The project of exactly this name.
    pub name: Option<String>,
    /// Projects of this domain.
    pub domain_id: Option<String>,
    /// Projects that are, or are not, in use.
    pub enabled: Option<bool>,
    /// Which part of the list.
    pub page: Page,
}

impl Request for ListProjects {
    const QUERY: &'static [QueryField] = &[
        QueryField::text("name", "The whole name."),
        QueryField::text("domain_id", "The domain of the projects."),
        QueryField::text("enabled", "true or false."),
        QueryField::integer("page", "Which page, from 1."),
        QueryField::integer("per_page", "Projects on a page: 1 to 5000, 5000 by default."),
    ];

    /// 400 with words of our own.
    fn decode(parts: &Parts<'_>) -> Result<Self, Refusal> {
        let number = |name: &str, max: i64, default: i64| {
            let number = parts.integer(name, code::API_REQUEST_ERROR).ok()?.unwrap_or(default);
            (1..=max).contains(&number).then_some(number)
        };
        let enabled = match parts.query("enabled").map(str::to_ascii_lowercase).as_deref() {
            None => None,
            Some("true") => Some(true),
            Some("false") => Some(false),
            Some(_) => {
                return Err(Refusal::new(code::API_REQUEST_ERROR).saying("enabled must be true or false."));
            }
        };
        let bad_page = || Refusal::new(code::API_REQUEST_ERROR).saying("page or per_page is invalid.");
        let limit = number("per_page", PROJECTS_PER_PAGE_MAX, PROJECTS_PER_PAGE_MAX).ok_or_else(bad_page)?;
        let page = number("page", i64::MAX / PROJECTS_PER_PAGE_MAX, 1).ok_or_else(bad_page)?;
        Ok(Self {
            name: parts.text("name", code::API_REQUEST_ERROR)?,
            domain_id: parts.text("domain_id", code::API_REQUEST_ERROR)?,
            enabled,
            page: Page { offset: (page - 1) * limit, limit },
        })
    }
}

/// The answer of CreateToken and ValidateToken; the token itself is in the header `X-Subject-Token`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TokenReply {
    /// What the token is good for.
    pub token: TokenInfo,
}

/// What a token is good for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TokenInfo {
    /// When it ends, UTC with microseconds.
    pub expires_at: String,
    /// When it was made, UTC with microseconds.
    pub issued_at: String,
    /// How it was got: `password` or `token`.
    pub methods: Vec<String>,
    /// Where the services are; absent when left out on request and in unscoped tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub catalog: Option<Vec<CatalogEntry>>,
    /// The project of a project's token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<ProjectInfo>,
    /// The domain of a domain's token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<DomainInfo>,
    /// What its user may do.
    pub roles: Vec<Role>,
    /// Whose it is.
    pub user: UserInfo,
}

/// A project and its domain.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProjectInfo {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its domain.
    pub domain: DomainInfo,
}

/// A user and its domain.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UserInfo {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its domain.
    pub domain: DomainInfo,
}

/// A domain.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DomainInfo {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// A role.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Role {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// A service.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CatalogEntry {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is, for example `cph`.
    #[serde(rename = "type")]
    pub service_type: String,
    /// Where it is.
    pub endpoints: Vec<Endpoint>,
}

/// Where a service is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Endpoint {
    /// Its id.
    pub id: String,
    /// For whom: `public`.
    pub interface: String,
    /// The region.
    pub region: String,
    /// The region, again.
    pub region_id: String,
    /// The address.
    pub url: String,
}

/// The answer of ListProjects.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Projects {
    /// The projects.
    pub projects: Vec<Project>,
    /// The pages before and after.
    pub links: PageLinks,
}

/// A project in a list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Project {
    /// Its id.
    pub id: String,
    /// Its name; by custom a region's.
    pub name: String,
    /// Its domain.
    pub domain_id: String,
    /// What it is part of: the domain.
    pub parent_id: String,
    /// Always false.
    pub is_domain: bool,
    /// What it is for.
    pub description: String,
    /// Whether it is in use.
    pub enabled: bool,
    /// Its address.
    pub links: SelfLink,
}

/// The address of something.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SelfLink {
    /// The address.
    #[serde(rename = "self")]
    pub own: String,
}

/// The pages before and after; clients follow `next` until it is null (`contract/clients.md`, T26).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PageLinks {
    /// The page after, null on the last one.
    pub next: Option<String>,
    /// The page before, null on the first one.
    pub previous: Option<String>,
    /// This page.
    #[serde(rename = "self")]
    pub own: String,
}

/// The answer of ListAuthDomains.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AuthDomains {
    /// The domains.
    pub domains: Vec<AuthDomain>,
    /// Nothing.
    pub links: NoLinks,
}

/// A domain in a list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AuthDomain {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Whether it is in use.
    pub enabled: bool,
}

/// The answer of ListAuthCatalog.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AuthCatalog {
    /// Where the services are.
    pub catalog: Vec<CatalogEntry>,
    /// Nothing.
    pub links: NoLinks,
}

/// An empty object.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NoLinks {}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::testing::query;

    #[test]
    fn filters_of_projects() {
        let all = ListProjects {
            name: None,
            domain_id: None,
            enabled: None,
            page: Page { offset: 0, limit: PROJECTS_PER_PAGE_MAX },
        };
        assert_eq!(query::<ListProjects>("").unwrap(), all);
        assert_eq!(query::<ListProjects>("name=&domain_id=&enabled=&page=&per_page=").unwrap(), all);
        let some = query("name=cn-north-4&domain_id=1&enabled=True&page=3&per_page=10");
        assert_eq!(
            some,
            Ok(ListProjects {
                name: Some("cn-north-4".into()),
                domain_id: Some("1".into()),
                enabled: Some(true),
                page: Page { offset: 20, limit: 10 },
            })
        );
        for text in [
            "enabled=yes",
            "page=0",
            "page=x",
            "page=9223372036854775807",
            "per_page=0",
            "per_page=5001",
            "name=\0",
            "domain_id=\0",
        ] {
            assert_eq!(query::<ListProjects>(text).unwrap_err().http(), 400, "{text}");
        }
    }

    #[test]
    fn empty_answers() {
        let json = |value: serde_json::Result<String>| value.unwrap();
        assert_eq!(
            json(serde_json::to_string(&Projects::default())),
            r#"{"projects":[],"links":{"next":null,"previous":null,"self":""}}"#
        );
        assert_eq!(json(serde_json::to_string(&AuthDomains::default())), r#"{"domains":[],"links":{}}"#);
        assert_eq!(json(serde_json::to_string(&AuthCatalog::default())), r#"{"catalog":[],"links":{}}"#);
        let unscoped = json(serde_json::to_string(&TokenInfo::default()));
        assert!(!unscoped.contains("catalog") && !unscoped.contains("project"), "{unscoped}");
    }
}
