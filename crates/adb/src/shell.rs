//! Shell protocol v2: how stdin, stdout, stderr and the exit code share one stream. An id of one byte, a length
//! of four, then the data.

use crate::incoming::{Incoming, Parts};
use crate::packet::PAYLOAD_BYTES_MAX;
use bytes::{Buf, BufMut, Bytes, BytesMut};
use thiserror::Error;

/// What stands before the data.
pub const SHELL_HEADER_BYTES: usize = 5;
/// Longest data of what is no stream: an exit code, a window's size.
pub(crate) const CONTROL_BYTES_MAX: usize = 128;

/// What a shell packet carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum ShellId {
    /// Bytes for the command.
    Stdin = 0,
    /// Bytes of the command.
    Stdout = 1,
    /// The command's complaints.
    Stderr = 2,
    /// The command is over; one byte, its exit code.
    Exit = 3,
    /// There is no more stdin.
    CloseStdin = 4,
    /// The terminal's size, see [`window_size`].
    WindowSize = 5,
}

impl ShellId {
    fn parse(id: u8) -> Option<Self> {
        match id {
            0 => Some(Self::Stdin),
            1 => Some(Self::Stdout),
            2 => Some(Self::Stderr),
            3 => Some(Self::Exit),
            4 => Some(Self::CloseStdin),
            5 => Some(Self::WindowSize),
            _ => None,
        }
    }

    const fn is_stream(self) -> bool {
        matches!(self, Self::Stdin | Self::Stdout | Self::Stderr)
    }
}

/// Why bytes are no shell packet. The stream is of no use any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ShellError {
    /// An id nobody uses.
    #[error("the shell packet's id {0} is not known")]
    UnknownId(u8),
    /// Longer than an exit code or a window's size can be.
    #[error("the shell packet {id:?} of {bytes} bytes is longer than {CONTROL_BYTES_MAX}")]
    TooLong {
        /// What it carries.
        id: ShellId,
        /// The length it announces.
        bytes: u32,
    },
}

/// One shell packet.
pub fn frame(id: ShellId, data: &[u8]) -> Bytes {
    let mut out = BytesMut::new();
    frame_into(id, data, &mut out);
    out.freeze()
}

/// Appends one shell packet to `out`.
pub fn frame_into(id: ShellId, data: &[u8], out: &mut BytesMut) {
    out.reserve(SHELL_HEADER_BYTES + data.len());
    out.put_u8(id as u8);
    out.put_u32_le(data.len() as u32);
    out.put_slice(data);
}

/// Finds shell packets in the bytes of a stream. Streams' data is given out as it comes, in parts of at most
/// [`PAYLOAD_BYTES_MAX`], so that a length costs nothing; the rest comes whole.
#[derive(Debug, Default)]
pub struct ShellDecoder(Incoming<Frames>);

/// The packet under way and how many of its bytes are not given out yet.
#[derive(Debug, Default)]
struct Frames(Option<(ShellId, usize)>);

impl ShellDecoder {
    /// At a stream's beginning.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes more bytes of the stream. Call [`Self::next`] until it gives none before feeding more.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.0.feed(bytes);
    }

    /// The next packet or the next part of one; none where more bytes are needed.
    ///
    /// # Errors
    /// [`ShellError`], and the same one from then on.
    // An iterator could not say that more bytes are needed.
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> Result<Option<(ShellId, Bytes)>, ShellError> {
        self.0.next()
    }
}

impl Parts for Frames {
    type Part = (ShellId, Bytes);
    type Error = ShellError;

    fn take(&mut self, buffer: &mut BytesMut) -> Result<Option<(ShellId, Bytes)>, ShellError> {
        let (id, left) = match self.0 {
            Some(current) => current,
            None => {
                let Some((id, bytes)) = take_header(buffer)? else { return Ok(None) };
                (id, bytes)
            }
        };
        self.0 = Some((id, left));
        let ready = buffer.len().min(left).min(PAYLOAD_BYTES_MAX);
        if ready < left && (ready == 0 || !id.is_stream()) {
            return Ok(None);
        }
        self.0 = (ready < left).then_some((id, left - ready));
        Ok(Some((id, buffer.split_to(ready).freeze())))
    }
}

fn take_header(buffer: &mut BytesMut) -> Result<Option<(ShellId, usize)>, ShellError> {
    if buffer.len() < SHELL_HEADER_BYTES {
        return Ok(None);
    }
    let (id, bytes) = (buffer.get_u8(), buffer.get_u32_le());
    let id = ShellId::parse(id).ok_or(ShellError::UnknownId(id))?;
    match usize::try_from(bytes) {
        Ok(length) if id.is_stream() || length <= CONTROL_BYTES_MAX => Ok(Some((id, length))),
        _ => Err(ShellError::TooLong { id, bytes }),
    }
}

/// A terminal's size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WindowSize {
    /// Lines of text.
    pub rows: u16,
    /// Characters a line.
    pub columns: u16,
    /// Width in pixels, 0 where unknown.
    pub x_pixels: u16,
    /// Height in pixels, 0 where unknown.
    pub y_pixels: u16,
}

/// Reads "24x80,0x0", with or without a NUL at its end; none where it is something else.
pub fn window_size(data: &[u8]) -> Option<WindowSize> {
    let text = std::str::from_utf8(data).ok()?.trim_end_matches('\0');
    let (cells, pixels) = text.split_once(',')?;
    let (rows, columns) = cells.split_once('x')?;
    let (x_pixels, y_pixels) = pixels.split_once('x')?;
    Some(WindowSize {
        rows: rows.parse().ok()?,
        columns: columns.parse().ok()?,
        x_pixels: x_pixels.parse().ok()?,
        y_pixels: y_pixels.parse().ok()?,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn all(decoder: &mut ShellDecoder) -> Vec<(ShellId, Bytes)> {
        std::iter::from_fn(|| decoder.next().unwrap()).collect()
    }

    #[test]
    fn a_packet_is_its_id_its_length_and_its_data() {
        assert_eq!(frame(ShellId::Stdout, b"hi").as_ref(), b"\x01\x02\0\0\0hi");
        assert_eq!(frame(ShellId::Exit, &[1]).as_ref(), b"\x03\x01\0\0\0\x01");
    }

    #[test]
    fn packets_come_out_as_they_went_in() {
        let mut decoder = ShellDecoder::new();
        let packets: [(ShellId, &[u8]); 5] = [
            (ShellId::WindowSize, b"24x80,0x0"),
            (ShellId::Stdin, b"abc"),
            (ShellId::Stderr, b""),
            (ShellId::CloseStdin, b""),
            (ShellId::Exit, b"\x07"),
        ];
        for (id, data) in packets {
            decoder.feed(&frame(id, data));
        }
        let expected: Vec<_> = packets.iter().map(|(id, data)| (*id, Bytes::from_static(data))).collect();
        assert_eq!(all(&mut decoder), expected);
    }

    #[test]
    fn stdin_is_given_out_as_it_comes_and_never_kept() {
        let mut decoder = ShellDecoder::new();
        decoder.feed(b"\0\xff\xff\xff\xff");
        assert_eq!(decoder.next(), Ok(None));
        for _ in 0..100 {
            decoder.feed(&[9; 1000]);
            assert_eq!(all(&mut decoder), [(ShellId::Stdin, Bytes::from(vec![9; 1000]))]);
            assert_eq!(decoder.0.held(), 0);
        }
    }

    #[test]
    fn a_part_is_no_longer_than_a_payload() {
        let mut decoder = ShellDecoder::new();
        decoder.feed(&frame(ShellId::Stdout, &vec![1; PAYLOAD_BYTES_MAX + 1]));
        let lengths: Vec<_> = all(&mut decoder).iter().map(|(_, data)| data.len()).collect();
        assert_eq!(lengths, [PAYLOAD_BYTES_MAX, 1]);
    }

    #[test]
    fn an_exit_code_in_pieces_comes_whole() {
        let mut decoder = ShellDecoder::new();
        for byte in [3, 1, 0, 0, 0] {
            decoder.feed(&[byte]);
            assert_eq!(decoder.next(), Ok(None));
        }
        decoder.feed(&[255]);
        assert_eq!(decoder.next(), Ok(Some((ShellId::Exit, Bytes::from_static(&[255])))));
    }

    #[test]
    fn an_unknown_id_is_an_error_that_stays() {
        let mut decoder = ShellDecoder::new();
        decoder.feed(b"\x06\0\0\0\0");
        assert_eq!(decoder.next(), Err(ShellError::UnknownId(6)));
        decoder.feed(&frame(ShellId::Exit, &[0]));
        assert_eq!(decoder.next(), Err(ShellError::UnknownId(6)));
    }

    #[test]
    fn a_long_window_size_is_refused_before_it_comes() {
        let mut decoder = ShellDecoder::new();
        decoder.feed(b"\x05\0\0\0\x01");
        assert_eq!(decoder.next(), Err(ShellError::TooLong { id: ShellId::WindowSize, bytes: 0x0100_0000 }));
        for (bytes, fits) in [(CONTROL_BYTES_MAX, true), (CONTROL_BYTES_MAX + 1, false)] {
            let mut decoder = ShellDecoder::new();
            decoder.feed(&[5, bytes as u8, 0, 0, 0]);
            assert_eq!(decoder.next().is_ok(), fits, "{bytes}");
        }
    }

    #[test]
    fn a_window_size_is_read_and_nonsense_is_none() {
        let size = WindowSize { rows: 24, columns: 80, x_pixels: 640, y_pixels: 480 };
        assert_eq!(window_size(b"24x80,640x480"), Some(size));
        assert_eq!(window_size(b"24x80,640x480\0"), Some(size));
        for text in [b"".as_slice(), b"24x80", b"ax80,0x0", b"70000x1,0x0", b"-1x1,0x0", b"\xff"] {
            assert_eq!(window_size(text), None);
        }
    }
}
