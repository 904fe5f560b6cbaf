//! Bytes on their way between the programs of a phone, and to and from whoever runs them. Bounded: who writes
//! faster than the other end reads waits.

use bytes::{Bytes, BytesMut};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// Most bytes that are under way in one pipe, and that one read gives.
pub const PIPE_BYTES_MAX: usize = 64 * 1024;

/// The other end is gone: what SIGPIPE would say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closed;

#[derive(Debug, Default)]
struct Pipe {
    state: Mutex<State>,
    readable: Notify,
    writable: Notify,
}

#[derive(Debug, Default)]
struct State {
    bytes: BytesMut,
    writers: usize,
    readers: usize,
}

impl Pipe {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where a program writes to. Clones write to the same place; it is at its end when all are dropped.
#[derive(Debug)]
pub struct Output(Option<Arc<Pipe>>);

/// Where a program reads from. Clones share what is read, as processes share an open file.
#[derive(Debug)]
pub struct Input(Option<Arc<Pipe>>);

/// A pipe: what is written to the one is read from the other.
pub fn pipe() -> (Output, Input) {
    let pipe = Arc::new(Pipe::default());
    *pipe.lock() = State { bytes: BytesMut::new(), writers: 1, readers: 1 };
    (Output(Some(pipe.clone())), Input(Some(pipe)))
}

impl Clone for Output {
    fn clone(&self) -> Self {
        self.0.iter().for_each(|pipe| pipe.lock().writers += 1);
        Self(self.0.clone())
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        if let Some(pipe) = &self.0 {
            let mut state = pipe.lock();
            state.writers -= 1;
            if state.writers == 0 {
                pipe.readable.notify_waiters();
            }
        }
    }
}

impl Clone for Input {
    fn clone(&self) -> Self {
        self.0.iter().for_each(|pipe| pipe.lock().readers += 1);
        Self(self.0.clone())
    }
}

impl Drop for Input {
    fn drop(&mut self) {
        if let Some(pipe) = &self.0 {
            let mut state = pipe.lock();
            state.readers -= 1;
            if state.readers == 0 {
                state.bytes = BytesMut::new();
                pipe.writable.notify_waiters();
            }
        }
    }
}

impl Output {
    /// Forgets everything, as /dev/null does.
    pub fn null() -> Self {
        Self(None)
    }

    /// Writes all of it; waits while the other end is behind.
    ///
    /// # Errors
    /// [`Closed`] when nobody reads any more.
    pub async fn write(&self, bytes: impl Into<Bytes>) -> Result<(), Closed> {
        // Where all is forgotten nothing ever waits: others must get their turn.
        tokio::task::consume_budget().await;
        let Some(pipe) = &self.0 else { return Ok(()) };
        let bytes = bytes.into();
        let mut rest = bytes.as_ref();
        while !rest.is_empty() {
            // Listening before the look, so that no room made in between is missed.
            let writable = pipe.writable.notified();
            tokio::pin!(writable);
            writable.as_mut().enable();
            {
                let mut state = pipe.lock();
                if state.readers == 0 {
                    return Err(Closed);
                }
                let room = PIPE_BYTES_MAX.saturating_sub(state.bytes.len()).min(rest.len());
                let (now, later) = rest.split_at(room);
                state.bytes.extend_from_slice(now);
                rest = later;
                if room > 0 {
                    pipe.readable.notify_waiters();
                }
            }
            if !rest.is_empty() {
                writable.await;
            }
        }
        Ok(())
    }
}

impl Input {
    /// At its end from the beginning.
    pub fn empty() -> Self {
        Self(None)
    }

    /// What is there, once something is; none at the end.
    pub async fn next(&self) -> Option<Bytes> {
        self.up_to(PIPE_BYTES_MAX).await
    }

    /// As [`Input::next`], but no more than `bytes_max`, which is at least 1.
    pub async fn up_to(&self, bytes_max: usize) -> Option<Bytes> {
        self.some(|bytes| bytes.len().min(bytes_max.max(1))).await
    }

    /// As much as `length` says of what is there, which is at least one byte; none at the end.
    async fn some(&self, length: impl Fn(&[u8]) -> usize) -> Option<Bytes> {
        let pipe = self.0.as_ref()?;
        loop {
            let readable = pipe.readable.notified();
            tokio::pin!(readable);
            readable.as_mut().enable();
            {
                let mut state = pipe.lock();
                if !state.bytes.is_empty() {
                    let taken = length(&state.bytes).min(state.bytes.len());
                    let bytes = state.bytes.split_to(taken).freeze();
                    pipe.writable.notify_waiters();
                    return Some(bytes);
                }
                if state.writers == 0 {
                    return None;
                }
            }
            readable.await;
        }
    }

    /// Puts back what was read too much; the next read gives it again.
    pub async fn unread(&self, bytes: Bytes) {
        let Some(pipe) = &self.0 else { return };
        let mut state = pipe.lock();
        let mut joined = BytesMut::with_capacity(bytes.len() + state.bytes.len());
        joined.extend_from_slice(&bytes);
        joined.extend_from_slice(&state.bytes);
        state.bytes = joined;
        pipe.readable.notify_waiters();
    }

    /// What is there up to and with the next line feed, but no more than `bytes_max`, which is at least 1; none
    /// at the end. What is behind stays where it is: to give it back would copy it once for every line.
    pub(crate) async fn piece_of_line(&self, bytes_max: usize) -> Option<Bytes> {
        self.some(|bytes| {
            let bytes = bytes.get(..bytes_max.max(1)).unwrap_or(bytes);
            bytes.iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |end| end + 1)
        })
        .await
    }

    /// The next line without its line feed, or the rest; none at the end. A longer one than `bytes_max` comes
    /// in parts.
    pub async fn line(&self, bytes_max: usize) -> Option<Vec<u8>> {
        let mut line = Vec::new();
        // One byte more: the line feed behind a line of the full length belongs to it.
        while let Some(piece) = self.some(|bytes| line_end(bytes, bytes_max - line.len())).await {
            line.extend_from_slice(&piece);
            if line.last() == Some(&b'\n') {
                line.pop();
                return Some(line);
            }
            if line.len() >= bytes_max {
                return Some(line);
            }
        }
        (!line.is_empty()).then_some(line)
    }

    /// Everything to the end, or none if that is more than `bytes_max`.
    pub async fn all(&self, bytes_max: usize) -> Option<Vec<u8>> {
        let mut all = Vec::new();
        while let Some(chunk) = self.next().await {
            if all.len() + chunk.len() > bytes_max {
                return None;
            }
            all.extend_from_slice(&chunk);
        }
        Some(all)
    }
}

/// How much belongs to a line that has room for so many bytes, with its line feed.
fn line_end(bytes: &[u8], room: usize) -> usize {
    let within = bytes.get(..room.saturating_add(1)).unwrap_or(bytes);
    within.iter().position(|byte| *byte == b'\n').map_or(bytes.len().min(room), |end| end + 1)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_written_is_read_in_order_and_ends() {
        let (output, input) = pipe();
        let writing = async move {
            output.write(vec![7; PIPE_BYTES_MAX * 9 + 1]).await.unwrap();
            output.write("tail").await.unwrap();
        };
        let ((), all) = tokio::join!(writing, input.all(1 << 20));
        let all = all.unwrap();
        assert_eq!(all.len(), PIPE_BYTES_MAX * 9 + 5);
        assert!(all.ends_with(b"tail"));
    }

    #[tokio::test]
    async fn a_writer_waits_for_its_reader() {
        let (output, input) = pipe();
        output.write(vec![1; PIPE_BYTES_MAX]).await.unwrap();
        let mut more = Box::pin(output.write(vec![2]));
        assert!(futures::poll!(more.as_mut()).is_pending());
        assert_eq!(input.up_to(10).await.unwrap().len(), 10);
        assert!(futures::poll!(more.as_mut()).is_ready());
    }

    #[tokio::test]
    async fn lines_come_whole_whatever_the_pieces() {
        let (output, input) = pipe();
        let writing = async move {
            for piece in ["ab", "c\n\nlong", "er\nrest"] {
                output.write(piece).await.unwrap();
                tokio::task::yield_now().await;
            }
        };
        let reading = async {
            let mut lines = Vec::new();
            while let Some(line) = input.line(100).await {
                lines.push(String::from_utf8(line).unwrap());
            }
            lines
        };
        let ((), lines) = tokio::join!(writing, reading);
        assert_eq!(lines, ["abc", "", "longer", "rest"]);
    }

    #[tokio::test]
    async fn a_line_that_is_too_long_comes_in_parts() {
        let (output, input) = pipe();
        output.write("abcdef\n").await.unwrap();
        drop(output);
        assert_eq!(input.line(4).await.unwrap(), b"abcd");
        assert_eq!(input.line(4).await.unwrap(), b"ef");
        assert_eq!(input.line(4).await, None);
    }

    #[tokio::test]
    async fn a_line_leaves_what_is_behind_it_where_it_is() {
        let (output, input) = pipe();
        output.write("\n".repeat(PIPE_BYTES_MAX)).await.unwrap();
        let began = input.0.as_ref().unwrap().lock().bytes.as_ptr();
        for taken in 1..=1000 {
            assert_eq!(input.line(100).await.unwrap(), b"");
            let now = input.0.as_ref().unwrap().lock().bytes.as_ptr();
            assert_eq!(now as usize - began as usize, taken, "nothing was copied");
        }
        assert_eq!(input.piece_of_line(100).await.unwrap().as_ref(), b"\n");
        assert_eq!(input.0.as_ref().unwrap().lock().bytes.as_ptr() as usize - began as usize, 1001);
    }

    #[tokio::test]
    async fn an_end_that_is_gone_is_told_to_the_other() {
        let (output, input) = pipe();
        let second = input.clone();
        drop(input);
        output.write("x").await.unwrap();
        drop(second);
        assert_eq!(output.write("x").await, Err(Closed));
        assert_eq!(Output::null().write("x").await, Ok(()));
        assert_eq!(Input::empty().next().await, None);

        let (output, input) = pipe();
        let second = output.clone();
        drop(output);
        let mut reading = Box::pin(input.next());
        assert!(futures::poll!(reading.as_mut()).is_pending());
        drop(second);
        assert_eq!(reading.await, None);
    }
}
