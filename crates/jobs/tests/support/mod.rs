//! A yard for the stories of the worker: a real store, a runtime, a worker, and the checker of what must hold.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

pub mod scripted;

use model::clock::SystemClock;
use model::id::{ImageId, JobId, PhoneId, RequestId, ServerId};
use model::image::Image;
use model::job::{Job, JobKind};
use model::job_state::JobStatus;
use model::phone::Phone;
use model::phone_state::{Policy, Power};
use model::plan::{Asked, PropertyText};
use phoneyard_jobs::scheduler::Caps;
use phoneyard_jobs::{Config, Worker};
use runtime::Runtime;
use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use store::{Accept, Answer, Db, Limits, NewServer, Page, Project, SealingKey, Store, StoreError, Work};

/// A store with a project, a server and phones.
pub struct Yard {
    pub store: Store,
    pub project: Project,
    pub server: ServerId,
    pub phones: Vec<PhoneId>,
    pub image: ImageId,
    pub new_image: ImageId,
    url: String,
    limits: Limits,
    dir: Arc<tempfile::TempDir>,
    /// Requests with jobs, and whose they are.
    accepted: Mutex<Vec<(Project, RequestId)>>,
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

async fn open(url: &str, dir: &tempfile::TempDir, limits: &Limits) -> Result<Store, StoreError> {
    let key = SealingKey::open(&dir.path().join("key"))?;
    let db = Db::open(url).await?;
    Ok(Store::new(db, Arc::new(SystemClock), limits.clone(), Policy::default(), key))
}

async fn yard(url: String, dir: Arc<tempfile::TempDir>, phones: usize, limits: Limits) -> Yard {
    let store = open(&url, &dir, &limits).await.unwrap();
    let project = store.project_create("yard", "cn-north-4", None).await.unwrap();
    let image = image(&store).await;
    let new_image = self::image(&store).await;
    let (server, phones) = server(&store, &project, &image, phones).await;
    let accepted = Mutex::default();
    Yard { store, project, server, phones, image, new_image, url, limits, dir, accepted }
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
        let accept = Accept {
            project_id: project.id.clone(),
            operation: "RestartCloudPhone",
            request_id: RequestId::generate(),
            work,
            client_token: None,
        };
        let answer = self.store.accept(accept).await.unwrap();
        self.accepted.lock().unwrap().push((project.clone(), answer.request_id.clone()));
        answer
    }

    pub async fn phone(&self, phone: &PhoneId) -> Phone {
        self.store.phone_get(&self.project.id, phone.as_str()).await.unwrap().unwrap()
    }

    pub async fn status(&self, phone: &PhoneId) -> i64 {
        self.phone(phone).await.status.number()
    }

    async fn listed(&self, project: &Project, request: &RequestId) -> Vec<Job> {
        let page = Page { offset: 0, limit: 100_000 };
        let requests = [request.to_string()];
        self.store.jobs_list(&project.id, &requests, page, true).await.unwrap().unwrap()
    }

    /// Every job that was ever accepted.
    pub async fn jobs(&self) -> Vec<Job> {
        let accepted = self.accepted.lock().unwrap().clone();
        let mut jobs = Vec::new();
        for (project, request) in &accepted {
            jobs.extend(self.listed(project, request).await);
        }
        jobs
    }

    /// The request's jobs in the order of its entries, once all have ended.
    pub async fn ended(&self, answer: &Answer) -> Vec<Job> {
        let ids: Vec<JobId> = answer.entries.iter().map(|e| e.job_id.clone().expect("accepted")).collect();
        for _ in 0..1500 {
            let jobs = self.jobs().await;
            let jobs: Vec<Job> =
                ids.iter().filter_map(|id| jobs.iter().find(|j| j.id == *id).cloned()).collect();
            assert_eq!(jobs.len(), ids.len(), "an accepted job is gone");
            if jobs.iter().all(|job| job.status != JobStatus::Running) {
                return jobs;
            }
            self.check_now().await;
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("jobs do not end: {:?}", self.jobs().await);
    }

    /// What must hold at every moment: a phone's status and its active power job say the same.
    async fn check_now(&self) {
        // Two reads are two moments: a difference counts only if the jobs are the same before and after.
        let before = self.jobs().await;
        let mut phones = Vec::new();
        for phone in &self.phones {
            phones.push(self.phone(phone).await);
        }
        if self.jobs().await != before {
            return;
        }
        for phone in phones {
            let active: Vec<JobKind> = before
                .iter()
                .filter(|job| job.status == JobStatus::Running && job.phone_id.as_ref() == Some(&phone.id))
                .map(|job| job.kind)
                .filter(|kind| kind.power().is_some())
                .collect();
            let expected = match phone.status.number() {
                3 => vec![JobKind::PhoneReset],
                4 => vec![JobKind::PhoneRestart],
                7 => vec![JobKind::PhoneStop],
                _ => vec![],
            };
            assert_eq!(active, expected, "phone {} at {:?}", phone.id, phone.status);
        }
    }

    /// What must hold at a story's end: all that and every accepted job has ended, in order.
    pub async fn check(&self) {
        self.check_now().await;
        for job in self.jobs().await {
            assert_ne!(job.status, JobStatus::Running, "{job:?}");
            assert!(job.end_ms.unwrap() >= job.begin_ms, "{job:?}");
            assert_eq!(job.status == JobStatus::Failed, job.error_code.is_some(), "{job:?}");
        }
        // Counted a moment after the commit that the reads above saw.
        for _ in 0..100 {
            if self.store.jobs_active() == 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(self.store.jobs_active(), 0);
        assert!(self.store.jobs_pending("", 10).await.unwrap().is_empty());
    }

    /// The same yard as the next process finds it.
    pub async fn reopen(self) -> Self {
        let Self { store, project, server, phones, image, new_image, url, limits, dir, accepted } = self;
        store.db().close().await;
        drop(store);
        for _ in 0..500 {
            // The lock goes with the last handle, which the worker's tasks drop a moment later.
            match open(&url, &dir, &limits).await {
                Ok(store) => {
                    return Self {
                        store,
                        project,
                        server,
                        phones,
                        image,
                        new_image,
                        url,
                        limits,
                        dir,
                        accepted,
                    };
                }
                Err(StoreError::Busy(_)) => tokio::time::sleep(Duration::from_millis(10)).await,
                Err(error) => panic!("{error}"),
            }
        }
        panic!("the database stays locked");
    }
}

/// A job's status number and code.
pub fn result(job: &Job) -> (i64, Option<&str>) {
    (job.status.number(), job.error_code.as_deref())
}
