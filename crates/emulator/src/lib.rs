//! Emulated Android phones, as many as memory holds: no thread, timer or socket belongs to a phone. What a
//! phone is doing is a function of the time that the caller passes in (`now_ms`, monotonic milliseconds),
//! computed when somebody looks.
//!
//! A phone boots through [`Stage`]s to `sys.boot_completed=1`, follows Android's rules for properties
//! ([`property`]), keeps /data over restarts and loses it by [`Emulator::wipe`], and can be given a
//! [`Fault`]. [`Emulator`] holds the phones; that is the whole surface.

pub mod adbd;
mod apart;
mod apk;
mod apps;
mod base;
mod battery;
mod boot;
mod calendar;
mod clock;
mod data;
mod derived;
mod disk;
mod emulator;
mod error;
mod fault;
mod file_error;
mod files;
mod guest;
mod image;
mod index;
mod inside;
mod installer;
mod keeper;
mod launcher;
mod limits;
mod log;
mod logcat;
mod memory;
mod packages;
mod phone;
mod pipe;
mod power;
mod program;
mod programs;
pub mod property;
mod reader;
mod removal;
mod rng;
pub mod screen;
mod session;
mod settings;
pub mod shell;
mod stat;
mod system;
mod system_packages;
mod system_server;
mod tree;
mod users;
mod writer;

pub use boot::{Power, Stage};
pub use clock::Clock;
pub use emulator::{Config, Emulator};
pub use error::Error;
pub use fault::{Fault, FaultRates};
pub use file_error::FileError;
pub use guest::Guest;
pub use image::Image;
pub use limits::LIMITS;
pub use log::{Action, Entry};
pub use phone::{BOOT_COMPLETED, BOOT_ID, Observation};
pub use power::PowerRequest;
pub use stat::Kind;
pub use tree::PATH_BYTES_MAX;

pub(crate) use logcat::Priority;
pub(crate) use stat::Stat;
pub(crate) use writer::FileWriter;
