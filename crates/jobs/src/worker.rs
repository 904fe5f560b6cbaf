//! The loop that picks, claims and runs jobs.

use crate::finisher::{self, Finisher};
use crate::kinds::{self, Context};
use crate::scheduler::{Caps, Scheduler};
use crate::watch;
use futures::FutureExt;
use model::code;
use model::id::JobId;
use model::job::JobKind;
use model::server_state::ServerStatus;
use runtime::Runtime;
use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use store::{Claimed, Ending, Outcome, Queued, Store, StoreError};
use tokio::sync::mpsc::{self, UnboundedReceiver};
use tokio::task::{AbortHandle, JoinError, JoinSet};
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};
use tokio_util::sync::CancellationToken;

/// Most jobs taken by one claim.
const CLAIM_MAX: usize = 1000;
/// Pending jobs read at once when looking for those of an earlier process.
const RECOVER_PAGE: i64 = 1000;
/// A job ends itself this long before the reaper would.
const DEADLINE_MARGIN_MS: i64 = 1000;

/// How the worker works. Times have defaults that fit `design`: deadlines sum below 30 minutes.
#[derive(Debug, Clone)]
pub struct Config {
    /// How many jobs may run at once.
    pub caps: Caps,
    /// How long a claim is good without a sign of life.
    pub lease: Duration,
    /// Claims of one job before it is given up.
    pub attempts_max: i64,
    /// How often overdue jobs are ended.
    pub reap_period: Duration,
    /// How often phones are checked for having died.
    pub watch_period: Duration,
    /// How long a graceful stop waits for running jobs.
    pub stop_grace: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            caps: Caps { per_server: 1000, per_project: 2000, total: 4000 },
            lease: Duration::from_secs(15),
            attempts_max: 3,
            reap_period: Duration::from_secs(5),
            watch_period: Duration::from_secs(10),
            stop_grace: Duration::from_secs(10),
        }
    }
}

/// The running worker.
#[derive(Debug)]
pub struct Worker {
    stop: CancellationToken,
    tasks: JoinSet<()>,
}

impl Worker {
    /// Starts the worker: first with what earlier processes left, then with what is accepted.
    ///
    /// # Errors
    /// What the database says.
    pub async fn start(store: Store, runtime: Arc<dyn Runtime>, config: Config) -> Result<Self, StoreError> {
        let queued = store.queued();
        let adopted = store.jobs_adopt().await?;
        if adopted > 0 {
            tracing::info!(adopted, "taking up jobs that an earlier process left");
        }
        let stop = CancellationToken::new();
        let mut tasks = JoinSet::new();
        let context = Arc::new(Context::new(store.clone(), runtime.clone()));
        let (finisher, ended) = finisher::start(store.clone(), &mut tasks);
        let looped = Loop {
            scheduler: Scheduler::new(config.caps),
            store: store.clone(),
            context,
            config: config.clone(),
            finisher,
            running: HashMap::new(),
            tasks: JoinSet::new(),
            last_recovered: Some(String::new()),
        };
        tasks.spawn(looped.run(queued, ended, stop.clone()));
        tasks.spawn(watch::reap(store.clone(), config.reap_period, stop.clone()));
        tasks.spawn(watch::supervise(store, runtime, config.watch_period, stop.clone()));
        Ok(Self { stop, tasks })
    }

    /// Stops gracefully: nothing new is claimed, running jobs get [`Config::stop_grace`] to end, the rest is
    /// given back without costing an attempt.
    pub async fn stop(mut self) {
        self.stop.cancel();
        while self.tasks.join_next().await.is_some() {}
    }
}

struct Running {
    job: Queued,
    claimed: Claimed,
    abort: AbortHandle,
}

struct Loop {
    scheduler: Scheduler,
    store: Store,
    context: Arc<Context>,
    config: Config,
    finisher: Finisher,
    running: HashMap<tokio::task::Id, Running>,
    tasks: JoinSet<Ending>,
    /// Where the look for jobs that nobody works on stands; none when it is over.
    last_recovered: Option<String>,
}

impl Loop {
    async fn run(
        mut self,
        mut queued: UnboundedReceiver<Vec<Queued>>,
        mut ended: mpsc::UnboundedReceiver<Vec<Queued>>,
        stop: CancellationToken,
    ) {
        let mut renew = interval(self.config.lease / 3);
        renew.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut rescan = interval(self.config.lease);
        rescan.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            self.recover().await;
            self.start_jobs().await;
            tokio::select! {
                () = stop.cancelled() => break,
                Some(jobs) = queued.recv() => {
                    jobs.into_iter().for_each(|job| self.scheduler.push(job));
                    while let Ok(jobs) = queued.try_recv() {
                        jobs.into_iter().for_each(|job| self.scheduler.push(job));
                    }
                }
                Some(result) = self.tasks.join_next_with_id() => self.joined(result),
                Some(jobs) = ended.recv() => self.freed(jobs, &mut ended),
                _ = renew.tick() => self.renew().await,
                _ = rescan.tick() => self.rescan().await,
                // The next page, without waiting for something to happen.
                () = tokio::task::yield_now(), if self.last_recovered.is_some() => {}
            }
        }
        self.drain(&mut ended).await;
    }

    /// Reads a page of jobs that nobody works on, until there are no more.
    async fn recover(&mut self) {
        let Some(after) = self.last_recovered.take() else { return };
        match self.store.jobs_pending(&after, RECOVER_PAGE).await {
            Ok(jobs) => {
                self.last_recovered =
                    jobs.last().filter(|_| jobs.len() as i64 == RECOVER_PAGE).map(|j| j.job_id.to_string());
                jobs.into_iter().for_each(|job| self.scheduler.push(job));
            }
            Err(error) => {
                tracing::error!(%error, "looking for pending jobs");
                self.last_recovered = Some(after);
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        }
    }

    /// Begins to look anew for jobs that nobody works on, such as those whose ending could not be written or
    /// whose lease was lost, and sets the queue's counts right.
    async fn rescan(&mut self) {
        self.last_recovered.get_or_insert_default();
        if let Err(error) = self.store.jobs_recount().await {
            tracing::error!(%error, "counting active jobs");
        }
    }

    async fn start_jobs(&mut self) {
        loop {
            let picked: Vec<Queued> =
                std::iter::from_fn(|| self.scheduler.take_next()).take(CLAIM_MAX).collect();
            if picked.is_empty() {
                return;
            }
            let ids: Vec<JobId> = picked.iter().map(|job| job.job_id.clone()).collect();
            let claimed = match self.store.jobs_claim(&ids, self.config.lease.as_millis() as i64).await {
                Ok(claimed) => claimed,
                Err(error) => {
                    tracing::error!(%error, jobs = ids.len(), "claiming");
                    self.scheduler.give_back(picked);
                    tokio::time::sleep(Duration::from_millis(200)).await;
                    return;
                }
            };
            let mut claimed: HashMap<JobId, Claimed> =
                claimed.into_iter().map(|c| (c.job_id.clone(), c)).collect();
            for job in picked {
                match claimed.remove(&job.job_id) {
                    Some(claimed) => self.spawn(job, claimed),
                    // Ended meanwhile, or past its deadline: the reaper's.
                    None => self.scheduler.done(&job),
                }
            }
        }
    }

    fn spawn(&mut self, job: Queued, claimed: Claimed) {
        let context = self.context.clone();
        let attempts_max = self.config.attempts_max;
        let work = claimed.clone();
        let abort = self.tasks.spawn(async move { run_one(&context, work, attempts_max).await });
        self.running.insert(abort.id(), Running { job, claimed, abort });
    }

    /// A job's task ended: its outcome goes to the finisher. A panic fails that job only.
    fn joined(&mut self, result: Result<(tokio::task::Id, Ending), JoinError>) {
        let (running, ending) = match result {
            Ok((id, ending)) => (self.running.remove(&id), Some(ending)),
            Err(error) => (self.running.remove(&error.id()), None),
        };
        let Some(running) = running else { return };
        let ending = ending.unwrap_or_else(|| {
            tracing::error!(job_id = %running.job.job_id, "the job panicked outside its work");
            broken_off(&running.claimed)
        });
        self.finisher.send(running.job, ending);
    }

    fn freed(&mut self, jobs: Vec<Queued>, ended: &mut UnboundedReceiver<Vec<Queued>>) {
        jobs.iter().for_each(|job| self.scheduler.done(job));
        while let Ok(jobs) = ended.try_recv() {
            jobs.iter().for_each(|job| self.scheduler.done(job));
        }
    }

    /// Extends the leases of running jobs, and breaks off those that are no longer ours.
    async fn renew(&mut self) {
        if self.running.is_empty() {
            return;
        }
        let jobs = self.leases();
        match self.store.jobs_renew(&jobs, self.config.lease.as_millis() as i64).await {
            Ok(kept) => {
                let lost: Vec<tokio::task::Id> = self
                    .running
                    .iter()
                    .filter(|(_, r)| !kept.contains(&r.job.job_id))
                    .map(|(id, _)| *id)
                    .collect();
                for id in lost {
                    if let Some(running) = self.running.remove(&id) {
                        tracing::warn!(job_id = %running.job.job_id, "no longer ours: broken off");
                        running.abort.abort();
                        self.scheduler.done(&running.job);
                    }
                }
            }
            Err(error) => tracing::error!(%error, "renewing leases"),
        }
    }

    fn leases(&self) -> Vec<(JobId, i64)> {
        self.running.values().map(|r| (r.job.job_id.clone(), r.claimed.epoch)).collect()
    }

    async fn drain(mut self, ended: &mut UnboundedReceiver<Vec<Queued>>) {
        let until = Instant::now() + self.config.stop_grace;
        while !self.running.is_empty() {
            match tokio::time::timeout_at(until, self.tasks.join_next_with_id()).await {
                Ok(Some(result)) => self.joined(result),
                Ok(None) | Err(_) => break,
            }
        }
        let left = self.leases();
        self.tasks.shutdown().await;
        if !left.is_empty() {
            match self.store.jobs_release(&left).await {
                Ok(released) => tracing::info!(released, "jobs given back, their attempt uncounted"),
                Err(error) => tracing::error!(%error, jobs = left.len(), "giving jobs back"),
            }
        }
        // The finisher writes what has ended and then ends itself, its sender being gone.
        drop(self.finisher);
        while ended.recv().await.is_some() {}
    }
}

/// Runs one job inside its deadline.
async fn run_one(context: &Context, claimed: Claimed, attempts_max: i64) -> Ending {
    if claimed.attempts > attempts_max {
        // What killed the process may do so again: the phone is put back once, then the job just ends.
        if claimed.attempts == attempts_max + 1 {
            kinds::put_back(context, &claimed).await;
        }
        let text = format!("Service internal error. Given up after {attempts_max} attempts.");
        return failed(&claimed, code::INTERNAL_ERROR, &text);
    }
    let left_ms = claimed.deadline_ms - context.now_ms() - DEADLINE_MARGIN_MS;
    let budget = Duration::from_millis(u64::try_from(left_ms).unwrap_or(0));
    match timeout(budget, AssertUnwindSafe(kinds::run(context, &claimed)).catch_unwind()).await {
        Ok(Ok(ending)) => ending,
        Ok(Err(_)) => {
            tracing::error!(job_id = %claimed.job_id, "the job panicked");
            kinds::put_back(context, &claimed).await;
            broken_off(&claimed)
        }
        Err(_) => {
            kinds::put_back(context, &claimed).await;
            failed(&claimed, code::JOB_TIMEOUT, code::JOB_TIMEOUT.message())
        }
    }
}

/// The ending of a job that panicked.
fn broken_off(claimed: &Claimed) -> Ending {
    failed(claimed, code::INTERNAL_ERROR, "Service internal error. The job was broken off by a defect.")
}

/// The ending of a job that did not do what was asked.
fn failed(claimed: &Claimed, code: code::Code, text: &str) -> Ending {
    let refusal = code::Refusal::new(code).saying(text.to_string());
    let mut ending = kinds::ending(claimed, Outcome::Failed(refusal));
    if claimed.kind == JobKind::ServerRestart {
        ending.server_next = Some(ServerStatus::Abnormal);
    }
    ending
}
