//! The ADB wire protocol, and nothing of ours: packets, keys, the framing of shell v2 and sync, and the host's
//! side of a connection. The device's side is in the emulator.

pub mod auth;
pub mod banner;
pub mod fuzz;
pub mod host;
mod incoming;
mod limits;
pub mod packet;
pub mod shell;
pub mod sync;

pub use limits::LIMITS;
