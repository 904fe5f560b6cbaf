//! Plans request after request over what was read, and gathers the rows that the transaction will write.

use super::read::Read;
use super::trail;
use super::{Accept, Answer, EPOCHS_PER_JOB, Entry, Work};
use crate::audit::Change;
use crate::queue::{Queued, Room};
use crate::{Limits, json};
use model::code::{self, Refusal};
use model::id::{ImageId, JobId, PhoneId, ProjectId, RequestId, ServerId};
use model::image::Image;
use model::job::{JobKind, JobSpec};
use model::phone_state::Policy;
use model::plan::{self, Asked, Verdict};
use model::server_state::ServerStatus;
use std::collections::HashMap;

/// (id, request, project, server, phone, kind, power, status, epoch, end, spec)
pub(super) type JobRow = (
    JobId,
    RequestId,
    ProjectId,
    ServerId,
    Option<PhoneId>,
    &'static str,
    i64,
    i64,
    i64,
    Option<i64>,
    String,
);

/// What the transaction will write.
#[derive(Default)]
pub(super) struct Rows {
    pub(super) requests: Vec<(RequestId, ProjectId, &'static str)>,
    pub(super) jobs: Vec<JobRow>,
    /// Phone -> status before, status after, epoch after.
    pub(super) phones: HashMap<PhoneId, (i64, i64, i64)>,
    pub(super) servers: Vec<(ServerId, i64, i64)>,
    pub(super) tokens: Vec<(ProjectId, &'static str, String, String, RequestId, String)>,
    pub(super) queued: Vec<Queued>,
    pub(super) changes: Vec<Change>,
}

impl Rows {
    pub(super) fn phones(&self) -> Vec<(&PhoneId, i64, i64, i64)> {
        self.phones.iter().map(|(id, (was, next, epoch))| (id, *was, *next, *epoch)).collect()
    }
}

/// Plans request after request over what was read, gathering rows.
pub(super) struct Writer<'a> {
    pub(super) images: HashMap<(ProjectId, ImageId), Image>,
    pub(super) phones: HashMap<PhoneId, Read>,
    pub(super) servers: HashMap<ServerId, (ProjectId, ServerStatus)>,
    pub(super) room: Room,
    pub(super) limits: &'a Limits,
    pub(super) policy: Policy,
    pub(super) now_ms: i64,
    pub(super) rows: Rows,
}

impl Writer<'_> {
    pub(super) fn one(&mut self, accept: &Accept) -> Result<Answer, Refusal> {
        let entries = accept.work.entries();
        if !self.room.fits(&accept.project_id, entries as i64) {
            return Err(Refusal::busy(self.limits.retry_after_s));
        }
        let entries = match &accept.work {
            Work::Power { power, asked, image_id } => {
                let image = image_id.as_ref().map(|id| self.image(&accept.project_id, id)).transpose()?;
                let mut named = self.lend(&accept.project_id, asked);
                let verdicts = plan::power(*power, asked, image.as_ref(), &mut named, self.policy);
                self.take_back(named);
                self.phone_jobs(accept, asked, verdicts)
            }
            Work::Property { asked } => {
                let mut named = self.lend(&accept.project_id, asked);
                let verdicts = plan::property_update(asked, &mut named);
                self.take_back(named);
                self.phone_jobs(accept, asked, verdicts)
            }
            Work::ServerRestart { asked } => self.server_jobs(accept, asked),
        };
        self.rows.requests.push((accept.request_id.clone(), accept.project_id.clone(), accept.operation));
        self.rows.changes.push(trail::change(accept, &entries, &self.phones));
        if let Some(token) = &accept.client_token {
            self.rows.tokens.push((
                accept.project_id.clone(),
                accept.operation,
                token.token.clone(),
                token.body_digest.clone(),
                accept.request_id.clone(),
                json(&entries),
            ));
        }
        Ok(Answer { request_id: accept.request_id.clone(), entries })
    }

    /// Unknown, foreign and not yet accepted images are the same to the caller (`contract/restart.md`).
    fn image(&self, project_id: &ProjectId, image_id: &ImageId) -> Result<Image, Refusal> {
        let image = self.images.get(&(project_id.clone(), image_id.clone())).filter(|i| i.usable());
        image.cloned().ok_or_else(|| code::IMAGE_NOT_FOUND.into())
    }

    /// The named phones of the project, moved out for planning; another project's phone is as good as absent.
    fn lend(&mut self, project_id: &ProjectId, asked: &[Asked]) -> plan::Phones {
        let mut named = plan::Phones::with_capacity(asked.len());
        for entry in asked {
            let phone_id = PhoneId::new(entry.phone_id.as_str());
            if let Some(read) = self.phones.get_mut(&phone_id).filter(|r| r.project_id == *project_id)
                && let Some(current) = read.current.take()
            {
                named.insert(phone_id, current);
            }
        }
        named
    }

    fn take_back(&mut self, named: plan::Phones) {
        for (phone_id, current) in named {
            if let Some(read) = self.phones.get_mut(&phone_id) {
                read.current = Some(current);
            }
        }
    }

    fn phone_jobs(
        &mut self,
        accept: &Accept,
        asked: &[Asked],
        verdicts: Vec<Verdict<plan::Accepted>>,
    ) -> Vec<Entry> {
        let entry = |(asked, verdict): (&Asked, Verdict<plan::Accepted>)| match verdict {
            Verdict::Refused(refusal) => refused(asked.phone_id.clone(), &refusal),
            Verdict::Job(accepted) => {
                let job_id = self.phone_job(accept, accepted);
                Entry { target: asked.phone_id.clone(), job_id: Some(job_id), error: None }
            }
        };
        asked.iter().zip(verdicts).map(entry).collect()
    }

    fn phone_job(&mut self, accept: &Accept, accepted: plan::Accepted) -> JobId {
        let epoch = self.phones.get_mut(&accepted.phone_id).map_or(0, |read| {
            read.epoch += EPOCHS_PER_JOB;
            read.epoch
        });
        let (from, to) = (accepted.from.number(), accepted.to.number());
        // A phone may get several jobs in one commit (property updates): the first status before counts.
        let moved = self.rows.phones.entry(accepted.phone_id.clone()).or_insert((from, to, epoch));
        (moved.1, moved.2) = (to, epoch);
        self.job(
            accept,
            accepted.server_id,
            Some(accepted.phone_id),
            accepted.kind,
            epoch,
            accepted.done,
            &accepted.spec,
        )
    }

    fn server_jobs(&mut self, accept: &Accept, asked: &[String]) -> Vec<Entry> {
        let mut named: HashMap<ServerId, ServerStatus> = self
            .servers
            .iter()
            .filter(|(_, (project_id, _))| *project_id == accept.project_id)
            .map(|(id, (_, status))| (id.clone(), *status))
            .collect();
        let verdicts = plan::server_restart(asked, &mut named);
        let mut entries = Vec::with_capacity(asked.len());
        for (target, verdict) in asked.iter().zip(verdicts) {
            entries.push(match verdict {
                Verdict::Refused(refusal) => refused(target.clone(), &refusal),
                Verdict::Job(a) => {
                    self.rows.servers.push((a.server_id.clone(), a.from.number(), a.to.number()));
                    if let Some(server) = self.servers.get_mut(&a.server_id) {
                        server.1 = a.to;
                    }
                    // Phones planned later in this commit must see the server leave.
                    for read in self.phones.values_mut().filter_map(|r| r.current.as_mut()) {
                        if read.server_id == a.server_id {
                            read.server_status = a.to;
                        }
                    }
                    let spec = JobSpec::default();
                    let job_id = self.job(accept, a.server_id, None, JobKind::ServerRestart, 0, false, &spec);
                    Entry { target: target.clone(), job_id: Some(job_id), error: None }
                }
            });
        }
        entries
    }

    #[allow(clippy::too_many_arguments, reason = "one call per column group, all of them needed")]
    fn job(
        &mut self,
        accept: &Accept,
        server_id: ServerId,
        phone_id: Option<PhoneId>,
        kind: JobKind,
        epoch: i64,
        done: bool,
        spec: &JobSpec,
    ) -> JobId {
        let job_id = JobId::generate();
        if !done {
            self.room.take(&accept.project_id, 1);
            self.rows.queued.push(Queued {
                job_id: job_id.clone(),
                project_id: accept.project_id.clone(),
                server_id: server_id.clone(),
                phone_id: phone_id.clone(),
            });
        }
        let (status, end_ms) = if done { (2, Some(self.now_ms)) } else { (1, None) };
        self.rows.jobs.push((
            job_id.clone(),
            accept.request_id.clone(),
            accept.project_id.clone(),
            server_id,
            phone_id,
            kind.name(),
            i64::from(kind.power().is_some()),
            status,
            epoch,
            end_ms,
            json(spec),
        ));
        job_id
    }
}

pub(super) fn refused(target: String, refusal: &Refusal) -> Entry {
    let error = (refusal.code.text().to_string(), refusal.message.to_string());
    Entry { target, job_id: None, error: Some(error) }
}
