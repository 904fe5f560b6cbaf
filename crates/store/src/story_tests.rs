//! Every story of the store, told on SQLite and on PostgreSQL alike.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use crate::*;
use model::clock::ManualClock;
use model::id::{ImageId, PhoneId, ProjectId, RequestId, ServerId};
use model::image::{Image, ReceiveStatus};
use model::job_state::JobStatus;
use model::phone_state::Power;
use model::plan::{Asked, PropertyText};
use std::collections::{BTreeMap, HashSet};
use std::future::Future;

/// A store with one project, one server and ten phones, and a clock set by hand.
pub(crate) struct Yard {
    pub(crate) store: Store,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) project: Project,
    pub(crate) server: ServerId,
    pub(crate) phones: Vec<PhoneId>,
    image: ImageId,
    url: String,
    dir: Arc<tempfile::TempDir>,
}

const T0: i64 = 1_800_000_000_000;

async fn open(url: &str, clock: &Arc<ManualClock>, dir: &tempfile::TempDir, limits: Limits) -> Store {
    let key = SealingKey::open(&dir.path().join("key")).unwrap();
    let db = Db::open(url).await.unwrap();
    Store::new(db, clock.clone(), limits, model::phone_state::Policy::default(), key)
}

async fn yard(url: String, dir: tempfile::TempDir, limits: Limits) -> Yard {
    let clock = Arc::new(ManualClock::at(T0));
    let store = open(&url, &clock, &dir, limits).await;
    let project = store.project_create("yard", "cn-north-4", None).await.unwrap();
    let image = image(&store, None).await;
    let (server, phones) = store.server_create(&new_server(&project.id, &image, 10)).await.unwrap();
    Yard { store, clock, project, server: server.id, phones, image, url, dir: Arc::new(dir) }
}

fn new_server(project_id: &ProjectId, image_id: &ImageId, phones: usize) -> NewServer {
    NewServer {
        project_id: project_id.clone(),
        name: "rack".into(),
        server_model: "physical.rx1.xlarge".into(),
        phone_model: "rx1.cp.c15.d10.e1v1".into(),
        image_id: image_id.clone(),
        phones,
    }
}

async fn image(store: &Store, owner: Option<&ProjectId>) -> ImageId {
    let image = Image {
        id: ImageId::generate(),
        project_id: owner.cloned(),
        name: "aosp".into(),
        android_version: "11".into(),
        label: "cloud_phone".into(),
        build_properties: BTreeMap::new(),
        receive_status: None,
        create_ms: T0,
    };
    store.image_insert(&image).await.unwrap();
    image.id
}

/// Tells the story on both databases.
pub(crate) fn both<F, Fut>(limits: Limits, story: F)
where
    F: Fn(Yard) -> Fut,
    Fut: Future<Output = ()>,
{
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", dir.path().join("yard.db").display());
    runtime.block_on(tell(&story, url, dir, limits.clone()));
    if let Some(server) = testing::Postgres::shared() {
        let url = server.database();
        let dir = tempfile::tempdir().unwrap();
        runtime.block_on(tell(&story, url, dir, limits));
    }
}

async fn tell<F, Fut>(story: &F, url: String, dir: tempfile::TempDir, limits: Limits)
where
    F: Fn(Yard) -> Fut,
    Fut: Future<Output = ()>,
{
    let yard = yard(url, dir, limits).await;
    // A story keeps only what it uses; the directory must outlive it.
    let dir = yard.dir.clone();
    story(yard).await;
    drop(dir);
}

pub(crate) fn asked(phone: &PhoneId, property: &str) -> Asked {
    let property = match property {
        "" => PropertyText::Absent,
        text => PropertyText::Text(text.into()),
    };
    Asked { phone_id: phone.to_string(), property, ..Asked::default() }
}

impl Yard {
    pub(crate) fn restart(&self, asked: Vec<Asked>, image_id: Option<&ImageId>) -> Accept {
        Accept {
            project_id: self.project.id.clone(),
            operation: "RestartCloudPhone",
            request_id: RequestId::generate(),
            work: Work::Power { power: Power::Restart, asked, image_id: image_id.cloned() },
            by: crate::Actor::operator(),
            client_token: None,
        }
    }

    pub(crate) fn all(&self) -> Vec<Asked> {
        self.phones.iter().map(|p| asked(p, "")).collect()
    }

    pub(crate) async fn statuses(&self) -> Vec<i64> {
        let page = Page { offset: 0, limit: 200 };
        let (phones, _) =
            self.store.phones_list(&self.project.id, &PhoneFilter::default(), page).await.unwrap();
        let mut statuses: Vec<i64> = phones.iter().map(|p| p.status.number()).collect();
        statuses.sort_unstable();
        statuses
    }

    pub(crate) async fn claim(&self, answer: &Answer) -> Vec<Claimed> {
        let ids: Vec<_> = answer.entries.iter().filter_map(|e| e.job_id.clone()).collect();
        self.store.jobs_claim(&ids, 15_000).await.unwrap()
    }

    pub(crate) async fn jobs(&self, answer: &Answer) -> Vec<model::job::Job> {
        let page = Page { offset: 0, limit: 100 };
        let requests = [answer.request_id.to_string()];
        self.store.jobs_list(&self.project.id, &requests, page, false).await.unwrap().unwrap()
    }
}

pub(crate) fn ending(job: &Claimed, outcome: Outcome) -> Ending {
    Ending {
        job_id: job.job_id.clone(),
        epoch: job.epoch,
        project_id: job.project_id.clone(),
        kind: job.kind,
        phone_id: job.phone.as_ref().map(|p| p.id.clone()),
        server_id: job.server_id.clone(),
        spec: job.spec.clone(),
        outcome,
        dead: Vec::new(),
        server_next: None,
    }
}

fn failure() -> Outcome {
    Outcome::Failed(model::code::INTERNAL_ERROR.into())
}

#[test]
fn every_statement_is_understood_by_both_databases() {
    both(Limits::default(), |yard| async move {
        let lists = [
            crate::accept::ALL,
            crate::access::ALL,
            crate::audit::ALL,
            crate::check::ALL,
            crate::ending::ALL,
            crate::identity::ALL,
            crate::images::ALL,
            crate::jobs::ALL,
            crate::overview::ALL,
            crate::phones::ALL,
            crate::servers::ALL,
            crate::work::ALL,
        ];
        let mut names = HashSet::new();
        for sql in lists.into_iter().flatten() {
            assert!(names.insert(sql.name), "{} is there twice", sql.name);
            yard.store.db.prepare(*sql).await.unwrap_or_else(|e| panic!("{}: {e}", sql.name));
        }
        assert!(names.len() > 40, "only {} statements", names.len());
    });
}

#[test]
fn a_restart_moves_its_phones_in_the_commit_that_creates_its_jobs() {
    both(Limits::default(), |yard| async move {
        let answer = yard.store.accept(yard.restart(yard.all(), None)).await.unwrap();
        assert_eq!(yard.statuses().await, [4; 10]);
        let targets: Vec<&str> = answer.entries.iter().map(|e| e.target.as_str()).collect();
        assert_eq!(targets, yard.phones.iter().map(PhoneId::as_str).collect::<Vec<_>>(), "request order");
        let jobs = yard.jobs(&answer).await;
        assert_eq!(jobs.len(), 10);
        assert!(
            jobs.iter().all(|j| j.status == JobStatus::Running && j.begin_ms == T0 && j.end_ms.is_none())
        );
        assert_eq!(yard.store.jobs_active(), 10);

        let again = yard.store.accept(yard.restart(yard.all(), None)).await.unwrap();
        let codes: HashSet<String> =
            again.entries.iter().map(|e| e.error.as_ref().unwrap().0.clone()).collect();
        assert_eq!(codes, HashSet::from(["CPS.0165".to_string()]), "a repeat restarts nothing");
        assert!(yard.jobs(&again).await.is_empty(), "a known request without jobs lists none");
    });
}

#[test]
fn the_end_of_a_job_changes_its_phone_in_the_same_commit() {
    both(Limits::default(), |yard| async move {
        let new_image = image(&yard.store, None).await;
        let entries = vec![
            asked(&yard.phones[0], r#"{"com.cph.mainkeys":"1"}"#),
            asked(&yard.phones[1], r#"{"com.cph.mainkeys":"1"}"#),
        ];
        let answer = yard.store.accept(yard.restart(entries, Some(&new_image))).await.unwrap();
        let claimed = yard.claim(&answer).await;
        yard.clock.advance(6000);
        let endings = [ending(&claimed[0], Outcome::Succeeded), ending(&claimed[1], failure())];
        assert_eq!(yard.store.jobs_end(&endings).await.unwrap().len(), 2);

        let good = yard.store.phone_get(&yard.project.id, yard.phones[0].as_str()).await.unwrap().unwrap();
        assert_eq!(good.status.number(), 2);
        assert_eq!(good.image_id, new_image);
        assert_eq!(good.property, r#"{"com.cph.mainkeys":"1"}"#);
        let bad = yard.store.phone_get(&yard.project.id, yard.phones[1].as_str()).await.unwrap().unwrap();
        assert_eq!(bad.status.number(), -6);
        assert_eq!((bad.image_id, bad.property.as_str()), (yard.image.clone(), "{}"), "the old ones stay");

        let jobs = yard.jobs(&answer).await;
        assert_eq!(jobs[0].status, JobStatus::Failed, "failed before succeeded");
        assert_eq!(jobs[0].error_code.as_deref(), Some("CPS.0003"));
        assert_eq!(jobs[0].end_ms, Some(T0 + 6000));
        assert_eq!(jobs[1].status, JobStatus::Succeeded);
        assert_eq!(yard.store.jobs_active(), 0);
    });
}

#[test]
fn an_ended_job_never_changes_and_an_old_epoch_writes_nothing() {
    both(Limits::default(), |yard| async move {
        let answer = yard.store.accept(yard.restart(vec![asked(&yard.phones[0], "")], None)).await.unwrap();
        let first = yard.claim(&answer).await;
        assert!(yard.claim(&answer).await.is_empty(), "leased");
        yard.clock.advance(15_001);
        let second = yard.claim(&answer).await;
        assert_eq!(second[0].epoch, first[0].epoch + 1);
        assert_eq!(second[0].attempts, 2);

        assert!(yard.store.jobs_end(&[ending(&first[0], failure())]).await.unwrap().is_empty(), "zombie");
        assert_eq!(yard.statuses().await[..1], [2], "nine others run, the phone is still at 4");
        assert!(yard.statuses().await.contains(&4));
        assert_eq!(yard.store.jobs_end(&[ending(&second[0], Outcome::Succeeded)]).await.unwrap().len(), 1);
        assert!(yard.store.jobs_end(&[ending(&second[0], failure())]).await.unwrap().is_empty(), "final");
        assert_eq!(yard.jobs(&answer).await[0].status, JobStatus::Succeeded);
    });
}

#[test]
fn a_released_job_costs_no_attempt_and_a_renewed_one_is_kept() {
    both(Limits::default(), |yard| async move {
        let answer = yard.store.accept(yard.restart(vec![asked(&yard.phones[0], "")], None)).await.unwrap();
        let first = yard.claim(&answer).await.remove(0);
        yard.clock.advance(10_000);
        let lease = [(first.job_id.clone(), first.epoch)];
        assert_eq!(yard.store.jobs_renew(&lease, 15_000).await.unwrap().len(), 1);
        yard.clock.advance(10_000);
        assert!(yard.claim(&answer).await.is_empty(), "renewed");
        assert_eq!(yard.store.jobs_release(&lease).await.unwrap(), 1);
        let again = yard.claim(&answer).await.remove(0);
        assert_eq!((again.attempts, again.epoch), (1, first.epoch + 1));
        assert!(yard.store.jobs_renew(&lease, 15_000).await.unwrap().is_empty(), "the old epoch is gone");
    });
}

#[test]
fn overdue_jobs_are_reaped_whoever_holds_them() {
    both(Limits::default(), |yard| async move {
        let answer = yard.store.accept(yard.restart(yard.all(), None)).await.unwrap();
        let one = answer.entries[0].job_id.clone().unwrap();
        yard.store.jobs_claim(std::slice::from_ref(&one), 15_000).await.unwrap();
        yard.clock.advance(5 * 60_000 - 1);
        assert!(yard.store.jobs_reap(1000).await.unwrap().is_empty());
        yard.clock.advance(1);
        assert_eq!(yard.store.jobs_reap(1000).await.unwrap(), HashSet::from([one]), "execution budget");
        yard.clock.advance(15 * 60_000 - 1);
        assert!(yard.store.jobs_reap(1000).await.unwrap().is_empty());
        yard.clock.advance(1);
        assert_eq!(yard.store.jobs_reap(1000).await.unwrap().len(), 9, "queue budget");
        let jobs = yard.jobs(&answer).await;
        assert!(jobs.iter().all(|j| j.error_code.as_deref() == Some("CPS.0054")), "{jobs:?}");
        assert_eq!(yard.statuses().await, [-6; 10]);
    });
}

#[test]
fn a_job_left_by_a_dead_process_keeps_its_time() {
    both(Limits::default(), |yard| async move {
        let answer = yard.store.accept(yard.restart(vec![asked(&yard.phones[0], "")], None)).await.unwrap();
        yard.claim(&answer).await;
        // The outage is longer than the execution budget.
        yard.clock.advance(10 * 60_000);
        assert_eq!(yard.store.jobs_adopt().await.unwrap(), 1);
        assert!(yard.store.jobs_reap(10).await.unwrap().is_empty());
        let again = yard.claim(&answer).await.remove(0);
        assert_eq!(again.deadline_ms, T0 + 15 * 60_000);
        yard.store.jobs_release(&[(again.job_id, again.epoch)]).await.unwrap();
        yard.clock.advance(15 * 60_000);
        assert_eq!(yard.store.jobs_reap(10).await.unwrap().len(), 1, "queue and execution budget together");
    });
}

#[test]
fn a_client_token_answers_the_same_and_refuses_another_body() {
    both(Limits::default(), |yard| async move {
        let with = |digest: &str| Accept {
            client_token: Some(ClientToken { token: "mine".into(), body_digest: digest.into() }),
            ..yard.restart(vec![asked(&yard.phones[0], "")], None)
        };
        let first = yard.store.accept(with("d")).await.unwrap();
        let again = yard.store.accept(with("d")).await.unwrap();
        assert_eq!(first, again);
        let other = yard.store.accept(with("e")).await.unwrap_err();
        assert!(matches!(&other, AcceptError::Refused(r) if r.code.text() == "CPS.0023"), "{other}");
        yard.clock.advance(24 * 60 * 60_000 - 1);
        assert_eq!(yard.store.accept(with("d")).await.unwrap(), first);
        yard.clock.advance(2);
        let later = yard.store.accept(with("d")).await.unwrap();
        assert_ne!(first.request_id, later.request_id, "kept for 24 hours");
    });
}

#[test]
fn a_hundred_copies_of_one_request_give_one_answer() {
    both(Limits::default(), |yard| async move {
        let copies = (0..100).map(|_| {
            let accept = Accept {
                client_token: Some(ClientToken { token: "t".into(), body_digest: "d".into() }),
                ..yard.restart(yard.all(), None)
            };
            let store = yard.store.clone();
            tokio::spawn(async move { store.accept(accept).await.unwrap() })
        });
        let mut answers = HashSet::new();
        for copy in copies.collect::<Vec<_>>() {
            let answer = copy.await.unwrap();
            answers.insert((answer.request_id.to_string(), format!("{:?}", answer.entries)));
        }
        assert_eq!(answers.len(), 1);
        assert_eq!(yard.store.jobs_active(), 10);
    });
}

#[test]
fn overlapping_batches_leave_each_phone_one_winner() {
    both(Limits::default(), |yard| async move {
        let tasks: Vec<_> = (0..40)
            .map(|n| {
                let mut entries = yard.all();
                entries.rotate_left(n % 10);
                entries.truncate(7);
                let accept = yard.restart(entries, None);
                let store = yard.store.clone();
                tokio::spawn(async move { store.accept(accept).await.unwrap() })
            })
            .collect();
        let mut winners = Vec::new();
        for task in tasks {
            let answer = task.await.unwrap();
            assert_eq!(answer.entries.len(), 7);
            winners.extend(answer.entries.into_iter().filter(|e| e.job_id.is_some()).map(|e| e.target));
        }
        winners.sort();
        assert_eq!(winners.len(), 10);
        winners.dedup();
        assert_eq!(winners.len(), 10);
    });
}

#[test]
fn the_database_itself_refuses_a_second_active_power_job() {
    both(Limits::default(), |yard| async move {
        yard.store.accept(yard.restart(vec![asked(&yard.phones[0], "")], None)).await.unwrap();
        const SECOND: crate::sql::Sql = crate::sql::Sql {
            name: "second",
            text: "INSERT INTO job (id, request_id, project_id, server_id, phone_id, kind, power, status, epoch, \
                   attempts, lease_until_ms, begin_ms, deadline_ms, spec) SELECT 'second', request_id, \
                   project_id, server_id, phone_id, kind, power, status, epoch, attempts, lease_until_ms, \
                   begin_ms, deadline_ms, spec FROM job",
        };
        let error = yard.store.db.write(SECOND, Vec::new()).await.unwrap_err();
        assert!(error.to_string().to_lowercase().contains("unique"), "{error}");
    });
}

#[test]
fn a_full_queue_refuses_the_whole_request_before_any_row() {
    let limits = Limits { jobs_per_project_max: 9, ..Limits::default() };
    both(limits, |yard| async move {
        let refused = yard.store.accept(yard.restart(yard.all(), None)).await.unwrap_err();
        let AcceptError::Refused(refusal) = refused else { panic!("{refused}") };
        assert_eq!((refusal.code.text(), refusal.retry_after_s), ("CPS.0042", Some(5)));
        assert_eq!(yard.statuses().await, [2; 10]);
        let nine = yard.all().split_off(1);
        yard.store.accept(yard.restart(nine, None)).await.unwrap();
        assert_eq!(yard.store.jobs_active(), 9);
    });
}

#[test]
fn images_must_exist_and_be_usable_by_the_project() {
    both(Limits::default(), |yard| async move {
        let other = yard.store.project_create("elsewhere", "cn-east-3", None).await.unwrap();
        let theirs = image(&yard.store, Some(&other.id)).await;
        let code = |image: ImageId| {
            let accept = yard.restart(vec![asked(&yard.phones[0], "bad")], Some(&image));
            let store = yard.store.clone();
            async move {
                match store.accept(accept).await {
                    Ok(answer) => answer.entries[0].error.clone().unwrap().0,
                    Err(AcceptError::Refused(refusal)) => format!("whole {}", refusal.code.text()),
                    Err(e) => panic!("{e}"),
                }
            }
        };
        assert_eq!(code(ImageId::generate()).await, "whole CPS.0166");
        assert_eq!(code(theirs.clone()).await, "whole CPS.0166", "another project's");
        yard.store.image_share(&theirs, &yard.project.id, ReceiveStatus::Waiting).await.unwrap();
        assert_eq!(code(theirs.clone()).await, "whole CPS.0166", "not accepted yet");
        yard.store.image_share(&theirs, &yard.project.id, ReceiveStatus::Accepted).await.unwrap();
        assert_eq!(code(theirs).await, "CPS.0078", "accepted: the entry's own error shows");
        assert_eq!(code(yard.image.clone()).await, "CPS.0078");
    });
}

#[test]
fn another_projects_phone_is_no_phone() {
    both(Limits::default(), |yard| async move {
        let other = yard.store.project_create("elsewhere", "cn-east-3", None).await.unwrap();
        let accept = Accept { project_id: other.id.clone(), ..yard.restart(yard.all(), None) };
        let answer = yard.store.accept(accept).await.unwrap();
        assert!(answer.entries.iter().all(|e| e.error.as_ref().unwrap().0 == "CPS.0005"));
        assert_eq!(yard.statuses().await, [2; 10]);
        assert!(yard.store.phone_get(&other.id, yard.phones[0].as_str()).await.unwrap().is_none());
        let change = crate::Change::new(RequestId::generate(), crate::Actor::operator(), "UpdatePhoneName");
        assert!(!yard.store.phone_rename(&other.id, yard.phones[0].as_str(), "x", change).await.unwrap());
        let mine = yard.store.accept(yard.restart(yard.all(), None)).await.unwrap();
        let page = Page { offset: 0, limit: 100 };
        let requests = [mine.request_id.to_string()];
        assert!(yard.store.jobs_list(&other.id, &requests, page, false).await.unwrap().is_none());
        let job = mine.entries[0].job_id.clone().unwrap();
        assert!(yard.store.job_get(&other.id, job.as_str()).await.unwrap().is_none());
        assert!(yard.store.job_get(&yard.project.id, job.as_str()).await.unwrap().is_some());
    });
}

#[test]
fn a_job_that_cannot_be_read_ends_alone() {
    both(Limits::default(), |yard| async move {
        let answer = yard.store.accept(yard.restart(yard.all(), None)).await.unwrap();
        const SPOIL: crate::sql::Sql =
            crate::sql::Sql { name: "spoil", text: "UPDATE job SET spec = '{' WHERE phone_id = $1" };
        let spoiled = yard.phones[4].as_str();
        yard.store.db.write(SPOIL, crate::db::args![spoiled]).await.unwrap();
        assert_eq!(yard.claim(&answer).await.len(), 9);
        let job = answer.entries[4].job_id.clone().unwrap();
        let job = yard.store.job_get(&yard.project.id, job.as_str()).await.unwrap().unwrap();
        assert_eq!((job.status, job.error_code.as_deref()), (JobStatus::Failed, Some("CPS.0003")));
        let phone = yard.store.phone_get(&yard.project.id, spoiled).await.unwrap().unwrap();
        assert_eq!(phone.status.number(), -6);
        assert_eq!(yard.store.jobs_active(), 9);
    });
}

#[test]
fn property_updates_merge_at_their_end_and_leave_the_status() {
    both(Limits::default(), |yard| async move {
        let update = |text: &str| Accept {
            operation: "UpdateCloudPhoneProperty",
            work: Work::Property { asked: vec![asked(&yard.phones[0], text)] },
            ..yard.restart(Vec::new(), None)
        };
        let a = yard.store.accept(update(r#"{"com.cph.mainkeys":"1"}"#)).await.unwrap();
        let b = yard.store.accept(update(r#"{"disable.status.bar":"1"}"#)).await.unwrap();
        for answer in [&a, &b] {
            let claimed = yard.claim(answer).await;
            yard.store.jobs_end(&[ending(&claimed[0], Outcome::Succeeded)]).await.unwrap();
        }
        let phone = yard.store.phone_get(&yard.project.id, yard.phones[0].as_str()).await.unwrap().unwrap();
        assert_eq!(phone.property, r#"{"com.cph.mainkeys":"1","disable.status.bar":"1"}"#);
        assert_eq!(phone.status.number(), 2);
    });
}

#[test]
fn a_restart_of_a_server_leaves_5_at_once_and_comes_back() {
    both(Limits::default(), |yard| async move {
        let accept = Accept {
            operation: "RestartCloudPhoneServer",
            work: Work::ServerRestart { asked: vec![yard.server.to_string()] },
            ..yard.restart(Vec::new(), None)
        };
        let answer = yard.store.accept(accept).await.unwrap();
        let status = || async {
            yard.store
                .server_get(&yard.project.id, yard.server.as_str())
                .await
                .unwrap()
                .unwrap()
                .status
                .number()
        };
        assert_eq!(status().await, 11);
        let refused = yard.store.accept(yard.restart(yard.all(), None)).await.unwrap();
        assert_eq!(refused.entries[0].error.as_ref().unwrap().0, "CPS.0099");
        let claimed = yard.claim(&answer).await.remove(0);
        let mut end = ending(&claimed, Outcome::Succeeded);
        end.server_next = Some(model::server_state::ServerStatus::Normal);
        end.dead = vec![yard.phones[3].clone()];
        yard.store.jobs_end(&[end]).await.unwrap();
        assert_eq!(status().await, 5);
        assert_eq!(yard.statuses().await, [-7, 2, 2, 2, 2, 2, 2, 2, 2, 2]);
    });
}

#[test]
fn stopping_a_stopped_phone_is_stored_as_done() {
    both(Limits::default(), |yard| async move {
        let stop = || Accept {
            operation: "StopCloudPhone",
            work: Work::Power { power: Power::Stop, asked: vec![asked(&yard.phones[0], "")], image_id: None },
            ..yard.restart(Vec::new(), None)
        };
        let answer = yard.store.accept(stop()).await.unwrap();
        let claimed = yard.claim(&answer).await;
        yard.store.jobs_end(&[ending(&claimed[0], Outcome::Succeeded)]).await.unwrap();
        let again = yard.store.accept(stop()).await.unwrap();
        let jobs = yard.jobs(&again).await;
        assert_eq!(jobs[0].status, JobStatus::Succeeded);
        assert!(jobs[0].end_ms.is_some());
        assert_eq!(yard.store.jobs_active(), 0);
    });
}

#[test]
fn lists_are_newest_first_filtered_and_paged() {
    both(Limits::default(), |yard| async move {
        yard.clock.advance(1000);
        let (newer, _) =
            yard.store.server_create(&new_server(&yard.project.id, &yard.image, 3)).await.unwrap();
        let list = |filter: PhoneFilter, offset, limit| {
            let (store, project) = (yard.store.clone(), yard.project.id.clone());
            async move {
                let page = Page { offset, limit };
                let (phones, count) = store.phones_list(&project, &filter, page).await.unwrap();
                (phones.into_iter().map(|p| p.server_id).collect::<Vec<_>>(), count)
            }
        };
        let (all, count) = list(PhoneFilter::default(), 0, 200).await;
        assert_eq!((all.len(), count), (13, 13));
        assert!(all[..3].iter().all(|s| *s == newer.id), "newest first");
        assert_eq!(list(PhoneFilter::default(), 10, 200).await.0.len(), 3);
        assert_eq!(list(PhoneFilter::default(), 13, 200).await, (vec![], 13), "past the end");
        let of_server = PhoneFilter { server_id: Some(newer.id.to_string()), ..PhoneFilter::default() };
        assert_eq!(list(of_server, 0, 2).await.1, 3);
        let named = PhoneFilter { name_part: Some("00010".into()), ..PhoneFilter::default() };
        assert_eq!(list(named, 0, 10).await.1, 1);
        let none = PhoneFilter { name_part: Some("RACK".into()), ..PhoneFilter::default() };
        assert_eq!(list(none, 0, 10).await.1, 0, "capitals count");
        let stopped = PhoneFilter { status: Some(8), ..PhoneFilter::default() };
        assert_eq!(list(stopped, 0, 10).await.1, 0);
        let (servers, count) = yard
            .store
            .servers_list(&yard.project.id, &ServerFilter::default(), Page { offset: 0, limit: 1 })
            .await
            .unwrap();
        assert_eq!((servers[0].id.clone(), count), (newer.id, 2));
    });
}

#[test]
fn identities_keep_their_secrets() {
    both(Limits::default(), |yard| async move {
        let store = &yard.store;
        let user = store.user_create("admin", "pass word".into(), &yard.project).await.unwrap();
        assert!(store.user_create("admin", "x".into(), &yard.project).await.is_err(), "name taken");
        assert!(store.user_verify("admin", Some("yard"), "wrong".into()).await.unwrap().is_none());
        assert!(store.user_verify("nobody", None, "pass word".into()).await.unwrap().is_none());
        let found = store.user_verify("admin", Some("yard"), "pass word".into()).await.unwrap().unwrap();
        assert_eq!(found.projects, vec![yard.project.clone()]);
        assert!(store.user_find("admin", Some("elsewhere")).await.unwrap().is_none());

        let (ak, sk) = store.access_key_create(&user.id).await.unwrap();
        assert_eq!(store.access_key_get(&ak).await.unwrap().unwrap().1, sk);
        assert!(store.access_key_get("AK").await.unwrap().is_none());

        let scope = Scope::Project(yard.project.id.clone());
        let (text, token) = store.token_create(&user, scope, "password").await.unwrap();
        assert_eq!(token.expire_ms - token.issue_ms, TOKEN_LIFE_MS);
        assert_eq!(store.token_get(&text).await.unwrap().unwrap().1, token);
        assert!(store.token_get("x").await.unwrap().is_none());
    });
}

#[test]
fn what_was_accepted_is_there_after_reopening() {
    both(Limits::default(), |yard| async move {
        let answer = yard.store.accept(yard.restart(yard.all(), None)).await.unwrap();
        yard.claim(&answer).await;
        yard.store.db.close().await;
        let (url, dir, clock) = (yard.url.clone(), yard.dir.clone(), yard.clock.clone());
        drop(yard);
        tokio::task::yield_now().await;
        let mut tries = 0;
        let store = loop {
            // The lock goes with the last handle, which the accepting task drops a moment later.
            let key = SealingKey::open(&dir.path().join("key")).unwrap();
            match Db::open(&url).await {
                Ok(db) => break Store::new(db, clock, Limits::default(), Default::default(), key),
                Err(StoreError::Busy(_)) if tries < 100 => {
                    tries += 1;
                    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                }
                Err(e) => panic!("{e}"),
            }
        };
        assert_eq!(store.jobs_pending("", 100).await.unwrap().len(), 0, "still leased");
        assert_eq!(store.jobs_adopt().await.unwrap(), 10);
        assert_eq!(store.jobs_pending("", 100).await.unwrap().len(), 10);
        assert_eq!(store.jobs_pending("", 4).await.unwrap().len(), 4);
        assert_eq!(store.jobs_active(), 10);
    });
}

#[test]
fn a_second_process_on_the_database_is_refused() {
    both(Limits::default(), |yard| async move {
        let first = yard.store.clone();
        let error = Db::open(&yard.url).await.unwrap_err();
        drop(first);
        assert!(
            matches!(error, StoreError::Busy(_)) && error.to_string().contains("stop it first"),
            "{error}"
        );
    });
}

#[test]
fn pages_read_while_jobs_end_miss_nothing() {
    both(Limits::default(), |yard| async move {
        let answer = yard.store.accept(yard.restart(yard.all(), None)).await.unwrap();
        let claimed = yard.claim(&answer).await;
        let requests = [answer.request_id.to_string()];
        let mut seen = HashSet::new();
        for (n, job) in claimed.iter().enumerate() {
            let page = Page { offset: n as i64, limit: 1 };
            let jobs = yard.store.jobs_list(&yard.project.id, &requests, page, true).await.unwrap().unwrap();
            seen.extend(jobs.into_iter().map(|j| j.id));
            yard.store.jobs_end(&[ending(job, Outcome::Succeeded)]).await.unwrap();
        }
        assert_eq!(seen.len(), 10);
    });
}

#[test]
fn one_page_shows_running_jobs_first_then_failed_ones() {
    both(Limits::default(), |yard| async move {
        let answer = yard.store.accept(yard.restart(yard.all(), None)).await.unwrap();
        let claimed = yard.claim(&answer).await;
        let endings: Vec<Ending> = claimed[..6]
            .iter()
            .enumerate()
            .map(|(n, c)| ending(c, if n % 2 == 0 { Outcome::Succeeded } else { failure() }))
            .collect();
        yard.store.jobs_end(&endings).await.unwrap();
        let requests = [answer.request_id.to_string()];
        for (limit, paged) in [(100, false), (100, true), (7, false)] {
            let page = Page { offset: 0, limit };
            let jobs = yard.store.jobs_list(&yard.project.id, &requests, page, paged).await.unwrap().unwrap();
            let statuses: Vec<i64> = jobs.iter().map(|j| j.status.number()).collect();
            let all = [1, 1, 1, 1, -1, -1, -1, 2, 2, 2];
            assert_eq!(statuses, all[..10.min(limit as usize)], "{limit} {paged}");
        }
    });
}

#[test]
fn a_large_batch_is_one_commit() {
    both(Limits::default(), |yard| async move {
        let (_, phones) =
            yard.store.server_create(&new_server(&yard.project.id, &yard.image, 10_000)).await.unwrap();
        let entries: Vec<Asked> = phones.iter().map(|p| asked(p, "")).collect();
        let answer = yard.store.accept(yard.restart(entries, None)).await.unwrap();
        assert!(answer.entries.iter().all(|e| e.job_id.is_some()));
        assert_eq!(yard.store.jobs_active(), 10_000);
        let claimed = yard.claim(&answer).await;
        assert_eq!(claimed.len(), 10_000);
        let endings: Vec<Ending> = claimed.iter().map(|c| ending(c, Outcome::Succeeded)).collect();
        assert_eq!(yard.store.jobs_end(&endings).await.unwrap().len(), 10_000);
    });
}

#[test]
fn ports_and_numbers_of_phones_are_kept_for_good() {
    both(Limits::default(), |yard| async move {
        for (phone_id, number) in yard.phones.iter().zip(1..) {
            assert_eq!(yard.store.phone_ordinal(phone_id).await.unwrap(), Some(number));
        }
        assert_eq!(yard.store.phone_ordinal(&PhoneId::generate()).await.unwrap(), None);
        yard.store.adb_port_set(&yard.phones[1], 20_001).await.unwrap();
        yard.store.adb_port_set(&yard.phones[0], 20_000).await.unwrap();
        assert!(yard.store.adb_port_set(&yard.phones[2], 20_000).await.is_err(), "it is the first one's");
        yard.store.adb_port_set(&yard.phones[1], 20_009).await.unwrap();
        let ports = [(yard.phones[0].clone(), 20_000), (yard.phones[1].clone(), 20_009)];
        assert_eq!(yard.store.adb_ports().await.unwrap(), ports);
    });
}

#[test]
fn keys_belong_to_a_project_and_are_bounded() {
    both(Limits::default(), |yard| async move {
        let key = |n: i64| AdbKey { fingerprint: format!("{n:064}"), text: format!("key {n}") };
        let project_id = &yard.project.id;
        for n in 0..ADB_KEYS_MAX {
            assert!(yard.store.adb_key_add(project_id, &key(n)).await.unwrap());
        }
        assert!(!yard.store.adb_key_add(project_id, &key(ADB_KEYS_MAX)).await.unwrap(), "one too many");
        assert!(yard.store.adb_key_add(project_id, &key(0)).await.unwrap(), "one that is there is no more");
        let other = yard.store.project_create("yard", "other", None).await.unwrap();
        assert!(yard.store.adb_keys(&other.id).await.unwrap().is_empty());
        assert_eq!(yard.store.adb_keys(project_id).await.unwrap()[1], key(1));
        assert!(!yard.store.adb_key_remove(&other.id, &key(1).fingerprint).await.unwrap());
        assert!(yard.store.adb_key_remove(project_id, &key(1).fingerprint).await.unwrap());
        assert!(!yard.store.adb_key_remove(project_id, &key(1).fingerprint).await.unwrap());
        assert_eq!(yard.store.adb_keys(project_id).await.unwrap().len() as i64, ADB_KEYS_MAX - 1);
    });
}
