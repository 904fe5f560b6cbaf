//! Who asks: domains, projects, users, access keys, tokens.

use crate::Store;
use crate::db::{Columns, args};
use crate::error::StoreError;
use crate::secrets::{self, digest};
use crate::sql::statements;
use model::id::{DomainId, ProjectId, UserId};
use sqlx::any::AnyRow;

/// Tokens last 24 hours (`contract/README.md`, "Token").
pub const TOKEN_LIFE_MS: i64 = 24 * 60 * 60 * 1000;

statements! {
    DOMAIN_BY_NAME = "SELECT id, name FROM domain WHERE name = $1";
    DOMAIN_INSERT = "INSERT INTO domain (id, name) VALUES ($1, $2)";
    PROJECT_BY_NAME = "SELECT p.id, p.name, d.id, d.name FROM project p JOIN domain d ON d.id = p.domain_id \
        WHERE p.name = $1 OR p.id = $1 ORDER BY p.create_ms";
    PROJECT_INSERT = "INSERT INTO project (id, domain_id, name, create_ms) VALUES ($1, $2, $3, $4)";
    PROJECTS_ALL = "SELECT p.id, p.name, d.id, d.name FROM project p JOIN domain d ON d.id = p.domain_id \
        ORDER BY p.create_ms, p.id";
    PROJECTS_OF_USER = "SELECT p.id, p.name, d.id, d.name FROM member m JOIN project p ON p.id = m.project_id \
        JOIN domain d ON d.id = p.domain_id WHERE m.user_id = $1 ORDER BY p.create_ms, p.id";
    USERS = "SELECT u.id, u.name, d.id, d.name, u.password_hash FROM account u JOIN domain d \
        ON d.id = u.domain_id WHERE u.id = $1 OR u.name = $1 ORDER BY u.create_ms";
    USER_INSERT = "INSERT INTO account (id, domain_id, name, password_hash, create_ms) \
        VALUES ($1, $2, $3, $4, $5)";
    MEMBER_INSERT = "INSERT INTO member (user_id, project_id) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    ACCESS_KEY = "SELECT user_id, sealed_sk FROM access_key WHERE ak = $1";
    ACCESS_KEY_INSERT = "INSERT INTO access_key (ak, user_id, sealed_sk, create_ms) VALUES ($1, $2, $3, $4)";
    TOKEN = "SELECT user_id, project_id, CASE WHEN domain_scoped THEN 1 ELSE 0 END, method, issue_ms, expire_ms \
        FROM token WHERE digest = $1";
    TOKEN_INSERT = "INSERT INTO token (digest, user_id, project_id, domain_scoped, method, issue_ms, expire_ms) \
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    TOKENS_EXPIRED = "DELETE FROM token WHERE expire_ms <= $1";
}

/// A domain (account).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Domain {
    /// Its id.
    pub id: DomainId,
    /// Its name, unique.
    pub name: String,
}

/// A project: the tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    /// Its id.
    pub id: ProjectId,
    /// Its name; a region's name by CPH's custom.
    pub name: String,
    /// The domain it belongs to.
    pub domain: Domain,
}

/// A user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// Its name, unique in its domain.
    pub name: String,
    /// The domain it belongs to.
    pub domain: Domain,
    /// The projects it may use.
    pub projects: Vec<Project>,
}

/// What a token is good for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// One project.
    Project(ProjectId),
    /// The user's domain.
    Domain,
    /// Nothing but asking for another token.
    Unscoped,
}

/// A token's record; the token itself is not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Whose it is.
    pub user_id: UserId,
    /// What it is good for.
    pub scope: Scope,
    /// How it was got: `password` or `token`.
    pub method: String,
    /// Epoch milliseconds.
    pub issue_ms: i64,
    /// Epoch milliseconds.
    pub expire_ms: i64,
}

fn project_from_row(row: &AnyRow) -> Result<Project, StoreError> {
    let domain = Domain { id: DomainId::new(row.text(2)?), name: row.text(3)? };
    Ok(Project { id: ProjectId::new(row.text(0)?), name: row.text(1)?, domain })
}

impl Store {
    /// Makes a project in a domain, which is made too if it is new.
    ///
    /// # Errors
    /// [`StoreError::Operator`] when the name is taken; what the database says.
    pub async fn project_create(
        &self,
        domain: &str,
        name: &str,
        id: Option<ProjectId>,
    ) -> Result<Project, StoreError> {
        let mut tx = self.db.begin().await?;
        let domain_id = match tx.rows(DOMAIN_BY_NAME, args![domain]).await?.first() {
            Some(row) => DomainId::new(row.text(0)?),
            None => {
                let id = DomainId::generate();
                tx.run(DOMAIN_INSERT, args![id.as_str(), domain]).await?;
                id
            }
        };
        for row in tx.rows(PROJECT_BY_NAME, args![name]).await? {
            if project_from_row(&row)?.domain.id == domain_id {
                return Err(StoreError::Operator(format!("project {name} exists already")));
            }
        }
        let id = id.unwrap_or_else(ProjectId::generate);
        let args = args![id.as_str(), domain_id.as_str(), name, self.clock.now_ms()];
        tx.run(PROJECT_INSERT, args).await?;
        tx.commit().await?;
        Ok(Project { id, name: name.into(), domain: Domain { id: domain_id, name: domain.into() } })
    }

    /// The project with that id or name.
    ///
    /// # Errors
    /// [`StoreError::Operator`] when there is none; what the database says.
    pub async fn project_named(&self, id_or_name: &str) -> Result<Project, StoreError> {
        let rows = self.db.read(PROJECT_BY_NAME, args![id_or_name]).await?;
        let none = || StoreError::Operator(format!("there is no project {id_or_name}"));
        rows.first().map(project_from_row).ok_or_else(none)?
    }

    /// Every project.
    ///
    /// # Errors
    /// What the database says.
    pub async fn projects_all(&self) -> Result<Vec<Project>, StoreError> {
        self.db.read(PROJECTS_ALL, args![]).await?.iter().map(project_from_row).collect()
    }

    /// Makes a user that may use the given project.
    ///
    /// # Errors
    /// [`StoreError::Operator`] when the name is taken; what the database says.
    pub async fn user_create(
        &self,
        name: &str,
        password: String,
        project: &Project,
    ) -> Result<User, StoreError> {
        let hash = blocking(move || secrets::password_hash(&password)).await??;
        let mut tx = self.db.begin().await?;
        for row in tx.rows(USERS, args![name]).await? {
            if row.text(1)? == name && row.text(2)? == project.domain.id.as_str() {
                return Err(StoreError::Operator(format!("user {name} exists already")));
            }
        }
        let id = UserId::generate();
        let domain_id = project.domain.id.as_str();
        tx.run(USER_INSERT, args![id.as_str(), domain_id, name, hash, self.clock.now_ms()]).await?;
        tx.run(MEMBER_INSERT, args![id.as_str(), project.id.as_str()]).await?;
        tx.commit().await?;
        let domain = project.domain.clone();
        Ok(User { id, name: name.into(), domain, projects: vec![project.clone()] })
    }

    /// Lets a user use one more project.
    ///
    /// # Errors
    /// What the database says.
    pub async fn member_add(&self, user_id: &UserId, project_id: &ProjectId) -> Result<(), StoreError> {
        self.db.write(MEMBER_INSERT, args![user_id.as_str(), project_id.as_str()]).await.map(drop)
    }

    /// The user with that id, or that name (in that domain, if one is given).
    ///
    /// # Errors
    /// What the database says.
    pub async fn user_find(
        &self,
        id_or_name: &str,
        domain: Option<&str>,
    ) -> Result<Option<User>, StoreError> {
        Ok(self.user_row(id_or_name, domain).await?.map(|(user, _)| user))
    }

    /// The user, if the password is theirs. An unknown user costs as much time as a wrong password.
    ///
    /// # Errors
    /// What the database says.
    pub async fn user_verify(
        &self,
        id_or_name: &str,
        domain: Option<&str>,
        password: String,
    ) -> Result<Option<User>, StoreError> {
        let found = self.user_row(id_or_name, domain).await?;
        let hash = found.as_ref().map(|(_, hash)| hash.clone());
        let good = blocking(move || match hash {
            Some(hash) => secrets::password_verify(&password, &hash),
            None => secrets::password_hash(&password).is_err(),
        })
        .await?;
        Ok(found.filter(|_| good).map(|(user, _)| user))
    }

    async fn user_row(
        &self,
        id_or_name: &str,
        domain: Option<&str>,
    ) -> Result<Option<(User, String)>, StoreError> {
        let rows = self.db.read(USERS, args![id_or_name]).await?;
        for row in rows {
            let in_domain = Domain { id: DomainId::new(row.text(2)?), name: row.text(3)? };
            if domain.is_some_and(|d| d != in_domain.name && d != in_domain.id.as_str()) {
                continue;
            }
            let id = UserId::new(row.text(0)?);
            let projects = self.projects_of(&id).await?;
            return Ok(Some((User { id, name: row.text(1)?, domain: in_domain, projects }, row.text(4)?)));
        }
        Ok(None)
    }

    async fn projects_of(&self, user_id: &UserId) -> Result<Vec<Project>, StoreError> {
        self.db.read(PROJECTS_OF_USER, args![user_id.as_str()]).await?.iter().map(project_from_row).collect()
    }

    /// Makes an access key: answers (AK, SK). The SK is shown this once; stored it is sealed.
    ///
    /// # Errors
    /// What the database says.
    pub async fn access_key_create(&self, user_id: &UserId) -> Result<(String, String), StoreError> {
        let ak = secrets::hex(&secrets::random::<10>()?).to_uppercase();
        let sk = secrets::hex(&secrets::random::<20>()?);
        self.access_key_insert(user_id, &ak, &sk).await?;
        Ok((ak, sk))
    }

    /// Stores a given access key.
    ///
    /// # Errors
    /// What the database says.
    pub async fn access_key_insert(&self, user_id: &UserId, ak: &str, sk: &str) -> Result<(), StoreError> {
        let sealed = self.sealing_key.seal(sk)?;
        let args = args![ak, user_id.as_str(), sealed, self.clock.now_ms()];
        self.db.write(ACCESS_KEY_INSERT, args).await.map(drop)
    }

    /// The user and the SK of an access key.
    ///
    /// # Errors
    /// [`StoreError::Unsealable`] when the sealing key is not the one it was stored with.
    pub async fn access_key_get(&self, ak: &str) -> Result<Option<(User, String)>, StoreError> {
        let rows = self.db.read(ACCESS_KEY, args![ak]).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let sk = self.sealing_key.unseal(&row.text(1)?).ok_or_else(|| StoreError::Unsealable(ak.into()))?;
        Ok(self.user_find(&row.text(0)?, None).await?.map(|user| (user, sk)))
    }

    /// Makes a token: answers its text, which is shown this once, and its record.
    ///
    /// # Errors
    /// What the database says.
    pub async fn token_create(
        &self,
        user: &User,
        scope: Scope,
        method: &str,
    ) -> Result<(String, Token), StoreError> {
        let issue_ms = self.clock.now_ms();
        self.token_create_until(user, scope, method, issue_ms + TOKEN_LIFE_MS).await
    }

    /// As [`Store::token_create`], with an end of the caller's: a token got by a token ends with it.
    ///
    /// # Errors
    /// What the database says.
    pub async fn token_create_until(
        &self,
        user: &User,
        scope: Scope,
        method: &str,
        expire_ms: i64,
    ) -> Result<(String, Token), StoreError> {
        let text = secrets::hex(&secrets::random::<32>()?);
        let issue_ms = self.clock.now_ms();
        let token = Token { user_id: user.id.clone(), scope, method: method.into(), issue_ms, expire_ms };
        let project = match &token.scope {
            Scope::Project(id) => Some(id.to_string()),
            _ => None,
        };
        let mut tx = self.db.begin().await?;
        tx.run(TOKENS_EXPIRED, args![issue_ms - TOKEN_LIFE_MS]).await?;
        let domain_scoped = token.scope == Scope::Domain;
        let args = args![
            digest(text.as_bytes()),
            user.id.as_str(),
            project,
            domain_scoped,
            method,
            issue_ms,
            expire_ms
        ];
        tx.run(TOKEN_INSERT, args).await?;
        tx.commit().await?;
        Ok((text, token))
    }

    /// The user and record of a token, also of one that has expired a short while ago.
    ///
    /// # Errors
    /// What the database says.
    pub async fn token_get(&self, text: &str) -> Result<Option<(User, Token)>, StoreError> {
        let rows = self.db.read(TOKEN, args![digest(text.as_bytes())]).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let scope = match (row.opt_text(1)?, row.int(2)? == 1) {
            (Some(project_id), _) => Scope::Project(ProjectId::new(project_id)),
            (None, true) => Scope::Domain,
            (None, false) => Scope::Unscoped,
        };
        let user_id = UserId::new(row.text(0)?);
        let (method, issue_ms, expire_ms) = (row.text(3)?, row.int(4)?, row.int(5)?);
        let user = self.user_find(user_id.as_str(), None).await?;
        Ok(user.map(|user| (user, Token { user_id, scope, method, issue_ms, expire_ms })))
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, StoreError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| StoreError::Closed)
}
