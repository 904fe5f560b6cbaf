//! A client's connection whose bytes are acknowledged at once.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// Some clients send a packet's header and payload apart and leave Nagle's algorithm on: they would send the rest
/// only when what came first is acknowledged, which the system likes to put off by 40 ms.
#[derive(Debug)]
pub(crate) struct PromptStream(TcpStream);

impl PromptStream {
    /// Over a connection; what we write is sent at once, too.
    pub(crate) fn new(stream: TcpStream) -> Self {
        // Without it the connection works as well, if slower.
        let _ = stream.set_nodelay(true);
        Self(stream)
    }
}

impl AsyncRead for PromptStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.0).poll_read(context, buffer);
        // The system forgets this by itself, so that it is said after every read.
        let _ = self.0.set_quickack(true);
        read
    }
}

impl AsyncWrite for PromptStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}
