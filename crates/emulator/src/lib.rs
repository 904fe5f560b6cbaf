//! Emulated Android phones, as many as memory holds: no thread, timer or socket belongs to a phone. What a
//! phone is doing is a function of the time that the caller passes in (`now_ms`, monotonic milliseconds),
//! computed when somebody looks.
//!
//! A phone boots through [`Stage`]s to `sys.boot_completed=1`, follows Android's rules for properties
//! ([`property`]), keeps /data over restarts and loses it by [`Emulator::wipe`], and can be given a
//! [`Fault`]. [`Emulator`] holds the phones from outside, [`Guest`] is one of them from inside, and [`adbd`] lets
//! ADB clients in.
//!
//! ```text
//!   emulator   the phones, their power and faults        adbd       a client's connection, its streams
//!   phone/     boot, properties, image                   shell/     the language of `adb shell`
//!   files/     the file tree and how it is kept          programs/  one function a program, one table
//!   apps/      APKs, packages, settings                  screen/    what is on it, and its picture
//! ```

pub mod adbd;
mod apart;
mod apps;
mod battery;
mod calendar;
mod clock;
mod emulator;
mod error;
mod files;
mod guest;
mod inside;
mod limits;
mod log;
mod logcat;
mod phone;
mod pipe;
mod program;
mod programs;
pub mod screen;
mod session;
pub mod shell;
mod users;

pub use clock::Clock;
pub use emulator::{Config, Emulator};
pub use error::Error;
pub use files::file_error::FileError;
pub use files::stat::Kind;
pub use files::tree::PATH_BYTES_MAX;
pub use guest::Guest;
pub use limits::LIMITS;
pub use log::{Action, Entry};
pub use phone::boot::{Power, Stage};
pub use phone::fault::{Fault, FaultRates};
pub use phone::image::Image;
pub use phone::power::PowerRequest;
pub use phone::property;
pub use phone::{BOOT_COMPLETED, BOOT_ID, Observation};

pub(crate) use files::stat::Stat;
pub(crate) use files::writer::FileWriter;
pub(crate) use logcat::Priority;
