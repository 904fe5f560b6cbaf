//! What the service counts and measures of itself, in Prometheus' words.
//!
//! The crates that act call one small function when something happened, and know nothing of names and formats;
//! the operator's listener asks for all of it as text, `phoneyard status` for a few numbers. Everything lives in
//! statics: there is one service in a process. A count is one atomic addition behind a look-up by label, and
//! what happens in batches is counted by the batch. Labels are operations, codes, kinds, statements, images and
//! servers; never a tenant, a phone or anything secret.

mod capped;
mod make;
mod reading;

pub mod jobs;
pub mod limits;
pub mod phones;
pub mod process;
pub mod requests;
pub mod store;

pub use make::{CONTENT_TYPE, text};
pub use reading::{Buckets, Reading};
