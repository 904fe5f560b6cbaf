//! The way from accepting to working: freshly accepted jobs are handed over, and counted against limits.

use crate::Limits;
use model::id::{JobId, PhoneId, ProjectId, ServerId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::mpsc;

/// A job that waits for a worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queued {
    /// The job.
    pub job_id: JobId,
    /// Whose it is.
    pub project_id: ProjectId,
    /// Where it works.
    pub server_id: ServerId,
    /// On which phone; none for a server's job.
    pub phone_id: Option<PhoneId>,
}

/// Active jobs by project, and the channel to the worker. The database stays the truth: both are rebuilt
/// from it at start.
#[derive(Debug, Clone)]
pub(crate) struct Queue {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Debug)]
struct Inner {
    active: HashMap<ProjectId, i64>,
    total: i64,
    /// Grows whenever the counts move.
    moves: u64,
    per_project_max: i64,
    total_max: i64,
    // Unbounded in form only: it never holds more than total_max jobs.
    worker: Option<mpsc::UnboundedSender<Vec<Queued>>>,
}

impl Queue {
    pub(crate) fn new(limits: &Limits) -> Self {
        let inner = Inner {
            active: HashMap::new(),
            total: 0,
            moves: 0,
            per_project_max: limits.jobs_per_project_max,
            total_max: limits.jobs_max,
            worker: None,
        };
        Self { inner: Arc::new(Mutex::new(inner)) }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What still fits, seen by one transaction.
    pub(crate) fn room(&self) -> Room {
        let inner = self.lock();
        Room {
            active: inner.active.clone(),
            total: inner.total,
            per_project_max: inner.per_project_max,
            total_max: inner.total_max,
        }
    }

    /// Counts committed jobs and hands them to the worker.
    pub(crate) fn push(&self, queued: Vec<Queued>) {
        if queued.is_empty() {
            return;
        }
        let mut inner = self.lock();
        inner.moves += 1;
        inner.total += queued.len() as i64;
        for job in &queued {
            *inner.active.entry(job.project_id.clone()).or_default() += 1;
        }
        if let Some(worker) = &inner.worker {
            // Without a worker the jobs stay in the database until one starts.
            let _ = worker.send(queued);
        }
    }

    /// Takes ended jobs off the count.
    pub(crate) fn ended<'a>(&self, projects: impl Iterator<Item = &'a ProjectId>) {
        let mut inner = self.lock();
        inner.moves += 1;
        for project_id in projects {
            inner.total -= 1;
            if let Some(active) = inner.active.get_mut(project_id) {
                *active -= 1;
                if *active <= 0 {
                    inner.active.remove(project_id);
                }
            }
        }
    }

    /// How often the counts have moved.
    pub(crate) fn moves(&self) -> u64 {
        self.lock().moves
    }

    /// Replaces the counts by what the database says.
    pub(crate) fn recount(&self, active: HashMap<ProjectId, i64>) {
        let mut inner = self.lock();
        inner.total = active.values().sum();
        inner.active = active;
    }

    /// From now on committed jobs go to this worker.
    pub(crate) fn listen(&self) -> mpsc::UnboundedReceiver<Vec<Queued>> {
        let (sender, receiver) = mpsc::unbounded_channel();
        self.lock().worker = Some(sender);
        receiver
    }

    /// Active jobs in all.
    pub(crate) fn total(&self) -> i64 {
        self.lock().total
    }
}

/// Free places in the queue while a transaction is planned.
pub(crate) struct Room {
    active: HashMap<ProjectId, i64>,
    total: i64,
    per_project_max: i64,
    total_max: i64,
}

impl Room {
    /// Whether that many more jobs fit, for the project and in all.
    pub(crate) fn fits(&self, project_id: &ProjectId, jobs: i64) -> bool {
        let active = self.active.get(project_id).copied().unwrap_or(0);
        active + jobs <= self.per_project_max && self.total + jobs <= self.total_max
    }

    pub(crate) fn take(&mut self, project_id: &ProjectId, jobs: i64) {
        *self.active.entry(project_id.clone()).or_default() += jobs;
        self.total += jobs;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_bounded_for_a_project_and_in_all() {
        let limits = Limits { jobs_per_project_max: 3, jobs_max: 5, ..Limits::default() };
        let mut room = Queue::new(&limits).room();
        let (a, b) = (ProjectId::new("a"), ProjectId::new("b"));
        assert!(room.fits(&a, 3) && !room.fits(&a, 4));
        room.take(&a, 3);
        assert!(!room.fits(&a, 1) && room.fits(&b, 2) && !room.fits(&b, 3));
    }
}
