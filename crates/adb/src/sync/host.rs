//! What a host needs of the sync service: requests, and the answers to SEND and RECV.

use super::{DATA_BYTES_MAX, SyncError, take_header};
use crate::incoming::{Incoming, Parts};
use bytes::{BufMut, Bytes, BytesMut};

/// Longest text of a FAIL that is kept; nobody writes longer ones.
const FAIL_BYTES_MAX: usize = 4096;

/// A request with a path, such as `RECV`.
pub fn request(id: [u8; 4], path: &str) -> Bytes {
    let mut out = BytesMut::from(id.as_slice());
    out.put_u32_le(path.len() as u32);
    out.put_slice(path.as_bytes());
    out.freeze()
}

/// SEND; chunks from [`super::data`] and [`send_done`] follow.
pub fn send_request(path: &str, mode: u32) -> Bytes {
    request(*b"SEND", &format!("{path},{mode}"))
}

/// The end of what is sent: when the file was changed, seconds since 1970.
pub fn send_done(mtime: u32) -> Bytes {
    let mut out = BytesMut::from(b"DONE".as_slice());
    out.put_u32_le(mtime);
    out.freeze()
}

/// What a phone answers to SEND and RECV.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SyncReply {
    /// The next bytes of the file.
    Data(Bytes),
    /// The file is at its end.
    Done,
    /// The file is written.
    Okay,
    /// It did not work, and why.
    Fail(String),
}

/// Finds the answers to SEND and RECV in the bytes of a stream. Keeps at most one answer's bytes beside what is
/// fed.
#[derive(Debug, Default)]
pub struct SyncReplyDecoder(Incoming<Replies>);

/// The header of the answer under way.
#[derive(Debug, Default)]
struct Replies(Option<([u8; 4], usize)>);

impl SyncReplyDecoder {
    /// At a stream's beginning.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes more bytes of the stream. Call [`Self::next`] until it gives none before feeding more.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.0.feed(bytes);
    }

    /// The next answer; none where more bytes are needed.
    ///
    /// # Errors
    /// [`SyncError`], and the same one from then on.
    // An iterator could not say that more bytes are needed.
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> Result<Option<SyncReply>, SyncError> {
        self.0.next()
    }
}

impl Parts for Replies {
    type Part = SyncReply;
    type Error = SyncError;

    fn take(&mut self, buffer: &mut BytesMut) -> Result<Option<SyncReply>, SyncError> {
        let (id, length) = match self.0 {
            Some(header) => header,
            None => {
                let Some((id, number)) = take_header(buffer) else { return Ok(None) };
                (id, reply_length(id, number)?)
            }
        };
        self.0 = Some((id, length));
        if buffer.len() < length {
            return Ok(None);
        }
        self.0 = None;
        let argument = buffer.split_to(length).freeze();
        Ok(Some(match &id {
            b"DATA" => SyncReply::Data(argument),
            b"DONE" => SyncReply::Done,
            b"OKAY" => SyncReply::Okay,
            b"FAIL" => SyncReply::Fail(String::from_utf8_lossy(&argument).into_owned()),
            _ => return Err(SyncError::Unexpected(id)),
        }))
    }
}

/// How many bytes follow. The number after DONE and OKAY is no length.
fn reply_length(id: [u8; 4], number: u32) -> Result<usize, SyncError> {
    let bytes_max = match &id {
        b"DATA" => DATA_BYTES_MAX,
        b"FAIL" => FAIL_BYTES_MAX,
        b"DONE" | b"OKAY" => return Ok(0),
        _ => return Err(SyncError::Unexpected(id)),
    };
    usize::try_from(number).ok().filter(|length| *length <= bytes_max).ok_or(SyncError::DataTooLong)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::sync::{data, done, fail, okay};

    #[test]
    fn answers_are_decoded_from_single_bytes() {
        let bytes = [data(b"abc"), done(), okay(), fail("Permission denied")].concat();
        let mut decoder = SyncReplyDecoder::new();
        let mut replies = Vec::new();
        for byte in bytes {
            decoder.feed(&[byte]);
            replies.extend(decoder.next().unwrap());
        }
        let expected = [
            SyncReply::Data(Bytes::from_static(b"abc")),
            SyncReply::Done,
            SyncReply::Okay,
            SyncReply::Fail("Permission denied".to_owned()),
        ];
        assert_eq!(replies, expected);
    }

    #[test]
    fn long_and_unknown_answers_are_refused() {
        let mut decoder = SyncReplyDecoder::new();
        decoder.feed(b"DATA\xff\xff\xff\xff");
        assert_eq!(decoder.next(), Err(SyncError::DataTooLong));
        let mut decoder = SyncReplyDecoder::new();
        decoder.feed(b"WHAT\0\0\0\0");
        assert_eq!(decoder.next(), Err(SyncError::Unexpected(*b"WHAT")));
    }
}
