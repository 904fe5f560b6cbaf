//! Emulated Android phones, as many as memory holds: no thread, timer or socket belongs to a phone. What a
//! phone is doing is a function of the time that the caller passes in (`now_ms`, monotonic milliseconds),
//! computed when somebody looks.
//!
//! A phone boots through [`Stage`]s to `sys.boot_completed=1`, follows Android's rules for properties
//! ([`property`]), keeps /data over restarts and loses it by [`Emulator::wipe`], and can be given a
//! [`Fault`]. [`Emulator`] holds the phones; that is the whole surface.

mod boot;
mod data;
mod disk;
mod emulator;
mod error;
mod fault;
mod image;
mod inside;
mod log;
mod memory;
mod phone;
pub mod property;
mod rng;

pub use boot::{Power, Stage};
pub use data::PATH_BYTES_MAX;
pub use emulator::{Config, Emulator};
pub use error::Error;
pub use fault::{Fault, FaultRates};
pub use image::Image;
pub use log::{Action, Entry};
pub use phone::{BOOT_COMPLETED, BOOT_ID, Observation};
