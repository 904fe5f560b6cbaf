//! Entry points for fuzz targets; each takes any bytes and panics only on a broken promise. The first byte says
//! into how long pieces the rest is cut: what is decoded must not depend on it.

use crate::auth::{PublicKey, TOKEN_BYTES};
use crate::banner::Banner;
use crate::packet::{
    Command, Decoder, EARLY_BYTES_MAX, HEADER_BYTES, PAYLOAD_BYTES_MAX, Packet, PacketError, encode,
};
use crate::shell::{ShellDecoder, ShellError, ShellId, window_size};
use crate::sync::{
    DATA_BYTES_MAX, PATH_BYTES_MAX, SyncDecoder, SyncError, SyncReply, SyncReplyDecoder, SyncRequest,
};
use bytes::BytesMut;

/// What came out, and the error that ended it.
type Outcome<T, E> = (Vec<T>, Option<E>);

/// The length of the pieces, and the rest.
fn cut(input: &[u8]) -> (usize, &[u8]) {
    match input.split_first() {
        Some((first, rest)) => (usize::from(first & 0x7f) + 1, rest),
        None => (1, input),
    }
}

/// Packets, with the limits before and after the handshake.
pub fn packets(input: &[u8]) {
    let (piece_bytes, rest) = cut(input);
    for bytes_max in [EARLY_BYTES_MAX, PAYLOAD_BYTES_MAX] {
        let whole = decode_packets(rest, rest.len().max(1), bytes_max);
        assert_eq!(whole, decode_packets(rest, piece_bytes, bytes_max), "the pieces matter");
        for packet in &whole.0 {
            assert!(packet.data.len() <= bytes_max, "a payload is longer than the limit");
            if packet.command == Command::Connect {
                let features = Banner::parse(&packet.data).features;
                assert!(features.len() <= packet.data.len(), "there are more features than bytes");
            }
            assert_survives(packet);
        }
    }
}

fn decode_packets(input: &[u8], piece_bytes: usize, bytes_max: usize) -> Outcome<Packet, PacketError> {
    let mut decoder = Decoder::new();
    decoder.set_limit(bytes_max);
    let (mut packets, mut buffer) = (Vec::new(), BytesMut::new());
    for piece in input.chunks(piece_bytes) {
        buffer.extend_from_slice(piece);
        loop {
            match decoder.feed(&mut buffer) {
                Ok(Some(packet)) => packets.push(packet),
                Ok(None) => break,
                Err(error) => {
                    assert_eq!(decoder.feed(&mut buffer), Err(error), "the error does not stay");
                    return (packets, Some(error));
                }
            }
        }
        assert!(buffer.len() < HEADER_BYTES + bytes_max, "a whole packet is held back");
    }
    (packets, None)
}

/// What is decoded is encoded and decoded to the same.
fn assert_survives(packet: &Packet) {
    let mut buffer = BytesMut::new();
    encode(packet, true, &mut buffer);
    let mut decoder = Decoder::new();
    decoder.set_limit(PAYLOAD_BYTES_MAX);
    assert_eq!(decoder.feed(&mut buffer).as_ref(), Ok(&Some(packet.clone())), "a packet does not survive");
    assert!(buffer.is_empty(), "a packet has more bytes than it needs");
}

/// Shell packets.
pub fn shell(input: &[u8]) {
    let (piece_bytes, rest) = cut(input);
    let whole = decode_shell(rest, rest.len().max(1));
    assert_eq!(whole, decode_shell(rest, piece_bytes), "the pieces matter");
    let bytes: usize = whole.0.iter().map(|(_, data)| data.len()).sum();
    assert!(bytes <= rest.len(), "more comes out than went in");
    for (id, data) in whole.0 {
        if id == ShellId::WindowSize {
            let _any = window_size(&data);
        }
    }
}

/// Parts of the same stream that follow each other are put together: how many there are may depend on the pieces.
fn decode_shell(input: &[u8], piece_bytes: usize) -> Outcome<(ShellId, Vec<u8>), ShellError> {
    let mut decoder = ShellDecoder::new();
    let mut packets: Vec<(ShellId, Vec<u8>)> = Vec::new();
    for piece in input.chunks(piece_bytes) {
        decoder.feed(piece);
        loop {
            match decoder.next() {
                Ok(Some((id, data))) => {
                    assert!(data.len() <= PAYLOAD_BYTES_MAX, "a part is longer than a payload");
                    match packets.last_mut() {
                        Some((last, known)) if *last == id => known.extend_from_slice(&data),
                        _ => packets.push((id, data.to_vec())),
                    }
                }
                Ok(None) => break,
                Err(error) => {
                    assert_eq!(decoder.next(), Err(error), "the error does not stay");
                    return (packets, Some(error));
                }
            }
        }
    }
    (packets, None)
}

/// Requests and answers of the sync service.
pub fn sync(input: &[u8]) {
    let (piece_bytes, rest) = cut(input);
    let requests = decode_requests(rest, rest.len().max(1));
    assert_eq!(requests, decode_requests(rest, piece_bytes), "the pieces matter to a request");
    requests.0.iter().for_each(assert_bounded);
    let replies = decode_replies(rest, rest.len().max(1));
    assert_eq!(replies, decode_replies(rest, piece_bytes), "the pieces matter to an answer");
}

fn assert_bounded(request: &SyncRequest) {
    let (bytes, bytes_max) = match request {
        SyncRequest::Stat { path }
        | SyncRequest::Stat2 { path }
        | SyncRequest::Lstat2 { path }
        | SyncRequest::List { path }
        | SyncRequest::List2 { path }
        | SyncRequest::Send { path, .. }
        | SyncRequest::Receive { path } => (path.len(), PATH_BYTES_MAX),
        SyncRequest::Data(chunk) => (chunk.len(), DATA_BYTES_MAX),
        SyncRequest::Done { .. } | SyncRequest::Quit => (0, 0),
    };
    assert!(bytes <= bytes_max, "a request is longer than its bound");
}

fn decode_requests(input: &[u8], piece_bytes: usize) -> Outcome<SyncRequest, SyncError> {
    let mut decoder = SyncDecoder::new();
    let mut requests = Vec::new();
    for piece in input.chunks(piece_bytes) {
        decoder.feed(piece);
        loop {
            match decoder.next() {
                Ok(Some(request)) => requests.push(request),
                Ok(None) => break,
                Err(error) => {
                    assert_eq!(decoder.next(), Err(error), "the error does not stay");
                    return (requests, Some(error));
                }
            }
        }
    }
    (requests, None)
}

fn decode_replies(input: &[u8], piece_bytes: usize) -> Outcome<SyncReply, SyncError> {
    let mut decoder = SyncReplyDecoder::new();
    let mut replies = Vec::new();
    for piece in input.chunks(piece_bytes) {
        decoder.feed(piece);
        loop {
            match decoder.next() {
                Ok(Some(reply)) => replies.push(reply),
                Ok(None) => break,
                Err(error) => {
                    assert_eq!(decoder.next(), Err(error), "the error does not stay");
                    return (replies, Some(error));
                }
            }
        }
    }
    (replies, None)
}

/// A public key's text. There is nothing to cut: a key is read whole.
pub fn public_key(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let Ok(key) = PublicKey::parse(&text) else { return };
    let again = PublicKey::parse(&key.to_text());
    assert_eq!(again.as_ref(), Ok(&key), "a key does not survive its text");
    assert_eq!(again.as_ref().map(PublicKey::comment), Ok(key.comment()), "its comment does not");
    assert_eq!(key.fingerprint().len(), 64, "the fingerprint is not SHA-256");
    assert!(!key.verify(&[0; TOKEN_BYTES], &[0; 256]), "zeros are a signature");
    assert!(!key.verify(&[0; TOKEN_BYTES], input), "the key's own text is a signature");
}
