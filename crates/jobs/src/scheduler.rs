//! Which job comes next: pure, fair between projects, within every limit.
//!
//! Projects take turns, and within a project its servers; on a server the oldest job goes first. Jobs of one
//! phone run one after another. A server's own job waits until its phones' jobs have ended and then has the
//! server to itself.

use model::id::{JobId, PhoneId, ProjectId, ServerId};
use std::collections::{HashMap, HashSet, VecDeque};
use store::Queued;

/// How many jobs may run at once.
#[derive(Debug, Clone, Copy)]
pub struct Caps {
    /// On one server.
    pub per_server: usize,
    /// Of one project.
    pub per_project: usize,
    /// In all.
    pub total: usize,
}

/// Waiting and running jobs of this process.
#[derive(Debug)]
pub struct Scheduler {
    caps: Caps,
    known: HashSet<JobId>,
    ring: VecDeque<ProjectId>,
    projects: HashMap<ProjectId, Project>,
    servers: HashMap<ServerId, Server>,
    /// Phones with a running job, and the jobs that wait for it.
    busy: HashMap<PhoneId, VecDeque<Queued>>,
    running: usize,
}

#[derive(Debug, Default)]
struct Project {
    running: usize,
    ring: VecDeque<ServerId>,
    waiting: HashMap<ServerId, VecDeque<Queued>>,
}

#[derive(Debug, Default)]
struct Server {
    running: usize,
    exclusive: bool,
}

impl Scheduler {
    /// An empty one.
    pub fn new(caps: Caps) -> Self {
        Self {
            caps,
            known: HashSet::new(),
            ring: VecDeque::new(),
            projects: HashMap::new(),
            servers: HashMap::new(),
            busy: HashMap::new(),
            running: 0,
        }
    }

    /// Adds a waiting job; one that is known already is left alone.
    pub fn push(&mut self, job: Queued) {
        if self.known.insert(job.job_id.clone()) {
            self.enqueue(job, false);
        }
    }

    fn enqueue(&mut self, job: Queued, first: bool) {
        let project = self.projects.entry(job.project_id.clone()).or_default();
        if project.waiting.is_empty() {
            self.ring.push_back(job.project_id.clone());
        }
        let queue = project.waiting.entry(job.server_id.clone()).or_default();
        if queue.is_empty() {
            project.ring.push_back(job.server_id.clone());
        }
        if first { queue.push_front(job) } else { queue.push_back(job) }
    }

    /// The next job that may run now; it counts as running from here on.
    pub fn take_next(&mut self) -> Option<Queued> {
        if self.running >= self.caps.total {
            return None;
        }
        for _ in 0..self.ring.len() {
            let project_id = self.ring.pop_front()?;
            let job = self.next_of(&project_id);
            if self.projects.get(&project_id).is_some_and(|p| !p.waiting.is_empty()) {
                self.ring.push_back(project_id);
            }
            if let Some(job) = job {
                self.start(&job);
                return Some(job);
            }
        }
        None
    }

    fn next_of(&mut self, project_id: &ProjectId) -> Option<Queued> {
        let project = self.projects.get_mut(project_id)?;
        if project.running >= self.caps.per_project {
            return None;
        }
        for _ in 0..project.ring.len() {
            let server_id = project.ring.pop_front()?;
            let server = self.servers.entry(server_id.clone()).or_default();
            let queue = project.waiting.entry(server_id.clone()).or_default();
            let job = Self::next_on(server, queue, &mut self.busy, self.caps.per_server);
            if queue.is_empty() {
                project.waiting.remove(&server_id);
            } else {
                project.ring.push_back(server_id);
            }
            if job.is_some() {
                return job;
            }
        }
        None
    }

    fn next_on(
        server: &mut Server,
        queue: &mut VecDeque<Queued>,
        busy: &mut HashMap<PhoneId, VecDeque<Queued>>,
        cap: usize,
    ) -> Option<Queued> {
        if server.exclusive || server.running >= cap {
            return None;
        }
        while let Some(job) = queue.pop_front() {
            match &job.phone_id {
                Some(phone_id) => match busy.get_mut(phone_id) {
                    Some(behind) => behind.push_back(job),
                    None => return Some(job),
                },
                None if server.running == 0 => {
                    server.exclusive = true;
                    return Some(job);
                }
                None => {
                    queue.push_front(job);
                    return None;
                }
            }
        }
        None
    }

    fn start(&mut self, job: &Queued) {
        self.running += 1;
        self.projects.entry(job.project_id.clone()).or_default().running += 1;
        self.servers.entry(job.server_id.clone()).or_default().running += 1;
        if let Some(phone_id) = &job.phone_id {
            self.busy.insert(phone_id.clone(), VecDeque::new());
        }
    }

    /// A job that [`Scheduler::take_next`] gave out has ended, or could not be claimed.
    pub fn done(&mut self, job: &Queued) {
        if !self.known.remove(&job.job_id) {
            return;
        }
        self.running -= 1;
        if let Some(project) = self.projects.get_mut(&job.project_id) {
            project.running -= 1;
            if project.running == 0 && project.waiting.is_empty() {
                self.projects.remove(&job.project_id);
            }
        }
        if let Some(server) = self.servers.get_mut(&job.server_id) {
            server.running -= 1;
            if server.running == 0 {
                self.servers.remove(&job.server_id);
            }
        }
        let behind = job.phone_id.as_ref().and_then(|id| self.busy.remove(id)).unwrap_or_default();
        for job in behind.into_iter().rev() {
            self.enqueue(job, true);
        }
    }

    /// Takes back jobs that [`Scheduler::take_next`] gave out, in the order it did, and that nobody has begun:
    /// they wait again, each before the jobs that came after it.
    pub fn give_back(&mut self, jobs: Vec<Queued>) {
        for job in jobs.into_iter().rev() {
            self.done(&job);
            self.known.insert(job.job_id.clone());
            self.enqueue(job, true);
        }
    }

    /// Jobs running now.
    pub fn running(&self) -> usize {
        self.running
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn job(n: usize, project: &str, server: &str, phone: Option<&str>) -> Queued {
        Queued {
            job_id: JobId::new(format!("{n:04}")),
            project_id: ProjectId::new(project),
            server_id: ServerId::new(server),
            phone_id: phone.map(PhoneId::new),
        }
    }

    fn scheduler(per_server: usize, per_project: usize, total: usize) -> Scheduler {
        Scheduler::new(Caps { per_server, per_project, total })
    }

    fn ids(jobs: &[Queued]) -> Vec<&str> {
        jobs.iter().map(|j| j.job_id.as_str()).collect()
    }

    fn all(s: &mut Scheduler) -> Vec<Queued> {
        std::iter::from_fn(|| s.take_next()).collect()
    }

    #[test]
    fn projects_take_turns_whatever_their_backlog() {
        let mut s = scheduler(100, 100, 4);
        for n in 0..50 {
            s.push(job(n, "a", "sa", Some(&format!("a{n}"))));
        }
        s.push(job(90, "b", "sb", Some("b0")));
        s.push(job(91, "b", "sb", Some("b1")));
        assert_eq!(ids(&all(&mut s)), ["0000", "0090", "0001", "0091"]);
    }

    #[test]
    fn every_cap_holds_and_is_freed_by_the_end() {
        for (caps, first) in [((2, 9, 9), 2), ((9, 3, 9), 3), ((9, 9, 4), 4)] {
            let mut s = scheduler(caps.0, caps.1, caps.2);
            for n in 0..10 {
                s.push(job(n, "a", "s", Some(&format!("p{n}"))));
            }
            let running = all(&mut s);
            assert_eq!(running.len(), first, "{caps:?}");
            s.done(&running[0]);
            assert_eq!(all(&mut s).len(), 1, "one ended, one may start");
            assert_eq!(s.running(), first);
        }
    }

    #[test]
    fn jobs_of_one_phone_run_one_after_another_in_order() {
        let mut s = scheduler(9, 9, 9);
        for n in 0..3 {
            s.push(job(n, "a", "s", Some("p")));
        }
        s.push(job(3, "a", "s", Some("q")));
        let first = all(&mut s);
        assert_eq!(ids(&first), ["0000", "0003"]);
        s.done(&first[0]);
        let second = all(&mut s);
        assert_eq!(ids(&second), ["0001"]);
        s.done(&second[0]);
        assert_eq!(ids(&all(&mut s)), ["0002"]);
    }

    #[test]
    fn a_servers_job_has_the_server_to_itself() {
        let mut s = scheduler(9, 9, 9);
        s.push(job(0, "a", "s", Some("p")));
        s.push(job(1, "a", "s", None));
        s.push(job(2, "a", "s", Some("q")));
        s.push(job(3, "a", "t", Some("r")));
        let first = all(&mut s);
        assert_eq!(ids(&first), ["0000", "0003"]);
        s.done(&first[0]);
        let server = all(&mut s);
        assert_eq!(ids(&server), ["0001"]);
        s.done(&server[0]);
        assert_eq!(ids(&all(&mut s)), ["0002"]);
    }

    #[test]
    fn jobs_given_back_keep_their_order() {
        let mut s = scheduler(9, 9, 9);
        s.push(job(0, "a", "s", Some("p")));
        s.push(job(1, "a", "s", Some("p")));
        s.push(job(2, "a", "s", Some("q")));
        let taken = all(&mut s);
        assert_eq!(ids(&taken), ["0000", "0002"]);
        s.give_back(taken);
        assert_eq!(s.running(), 0);
        let taken = all(&mut s);
        assert_eq!(ids(&taken), ["0000", "0002"]);
        s.done(&taken[0]);
        assert_eq!(ids(&all(&mut s)), ["0001"]);
    }

    #[test]
    fn a_known_job_is_not_taken_twice_and_nothing_is_left_behind() {
        let mut s = scheduler(9, 9, 9);
        s.push(job(0, "a", "s", Some("p")));
        s.push(job(0, "a", "s", Some("p")));
        let first = all(&mut s);
        s.push(job(0, "a", "s", Some("p")));
        assert_eq!(first.len(), 1);
        assert!(s.take_next().is_none());
        s.done(&first[0]);
        s.done(&first[0]);
        assert_eq!(s.running(), 0);
        assert!(s.known.is_empty() && s.busy.is_empty() && s.servers.is_empty() && s.projects.is_empty());
        assert!(s.ring.is_empty());
    }
}
