//! The sync service, v1 and v2 without SND2 and RCV2: what a host asks of a phone's files. An id of four
//! letters, a length, then the argument.

mod host;
mod reply;

pub use host::{SyncReply, SyncReplyDecoder, request, send_done, send_request};
pub use reply::{
    SyncStat, data, dent_v1, dent_v2, done, done_v1, done_v2, fail, lstat_v2, okay, stat_v1, stat_v2,
};

use crate::incoming::{Incoming, Parts};
use bytes::{Buf, Bytes, BytesMut};
use thiserror::Error;

/// Longest chunk of a file.
pub const DATA_BYTES_MAX: usize = 64 * 1024;
/// Longest path, and longest argument of SEND.
pub const PATH_BYTES_MAX: usize = 1024;
/// An id and a length.
pub(crate) const SYNC_HEADER_BYTES: usize = 8;

/// What a host asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SyncRequest {
    /// STAT: the v1 state of a path itself, links not followed.
    Stat {
        /// Which.
        path: String,
    },
    /// STA2: the v2 state of what a path leads to, links followed.
    Stat2 {
        /// Which.
        path: String,
    },
    /// LST2: the v2 state of a path itself, links not followed.
    Lstat2 {
        /// Which.
        path: String,
    },
    /// LIST: what is in a folder, in v1.
    List {
        /// Which.
        path: String,
    },
    /// LIS2: what is in a folder, in v2.
    List2 {
        /// Which.
        path: String,
    },
    /// SEND: write a file or a symlink; [`Self::Data`] and [`Self::Done`] follow.
    Send {
        /// Where to.
        path: String,
        /// Its type and permissions, as in `st_mode`.
        mode: u32,
    },
    /// DATA: the next bytes of what is sent.
    Data(Bytes),
    /// DONE: all has been sent.
    Done {
        /// When the file was changed, seconds since 1970.
        mtime: u32,
    },
    /// RECV: read a file.
    Receive {
        /// Which.
        path: String,
    },
    /// QUIT: no more requests.
    Quit,
}

/// Why bytes are no request. The stream is of no use any more; the text fits a FAIL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SyncError {
    /// An id we do not know, or one that does not belong here: DATA without SEND, anything else within one.
    #[error("unknown command {}", id_text(.0))]
    Unexpected([u8; 4]),
    /// A path above [`PATH_BYTES_MAX`].
    #[error("path too long")]
    PathTooLong,
    /// A path that is not UTF-8.
    #[error("path is not UTF-8")]
    PathNotText,
    /// SEND without a comma and a decimal mode.
    #[error("missing , or mode in SEND")]
    MissingMode,
    /// A chunk above [`DATA_BYTES_MAX`].
    #[error("oversize data message")]
    DataTooLong,
}

/// An id as text, whatever its bytes are.
fn id_text(id: &[u8; 4]) -> std::slice::EscapeAscii<'_> {
    id.escape_ascii()
}

/// Finds requests in the bytes of a stream. Keeps at most one request's bytes beside what is fed.
#[derive(Debug, Default)]
pub struct SyncDecoder(Incoming<Requests>);

#[derive(Debug, Default)]
struct Requests {
    /// The header of the request under way.
    header: Option<([u8; 4], usize)>,
    /// Within SEND, where only DATA and DONE may come.
    sending: bool,
}

impl SyncDecoder {
    /// At a stream's beginning.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes more bytes of the stream. Call [`Self::next`] until it gives none before feeding more.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.0.feed(bytes);
    }

    /// The next request; none where more bytes are needed. A length above its bound is refused as soon as it
    /// is there.
    ///
    /// # Errors
    /// [`SyncError`], and the same one from then on.
    // An iterator could not say that more bytes are needed.
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> Result<Option<SyncRequest>, SyncError> {
        self.0.next()
    }
}

impl Parts for Requests {
    type Part = SyncRequest;
    type Error = SyncError;

    fn take(&mut self, buffer: &mut BytesMut) -> Result<Option<SyncRequest>, SyncError> {
        let (id, length) = match self.header {
            Some(header) => header,
            None => {
                let Some((id, number)) = take_header(buffer) else { return Ok(None) };
                if self.sending && &id == b"DONE" {
                    self.sending = false;
                    return Ok(Some(SyncRequest::Done { mtime: number }));
                }
                (id, checked_length(id, number, self.sending)?)
            }
        };
        self.header = Some((id, length));
        if buffer.len() < length {
            return Ok(None);
        }
        self.header = None;
        let request = parse(id, buffer.split_to(length).freeze())?;
        self.sending = matches!(request, SyncRequest::Send { .. } | SyncRequest::Data(_));
        Ok(Some(request))
    }
}

/// An id and the number after it; none where more bytes are needed.
fn take_header(buffer: &mut BytesMut) -> Option<([u8; 4], u32)> {
    if buffer.len() < SYNC_HEADER_BYTES {
        return None;
    }
    let mut id = [0; 4];
    buffer.copy_to_slice(&mut id);
    Some((id, buffer.get_u32_le()))
}

/// The argument's length, if this id may come now and be that long.
fn checked_length(id: [u8; 4], number: u32, sending: bool) -> Result<usize, SyncError> {
    let data = &id == b"DATA";
    if data != sending || !is_known(&id) {
        return Err(SyncError::Unexpected(id));
    }
    let (bytes_max, error) = if data {
        (DATA_BYTES_MAX, SyncError::DataTooLong)
    } else {
        (PATH_BYTES_MAX, SyncError::PathTooLong)
    };
    usize::try_from(number).ok().filter(|length| *length <= bytes_max).ok_or(error)
}

fn is_known(id: &[u8; 4]) -> bool {
    matches!(id, b"STAT" | b"STA2" | b"LST2" | b"LIST" | b"LIS2" | b"SEND" | b"DATA" | b"RECV" | b"QUIT")
}

fn parse(id: [u8; 4], argument: Bytes) -> Result<SyncRequest, SyncError> {
    Ok(match &id {
        b"STAT" => SyncRequest::Stat { path: path(&argument)? },
        b"STA2" => SyncRequest::Stat2 { path: path(&argument)? },
        b"LST2" => SyncRequest::Lstat2 { path: path(&argument)? },
        b"LIST" => SyncRequest::List { path: path(&argument)? },
        b"LIS2" => SyncRequest::List2 { path: path(&argument)? },
        b"SEND" => {
            let argument = path(&argument)?;
            let (path, mode) = argument.rsplit_once(',').ok_or(SyncError::MissingMode)?;
            let mode = mode.parse().map_err(|_| SyncError::MissingMode)?;
            SyncRequest::Send { path: path.to_owned(), mode }
        }
        b"DATA" => SyncRequest::Data(argument),
        b"RECV" => SyncRequest::Receive { path: path(&argument)? },
        b"QUIT" => SyncRequest::Quit,
        _ => return Err(SyncError::Unexpected(id)),
    })
}

/// A path ends at its first NUL, as it does in C.
fn path(bytes: &[u8]) -> Result<String, SyncError> {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    let text = std::str::from_utf8(bytes.get(..end).unwrap_or(bytes));
    text.map(str::to_owned).map_err(|_| SyncError::PathNotText)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn decoded(bytes: &[u8]) -> Result<Vec<SyncRequest>, SyncError> {
        let mut decoder = SyncDecoder::new();
        decoder.feed(bytes);
        std::iter::from_fn(|| decoder.next().transpose()).take(100).collect()
    }

    #[test]
    fn every_request_is_decoded() {
        let path = "/sdcard".to_owned();
        let expected = [
            (b"STAT", SyncRequest::Stat { path: path.clone() }),
            (b"STA2", SyncRequest::Stat2 { path: path.clone() }),
            (b"LST2", SyncRequest::Lstat2 { path: path.clone() }),
            (b"LIST", SyncRequest::List { path: path.clone() }),
            (b"LIS2", SyncRequest::List2 { path: path.clone() }),
            (b"RECV", SyncRequest::Receive { path: path.clone() }),
        ];
        for (id, expected) in expected {
            assert_eq!(decoded(&request(*id, &path)), Ok(vec![expected]));
        }
        assert_eq!(decoded(b"QUIT\0\0\0\0"), Ok(vec![SyncRequest::Quit]));
    }

    #[test]
    fn a_file_is_sent_in_chunks_and_the_next_request_follows() {
        let mut bytes = send_request("/a,b", 0o100_644).to_vec();
        bytes.extend_from_slice(&data(b"hello"));
        bytes.extend_from_slice(&data(b""));
        bytes.extend_from_slice(&send_done(1234));
        bytes.extend_from_slice(b"QUIT\0\0\0\0");
        let expected = vec![
            SyncRequest::Send { path: "/a,b".to_owned(), mode: 0o100_644 },
            SyncRequest::Data(Bytes::from_static(b"hello")),
            SyncRequest::Data(Bytes::new()),
            SyncRequest::Done { mtime: 1234 },
            SyncRequest::Quit,
        ];
        assert_eq!(decoded(&bytes), Ok(expected.clone()));
        let mut decoder = SyncDecoder::new();
        let mut slowly = Vec::new();
        for byte in bytes {
            decoder.feed(&[byte]);
            slowly.extend(decoder.next().unwrap());
        }
        assert_eq!(slowly, expected);
    }

    #[test]
    fn a_send_without_a_decimal_mode_is_an_error() {
        for argument in ["/a", "/a,", "/a,rw", "/a,-1", "/a,99999999999"] {
            assert_eq!(decoded(&request(*b"SEND", argument)), Err(SyncError::MissingMode), "{argument}");
        }
    }

    #[test]
    fn a_path_is_at_most_1024_bytes_and_its_length_alone_is_refused() {
        let path = "a".repeat(PATH_BYTES_MAX);
        assert!(decoded(&request(*b"STAT", &path)).is_ok());
        assert_eq!(decoded(b"STAT\x01\x04\0\0"), Err(SyncError::PathTooLong));
        assert_eq!(decoded(b"RECV\xff\xff\xff\xff"), Err(SyncError::PathTooLong));
    }

    #[test]
    fn a_path_that_is_no_text_is_an_error_and_one_with_a_nul_ends_there() {
        assert_eq!(decoded(b"STAT\x01\0\0\0\xff"), Err(SyncError::PathNotText));
        let expected = vec![SyncRequest::Stat { path: "/a".to_owned() }];
        assert_eq!(decoded(b"STAT\x04\0\0\0/a\0b"), Ok(expected));
    }

    #[test]
    fn a_chunk_above_the_bound_is_an_error_that_stays() {
        let mut decoder = SyncDecoder::new();
        decoder.feed(&send_request("/a", 0o644));
        assert!(matches!(decoder.next(), Ok(Some(SyncRequest::Send { .. }))));
        decoder.feed(b"DATA\0\0\x01\0");
        decoder.feed(&vec![0; DATA_BYTES_MAX]);
        assert!(matches!(decoder.next(), Ok(Some(SyncRequest::Data(_)))));
        decoder.feed(b"DATA\x01\0\x01\0");
        assert_eq!(decoder.next(), Err(SyncError::DataTooLong));
        decoder.feed(b"QUIT\0\0\0\0");
        assert_eq!(decoder.next(), Err(SyncError::DataTooLong));
    }

    #[test]
    fn data_needs_a_send_and_a_send_only_data() {
        assert_eq!(decoded(b"DATA\0\0\0\0"), Err(SyncError::Unexpected(*b"DATA")));
        assert_eq!(decoded(b"DONE\0\0\0\0"), Err(SyncError::Unexpected(*b"DONE")));
        let bytes = [send_request("/a", 1), request(*b"STAT", "/a")].concat();
        assert_eq!(decoded(&bytes), Err(SyncError::Unexpected(*b"STAT")));
        assert_eq!(decoded(b"SND2\0\0\0\0").unwrap_err().to_string(), "unknown command SND2");
    }
}
