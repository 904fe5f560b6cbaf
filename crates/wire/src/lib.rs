//! The CPH wire contract: a table of typed operations with their requests and replies.
//!
//! Start with [`op`], the table. A request decodes itself from path, query and body ([`request::Request`]);
//! whatever cannot be decoded is refused with a row of the error catalogue. A reply is a plain value that
//! serialises to the documented fields. Nothing here knows a web framework or a database.

pub mod error;
pub mod iam;
mod iam_token;
pub mod image;
pub mod job;
mod json;
mod limits;
pub mod op;
pub mod openapi;
pub mod phone;
pub mod phone_batch;
pub mod phone_model;
pub mod request;
pub mod server;
pub mod server_model;
pub mod time;
pub mod version;

pub use limits::LIMITS;

#[cfg(test)]
mod testing;
