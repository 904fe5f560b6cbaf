//! What Phoneyard is about, as data and pure decisions: no I/O, no async, no SQL, no HTTP.
//!
//! Start with [`plan`] (request and current phones in, one verdict per phone out) and the three state
//! machines [`phone_state`], [`server_state`] and [`job_state`].

pub mod clock;
pub mod code;
pub mod id;
pub mod image;
pub mod job;
pub mod job_state;
mod limits;
pub mod phone;
pub mod phone_state;
pub mod plan;
pub mod property;
pub mod server;
pub mod server_state;

pub use limits::LIMITS;
