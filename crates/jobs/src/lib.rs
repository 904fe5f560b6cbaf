//! Carries every accepted job to its end.
//!
//! One task owns the decisions ([`worker`]): it takes freshly accepted jobs, picks the next ones
//! ([`scheduler`]), claims them in the store, and runs each as a task of its own ([`attempt`], [`kinds`]). A second task
//! writes how jobs ended, many in one commit ([`finisher`]). Both say that they live ([`health`]). Beside them run the reaper, which ends what is
//! past its deadline, and the supervisor, which notices phones that died ([`watch`]).
//!
//! Recovery is the ordinary path: jobs that a dead process left behind are pending jobs like any others.

mod attempt;
mod config;
mod finisher;
mod health;
mod job_log;
mod kinds;
mod limits;
pub mod scheduler;
mod specs;
mod watch;
mod wishes;
mod worker;

pub use config::Config;
pub use health::Health;
pub use limits::LIMITS;
pub use specs::Specs;
pub use worker::Worker;
