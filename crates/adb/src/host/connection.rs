//! A connection with at most one stream on it.

use super::HostError;
use crate::packet::{
    Command, PAYLOAD_BYTES_MAX, Packet, PacketReader, ReadError, VERSION, VERSION_CHECKED, encode,
};
use bytes::{Bytes, BytesMut};
use std::fmt;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf};

/// Shortest payload that a phone may take: less, and nothing useful fits.
const PEER_BYTES_MIN: usize = 64;

/// What carries the connection.
pub(super) trait Io: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Io for T {}

/// What happens on the open stream.
#[derive(Debug)]
pub(super) enum Event {
    /// The phone sends this.
    Data(Bytes),
    /// The phone has closed it.
    Closed,
}

/// Where the stream stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// There is none.
    None,
    /// OPEN is sent.
    Opening,
    /// It is open to this stream of the phone's; `ready` when the last WRTE is acknowledged.
    Open { remote: u32, ready: bool },
}

pub(super) struct Connection {
    reader: PacketReader<ReadHalf<Box<dyn Io>>>,
    writer: WriteHalf<Box<dyn Io>>,
    /// What is not written yet, and whether something written is not flushed yet.
    out: BytesMut,
    unflushed: bool,
    /// Why nothing can be written any more. What the phone said before it hung up is read all the same.
    mute: Option<std::io::Error>,
    checked: bool,
    peer_bytes_max: usize,
    /// The stream's number on our side. Every stream has a new one, so that late packets find nobody.
    local: u32,
    state: State,
    /// What the stream's owner still wants to send.
    pending: Bytes,
}

impl fmt::Debug for Connection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("Connection");
        shown.field("local", &self.local).field("state", &self.state).finish_non_exhaustive()
    }
}

impl Connection {
    pub(super) fn new(io: Box<dyn Io>) -> Self {
        let (reader, writer) = tokio::io::split(io);
        Self {
            reader: PacketReader::new(reader),
            writer,
            out: BytesMut::new(),
            unflushed: false,
            mute: None,
            checked: true,
            peer_bytes_max: PEER_BYTES_MIN,
            local: 0,
            state: State::None,
            pending: Bytes::new(),
        }
    }

    /// Takes over what the phone's CNXN says.
    pub(super) fn agree(&mut self, version: u32, bytes_max: u32) -> Result<(), HostError> {
        if version < VERSION_CHECKED {
            return Err(HostError::Protocol("its version is older than ADB"));
        }
        self.peer_bytes_max = usize::try_from(bytes_max).unwrap_or(usize::MAX).min(PAYLOAD_BYTES_MAX);
        if self.peer_bytes_max < PEER_BYTES_MIN {
            return Err(HostError::Protocol("it takes too little at once"));
        }
        self.checked = version < VERSION;
        self.reader.decoder().set_limit(PAYLOAD_BYTES_MAX);
        Ok(())
    }

    /// Has this packet written while the next one is waited for.
    pub(super) fn send(&mut self, packet: &Packet) {
        encode(packet, self.checked, &mut self.out);
    }

    /// The next packet, whatever it is. Writes meanwhile: a phone that waits for us to read must not block us
    /// for ever.
    pub(super) async fn receive(&mut self) -> Result<Packet, HostError> {
        loop {
            let busy = self.mute.is_none() && (self.unflushed || !self.out.is_empty());
            tokio::select! {
                packet = self.reader.next() => return match (packet?, self.mute.take()) {
                    (Some(packet), mute) => {
                        self.mute = mute;
                        Ok(packet)
                    }
                    (None, Some(error)) => Err(HostError::Write(error)),
                    (None, None) => Err(HostError::Closed),
                },
                written = flush(&mut self.writer, &mut self.out, &mut self.unflushed), if busy => {
                    self.mute = written.err();
                }
            }
        }
    }

    /// Opens a stream to a service.
    pub(super) async fn open(&mut self, service: &str) -> Result<(), HostError> {
        let name = format!("{service}\0");
        if name.len() > self.peer_bytes_max {
            return Err(HostError::RequestTooLong { bytes: name.len(), bytes_max: self.peer_bytes_max });
        }
        // An earlier call may have been dropped on its way.
        self.give_up();
        self.local = self.local.wrapping_add(1).max(1);
        self.state = State::Opening;
        self.send(&Packet::open(self.local, name));
        while self.state == State::Opening {
            let packet = self.receive().await?;
            if packet.command == Command::Okay && packet.arg1 == self.local {
                self.state = State::Open { remote: packet.arg0, ready: true };
            } else if packet.command == Command::Close && packet.arg1 == self.local {
                self.state = State::None;
                let service = service.split_once(':').map_or(service, |(name, _)| name).to_owned();
                return Err(HostError::Refused { service });
            } else {
                self.turn_away(&packet);
            }
        }
        Ok(())
    }

    /// Has these bytes written to the stream while its events are waited for. Only once all earlier ones are
    /// sent, see [`Self::sent`].
    pub(super) fn write(&mut self, bytes: Bytes) -> Result<(), HostError> {
        if !self.pending.is_empty() {
            return Err(HostError::Protocol("bytes are already on their way"));
        }
        self.pending = bytes;
        self.write_pending();
        Ok(())
    }

    /// Whether all that was to be written is sent and acknowledged.
    pub(super) fn sent(&self) -> bool {
        self.pending.is_empty() && !matches!(self.state, State::Open { ready: false, .. })
    }

    /// Sends the next WRTE if the last one is acknowledged.
    fn write_pending(&mut self) {
        let State::Open { remote, ready: true } = self.state else { return };
        if self.pending.is_empty() {
            return;
        }
        let part = self.pending.split_to(self.pending.len().min(self.peer_bytes_max));
        self.send(&Packet::write(self.local, remote, part));
        self.state = State::Open { remote, ready: false };
    }

    /// What happens next on the stream; [`Event::Closed`] from its end on.
    pub(super) async fn event(&mut self) -> Result<Event, HostError> {
        loop {
            if let Some(event) = self.event_or_ack().await? {
                return Ok(event);
            }
        }
    }

    /// As [`Self::event`]; none when what was written is acknowledged.
    pub(super) async fn event_or_ack(&mut self) -> Result<Option<Event>, HostError> {
        while let State::Open { remote, .. } = self.state {
            let packet = self.receive().await?;
            if packet.arg1 != self.local || packet.arg0 != remote {
                // A CLSE may name no stream of the phone's.
                if !(packet.command == Command::Close && packet.arg1 == self.local && packet.arg0 == 0) {
                    self.turn_away(&packet);
                    continue;
                }
            }
            match packet.command {
                Command::Okay => {
                    self.state = State::Open { remote, ready: true };
                    self.write_pending();
                    return Ok(None);
                }
                Command::Write => {
                    self.send(&Packet::okay(self.local, remote));
                    return Ok(Some(Event::Data(packet.data)));
                }
                Command::Close => {
                    self.send(&Packet::close(self.local, remote));
                    self.state = State::None;
                }
                Command::Connect | Command::Auth | Command::Open => self.turn_away(&packet),
            }
        }
        Ok(Some(Event::Closed))
    }

    /// A packet that is for no stream of ours. Phones may open none to us; an OKAY may be the late answer to a
    /// stream that is given up; the rest is late too and needs no answer.
    fn turn_away(&mut self, packet: &Packet) {
        match packet.command {
            Command::Open => self.send(&Packet::close(0, packet.arg0)),
            Command::Okay => self.send(&Packet::close(packet.arg1, packet.arg0)),
            Command::Connect | Command::Auth | Command::Close | Command::Write => {}
        }
    }

    /// Has the stream closed if it is open. Where it is only asked for, the phone learns of the end when it
    /// answers.
    fn give_up(&mut self) {
        if let State::Open { remote, .. } = self.state {
            self.send(&Packet::close(self.local, remote));
        }
        self.state = State::None;
        self.pending = Bytes::new();
    }

    /// Closes the stream if it is open. What cannot be written at once is written with the next call.
    pub(super) async fn close(&mut self) {
        self.give_up();
        // An error shows with the next call; there is nothing more to get out of this one.
        let write = flush(&mut self.writer, &mut self.out, &mut self.unflushed);
        let _later = tokio::time::timeout(std::time::Duration::ZERO, write).await;
    }
}

/// Writes all of it. May be dropped at any moment and called again.
async fn flush(
    writer: &mut WriteHalf<Box<dyn Io>>,
    out: &mut BytesMut,
    unflushed: &mut bool,
) -> std::io::Result<()> {
    while !out.is_empty() {
        *unflushed = true;
        if writer.write_buf(out).await? == 0 {
            return Err(std::io::ErrorKind::WriteZero.into());
        }
    }
    writer.flush().await?;
    *unflushed = false;
    Ok(())
}

/// Whether the phone has ended the connection, or broken it.
pub(super) fn is_end(error: &HostError) -> bool {
    matches!(
        error,
        HostError::Closed | HostError::Write(_) | HostError::Read(ReadError::Io(_) | ReadError::Truncated)
    )
}
