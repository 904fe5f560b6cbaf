//! Drives phones. [`Runtime`] is what the rest knows: carry one phone to a wanted state and prove it, and
//! name the dead. [`EmulatedRuntime`] does so with phones that live in this process.

mod adb_call;
mod emulated;
mod error;
mod want;

pub use adb_call::{AdbCall, ByteStream};
pub use emulated::EmulatedRuntime;
pub use error::{Reason, RuntimeError, Stage};
pub use want::{Generation, ImageSpec, PhoneSpec, Want, Wish};

use async_trait::async_trait;
use model::id::{PhoneId, ServerId};

/// A driver of phones.
#[async_trait]
pub trait Runtime: Send + Sync + 'static {
    /// Carries one phone to `want` and proves it.
    ///
    /// Whatever state the phone is in, also halfway through an earlier call that was dropped, the next call
    /// starts from there; calling again is harmless. When it fails, the phone is back on `spec.was`, except
    /// after [`Reason::Fenced`]: then it is someone else's.
    ///
    /// # Errors
    /// See [`Reason`]. An epoch lower than one seen before for the phone is [`Reason::Fenced`].
    async fn apply(&self, spec: &PhoneSpec, want: &Want) -> Result<(), RuntimeError>;

    /// The phones of the server that are dead, without having been asked to.
    ///
    /// # Errors
    /// [`Reason::Unavailable`] when that cannot be told.
    async fn dead(&self, server: &ServerId) -> Result<Vec<PhoneId>, RuntimeError>;

    /// Carries a client's ADB connection to the phone, until either side ends it. A client that comes while
    /// the phone boots waits; one whose phone is off, and not on its way up, is let go at once. The phone's
    /// restart ends the connection.
    ///
    /// # Errors
    /// Why the connection was ended, where that is neither side's will.
    async fn serve_adb(&self, spec: &PhoneSpec, call: AdbCall) -> Result<(), RuntimeError>;

    /// The next wish that a phone utters from inside, such as a reboot over ADB. Waits for one.
    async fn wish(&self) -> Wish;

    /// Whether the phone still is in the boot in which it uttered the wish.
    async fn wish_stands(&self, wish: &Wish) -> bool;

    /// Grants a wish on the spot, because nobody else carries it out; one that does not stand any more is
    /// forgotten.
    async fn grant(&self, wish: &Wish);
}
