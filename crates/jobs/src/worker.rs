//! The loop that picks, claims and runs jobs.

use crate::attempt;
use crate::config::Config;
use crate::finisher::{self, Carried, Ended, Finisher};
use crate::health::Health;
use crate::job_log::{self, job_line};
use crate::kinds::Context;
use crate::scheduler::Scheduler;
use crate::watch;
use crate::wishes;
use futures::FutureExt;
use metrics::limits::Limit;
use model::id::JobId;
use runtime::Runtime;
use std::collections::{HashMap, HashSet};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use store::{Claimed, Ending, Outcome, Queued, Store, StoreError};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::{AbortHandle, Id, JoinError, JoinSet};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until, timeout_at};
use tokio_util::sync::CancellationToken;

/// Most jobs taken by one claim.
const CLAIM_MAX: usize = 1000;
/// Pending jobs read at once when looking for those that nobody works on.
const RECOVER_PAGE: i64 = 1000;
/// Pause after the database failed, and before the loop starts over after a defect.
const PAUSE: Duration = Duration::from_millis(200);
/// Longest that putting a phone back may take after its job was ended by somebody else.
const PUT_BACK_MAX: Duration = Duration::from_secs(5);
/// Longest that a stop waits for tasks that were broken off.
const ABORT_MAX: Duration = Duration::from_secs(5);
/// Longest silence of a loop that lives: a call of the database's may hold it up.
const SILENCE_MAX: Duration = Duration::from_secs(30);
/// Shortest interval between looks at the leases.
const RENEW_MIN: Duration = Duration::from_millis(10);

/// The running worker.
#[derive(Debug)]
pub struct Worker {
    health: Arc<Health>,
    stop: CancellationToken,
    tasks: JoinSet<()>,
}

impl Worker {
    /// Starts the worker: first with what earlier processes left, then with what is accepted.
    ///
    /// # Errors
    /// What the database says.
    pub async fn start(store: Store, runtime: Arc<dyn Runtime>, config: Config) -> Result<Self, StoreError> {
        adopt(&store).await?;
        let stop = CancellationToken::new();
        let mut tasks = JoinSet::new();
        let (reaping, until) = (store.clone(), stop.clone());
        tasks.spawn(watch::keep("reaper", stop.clone(), move || {
            watch::reap(reaping.clone(), config.reap_period, until.clone())
        }));
        let (watching, engine, until) = (store.clone(), runtime.clone(), stop.clone());
        tasks.spawn(watch::keep("supervisor", stop.clone(), move || {
            watch::supervise(watching.clone(), engine.clone(), config.watch_period, until.clone())
        }));
        let (asked, engine, until) = (store.clone(), runtime.clone(), stop.clone());
        tasks.spawn(watch::keep("wishes", stop.clone(), move || {
            wishes::grant(asked.clone(), engine.clone(), until.clone())
        }));
        // A turn comes with every look at the leases, and may have to wait for the database.
        let health = Health::new(config.lease.max(SILENCE_MAX));
        Limit::RunningJobs.set_max(config.caps.total);
        tasks.spawn(carry(store, runtime, config, health.clone(), stop.clone()));
        Ok(Self { health, stop, tasks })
    }

    /// Its signs of life.
    pub fn health(&self) -> &Arc<Health> {
        &self.health
    }

    /// Stops gracefully: nothing new is claimed, running jobs get [`Config::stop_grace`] to end, the rest is
    /// given back without costing an attempt.
    pub async fn stop(mut self) {
        self.stop.cancel();
        while self.tasks.join_next().await.is_some() {}
    }
}

async fn adopt(store: &Store) -> Result<(), StoreError> {
    let adopted = store.jobs_adopt().await?;
    if adopted > 0 {
        tracing::info!(adopted, "taking up jobs that were left behind");
    }
    Ok(())
}

/// Runs the loop. Should it break down by a defect, it starts over as after a crash of the process.
async fn carry(
    store: Store,
    runtime: Arc<dyn Runtime>,
    config: Config,
    health: Arc<Health>,
    stop: CancellationToken,
) {
    loop {
        let alive = health.worker();
        let mut finishing = JoinSet::new();
        // Listened to before the first look at the database, so that no job falls in between.
        let queued = store.queued();
        let (finisher, ended) = finisher::start(store.clone(), stop.clone(), &health, &mut finishing);
        let looped = Loop {
            scheduler: Scheduler::new(config.caps),
            context: Arc::new(Context::new(store.clone(), runtime.clone(), config.caps.per_server)),
            store: store.clone(),
            config: config.clone(),
            finisher,
            health: health.clone(),
            running: HashMap::new(),
            tasks: JoinSet::new(),
            last_recovered: Some(String::new()),
            paused_until: None,
        };
        let run = AssertUnwindSafe(looped.run(queued, ended, stop.clone())).catch_unwind().await;
        drop(alive);
        // What had ended is still written: the finisher ends by itself after that.
        while finishing.join_next().await.is_some() {}
        if run.is_ok() && stop.is_cancelled() {
            return;
        }
        tracing::error!("the worker broke down by a defect and starts over");
        tokio::time::sleep(PAUSE).await;
        if let Err(error) = adopt(&store).await {
            tracing::error!(%error, "taking up jobs that were left behind");
        }
    }
}

/// Whose a carried job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Held {
    /// This worker's: it holds the lease and will end it.
    Ours,
    /// Nobody's any more: it was ended as failed behind our back, so its phone has to go back.
    Failed,
    /// Somebody else's, or over: only the task is left.
    Over,
}

struct Running {
    carried: Carried,
    held: Held,
    abort: AbortHandle,
}

struct Loop {
    scheduler: Scheduler,
    store: Store,
    context: Arc<Context>,
    config: Config,
    finisher: Finisher,
    health: Arc<Health>,
    /// What runs, by its task. A job keeps its place in the scheduler until its task is gone.
    running: HashMap<Id, Running>,
    tasks: JoinSet<Option<Ending>>,
    /// Where the look for jobs that nobody works on stands; none when it is over.
    last_recovered: Option<String>,
    /// After the database failed: when it is asked again.
    paused_until: Option<Instant>,
}

impl Loop {
    async fn run(
        mut self,
        mut queued: UnboundedReceiver<Vec<Queued>>,
        mut ended: UnboundedReceiver<Vec<Ended>>,
        stop: CancellationToken,
    ) {
        let mut renew = interval((self.config.lease / 3).max(RENEW_MIN));
        renew.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut rescan = interval(self.config.lease.max(RENEW_MIN));
        rescan.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            if self.paused_until.is_none_or(|until| until <= Instant::now()) {
                self.paused_until = None;
                self.recover().await;
                self.start_jobs().await;
            }
            self.health.turn();
            metrics::jobs::set_running(self.running.len());
            let again = self.paused_until.unwrap_or_else(Instant::now);
            tokio::select! {
                () = stop.cancelled() => break,
                Some(jobs) = queued.recv() => {
                    jobs.into_iter().for_each(|job| self.scheduler.push(job));
                    while let Ok(jobs) = queued.try_recv() {
                        jobs.into_iter().for_each(|job| self.scheduler.push(job));
                    }
                }
                Some(result) = self.tasks.join_next_with_id() => {
                    self.joined(result);
                    while let Some(result) = self.tasks.try_join_next_with_id() {
                        self.joined(result);
                    }
                }
                jobs = ended.recv() => match jobs {
                    Some(jobs) => self.freed(jobs),
                    // Without its finisher the worker is broken.
                    None => return,
                },
                _ = renew.tick() => self.renew().await,
                _ = rescan.tick() => self.rescan().await,
                // The next page or the next try, without waiting for something to happen.
                () = sleep_until(again), if self.last_recovered.is_some() || self.paused_until.is_some() => {}
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
                self.paused_until = Some(Instant::now() + PAUSE);
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
            let claimed = match self.store.jobs_claim(&ids, self.lease_ms()).await {
                Ok(claimed) => claimed,
                Err(error) => {
                    tracing::error!(%error, jobs = ids.len(), "claiming");
                    self.scheduler.give_back(picked);
                    self.paused_until = Some(Instant::now() + PAUSE);
                    return;
                }
            };
            let mut claimed: HashMap<JobId, Claimed> =
                claimed.into_iter().map(|c| (c.job_id.clone(), c)).collect();
            for job in picked {
                match claimed.remove(&job.job_id) {
                    Some(claimed) => self.work(Carried { job, claimed }),
                    // Ended meanwhile, or past its deadline: the reaper's.
                    None => self.scheduler.done(&job),
                }
            }
        }
    }

    fn lease_ms(&self) -> i64 {
        i64::try_from(self.config.lease.as_millis()).unwrap_or(i64::MAX / 2)
    }

    fn work(&mut self, carried: Carried) {
        let (context, attempts_max) = (self.context.clone(), self.config.attempts_max);
        let job = carried.claimed.clone();
        let task = async move {
            let begin = Instant::now();
            let ending = attempt::run(&context, &job, attempts_max).await;
            let took = begin.elapsed();
            metrics::jobs::worked(job.kind.name(), took);
            job_log::worked(&job, &ending, took);
            Some(ending)
        };
        let abort = self.tasks.spawn(task);
        self.running.insert(abort.id(), Running { carried, held: Held::Ours, abort });
    }

    /// Puts the phone of a job back that was ended as failed behind our back.
    fn put_back(&mut self, carried: Carried) {
        let context = self.context.clone();
        let job = carried.claimed.clone();
        let task = async move {
            attempt::put_back(&context, &job, PUT_BACK_MAX).await;
            None
        };
        let abort = self.tasks.spawn(task);
        self.running.insert(abort.id(), Running { carried, held: Held::Over, abort });
    }

    /// A task is gone: its job's outcome goes to the finisher. A panic fails that job only.
    fn joined(&mut self, result: Result<(Id, Option<Ending>), JoinError>) {
        let (id, ending) = match result {
            Ok((id, ending)) => (id, ending),
            Err(error) => (error.id(), None),
        };
        let Some(Running { carried, held, .. }) = self.running.remove(&id) else { return };
        let failed = matches!(&ending, Some(Ending { outcome: Outcome::Failed(_), .. }));
        match held {
            Held::Ours => {
                let ending = ending.unwrap_or_else(|| {
                    job_line!(error, &carried.claimed, "the job panicked outside its work");
                    attempt::broken_off(&carried.claimed)
                });
                self.finisher.send(carried, ending);
            }
            // A failure has put its phone back by itself.
            Held::Failed if !failed => self.put_back(carried),
            Held::Failed | Held::Over => self.scheduler.done(&carried.job),
        }
    }

    fn freed(&mut self, jobs: Vec<Ended>) {
        for Ended { carried, undone } in jobs {
            if undone {
                self.put_back(carried);
            } else {
                self.scheduler.done(&carried.job);
            }
        }
    }

    /// Extends the leases of running jobs, and breaks off those that are no longer ours.
    async fn renew(&mut self) {
        let jobs = self.leases();
        if jobs.is_empty() {
            return;
        }
        let kept = match self.store.jobs_renew(&jobs, self.lease_ms()).await {
            Ok(kept) => kept,
            Err(error) => return tracing::error!(%error, "renewing leases"),
        };
        let lost: HashSet<JobId> =
            jobs.into_iter().map(|(id, _)| id).filter(|id| !kept.contains(id)).collect();
        if lost.is_empty() {
            return;
        }
        let failed = match self.store.jobs_failed(&Vec::from_iter(lost.iter().cloned())).await {
            Ok(failed) => failed,
            Err(error) => return tracing::error!(%error, "looking at jobs that are no longer ours"),
        };
        for running in self.running.values_mut().filter(|r| lost.contains(&r.carried.job.job_id)) {
            let job_id = &running.carried.job.job_id;
            job_line!(warn, &running.carried.claimed, "no longer ours: broken off");
            running.held = if failed.contains(job_id) { Held::Failed } else { Held::Over };
            running.abort.abort();
        }
    }

    /// The jobs that this worker holds.
    fn leases(&self) -> Vec<(JobId, i64)> {
        let ours = self.running.values().filter(|r| r.held == Held::Ours);
        ours.map(|r| (r.carried.job.job_id.clone(), r.carried.claimed.epoch)).collect()
    }

    /// The graceful stop: what runs may end, the rest is broken off and given back.
    async fn drain(mut self, ended: &mut UnboundedReceiver<Vec<Ended>>) {
        let until = Instant::now() + self.config.stop_grace;
        while let Ok(Some(result)) = timeout_at(until, self.tasks.join_next_with_id()).await {
            self.joined(result);
        }
        self.tasks.abort_all();
        let until = Instant::now() + ABORT_MAX;
        while let Ok(Some(result)) = timeout_at(until, self.tasks.join_next_with_id()).await {
            // What came to its end just now still counts; what was broken off stays in `running`.
            if result.as_ref().is_ok_and(|(_, ending)| ending.is_some()) {
                self.joined(result);
            }
        }
        let left = self.leases();
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
