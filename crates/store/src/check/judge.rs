//! The judgements: pure, so that each can be shown to catch what it is for.

use super::{JobRow, PhoneRow, Snapshot};
use model::job::{JobKind, JobSpec};
use model::phone_state::{PhoneStatus, Power};
use model::property;
use model::server_state::ServerStatus;
use std::collections::{BTreeMap, HashMap, HashSet};

const ACTIVE: i64 = 1;
const SUCCEEDED: i64 = 2;
const FAILED: i64 = -1;

impl JobRow {
    /// Whether it is queued or running.
    pub fn active(&self) -> bool {
        self.status == ACTIVE
    }

    fn power(&self) -> Option<Power> {
        JobKind::from_name(&self.kind).and_then(JobKind::power)
    }
}

impl Snapshot {
    /// What holds at every moment, also while jobs run.
    pub fn at_any_moment(&self) -> Vec<String> {
        let mut complaints = Vec::new();
        let requests: HashSet<&str> = self.requests.iter().map(String::as_str).collect();
        let mut power: HashMap<&str, Vec<Power>> = HashMap::new();
        let mut servers: HashMap<&str, usize> = HashMap::new();
        for job in &self.jobs {
            if !requests.contains(job.request_id.as_str()) {
                complaints.push(format!("job {}: its request {} is not there", job.id, job.request_id));
            }
            complaints.extend(ending(job).map(|what| format!("job {}: {what}: {job:?}", job.id)));
            match (&job.phone_id, job.power()) {
                (Some(phone), Some(kind)) if job.active() => power.entry(phone).or_default().push(kind),
                (None, _) if job.active() => *servers.entry(&job.server_id).or_default() += 1,
                _ => {}
            }
        }
        for phone in &self.phones {
            let active = power.remove(phone.id.as_str()).unwrap_or_default();
            let shown = Power::ALL.into_iter().find(|power| power.pending().number() == phone.status);
            if active != Vec::from_iter(shown) {
                let status = phone.status;
                complaints.push(format!("phone {} at {status} with the active jobs {active:?}", phone.id));
            }
        }
        for server in &self.servers {
            let restarts = [ServerStatus::ShuttingDown, ServerStatus::Starting];
            let shown = usize::from(restarts.iter().any(|status| status.number() == server.status));
            let active = servers.remove(server.id.as_str()).unwrap_or(0);
            if active != shown {
                let status = server.status;
                complaints.push(format!("server {} at {status} with {active} active jobs", server.id));
            }
        }
        complaints
    }

    /// What holds when all accepted jobs have had their time: that, and every one has ended.
    pub fn at_rest(&self) -> Vec<String> {
        let mut complaints = self.at_any_moment();
        let active = self.jobs.iter().filter(|job| job.active());
        complaints.extend(active.map(|job| format!("job {} has not ended: {job:?}", job.id)));
        complaints
    }

    /// What holds between an earlier moment and this one: nothing is lost, and what had ended is unchanged.
    pub fn since(&self, earlier: &Self) -> Vec<String> {
        let mut complaints = Vec::new();
        let requests: HashSet<&String> = self.requests.iter().collect();
        let lost = earlier.requests.iter().filter(|id| !requests.contains(id));
        complaints.extend(lost.map(|id| format!("request {id} is lost")));
        let jobs: HashMap<&str, &JobRow> = self.jobs.iter().map(|job| (job.id.as_str(), job)).collect();
        for then in &earlier.jobs {
            let id = &then.id;
            match jobs.get(id.as_str()) {
                None => complaints.push(format!("job {id} is lost")),
                Some(now) if !then.active() && *now != then => {
                    complaints.push(format!("job {id} had ended and changed: {then:?}, now {now:?}"));
                }
                Some(now) if now.epoch < then.epoch => {
                    complaints.push(format!("job {id}: its epoch went from {} to {}", then.epoch, now.epoch));
                }
                Some(_) => {}
            }
        }
        complaints
    }

    /// What holds between two moments at rest: every phone has the image and the properties that its jobs
    /// brought about, (2, new) or (-1, old), one after another in the order of acceptance, and shows how the
    /// last power operation ended.
    pub fn outcomes_since(&self, earlier: &Self) -> Vec<String> {
        let before: HashSet<&str> = earlier.jobs.iter().map(|job| job.id.as_str()).collect();
        let mut jobs: HashMap<&str, Vec<&JobRow>> = HashMap::new();
        for job in self.jobs.iter().filter(|job| !before.contains(job.id.as_str())) {
            if let Some(phone) = &job.phone_id {
                jobs.entry(phone).or_default().push(job);
            }
        }
        let phones: HashMap<&str, &PhoneRow> = earlier.phones.iter().map(|p| (p.id.as_str(), p)).collect();
        let mut complaints = Vec::new();
        for now in &self.phones {
            let Some(then) = phones.get(now.id.as_str()) else { continue };
            let mut jobs = jobs.remove(now.id.as_str()).unwrap_or_default();
            jobs.sort_by_key(|job| job.epoch);
            match expected(then, &jobs) {
                Ok(expected) => complaints.extend(difference(&expected, now)),
                Err(what) => complaints.push(format!("phone {}: {what}", now.id)),
            }
        }
        complaints
    }
}

/// What is wrong with how a job stands.
fn ending(job: &JobRow) -> Option<&'static str> {
    let errors = (job.error_code.is_some(), job.error_msg.is_some());
    match (job.status, job.end_ms) {
        (ACTIVE, Some(_)) => Some("active, with an end"),
        (ACTIVE, None) => (errors != (false, false)).then_some("active, with an error"),
        (SUCCEEDED | FAILED, None) => Some("ended without a time"),
        (_, Some(end_ms)) if end_ms < job.begin_ms => Some("ended before it began"),
        (_, Some(_)) if job.lease_until_ms != 0 => Some("ended with a lease"),
        (SUCCEEDED, _) => (errors != (false, false)).then_some("succeeded with an error"),
        (FAILED, _) => (errors != (true, true)).then_some("failed without an error"),
        _ => Some("no such status"),
    }
}

/// The phone after these jobs.
fn expected(then: &PhoneRow, jobs: &[&JobRow]) -> Result<PhoneRow, String> {
    let mut phone = then.clone();
    for job in jobs {
        let good = job.status == SUCCEEDED;
        if let Some(power) = job.power() {
            phone.status = if good { power.succeeded() } else { power.failed() }.number();
        }
        if !good {
            continue;
        }
        let spec: JobSpec = serde_json::from_str(&job.spec).map_err(|e| format!("job {}: {e}", job.id))?;
        if spec.factory_reset {
            (phone.property, phone.custom_property) = ("{}".into(), "{}".into());
        }
        if let Some(image) = spec.image_id {
            phone.image_id = image.into_string();
        }
        phone.property = property::merge(&phone.property, &spec.property)
            .map_err(|refusal| format!("job {} cannot have succeeded: {refusal}", job.id))?;
        let mut custom = object(&phone.custom_property)?;
        custom.extend(spec.custom_property);
        phone.custom_property = serde_json::to_string(&custom).unwrap_or_default();
    }
    Ok(phone)
}

fn object(text: &str) -> Result<BTreeMap<String, String>, String> {
    serde_json::from_str(text).map_err(|error| format!("{text}: {error}"))
}

fn difference(expected: &PhoneRow, now: &PhoneRow) -> Option<String> {
    let died = [PhoneStatus::Running, PhoneStatus::Abnormal].map(PhoneStatus::number);
    let status = now.status == expected.status || [expected.status, now.status] == died;
    let same = now.image_id == expected.image_id
        && object(&now.property) == object(&expected.property)
        && object(&now.custom_property) == object(&expected.custom_property);
    (!status || !same).then(|| format!("phone {}: its jobs make it {expected:?}, it is {now:?}", now.id))
}

#[cfg(test)]
#[path = "judge_tests.rs"]
mod tests;
