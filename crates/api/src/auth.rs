//! Who asks: a token or a signature, and for which project.

mod cache;
pub mod signature;

use cache::Cache;
use http::HeaderMap;
use model::code::{self, Refusal};
use model::id::ProjectId;
use signature::Signed;
use std::time::Duration;
use store::{Actor, Scope, Store, Token, User, digest};

/// How long a look-up of a token or an access key is believed. A revoked one may work that much longer.
const BELIEVED: Duration = Duration::from_secs(5);

/// Who asks, proven.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The user.
    pub user: User,
    /// The token, when one was shown; none with a signature.
    pub token: Option<Token>,
    /// The access key that signed; none with a token.
    pub access_key: Option<String>,
}

/// Checks credentials.
#[derive(Debug)]
pub struct Authenticator {
    store: Store,
    keys: Cache<(User, String)>,
    tokens: Cache<(User, Token)>,
}

impl Authenticator {
    /// Checks against what the store holds.
    pub fn new(store: Store) -> Self {
        Self { store, keys: Cache::new(BELIEVED), tokens: Cache::new(BELIEVED) }
    }

    /// Who sent the request. A signature wins over a token (`contract/README.md`, "Authentication").
    ///
    /// # Errors
    /// APIGW.0301 with the documented ending.
    pub async fn caller(&self, signed: &Signed<'_>) -> Result<Caller, Refusal> {
        let header = |name| header(signed.headers, name);
        match (header("authorization"), header("x-auth-token")) {
            (Some(authorization), _) => self.by_signature(authorization, signed).await,
            (None, Some(token)) => {
                let (user, token) = self.by_token(token).await?;
                Ok(Caller { user, token: Some(token), access_key: None })
            }
            (None, None) => Err(Refusal::unauthenticated("x-auth-token not found")),
        }
    }

    /// Whether there is a credential that may be good: a good token, or a known access key.
    ///
    /// # Errors
    /// APIGW.0301 as [`Authenticator::caller`].
    pub async fn admit(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        match (header(headers, "authorization"), header(headers, "x-auth-token")) {
            (Some(authorization), _) => {
                let claim = signature::claim(authorization).ok_or_else(signature_fail)?;
                self.key(claim.ak).await.map(drop)
            }
            (None, Some(token)) => self.by_token(token).await.map(drop),
            (None, None) => Err(Refusal::unauthenticated("x-auth-token not found")),
        }
    }

    /// The user and SK of an access key.
    async fn key(&self, ak: &str) -> Result<(User, String), Refusal> {
        if let Some(found) = self.keys.get(ak) {
            return Ok(found);
        }
        let found = self.store.access_key_get(ak).await?.ok_or_else(signature_fail)?;
        self.keys.put(ak, found.clone());
        Ok(found)
    }

    async fn by_signature(&self, authorization: &str, signed: &Signed<'_>) -> Result<Caller, Refusal> {
        let claim = signature::claim(authorization).ok_or_else(signature_fail)?;
        let (user, sk) = self.key(claim.ak).await?;
        if !signature::good(&claim, signed, &sk, self.store.clock().now_ms()) {
            return Err(signature_fail());
        }
        Ok(Caller { user, token: None, access_key: Some(claim.ak.to_string()) })
    }

    /// The user and record of a token that is good now.
    ///
    /// # Errors
    /// APIGW.0301 with the documented ending.
    pub async fn by_token(&self, text: &str) -> Result<(User, Token), Refusal> {
        // The cache holds digests, so that a memory dump does not hold usable tokens.
        let key = digest(text.as_bytes());
        let found = match self.tokens.get(&key) {
            Some(found) => Some(found),
            None => {
                let found = self.store.token_get(text).await?;
                if let Some(found) = &found {
                    self.tokens.put(&key, found.clone());
                }
                found
            }
        };
        let (user, token) = found.ok_or_else(|| Refusal::unauthenticated("decrypt token fail"))?;
        if token.expire_ms <= self.store.clock().now_ms() {
            let at = wire::time::utc(token.expire_ms);
            return Err(Refusal::unauthenticated(&format!("token expires, expires_at: {at}")));
        }
        Ok((user, token))
    }
}

fn signature_fail() -> Refusal {
    Refusal::unauthenticated("verify aksk signature fail")
}

/// A header's text; none when absent, empty or not ASCII.
pub fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim).filter(|text| !text.is_empty())
}

impl Caller {
    /// The caller as the audit log names it.
    pub fn actor(&self) -> Actor {
        Actor {
            user_id: Some(self.user.id.clone()),
            user_name: self.user.name.clone(),
            access_key: self.access_key.clone(),
        }
    }

    /// The project of the path, if the caller may use it.
    ///
    /// # Errors
    /// CPS.0046 for a text that is no id; CPS.0001 for a token that is not scoped to this project, and for a
    /// project that is not the user's: whether it exists is not told.
    pub fn project(&self, path_project: &str) -> Result<ProjectId, Refusal> {
        let id_like = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        if path_project.is_empty() || path_project.len() > 64 || !path_project.bytes().all(id_like) {
            return Err(code::PROJECT_ID_INVALID.into());
        }
        let project_id = ProjectId::new(path_project);
        let allowed = match &self.token {
            Some(token) => token.scope == Scope::Project(project_id.clone()),
            None => self.user.projects.iter().any(|p| p.id == project_id),
        };
        if allowed { Ok(project_id) } else { Err(code::NO_PERMISSION.into()) }
    }
}
