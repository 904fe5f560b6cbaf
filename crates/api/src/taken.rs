//! A client's connection that is cut when the client does not take an answer.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// A stream whose writes fail once bytes have waited too long for the other side. The wait begins when the other
/// side stops taking bytes and ends when it has taken all of them: a client that takes one byte now and then does
/// not get more time than one that takes none.
#[derive(Debug)]
pub(crate) struct Taken<S> {
    stream: S,
    wait_max: Duration,
    wait: Option<Pin<Box<Sleep>>>,
}

impl<S> Taken<S> {
    /// Over a stream.
    pub(crate) fn new(stream: S, wait_max: Duration) -> Self {
        Self { stream, wait_max, wait: None }
    }

    /// The outcome of a write, or the end of the wait for it.
    fn bounded<T>(&mut self, context: &mut Context<'_>, outcome: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if outcome.is_ready() {
            return outcome;
        }
        let wait = self.wait.get_or_insert_with(|| Box::pin(sleep(self.wait_max)));
        ready!(wait.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Taken<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Taken<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.bounded(context, outcome)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let outcome = Pin::new(&mut self.stream).poll_flush(context);
        if outcome.is_ready() {
            self.wait = None;
        }
        self.bounded(context, outcome)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let outcome = Pin::new(&mut self.stream).poll_shutdown(context);
        self.bounded(context, outcome)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::time::{Instant, timeout};

    const WAIT_MAX: Duration = Duration::from_secs(60);

    #[tokio::test(start_paused = true)]
    async fn what_nobody_takes_fails_after_the_wait() {
        let (_client, server) = tokio::io::duplex(16);
        let begun = Instant::now();
        let error = Taken::new(server, WAIT_MAX).write_all(&[0; 17]).await.unwrap_err();
        assert_eq!((error.kind(), begun.elapsed().as_secs()), (io::ErrorKind::TimedOut, 60));
    }

    #[tokio::test(start_paused = true)]
    async fn taking_a_byte_now_and_then_gives_no_more_time() {
        let (mut client, server) = tokio::io::duplex(16);
        let mut server = Taken::new(server, WAIT_MAX);
        let begun = Instant::now();
        let drip = async {
            loop {
                tokio::time::sleep(Duration::from_secs(1)).await;
                let _ = client.read_u8().await;
            }
        };
        let error = tokio::select! {
            written = server.write_all(&[0; 1000]) => written.unwrap_err(),
            () = drip => unreachable!("the drip does not end"),
        };
        assert_eq!((error.kind(), begun.elapsed().as_secs()), (io::ErrorKind::TimedOut, 60));
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_taken_in_time_begins_a_new_wait() {
        let (mut client, server) = tokio::io::duplex(16);
        let mut server = Taken::new(server, WAIT_MAX);
        let answers = async {
            for _ in 0..5 {
                server.write_all(&[0; 32]).await.unwrap();
                server.flush().await.unwrap();
            }
        };
        let reads = async {
            for _ in 0..5 {
                tokio::time::sleep(WAIT_MAX - Duration::from_secs(1)).await;
                client.read_exact(&mut [0; 32]).await.unwrap();
            }
        };
        timeout(WAIT_MAX * 10, async { tokio::join!(answers, reads) }).await.unwrap();
    }
}
