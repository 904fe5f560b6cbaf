//! The HTTP side of Phoneyard: one adapter, authentication, one file per resource.
//!
//! A request becomes one value ([`wire::request::Request`]), a handler turns it into one reply, and nothing
//! here touches a phone: what is accepted is carried out by the `jobs` crate, which this one does not know.

mod access_log;
mod adapter;
pub mod auth;
mod context;
mod iam;
mod images;
mod jobs;
mod limits;
mod phone_batch;
mod phones;
mod routes;
mod serve;
mod servers;
mod taken;

pub use adapter::Adapter;
pub use context::{CLIENT_TOKEN_BYTES_MAX, Config, Context, Done, PhoneAccess, State};
pub use limits::LIMITS;
pub use routes::adapter;
pub use serve::{Tls, serve};
