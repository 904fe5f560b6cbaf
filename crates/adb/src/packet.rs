//! Packets: what an ADB connection consists of. A header of 24 bytes, little-endian, then the payload.

use bytes::{Buf, BufMut, Bytes, BytesMut};
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncReadExt};

/// The version whose every packet carries a sum.
pub const VERSION_CHECKED: u32 = 0x0100_0000;
/// The version whose packets need no sum after the handshake.
pub const VERSION: u32 = 0x0100_0001;
/// Longest payload we take and announce.
pub const PAYLOAD_BYTES_MAX: usize = 64 * 1024;
/// Longest payload before the peer is known.
pub const EARLY_BYTES_MAX: usize = 4096;
/// A header's length.
pub const HEADER_BYTES: usize = 24;
/// Most that is asked of a reader at once, so that a length nobody sends the bytes for costs little.
const READ_BYTES_MAX: usize = 64 * 1024;
/// Least that is asked of a reader at once.
const READ_BYTES_MIN: usize = 4096;

/// What a packet is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// CNXN: who I am, which version and how much I take.
    Connect,
    /// AUTH: a token, a signature or a public key.
    Auth,
    /// OPEN: a new stream to a service.
    Open,
    /// OKAY: the stream is open, or its last bytes have been taken.
    Okay,
    /// CLSE: the stream is over.
    Close,
    /// WRTE: bytes of a stream.
    Write,
}

impl Command {
    /// Its number on the wire.
    pub const fn code(self) -> u32 {
        match self {
            Self::Connect => u32::from_le_bytes(*b"CNXN"),
            Self::Auth => u32::from_le_bytes(*b"AUTH"),
            Self::Open => u32::from_le_bytes(*b"OPEN"),
            Self::Okay => u32::from_le_bytes(*b"OKAY"),
            Self::Close => u32::from_le_bytes(*b"CLSE"),
            Self::Write => u32::from_le_bytes(*b"WRTE"),
        }
    }

    fn parse(code: u32) -> Option<Self> {
        let all = [Self::Connect, Self::Auth, Self::Open, Self::Okay, Self::Close, Self::Write];
        all.into_iter().find(|command| command.code() == code)
    }

    /// Whether it carries a sum in every version: the versions are not agreed on yet when it is sent.
    const fn always_checked(self) -> bool {
        matches!(self, Self::Connect | Self::Auth)
    }
}

/// One packet. What its arguments mean depends on the command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packet {
    /// What it is for.
    pub command: Command,
    /// The sender's stream; in CNXN the version, in AUTH the kind of data.
    pub arg0: u32,
    /// The receiver's stream; in CNXN the longest payload the sender takes.
    pub arg1: u32,
    /// The payload.
    pub data: Bytes,
}

impl Packet {
    /// A packet of these parts.
    pub fn new(command: Command, arg0: u32, arg1: u32, data: impl Into<Bytes>) -> Self {
        Self { command, arg0, arg1, data: data.into() }
    }

    /// CNXN with this banner; announces [`PAYLOAD_BYTES_MAX`].
    pub fn connect(version: u32, banner: impl Into<Bytes>) -> Self {
        Self::new(Command::Connect, version, PAYLOAD_BYTES_MAX as u32, banner)
    }

    /// OPEN of a stream to a service.
    pub fn open(local: u32, service: impl Into<Bytes>) -> Self {
        Self::new(Command::Open, local, 0, service)
    }

    /// OKAY from one stream to another.
    pub fn okay(local: u32, remote: u32) -> Self {
        Self::new(Command::Okay, local, remote, Bytes::new())
    }

    /// CLSE from one stream to another; `local` is 0 where none was opened.
    pub fn close(local: u32, remote: u32) -> Self {
        Self::new(Command::Close, local, remote, Bytes::new())
    }

    /// WRTE from one stream to another.
    pub fn write(local: u32, remote: u32, data: impl Into<Bytes>) -> Self {
        Self::new(Command::Write, local, remote, data)
    }
}

/// Why bytes are no packet. The connection is of no use any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PacketError {
    /// The header contradicts itself: this is no ADB.
    #[error("the packet's magic {magic:#010x} does not fit its command {command:#010x}")]
    BadMagic {
        /// The command's number.
        command: u32,
        /// What should be its complement.
        magic: u32,
    },
    /// A command we do not know, or do not speak (SYNC, STLS).
    #[error("the packet's command {0:#010x} is not known")]
    UnknownCommand(u32),
    /// The payload is longer than the limit.
    #[error("the packet's payload of {bytes} bytes is longer than {bytes_max}")]
    TooLong {
        /// The length that the header announces.
        bytes: u32,
        /// The limit at that moment.
        bytes_max: usize,
    },
    /// The payload is not what was summed.
    #[error("the packet's sum is {actual:#x} and not {announced:#x}")]
    WrongSum {
        /// What the header says.
        announced: u32,
        /// What the payload adds up to.
        actual: u32,
    },
}

/// The sum of a payload's bytes.
fn sum(data: &[u8]) -> u32 {
    data.iter().fold(0, |sum, byte| sum.wrapping_add(u32::from(*byte)))
}

/// Appends a packet's bytes to `out`. It carries a sum when `checked`, and always in CNXN and AUTH. The payload
/// must be no longer than what the peer announced.
pub fn encode(packet: &Packet, checked: bool, out: &mut BytesMut) {
    let code = packet.command.code();
    let summed = checked || packet.command.always_checked();
    out.reserve(HEADER_BYTES + packet.data.len());
    out.put_u32_le(code);
    out.put_u32_le(packet.arg0);
    out.put_u32_le(packet.arg1);
    out.put_u32_le(packet.data.len() as u32);
    out.put_u32_le(if summed { sum(&packet.data) } else { 0 });
    out.put_u32_le(!code);
    out.put_slice(&packet.data);
}

/// A header that has been read, its payload not yet.
#[derive(Debug, Clone, Copy)]
struct Header {
    command: Command,
    arg0: u32,
    arg1: u32,
    data_bytes: usize,
    announced: u32,
}

/// Finds packets in bytes. Keeps no bytes itself, and allocates nothing.
#[derive(Debug)]
pub struct Decoder {
    bytes_max: usize,
    header: Option<Header>,
    failed: Option<PacketError>,
}

impl Default for Decoder {
    fn default() -> Self {
        Self::new()
    }
}

impl Decoder {
    /// As a connection begins: payloads up to [`EARLY_BYTES_MAX`].
    pub fn new() -> Self {
        Self { bytes_max: EARLY_BYTES_MAX, header: None, failed: None }
    }

    /// Takes payloads of up to `bytes_max` from the next header on.
    pub fn set_limit(&mut self, bytes_max: usize) {
        self.bytes_max = bytes_max;
    }

    /// Takes the next packet off the buffer's front; none where more bytes are needed.
    ///
    /// # Errors
    /// [`PacketError`], and the same one from then on. A payload above the limit is refused as soon as its
    /// header is there.
    pub fn feed(&mut self, buffer: &mut BytesMut) -> Result<Option<Packet>, PacketError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let result = self.take(buffer);
        self.failed = result.as_ref().err().copied();
        result
    }

    fn take(&mut self, buffer: &mut BytesMut) -> Result<Option<Packet>, PacketError> {
        if self.header.is_none() {
            self.header = self.take_header(buffer)?;
        }
        let Some(header) = self.header else { return Ok(None) };
        if buffer.len() < header.data_bytes {
            return Ok(None);
        }
        self.header = None;
        let data = buffer.split_to(header.data_bytes).freeze();
        // A sum of 0 is none: adb, when it dials a phone again, leaves it out even where it would be due.
        if header.announced != 0 {
            let actual = sum(&data);
            if actual != header.announced {
                return Err(PacketError::WrongSum { announced: header.announced, actual });
            }
        }
        Ok(Some(Packet { command: header.command, arg0: header.arg0, arg1: header.arg1, data }))
    }

    fn take_header(&self, buffer: &mut BytesMut) -> Result<Option<Header>, PacketError> {
        if buffer.len() < HEADER_BYTES {
            return Ok(None);
        }
        let code = buffer.get_u32_le();
        let (arg0, arg1) = (buffer.get_u32_le(), buffer.get_u32_le());
        let (bytes, announced) = (buffer.get_u32_le(), buffer.get_u32_le());
        let magic = buffer.get_u32_le();
        if magic != !code {
            return Err(PacketError::BadMagic { command: code, magic });
        }
        let command = Command::parse(code).ok_or(PacketError::UnknownCommand(code))?;
        let too_long = PacketError::TooLong { bytes, bytes_max: self.bytes_max };
        let data_bytes = usize::try_from(bytes).map_err(|_| too_long)?;
        if data_bytes > self.bytes_max {
            return Err(too_long);
        }
        Ok(Some(Header { command, arg0, arg1, data_bytes, announced }))
    }

    /// Whether the last packet is whole and no further one has begun.
    fn is_between_packets(&self) -> bool {
        self.header.is_none()
    }

    /// How many bytes the packet under way needs at least.
    fn needed(&self) -> usize {
        self.header.map_or(HEADER_BYTES, |header| header.data_bytes)
    }
}

/// Why no packet could be read.
#[derive(Debug, Error)]
pub enum ReadError {
    /// The connection broke.
    #[error("cannot read from the connection: {0}")]
    Io(#[from] std::io::Error),
    /// What came is no packet.
    #[error(transparent)]
    Packet(#[from] PacketError),
    /// The connection ended inside a packet.
    #[error("the connection ended inside a packet")]
    Truncated,
}

/// Reads packets from a connection.
#[derive(Debug)]
pub struct PacketReader<R> {
    reader: R,
    decoder: Decoder,
    buffer: BytesMut,
}

impl<R: AsyncRead + Unpin> PacketReader<R> {
    /// Reads from this, with a new [`Decoder`].
    pub fn new(reader: R) -> Self {
        Self { reader, decoder: Decoder::new(), buffer: BytesMut::new() }
    }

    /// The decoder, to set its limits.
    pub fn decoder(&mut self) -> &mut Decoder {
        &mut self.decoder
    }

    /// The next packet; none when the connection ended between two. May be dropped at any moment, nothing is
    /// lost.
    ///
    /// # Errors
    /// [`ReadError`]; the connection is of no use any more.
    pub async fn next(&mut self) -> Result<Option<Packet>, ReadError> {
        loop {
            if let Some(packet) = self.decoder.feed(&mut self.buffer)? {
                return Ok(Some(packet));
            }
            let missing = self.decoder.needed().saturating_sub(self.buffer.len());
            self.buffer.reserve(missing.clamp(READ_BYTES_MIN, READ_BYTES_MAX));
            if self.reader.read_buf(&mut self.buffer).await? == 0 {
                let clean = self.buffer.is_empty() && self.decoder.is_between_packets();
                return if clean { Ok(None) } else { Err(ReadError::Truncated) };
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn encoded(packet: &Packet, checked: bool) -> BytesMut {
        let mut out = BytesMut::new();
        encode(packet, checked, &mut out);
        out
    }

    #[test]
    fn a_packet_has_the_layout_of_the_protocol() {
        let bytes = encoded(&Packet::write(1, 2, "ab"), true);
        assert_eq!(bytes.as_ref(), b"WRTE\x01\0\0\0\x02\0\0\0\x02\0\0\0\xc3\0\0\0\xa8\xad\xab\xbaab");
        assert_eq!(Command::Connect.code(), 0x4e58_4e43);
        assert_eq!(Command::Auth.code(), 0x4854_5541);
    }

    #[test]
    fn what_is_encoded_is_decoded_the_same() {
        for checked in [true, false] {
            let packets = [
                Packet::connect(VERSION, "host::"),
                Packet::new(Command::Auth, 1, 0, vec![7; 20]),
                Packet::open(1, "shell:ls\0"),
                Packet::okay(2, 1),
                Packet::write(2, 1, vec![255; 4000]),
                Packet::close(2, 1),
            ];
            let mut buffer = BytesMut::new();
            packets.iter().for_each(|packet| encode(packet, checked, &mut buffer));
            let mut decoder = Decoder::new();
            for packet in packets {
                assert_eq!(decoder.feed(&mut buffer), Ok(Some(packet)));
            }
            assert_eq!(decoder.feed(&mut buffer), Ok(None));
        }
    }

    #[test]
    fn a_packet_is_decoded_from_single_bytes() {
        let packet = Packet::write(1, 2, "hello");
        let (mut buffer, mut decoder) = (BytesMut::new(), Decoder::new());
        let bytes = encoded(&packet, true);
        for byte in &bytes[..bytes.len() - 1] {
            buffer.put_u8(*byte);
            assert_eq!(decoder.feed(&mut buffer), Ok(None));
        }
        buffer.put_u8(bytes[bytes.len() - 1]);
        assert_eq!(decoder.feed(&mut buffer), Ok(Some(packet)));
    }

    #[test]
    fn a_payload_above_the_limit_is_refused_when_its_header_is_there() {
        let mut buffer = encoded(&Packet::write(1, 2, vec![0; EARLY_BYTES_MAX + 1]), true);
        buffer.truncate(HEADER_BYTES);
        let error = PacketError::TooLong { bytes: 4097, bytes_max: EARLY_BYTES_MAX };
        assert_eq!(Decoder::new().feed(&mut buffer.clone()), Err(error));
        let mut decoder = Decoder::new();
        decoder.set_limit(PAYLOAD_BYTES_MAX);
        assert_eq!(decoder.feed(&mut buffer), Ok(None));
        for (bytes, fits) in [(PAYLOAD_BYTES_MAX, true), (PAYLOAD_BYTES_MAX + 1, false)] {
            let mut buffer = encoded(&Packet::write(1, 2, vec![0; bytes]), true);
            buffer.truncate(HEADER_BYTES);
            let mut decoder = Decoder::new();
            decoder.set_limit(PAYLOAD_BYTES_MAX);
            assert_eq!(decoder.feed(&mut buffer).is_ok(), fits, "{bytes}");
        }
        let mut fitting = encoded(&Packet::write(1, 2, vec![0; EARLY_BYTES_MAX]), true);
        assert!(matches!(Decoder::new().feed(&mut fitting), Ok(Some(_))));
    }

    #[test]
    fn a_magic_that_does_not_fit_is_refused() {
        let mut buffer = encoded(&Packet::okay(1, 2), true);
        buffer[20] ^= 1;
        assert!(matches!(Decoder::new().feed(&mut buffer), Err(PacketError::BadMagic { .. })));
    }

    #[test]
    fn sync_and_stls_are_refused_and_the_error_stays() {
        for name in [b"SYNC", b"STLS", b"\0\0\0\0"] {
            let mut buffer = encoded(&Packet::okay(1, 2), true);
            buffer[..4].copy_from_slice(name);
            let code = u32::from_le_bytes(*name);
            buffer[20..24].copy_from_slice(&(!code).to_le_bytes());
            let mut decoder = Decoder::new();
            assert_eq!(decoder.feed(&mut buffer), Err(PacketError::UnknownCommand(code)));
            let mut good = encoded(&Packet::okay(1, 2), true);
            assert_eq!(decoder.feed(&mut good), Err(PacketError::UnknownCommand(code)));
        }
    }

    #[test]
    fn a_wrong_sum_is_refused_where_one_is_there() {
        let mut buffer = encoded(&Packet::write(1, 2, "ab"), true);
        buffer[16] ^= 1;
        let error = PacketError::WrongSum { announced: 0xc2, actual: 0xc3 };
        assert_eq!(Decoder::new().feed(&mut buffer), Err(error));
    }

    #[test]
    fn a_missing_sum_is_accepted() {
        let write = encoded(&Packet::write(1, 2, "ab"), false);
        assert!(matches!(Decoder::new().feed(&mut write.clone()), Ok(Some(_))));
        let mut connect = encoded(&Packet::connect(VERSION, "host::"), false);
        connect[16..20].fill(0);
        assert!(matches!(Decoder::new().feed(&mut connect), Ok(Some(_))));
    }

    #[tokio::test]
    async fn a_reader_gives_packets_and_then_the_clean_end() {
        let big = Packet::write(1, 2, vec![3; PAYLOAD_BYTES_MAX]);
        let mut bytes = encoded(&Packet::okay(1, 2), true);
        encode(&big, true, &mut bytes);
        let mut reader = PacketReader::new(bytes.as_ref());
        reader.decoder().set_limit(PAYLOAD_BYTES_MAX);
        assert_eq!(reader.next().await.unwrap(), Some(Packet::okay(1, 2)));
        assert_eq!(reader.next().await.unwrap(), Some(big));
        assert_eq!(reader.next().await.unwrap(), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_read_that_is_dropped_loses_nothing() {
        let packet = Packet::write(1, 2, "hello");
        let bytes = encoded(&packet, true);
        let (mut near, far) = tokio::io::duplex(1024);
        let mut reader = PacketReader::new(far);
        for byte in &bytes {
            let early = tokio::time::timeout(std::time::Duration::ZERO, reader.next()).await;
            assert!(early.is_err());
            tokio::io::AsyncWriteExt::write_all(&mut near, &[*byte]).await.unwrap();
        }
        assert_eq!(reader.next().await.unwrap(), Some(packet));
    }

    #[tokio::test]
    async fn an_end_inside_a_packet_is_an_error() {
        let bytes = encoded(&Packet::write(1, 2, "hello"), true);
        for length in [1, HEADER_BYTES, bytes.len() - 1] {
            let mut reader = PacketReader::new(&bytes[..length]);
            assert!(matches!(reader.next().await, Err(ReadError::Truncated)), "{length}");
        }
    }
}
