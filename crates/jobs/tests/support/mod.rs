//! A yard for the stories of the worker: a real store, a runtime, a worker, and the checker of what must hold.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

pub mod scripted;

use model::clock::{Clock, SystemClock};
use model::id::{ImageId, JobId, PhoneId, RequestId, ServerId};
use model::image::Image;
use model::job::Job;
use model::phone::Phone;
use model::phone_state::{Policy, Power};
use model::plan::{Asked, PropertyText};
use phoneyard_jobs::scheduler::Caps;
use phoneyard_jobs::{Config, Worker};
use runtime::Runtime;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::future::Future;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use store::check::Snapshot;
use store::{Accept, Answer, Db, Limits, NewServer, Page, Project, SealingKey, Store, StoreError, Work};

/// The machine's clock, which a story can make jump or break.
#[derive(Default)]
pub struct StoryClock {
    ahead_ms: AtomicI64,
    broken: AtomicBool,
}

impl StoryClock {
    pub fn jump(&self, ms: i64) {
        self.ahead_ms.fetch_add(ms, Ordering::SeqCst);
    }

    /// While it is broken, whoever asks for the time panics.
    pub fn broken(&self, broken: bool) {
        self.broken.store(broken, Ordering::SeqCst);
    }
}

impl Clock for StoryClock {
    fn now_ms(&self) -> i64 {
        assert!(!self.broken.load(Ordering::SeqCst), "the clock is broken, as the story says");
        SystemClock.now_ms() + self.ahead_ms.load(Ordering::SeqCst)
    }
}

/// A store with a project, a server and phones.
pub struct Yard {
    pub store: Store,
    pub clock: Arc<StoryClock>,
    pub project: Project,
    pub server: ServerId,
    pub phones: Vec<PhoneId>,
    pub image: ImageId,
    pub new_image: ImageId,
    url: String,
    limits: Limits,
    dir: Arc<tempfile::TempDir>,
    /// The database at the story's begin.
    first: Snapshot,
    /// The database when it was last looked at.
    seen: Mutex<Snapshot>,
}

/// Limits with a short execution budget.
pub fn limits(execution_ms: i64) -> Limits {
    Limits { execution_budget_ms: execution_ms, queue_budget_ms: 10_000, ..Limits::default() }
}

/// A worker's configuration with short times.
pub fn config() -> Config {
    Config {
        caps: Caps { per_server: 100, per_project: 100, total: 100 },
        lease: Duration::from_millis(600),
        reap_period: Duration::from_millis(100),
        watch_period: Duration::from_millis(100),
        stop_grace: Duration::from_millis(100),
        ..Config::default()
    }
}

/// Tells the story on SQLite and, where it is installed, on PostgreSQL.
pub fn both<F, Fut>(phones: usize, limits: Limits, story: F)
where
    F: Fn(Yard) -> Fut,
    Fut: Future<Output = ()>,
{
    let tokio = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", dir.path().join("yard.db").display());
    let mut urls = vec![(url, dir)];
    if let Some(server) = testing::Postgres::shared() {
        urls.push((server.database(), tempfile::tempdir().unwrap()));
    }
    for (url, dir) in urls {
        let dir = Arc::new(dir);
        tokio.block_on(async { story(yard(url, dir.clone(), phones, limits.clone()).await).await });
    }
}

async fn open(
    url: &str,
    dir: &tempfile::TempDir,
    limits: &Limits,
    clock: &Arc<StoryClock>,
) -> Result<Store, StoreError> {
    let key = SealingKey::open(&dir.path().join("key"))?;
    let db = Db::open(url).await?;
    Ok(Store::new(db, clock.clone(), limits.clone(), Policy::default(), key))
}

async fn yard(url: String, dir: Arc<tempfile::TempDir>, phones: usize, limits: Limits) -> Yard {
    let clock = Arc::new(StoryClock::default());
    let store = open(&url, &dir, &limits, &clock).await.unwrap();
    let project = store.project_create("yard", "cn-north-4", None).await.unwrap();
    let image = image(&store).await;
    let new_image = self::image(&store).await;
    let (server, phones) = server(&store, &project, &image, phones).await;
    let first = store.db().snapshot().await.unwrap();
    let seen = Mutex::new(first.clone());
    Yard { store, clock, project, server, phones, image, new_image, url, limits, dir, first, seen }
}

async fn image(store: &Store) -> ImageId {
    let image = Image {
        id: ImageId::generate(),
        project_id: None,
        name: "aosp".into(),
        android_version: "11".into(),
        label: "cloud_phone".into(),
        build_properties: BTreeMap::new(),
        receive_status: None,
        create_ms: 0,
    };
    store.image_insert(&image).await.unwrap();
    image.id
}

/// Another server of a project.
pub async fn server(
    store: &Store,
    project: &Project,
    image: &ImageId,
    phones: usize,
) -> (ServerId, Vec<PhoneId>) {
    let new = NewServer {
        project_id: project.id.clone(),
        name: "rack".into(),
        server_model: "physical.rx1.xlarge".into(),
        phone_model: "rx1.cp.c15.d10.e1v1".into(),
        image_id: image.clone(),
        phones,
    };
    let (server, phones) = store.server_create(&new).await.unwrap();
    (server.id, phones)
}

/// An entry of a request.
pub fn asked(phone: &PhoneId, property: &str) -> Asked {
    let property = match property {
        "" => PropertyText::Absent,
        text => PropertyText::Text(text.into()),
    };
    Asked { phone_id: phone.to_string(), property, ..Asked::default() }
}

impl Yard {
    pub async fn work(&self, runtime: Arc<dyn Runtime>, config: Config) -> Worker {
        Worker::start(self.store.clone(), runtime, config).await.unwrap()
    }

    pub fn all(&self) -> Vec<Asked> {
        self.phones.iter().map(|phone| asked(phone, "")).collect()
    }

    pub async fn power(&self, power: Power, asked: Vec<Asked>, image: Option<&ImageId>) -> Answer {
        self.accept(&self.project, Work::Power { power, asked, image_id: image.cloned() }).await
    }

    pub async fn restart(&self, asked: Vec<Asked>) -> Answer {
        self.power(Power::Restart, asked, None).await
    }

    pub async fn accept(&self, project: &Project, work: Work) -> Answer {
        let accept = Accept { project_id: project.id.clone(), ..self.accepting(work) };
        self.store.accept(accept).await.unwrap()
    }

    /// A request of the yard's project.
    pub fn accepting(&self, work: Work) -> Accept {
        Accept {
            project_id: self.project.id.clone(),
            operation: "RestartCloudPhone",
            request_id: RequestId::generate(),
            work,
            by: store::Actor::operator(),
            client_token: None,
        }
    }

    pub async fn phone(&self, phone: &PhoneId) -> Phone {
        self.store.phone_get(&self.project.id, phone.as_str()).await.unwrap().unwrap()
    }

    pub async fn status(&self, phone: &PhoneId) -> i64 {
        self.phone(phone).await.status.number()
    }

    /// The request's jobs in the order of its entries, once all have ended.
    pub async fn ended(&self, answer: &Answer) -> Vec<Job> {
        let ids: Vec<JobId> = answer.entries.iter().map(|e| e.job_id.clone().expect("accepted")).collect();
        self.until_ended(&ids).await;
        let page = Page { offset: 0, limit: 100_000 };
        let requests = [answer.request_id.to_string()];
        let project = &self.project.id;
        let listed = match self.store.jobs_list(project, &requests, page, true).await.unwrap() {
            Some(listed) => listed,
            None => {
                let mut listed = Vec::new();
                for project in self.store.projects_all().await.unwrap() {
                    let jobs = self.store.jobs_list(&project.id, &requests, page, true).await.unwrap();
                    listed.extend(jobs.unwrap_or_default());
                }
                listed
            }
        };
        let mut listed: HashMap<JobId, Job> = listed.into_iter().map(|job| (job.id.clone(), job)).collect();
        ids.iter().map(|id| listed.remove(id).expect("every accepted job is listed")).collect()
    }

    /// Waits until that many jobs are stored, and names them.
    pub async fn jobs_stored(&self, count: usize) -> Vec<JobId> {
        for _ in 0..2000 {
            let jobs = self.check_now().await.jobs;
            if jobs.len() >= count {
                return jobs.into_iter().map(|job| JobId::new(job.id)).collect();
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("in vain: {count} jobs");
    }

    /// Waits for the jobs' ends, and looks meanwhile whether all holds.
    pub async fn until_ended(&self, ids: &[JobId]) {
        for _ in 0..2000 {
            let now = self.check_now().await;
            let active: HashSet<&str> =
                now.jobs.iter().filter(|job| job.active()).map(|job| job.id.as_str()).collect();
            let there: HashSet<&str> = now.jobs.iter().map(|job| job.id.as_str()).collect();
            assert!(ids.iter().all(|id| there.contains(id.as_str())), "an accepted job is gone");
            if !ids.iter().any(|id| active.contains(id.as_str())) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("jobs do not end: {:?}", self.store.db().snapshot().await.unwrap().at_rest());
    }

    /// Looks whether all holds that must hold at every moment, and that nothing changed that must not.
    pub async fn check_now(&self) -> Snapshot {
        let now = self.store.db().snapshot().await.unwrap();
        let earlier = std::mem::replace(&mut *self.seen.lock().unwrap(), now.clone());
        assert_eq!([now.at_any_moment(), now.since(&earlier)].concat(), Vec::<String>::new());
        now
    }

    /// What must hold at a story's end: every accepted job has ended and its phone has what it brought about.
    pub async fn check(&self) {
        let now = self.check_now().await;
        assert_eq!([now.at_rest(), now.outcomes_since(&self.first)].concat(), Vec::<String>::new());
        // Counted a moment after the commit that was seen above.
        for _ in 0..500 {
            if self.store.jobs_active() == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{} jobs are counted as active", self.store.jobs_active());
    }

    /// The same yard as the next process finds it.
    pub async fn reopen(self) -> Self {
        let Self { store, url, limits, dir, clock, .. } = self;
        store.db().close().await;
        drop(store);
        for _ in 0..500 {
            // The lock goes with the last handle, which the worker's tasks drop a moment later.
            match open(&url, &dir, &limits, &clock).await {
                Ok(store) => return Self { store, url, limits, dir, clock, ..self },
                Err(StoreError::Busy(_)) => tokio::time::sleep(Duration::from_millis(10)).await,
                Err(error) => panic!("{error}"),
            }
        }
        panic!("the database stays locked");
    }
}

/// Waits until that holds.
pub async fn until(what: &str, holds: impl Fn() -> bool) {
    for _ in 0..2000 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("in vain: {what}");
}

/// A job's status number and code.
pub fn result(job: &Job) -> (i64, Option<&str>) {
    (job.status.number(), job.error_code.as_deref())
}
