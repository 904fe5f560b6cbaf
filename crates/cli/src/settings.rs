//! How the service is reached and who asks: flags, then the environment, then a profile.
//!
//! Pure: three layers of texts become one connection, or an error that names flag, variable and profile key.

use crate::secret::Secret;
use std::collections::BTreeMap;

/// One setting of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// The service's URL.
    Endpoint,
    /// The URL of its log-in, when it is another.
    IamEndpoint,
    /// The project.
    ProjectId,
    /// The project by its name.
    Region,
    /// Access key.
    Ak,
    /// Secret key.
    Sk,
    /// Token.
    Token,
    /// User name.
    User,
    /// Password.
    Password,
    /// The user's domain.
    Domain,
    /// A file of certificates to trust.
    Ca,
}

/// Where a setting comes from.
#[derive(Debug, Clone, Copy)]
pub struct Source {
    /// The setting.
    pub key: Key,
    /// The flag.
    pub flag: &'static str,
    /// The environment variable.
    pub variable: &'static str,
    /// The key in a profile.
    pub profile: &'static str,
}

/// Every setting and where it comes from. The variables are the official SDK's where it has one.
pub const SOURCES: [Source; 11] = [
    source(Key::Endpoint, "--endpoint", "PHONEYARD_ENDPOINT", "endpoint"),
    source(Key::IamEndpoint, "--iam-endpoint", "HUAWEICLOUD_SDK_IAM_ENDPOINT", "iam_endpoint"),
    source(Key::ProjectId, "--project-id", "HUAWEICLOUD_SDK_PROJECT_ID", "project_id"),
    source(Key::Region, "--region", "PHONEYARD_REGION", "region"),
    source(Key::Ak, "--ak", "HUAWEICLOUD_SDK_AK", "ak"),
    source(Key::Sk, "--sk", "HUAWEICLOUD_SDK_SK", "sk"),
    source(Key::Token, "--token", "PHONEYARD_TOKEN", "token"),
    source(Key::User, "--user", "PHONEYARD_USER", "user"),
    source(Key::Password, "--password-stdin", "PHONEYARD_PASSWORD", "password"),
    source(Key::Domain, "--domain", "PHONEYARD_DOMAIN", "domain"),
    source(Key::Ca, "--ca", "PHONEYARD_CA", "ca"),
];

/// The domain that `phoneyard project create` makes.
const DOMAIN: &str = "phoneyard";

const fn source(key: Key, flag: &'static str, variable: &'static str, profile: &'static str) -> Source {
    Source { key, flag, variable, profile }
}

/// Settings of one layer; empty texts are left out.
pub type Layer = BTreeMap<Key, String>;

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    /// Signs with AK/SK.
    Keys {
        /// Access key.
        ak: String,
        /// Secret key.
        sk: Secret,
    },
    /// Sends a token.
    Token(Secret),
    /// Logs in for a token.
    Password {
        /// User name.
        user: String,
        /// Password.
        password: Secret,
        /// The user's domain.
        domain: String,
    },
}

/// How the service is reached and who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The service's URL, without a slash at its end.
    pub endpoint: String,
    /// The URL of its log-in, likewise.
    pub iam_endpoint: String,
    /// The project, when it is told.
    pub project_id: Option<String>,
    /// The project's name, when it is told.
    pub region: Option<String>,
    /// Who asks.
    pub credential: Credential,
    /// A file of certificates to trust.
    pub ca: Option<String>,
}

/// What a verb needs of the credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Any will do.
    Any,
    /// A token is wanted, which a signature cannot get.
    LogIn,
}

/// Joins the layers; the first one that has a setting counts. Which kind of credential is used is told by
/// the first layer that has any; its other half may come from a later one.
///
/// # Errors
/// What is missing, with its flag, variable and profile key.
pub fn resolve(layers: &[Layer], need: Need, profiles: &str) -> Result<Settings, String> {
    let find = |key: Key| layers.iter().find_map(|layer| layer.get(&key)).cloned();
    let require = |key: Key, what: &str| find(key).ok_or_else(|| missing(key, what, profiles));
    let endpoint = url(Key::Endpoint, &require(Key::Endpoint, "the service's URL")?)?;
    let iam_endpoint = match find(Key::IamEndpoint) {
        Some(text) => url(Key::IamEndpoint, &text)?,
        None => endpoint.clone(),
    };
    let kinds: &[Key] = match need {
        Need::Any => &[Key::Ak, Key::Sk, Key::Token, Key::User],
        Need::LogIn => &[Key::User, Key::Token],
    };
    let kind = layers.iter().find_map(|layer| kinds.iter().find(|key| layer.contains_key(key)));
    let credential = match kind {
        Some(Key::Token) => Credential::Token(Secret(require(Key::Token, "a token")?)),
        Some(Key::User) => Credential::Password {
            user: require(Key::User, "the user")?,
            password: Secret(require(Key::Password, "the user's password")?),
            domain: find(Key::Domain).unwrap_or_else(|| DOMAIN.into()),
        },
        Some(_) => Credential::Keys {
            ak: require(Key::Ak, "the access key (AK)")?,
            sk: Secret(require(Key::Sk, "the secret key (SK)")?),
        },
        None => return Err(nobody(need, profiles)),
    };
    // A region by flag is not overruled by a project id in the environment.
    let told =
        layers.iter().find(|layer| [Key::ProjectId, Key::Region].iter().any(|key| layer.contains_key(key)));
    let project_id = told.and_then(|layer| layer.get(&Key::ProjectId)).cloned();
    let region = told.and_then(|layer| layer.get(&Key::Region)).cloned();
    let ca = find(Key::Ca);
    Ok(Settings { endpoint, iam_endpoint, project_id, region, credential, ca })
}

/// Names the three places of a setting.
pub fn places(key: Key, profiles: &str) -> String {
    let found = SOURCES.iter().find(|source| source.key == key);
    found.map_or_else(String::new, |Source { flag, variable, profile, .. }| {
        format!("{flag}, the variable {variable} or `{profile}` in a profile ({profiles})")
    })
}

fn missing(key: Key, what: &str, profiles: &str) -> String {
    format!("{what} is missing: set {}", places(key, profiles))
}

fn nobody(need: Need, profiles: &str) -> String {
    let keys = format!("an access key ({}, and its SK likewise)", places(Key::Ak, profiles));
    let token = format!("a token ({})", places(Key::Token, profiles));
    let user = format!("a user with a password ({})", places(Key::User, profiles));
    match need {
        Need::Any => format!("no credential: set {keys}, {token} or {user}"),
        Need::LogIn => format!("an access key gets no token: set {user} or {token}"),
    }
}

fn url(key: Key, text: &str) -> Result<String, String> {
    let source = SOURCES.iter().find(|source| source.key == key);
    let name = source.map_or("", |source| source.flag);
    let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
    match rest.map(|rest| rest.trim_end_matches('/')) {
        Some(rest) if !rest.is_empty() && !rest.contains(['/', '?', '#', '@', ' ']) => {
            Ok(text.trim_end_matches('/').into())
        }
        _ => Err(format!("{name}: '{text}' is no URL; write it like http://127.0.0.1:8080")),
    }
}

#[cfg(test)]
#[path = "settings_tests.rs"]
mod tests;
