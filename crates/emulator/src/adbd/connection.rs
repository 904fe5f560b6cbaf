//! One client that was let in: packets in, packets out, and the streams between.

use super::handshake::{self, Terms};
use super::service::Service;
use super::stream::{self, Stream};
use super::{Access, AdbdError, STREAMS_MAX, WRITE_MAX};
use crate::guest::Guest;
use adb::packet::{Command, Packet, PacketReader, encode};
use bytes::BytesMut;
use futures::future::{AbortHandle, Abortable, BoxFuture};
use futures::stream::{FuturesUnordered, StreamExt};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{Semaphore, mpsc};
use tokio::time::timeout;

/// Packets of streams that may wait for the writer.
const OUT_MAX: usize = 4;
/// The connection's own answers that may wait for the writer; with more nothing is read.
const REPLIES_MAX: usize = 64;
/// Bytes that are gathered into one write.
const GATHER_BYTES: usize = 64 * 1024;

/// Lets the client in and serves it; tells whether adbd restarts now.
pub(super) async fn serve<S>(guest: Guest, access: Access, io: S, nested: usize) -> Result<bool, AdbdError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    let (reading, mut writing) = tokio::io::split(io);
    let mut reader = PacketReader::new(reading);
    let terms = handshake::greet(&guest, &access, &mut reader, &mut writing).await?;
    let (out, packets) = mpsc::channel(OUT_MAX);
    // A queue of its own: streams that wait for a place in theirs run inside the connection, which must not
    // wait behind them.
    let (replies, answers) = mpsc::channel(REPLIES_MAX);
    let mut connection = Connection {
        guest,
        terms,
        nested,
        out,
        replies,
        backlog: VecDeque::new(),
        open: HashMap::new(),
        next_id: 1,
        over: false,
    };
    let restarts = {
        let writer = write(Outgoing { answers, packets }, &mut writing, terms.checked);
        tokio::pin!(writer);
        tokio::select! {
            served = connection.run(&mut reader) => served?,
            written = &mut writer => return written.map(|()| false),
        }
        let restarts = connection.over;
        // What is still on its way to the client goes before the end; the writer ends with the last sender.
        drop(connection);
        writer.await?;
        restarts
    };
    let _ = timeout(WRITE_MAX, writing.shutdown()).await;
    Ok(restarts)
}

/// What is to be written: the connection's answers go first.
struct Outgoing {
    answers: mpsc::Receiver<Packet>,
    packets: mpsc::Receiver<Packet>,
}

impl Outgoing {
    /// The next packet; none when nobody is left to send one.
    async fn next(&mut self) -> Option<Packet> {
        tokio::select! {
            biased;
            Some(packet) = self.answers.recv() => Some(packet),
            Some(packet) = self.packets.recv() => Some(packet),
            else => None,
        }
    }

    /// The next packet, if one waits.
    fn ready(&mut self) -> Option<Packet> {
        self.answers.try_recv().or_else(|_| self.packets.try_recv()).ok()
    }
}

/// Writes packets, those that wait together in one go.
async fn write<W: AsyncWrite + Unpin>(
    mut outgoing: Outgoing,
    writing: &mut W,
    checked: bool,
) -> Result<(), AdbdError> {
    let mut bytes = BytesMut::new();
    while let Some(packet) = outgoing.next().await {
        encode(&packet, checked, &mut bytes);
        while bytes.len() < GATHER_BYTES
            && let Some(packet) = outgoing.ready()
        {
            encode(&packet, checked, &mut bytes);
        }
        match timeout(WRITE_MAX, writing.write_all(&bytes)).await {
            Ok(written) => written?,
            Err(_) => return Err(AdbdError::Late("read")),
        }
        bytes.clear();
    }
    Ok(())
}

/// A stream as the connection knows it.
struct Open {
    remote: u32,
    /// Dropping it is the end of what the client sends.
    inbox: mpsc::Sender<bytes::Bytes>,
    acked: Arc<Semaphore>,
    abort: AbortHandle,
    /// Its program ends with the stream; otherwise it may use up what it was sent.
    ends_at_once: bool,
}

struct Connection {
    guest: Guest,
    terms: Terms,
    nested: usize,
    out: mpsc::Sender<Packet>,
    replies: mpsc::Sender<Packet>,
    /// Answers that found the queue full.
    backlog: VecDeque<Packet>,
    open: HashMap<u32, Open>,
    next_id: u32,
    /// A service has ended the connection (`reboot:`, `root:`).
    over: bool,
}

/// A stream's future ends with its id, and whether the connection ends with it.
type Ended = (u32, bool);
type Running = FuturesUnordered<Abortable<BoxFuture<'static, Ended>>>;

impl Connection {
    async fn run<R: AsyncRead + Unpin>(&mut self, reader: &mut PacketReader<R>) -> Result<(), AdbdError> {
        let mut running: Running = FuturesUnordered::new();
        let replies = self.replies.clone();
        while !self.over {
            tokio::select! {
                packet = reader.next(), if self.backlog.is_empty() => {
                    match packet.map_err(handshake::broken)? {
                        Some(packet) => self.packet(packet, &mut running)?,
                        None => return Ok(()),
                    }
                }
                place = replies.reserve(), if !self.backlog.is_empty() => {
                    // The writer is gone only when the connection is.
                    if let (Ok(place), Some(packet)) = (place, self.backlog.pop_front()) {
                        place.send(packet);
                    }
                }
                Some(ended) = running.next() => if let Ok((id, over)) = ended {
                    self.open.remove(&id);
                    self.over |= over;
                },
            }
        }
        Ok(())
    }

    fn packet(&mut self, packet: Packet, running: &mut Running) -> Result<(), AdbdError> {
        let Packet { command, arg0: theirs, arg1: ours, data } = packet;
        match command {
            Command::Open => self.open(theirs, &data, running),
            Command::Write => {
                let Some(open) = self.open.get(&ours).filter(|open| open.remote == theirs) else {
                    return Ok(());
                };
                // One unacknowledged packet is all a client may have under way.
                if open.inbox.try_send(data).is_err() && !open.inbox.is_closed() {
                    open.abort.abort();
                    self.close(ours);
                }
                Ok(())
            }
            Command::Okay => {
                match self.open.get(&ours) {
                    Some(open) if open.acked.available_permits() == 0 => open.acked.add_permits(1),
                    // A stream that has ended meanwhile, or one acknowledgement too many.
                    Some(_) => {}
                    None if ours != 0 && ours < self.next_id => {}
                    None => self.send(Packet::close(ours, theirs)),
                }
                Ok(())
            }
            Command::Close => {
                if self.open.get(&ours).is_some_and(|open| theirs == 0 || open.remote == theirs) {
                    self.close(ours);
                }
                Ok(())
            }
            // A client that says hello again starts over, as after a cable was pulled.
            Command::Connect => Err(AdbdError::Protocol("CNXN twice".into())),
            Command::Auth => Ok(()),
        }
    }

    fn open(&mut self, remote: u32, name: &[u8], running: &mut Running) -> Result<(), AdbdError> {
        if remote == 0 {
            return Ok(());
        }
        let service = Service::parse(name).filter(|service| service.offered(self.nested));
        // Programs whose stream is closed count as well: they are not done yet.
        let Some(service) = service.filter(|_| running.len() < STREAMS_MAX) else {
            self.send(Packet::close(0, remote));
            return Ok(());
        };
        let id = self.next_id;
        self.next_id = self.next_id.checked_add(1).ok_or_else(|| AdbdError::Protocol("too long".into()))?;
        let (inbox, incoming) = mpsc::channel(1);
        // The first packet needs no leave.
        let acked = Arc::new(Semaphore::new(1));
        let stream = Stream {
            id,
            remote,
            payload_max: self.terms.payload_max,
            incoming,
            acked: acked.clone(),
            out: self.out.clone(),
        };
        self.send(Packet::okay(id, remote));
        let ends = service.ends_connection(&self.guest);
        let ends_at_once = service.ends_at_once();
        let work = stream::run(stream, service, self.guest.clone(), self.nested);
        let work: BoxFuture<'static, Ended> = Box::pin(async move {
            work.await;
            (id, ends)
        });
        let (abort, registration) = AbortHandle::new_pair();
        running.push(Abortable::new(work, registration));
        self.open.insert(id, Open { remote, inbox, acked, abort, ends_at_once });
        Ok(())
    }

    /// Ends a stream from our side; the client hears of it.
    fn close(&mut self, id: u32) {
        if let Some(Open { remote, abort, ends_at_once, .. }) = self.open.remove(&id) {
            if ends_at_once {
                abort.abort();
            }
            self.send(Packet::close(id, remote));
        }
    }

    fn send(&mut self, packet: Packet) {
        // Answers keep their order. No more than one packet's are ever added to a backlog.
        if !self.backlog.is_empty() {
            return self.backlog.push_back(packet);
        }
        if let Err(TrySendError::Full(packet)) = self.replies.try_send(packet) {
            self.backlog.push_back(packet);
        }
    }
}
