//! Drives phones. [`Runtime`] is what the rest knows: carry one phone to a wanted state and prove it, and
//! name the dead. [`EmulatedRuntime`] does so with phones that live in this process.

mod emulated;
mod error;
mod want;

pub use emulated::EmulatedRuntime;
pub use error::{Reason, RuntimeError, Stage};
pub use want::{Generation, ImageSpec, PhoneSpec, Want};

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
}
