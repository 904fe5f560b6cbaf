//! The part of IAM that clients use: tokens, projects, domains, catalogue (`contract/README.md`).

use crate::auth::{Caller, header};
use crate::context::{Context, Done};
use http::{HeaderName, HeaderValue};
use metrics::limits::Limit;
use model::code::{self, Refusal};
use model::id::ProjectId;
use store::{Project, Scope, Token, User};
use wire::iam::{
    AuthCatalog, AuthDomain, AuthDomains, CatalogEntry, CreateToken, DomainInfo, DomainRef, Endpoint,
    Identity, ListProjects, NoLinks, PageLinks, ProjectInfo, Projects, Role, SelfLink, TokenInfo, TokenReply,
    UserInfo, UserRef,
};
use wire::request::Nothing;
use wire::time::utc_micros;
use wire::version::Versions;

const SUBJECT_TOKEN: HeaderName = HeaderName::from_static("x-subject-token");
/// What callers of one project may do: everything in it.
const ROLE: &str = "te_admin";

/// CreateToken: by password or by another token.
pub async fn create_token(context: Context, request: CreateToken) -> Result<Done<TokenReply>, Refusal> {
    let (user, until_ms) = match request.identity {
        Identity::Password { user, password } => (verify(&context, user, password).await?, None),
        Identity::Token(text) => {
            let (user, token) = context.state.auth.by_token(&text).await?;
            (user, Some(token.expire_ms))
        }
    };
    let scope = resolve(&user, request.scope)?;
    let store = context.store();
    let (text, token) = match until_ms {
        None => store.token_create(&user, scope, "password").await?,
        // A token got by a token does not outlive it.
        Some(until_ms) => store.token_create_until(&user, scope, "token", until_ms).await?,
    };
    let reply = describe(&context, &user, &token, !request.nocatalog);
    Ok(with_subject(reply, &text))
}

async fn verify(context: &Context, user: UserRef, password: String) -> Result<User, Refusal> {
    let (name, domain) = match &user {
        UserRef::Id(id) => (id, None),
        UserRef::Name { name, domain: DomainRef::Id(text) | DomainRef::Name(text) } => {
            (name, Some(text.as_str()))
        }
    };
    // Hashing is slow on purpose; without a bound a flood of log-ins would starve everything else.
    let turn = context.state.password_turns.try_acquire();
    let Ok(_turn) = turn.map(|turn| (turn, Limit::PasswordChecks.take())) else {
        return Err(Refusal::busy(context.store().limits().retry_after_s));
    };
    let verified = context.store().user_verify(name, domain, password).await?;
    verified.ok_or_else(|| Refusal::new(code::UNAUTHENTICATED).saying("The user name or password is wrong."))
}

/// The scope asked for, if the user may have it; a foreign project is as good as none.
fn resolve(user: &User, scope: wire::iam::Scope) -> Result<Scope, Refusal> {
    let is = |domain: &DomainRef, of: &store::Domain| match domain {
        DomainRef::Id(id) => *id == of.id.as_str(),
        DomainRef::Name(name) => *name == of.name,
    };
    let none = || Refusal::new(code::UNAUTHENTICATED).saying("The user has no such project or domain.");
    let project = |found: Option<&Project>| found.map(|p| Scope::Project(p.id.clone())).ok_or_else(none);
    match scope {
        wire::iam::Scope::Unscoped => Ok(Scope::Unscoped),
        wire::iam::Scope::Domain(domain) if is(&domain, &user.domain) => Ok(Scope::Domain),
        wire::iam::Scope::Domain(_) => Err(none()),
        wire::iam::Scope::ProjectId(id) => project(user.projects.iter().find(|p| p.id.as_str() == id)),
        wire::iam::Scope::ProjectName { name, domain } => {
            let fits = |p: &&Project| p.name == name && domain.as_ref().is_none_or(|d| is(d, &p.domain));
            project(user.projects.iter().find(fits))
        }
    }
}

/// ValidateToken: the record of the token in `X-Subject-Token`.
pub async fn validate_token(context: Context, _: Nothing) -> Result<Done<TokenReply>, Refusal> {
    let missing = || Refusal::new(code::API_REQUEST_ERROR).saying("X-Subject-Token is missing.");
    let text = header(&context.headers, "x-subject-token").ok_or_else(missing)?.to_string();
    let (user, token) = context.state.auth.by_token(&text).await?;
    // Only the token's own user may look at it.
    if user.id != context.caller()?.user.id {
        return Err(Refusal::new(code::NO_PERMISSION));
    }
    let reply = describe(&context, &user, &token, true);
    Ok(with_subject(reply, &text))
}

fn with_subject(reply: TokenReply, token: &str) -> Done<TokenReply> {
    let header = HeaderValue::from_str(token).ok().map(|mut value| {
        value.set_sensitive(true);
        (SUBJECT_TOKEN, value)
    });
    Done { reply, headers: header.into_iter().collect(), request_id: None }
}

fn describe(context: &Context, user: &User, token: &Token, with_catalog: bool) -> TokenReply {
    let domain = DomainInfo { id: user.domain.id.to_string(), name: user.domain.name.clone() };
    let project_id = match &token.scope {
        Scope::Project(id) => Some(id),
        _ => None,
    };
    let project = user.projects.iter().find(|p| Some(&p.id) == project_id).map(|p| ProjectInfo {
        id: p.id.to_string(),
        name: p.name.clone(),
        domain: DomainInfo { id: p.domain.id.to_string(), name: p.domain.name.clone() },
    });
    TokenReply {
        token: TokenInfo {
            expires_at: utc_micros(token.expire_ms),
            issued_at: utc_micros(token.issue_ms),
            methods: vec![token.method.clone()],
            catalog: with_catalog.then(|| catalog(context, user, project_id)),
            domain: (token.scope == Scope::Domain).then(|| domain.clone()),
            project,
            roles: vec![Role { id: "0".into(), name: ROLE.into() }],
            user: UserInfo { id: user.id.to_string(), name: user.name.clone(), domain },
        },
    }
}

/// Where the services are: all at the address that the client called.
fn catalog(context: &Context, user: &User, project_id: Option<&ProjectId>) -> Vec<CatalogEntry> {
    let base = &context.base_url;
    // Projects are named after regions (`contract/README.md`): clients look for their project's name here.
    let project = user.projects.iter().find(|p| Some(&p.id) == project_id);
    let region = project.map_or(&context.state.config.region, |p| &p.name);
    let entry = |name: &str, service_type: &str, url: String| CatalogEntry {
        id: name.into(),
        name: name.into(),
        service_type: service_type.into(),
        endpoints: vec![Endpoint {
            id: format!("{name}-public"),
            interface: "public".into(),
            region: region.clone(),
            region_id: region.clone(),
            url,
        }],
    };
    let mut catalog = vec![entry("iam", "identity", format!("{base}/v3"))];
    if let Some(project_id) = project_id {
        catalog.push(entry("cph", "cph", format!("{base}/v1/{project_id}")));
    }
    catalog
}

/// ListProjects: the caller's own.
pub async fn list_projects(context: Context, request: ListProjects) -> Result<Projects, Refusal> {
    let user = &context.caller()?.user;
    let wanted = |p: &&Project| {
        request.name.as_ref().is_none_or(|name| *name == p.name)
            && request.domain_id.as_ref().is_none_or(|id| id == p.domain.id.as_str())
            && request.enabled != Some(false)
    };
    let offset = usize::try_from(request.page.offset).unwrap_or(usize::MAX);
    let limit = usize::try_from(request.page.limit).unwrap_or(usize::MAX);
    let own = format!("{}/v3/projects", context.base_url);
    let projects = user.projects.iter().filter(wanted).skip(offset).take(limit);
    let listed = |p: &Project| wire::iam::Project {
        id: p.id.to_string(),
        name: p.name.clone(),
        domain_id: p.domain.id.to_string(),
        parent_id: p.domain.id.to_string(),
        is_domain: false,
        description: String::new(),
        enabled: true,
        links: SelfLink { own: format!("{own}/{}", p.id) },
    };
    let projects = projects.map(listed).collect();
    Ok(Projects { projects, links: PageLinks { next: None, previous: None, own } })
}

/// ListAuthDomains: the caller's own.
pub async fn list_domains(context: Context, _: Nothing) -> Result<AuthDomains, Refusal> {
    let domain = &context.caller()?.user.domain;
    let domain = AuthDomain { id: domain.id.to_string(), name: domain.name.clone(), enabled: true };
    Ok(AuthDomains { domains: vec![domain], links: NoLinks {} })
}

/// ListAuthCatalog.
pub async fn list_catalog(context: Context, _: Nothing) -> Result<AuthCatalog, Refusal> {
    let caller = context.caller()?;
    let project_id = project_of(caller);
    Ok(AuthCatalog { catalog: catalog(&context, &caller.user, project_id.as_ref()), links: NoLinks {} })
}

/// The token's project; with a signature the user's only one.
fn project_of(caller: &Caller) -> Option<ProjectId> {
    match (&caller.token, caller.user.projects.as_slice()) {
        (Some(Token { scope: Scope::Project(id), .. }), _) => Some(id.clone()),
        (None, [only]) => Some(only.id.clone()),
        _ => None,
    }
}

/// The version document at the root.
pub async fn versions(context: Context, _: Nothing) -> Result<Versions, Refusal> {
    Ok(Versions::at(&context.base_url))
}
