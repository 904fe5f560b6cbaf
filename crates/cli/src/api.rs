//! The operations that the verbs use, each as a function.

use crate::failure::Failure;
use crate::http::{Call, Patience, Trouble};
use crate::session::{Session, ordinary};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::HashSet;
use wire::image::{CloudPhoneImages, PhoneImage};
use wire::job::{Job, JobDetail, Jobs};
use wire::phone::{CloudPhoneDetail, CloudPhones, Phone};
use wire::server::{CloudPhoneServerDetail, CloudPhoneServers, Server};

/// Pages of one list, whatever the service says: a million of the smallest things.
const PAGES_MAX: usize = 10_000;

/// Which phones a list holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PhoneFilter {
    /// The server's id.
    pub server_id: Option<String>,
    /// The status.
    pub status: Option<i64>,
    /// Part of the name.
    pub name: Option<String>,
}

/// An answer that is one page of a list.
trait Page: DeserializeOwned {
    type Item;
    /// Most items of a page.
    const LIMIT: usize;
    fn items(self) -> Vec<Self::Item>;
    fn id(item: &Self::Item) -> &str;
}

impl Page for CloudPhones {
    type Item = Phone;
    const LIMIT: usize = 200;
    fn items(self) -> Vec<Phone> {
        self.phones
    }
    fn id(item: &Phone) -> &str {
        &item.phone_id
    }
}

impl Page for CloudPhoneServers {
    type Item = Server;
    const LIMIT: usize = 100;
    fn items(self) -> Vec<Server> {
        self.servers
    }
    fn id(item: &Server) -> &str {
        &item.server_id
    }
}

impl Page for Jobs {
    type Item = Job;
    const LIMIT: usize = 100;
    fn items(self) -> Vec<Job> {
        self.jobs
    }
    fn id(item: &Job) -> &str {
        &item.job_id
    }
}

/// Every item of a list. What moves from page to page while we read is there once.
async fn all<P: Page>(
    session: &Session,
    part: &str,
    query: Vec<(&'static str, String)>,
    patience: Patience,
) -> Result<Vec<P::Item>, Trouble> {
    let mut found = Vec::new();
    let mut seen = HashSet::new();
    for page in 0..PAGES_MAX {
        let mut query = query.clone();
        query.push(("offset", (page * P::LIMIT).to_string()));
        query.push(("limit", P::LIMIT.to_string()));
        let answer: P = session.send(&Call::get(session.path(&[part]), query), patience).await?.json()?;
        let items = answer.items();
        let last = items.len() < P::LIMIT;
        found.extend(items.into_iter().filter(|item| seen.insert(P::id(item).to_string())));
        if last {
            return Ok(found);
        }
    }
    Err(Trouble::Away(format!("the list of {part} has no end after {PAGES_MAX} pages")))
}

/// ListCloudPhones, all pages.
pub async fn phones(session: &Session, filter: &PhoneFilter) -> Result<Vec<Phone>, Failure> {
    let mut query = Vec::new();
    query.extend(filter.server_id.clone().map(|id| ("server_id", id)));
    query.extend(filter.status.map(|status| ("status", status.to_string())));
    query.extend(filter.name.clone().map(|name| ("phone_name", name)));
    Ok(all::<CloudPhones>(session, "phones", query, ordinary()).await?)
}

/// ShowCloudPhoneDetail.
pub async fn phone(session: &Session, phone_id: &str) -> Result<CloudPhoneDetail, Failure> {
    get(session, &["phones", phone_id]).await
}

/// UpdatePhoneName.
pub async fn rename(session: &Session, phone_id: &str, name: &str) -> Result<Value, Failure> {
    let call = Call {
        method: "PUT",
        path: session.path(&["phones", phone_id]),
        query: vec![],
        body: Some(json!({"phone_name": name})),
        client_token: None,
        repeatable: true,
    };
    Ok(session.send(&call, ordinary()).await?.json()?)
}

/// ListCloudPhoneServers, all pages.
pub async fn servers(session: &Session) -> Result<Vec<Server>, Failure> {
    Ok(all::<CloudPhoneServers>(session, "servers", vec![], ordinary()).await?)
}

/// ShowCloudPhoneServerDetail.
pub async fn server(session: &Session, server_id: &str) -> Result<CloudPhoneServerDetail, Failure> {
    get(session, &["servers", server_id]).await
}

/// ListJobs of one request, all pages.
pub async fn jobs(session: &Session, request_id: &str, patience: Patience) -> Result<Vec<Job>, Trouble> {
    all::<Jobs>(session, "jobs", vec![("request_id", request_id.into())], patience).await
}

/// ShowJob.
pub async fn job(session: &Session, job_id: &str, patience: Patience) -> Result<JobDetail, Trouble> {
    session.send(&Call::get(session.path(&["jobs", job_id]), vec![]), patience).await?.json()
}

/// ListCloudPhoneImages, all pages.
pub async fn images(session: &Session) -> Result<Vec<PhoneImage>, Failure> {
    let mut found = Vec::new();
    let mut marker = None;
    for _ in 0..PAGES_MAX {
        let query = marker.into_iter().map(|marker| ("marker", marker)).collect();
        let call = Call::get(session.path(&["phone-images"]), query);
        let page: CloudPhoneImages = session.send(&call, ordinary()).await?.json()?;
        found.extend(page.phone_images);
        match page.page_info.next_marker.filter(|marker| !marker.is_empty()) {
            Some(next) => marker = Some(next),
            None => return Ok(found),
        }
    }
    Err(Failure::unreachable(format!("the list of images has no end after {PAGES_MAX} pages")))
}

async fn get<T: DeserializeOwned>(session: &Session, parts: &[&str]) -> Result<T, Failure> {
    Ok(session.send(&Call::get(session.path(parts), vec![]), ordinary()).await?.json()?)
}
