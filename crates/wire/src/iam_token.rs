//! The request for a token (`contract/README.md`, "IAM subset").

use crate::request::{Parts, QueryField, Request, SchemaFn};
use model::code::{self, Refusal};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;

/// Longest body, in bytes; it is parsed before anybody is authenticated.
pub const BODY_BYTES_MAX: usize = 16 * 1024;

/// Longest name, id, password or token, in bytes.
pub const TEXT_BYTES_MAX: usize = 4096;

/// Where the body holds objects, as JSON pointers.
const OBJECTS: [&str; 12] = [
    "",
    "/auth",
    "/auth/identity",
    "/auth/identity/password",
    "/auth/identity/password/user",
    "/auth/identity/password/user/domain",
    "/auth/identity/token",
    "/auth/scope",
    "/auth/scope/project",
    "/auth/scope/project/domain",
    "/auth/scope/domain",
    "/auth/scope/unscoped",
];

/// CreateToken: a user's name and password, or an older token, for a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateToken {
    /// Who asks.
    pub identity: Identity,
    /// What the token is to be good for.
    pub scope: Scope,
    /// Leave the catalog out of the answer.
    pub nocatalog: bool,
}

/// Who asks for a token, and how it is proven.
#[derive(Clone, PartialEq, Eq)]
pub enum Identity {
    /// Method `password`.
    Password {
        /// The user.
        user: UserRef,
        /// The password.
        password: String,
    },
    /// Method `token`: another scope for the same user.
    Token(String),
}

impl fmt::Debug for Identity {
    /// Without password and token: they must not reach a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Password { user, .. } => {
                f.debug_struct("Password").field("user", user).finish_non_exhaustive()
            }
            Self::Token(_) => f.write_str("Token(..)"),
        }
    }
}

/// A user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserRef {
    /// By id.
    Id(String),
    /// By name, unique in its domain.
    Name {
        /// The name.
        name: String,
        /// The domain.
        domain: DomainRef,
    },
}

/// A domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DomainRef {
    /// By id.
    Id(String),
    /// By name.
    Name(String),
}

/// What a token is to be good for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Nothing but asking for another token.
    Unscoped,
    /// A domain.
    Domain(DomainRef),
    /// The project with this id.
    ProjectId(String),
    /// The project with this name.
    ProjectName {
        /// The name.
        name: String,
        /// Its domain; the user's when none is given.
        domain: Option<DomainRef>,
    },
}

impl Request for CreateToken {
    const QUERY: &'static [QueryField] =
        &[QueryField::text("nocatalog", "Leave the catalog out; the name alone is enough.")];
    const BODY: Option<SchemaFn> = Some(|schemas| schemas.subschema_for::<CreateTokenBody>());

    /// 400 with words of our own (code APIGW.0201, which IAM's error body does not show).
    fn decode(parts: &Parts<'_>) -> Result<Self, Refusal> {
        if parts.body.len() > BODY_BYTES_MAX {
            return Err(bad(format!("The body is longer than {BODY_BYTES_MAX} bytes.")));
        }
        // By way of a value, where of two fields of one name the last counts.
        let body: Value = serde_json::from_slice(parts.body).map_err(|_| bad("The body is not JSON."))?;
        // Otherwise an array would do for an object: its elements for the fields, in our order.
        if OBJECTS.iter().any(|at| body.pointer(at).is_some_and(Value::is_array)) {
            return Err(bad("The body is not a request for a token."));
        }
        // Without serde's own words, which may quote a password.
        let body: CreateTokenBody =
            serde_json::from_value(body).map_err(|_| bad("The body is not a request for a token."))?;
        Ok(Self {
            identity: identity(body.auth.identity)?,
            scope: body.auth.scope.map_or(Ok(Scope::Unscoped), scope)?,
            nocatalog: parts.query.iter().any(|(name, _)| name == "nocatalog"),
        })
    }
}

/// The body of CreateToken.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct CreateTokenBody {
    /// Who asks, and for what.
    pub auth: AuthBody,
}

/// Who asks, and for what.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct AuthBody {
    /// Who asks.
    pub identity: IdentityBody,
    /// What the token is to be good for; nothing by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<ScopeBody>,
}

/// Who asks.
#[derive(Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct IdentityBody {
    /// `["password"]` or `["token"]`.
    pub methods: Vec<String>,
    /// For the method `password`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<PasswordBody>,
    /// For the method `token`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<TokenBody>,
}

/// A user and a password.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct PasswordBody {
    /// The user.
    pub user: UserBody,
}

/// A user, by id or by name and domain, and the password.
#[derive(Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct UserBody {
    /// The user's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The user's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The domain of a user given by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<RefBody>,
    /// The password.
    pub password: String,
}

/// An older token.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct TokenBody {
    /// The token itself.
    pub id: String,
}

/// Something by id or by name.
#[derive(Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct RefBody {
    /// Its id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// A project by id, or by name and domain.
#[derive(Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ProjectBody {
    /// The project's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The project's name; by custom a region's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The domain of a project given by name; the user's by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<RefBody>,
}

/// What a token is to be good for.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum ScopeBody {
    /// The text `unscoped`.
    Word(String),
    /// A project or a domain.
    Of(ScopeOf),
}

/// A project, a domain, or neither.
#[derive(Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ScopeOf {
    /// A project.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<ProjectBody>,
    /// A domain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<RefBody>,
    /// Neither: an empty object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unscoped: Option<BTreeMap<String, String>>,
}

fn identity(body: IdentityBody) -> Result<Identity, Refusal> {
    // Exactly one method: to accept the first of several would skip the others' proof.
    let methods: Vec<&str> = body.methods.iter().map(String::as_str).collect();
    match (methods.as_slice(), body.password, body.token) {
        (["password"], Some(PasswordBody { user }), _) => {
            let password = text("auth.identity.password.user.password", Some(user.password))?
                .ok_or_else(|| bad("auth.identity.password.user.password is empty."))?;
            let at = "auth.identity.password.user";
            let user = match (text(at, user.id)?, text(at, user.name)?) {
                (Some(id), _) => UserRef::Id(id),
                (None, Some(name)) => UserRef::Name {
                    name,
                    domain: domain(user.domain)?
                        .ok_or_else(|| bad(format!("{at} needs a domain or an id.")))?,
                },
                (None, None) => return Err(bad(format!("{at} needs a name or an id."))),
            };
            Ok(Identity::Password { user, password })
        }
        (["token"], _, Some(TokenBody { id })) => match text("auth.identity.token.id", Some(id))? {
            Some(token) => Ok(Identity::Token(token)),
            None => Err(bad("auth.identity.token.id is empty.")),
        },
        (["password"], None, _) => Err(bad("auth.identity.password is missing.")),
        (["token"], _, None) => Err(bad("auth.identity.token is missing.")),
        _ => Err(bad("auth.identity.methods must be [\"password\"] or [\"token\"].")),
    }
}

fn scope(body: ScopeBody) -> Result<Scope, Refusal> {
    let of = match body {
        ScopeBody::Word(word) if word == "unscoped" => return Ok(Scope::Unscoped),
        ScopeBody::Word(_) => return Err(bad("auth.scope must be an object or \"unscoped\".")),
        ScopeBody::Of(of) => of,
    };
    if let Some(project) = of.project {
        let at = "auth.scope.project";
        return match (text(at, project.id)?, text(at, project.name)?) {
            (Some(id), _) => Ok(Scope::ProjectId(id)),
            (None, Some(name)) => Ok(Scope::ProjectName { name, domain: domain(project.domain)? }),
            (None, None) => Err(bad(format!("{at} needs a name or an id."))),
        };
    }
    match of.domain {
        None => Ok(Scope::Unscoped),
        some => {
            Ok(Scope::Domain(domain(some)?.ok_or_else(|| bad("auth.scope.domain needs a name or an id."))?))
        }
    }
}

fn domain(body: Option<RefBody>) -> Result<Option<DomainRef>, Refusal> {
    let Some(body) = body else { return Ok(None) };
    let at = "A domain's name or id";
    Ok(text(at, body.id)?.map(DomainRef::Id).or(text(at, body.name)?.map(DomainRef::Name)))
}

/// "" is as good as absent. Control characters are refused: PostgreSQL cannot even be asked for NUL.
fn text(at: &str, text: Option<String>) -> Result<Option<String>, Refusal> {
    match text {
        Some(text) if text.len() > TEXT_BYTES_MAX => Err(bad(format!("{at} is too long."))),
        Some(text) if text.chars().any(char::is_control) => {
            Err(bad(format!("{at} holds a control character.")))
        }
        text => Ok(text.filter(|text| !text.is_empty())),
    }
}

fn bad(text: impl Into<String>) -> Refusal {
    Refusal::new(code::API_REQUEST_ERROR).saying(text.into())
}

#[cfg(test)]
#[path = "iam_token_tests.rs"]
mod tests;
