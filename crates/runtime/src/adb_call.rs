//! A client that wants to talk ADB with a phone.

use adb::auth::PublicKey;
use std::fmt;
use tokio::io::{AsyncRead, AsyncWrite};

/// Bytes both ways.
pub trait ByteStream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> ByteStream for S {}

/// A client's connection.
pub struct AdbCall {
    /// The connection.
    pub stream: Box<dyn ByteStream>,
    /// The keys that open the phone; none lets everybody in.
    pub keys: Option<Vec<PublicKey>>,
    /// The phone is on its way up: the client may wait even if it is off now.
    pub pending: bool,
}

impl fmt::Debug for AdbCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AdbCall").field("pending", &self.pending).finish_non_exhaustive()
    }
}
