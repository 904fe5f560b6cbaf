//! Clients that keep to no rule: they are answered or let go, and the phone goes on.

use crate::{SOON, Yard, shell};
use adb::packet::{Command, PAYLOAD_BYTES_MAX, Packet, PacketReader, VERSION, VERSION_CHECKED, encode};
use bytes::BytesMut;
use emulator::adbd::{Access, AdbdError, STREAMS_MAX};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, ReadHalf, WriteHalf};
use tokio::time::timeout;

/// A client that says what it likes.
struct Raw {
    reader: PacketReader<ReadHalf<DuplexStream>>,
    writer: WriteHalf<DuplexStream>,
}

impl Raw {
    fn new(stream: DuplexStream) -> Self {
        let (reading, writer) = tokio::io::split(stream);
        let mut reader = PacketReader::new(reading);
        reader.decoder().set_limit(PAYLOAD_BYTES_MAX);
        Self { reader, writer }
    }

    async fn send(&mut self, packet: &Packet) {
        let mut bytes = BytesMut::new();
        encode(packet, true, &mut bytes);
        // A phone that has hung up already is found out at the next read.
        let _ = self.writer.write_all(&bytes).await;
    }

    async fn next(&mut self) -> Option<Packet> {
        timeout(SOON, self.reader.next()).await.expect("an answer or the end").ok().flatten()
    }

    async fn hello(&mut self, version: u32, payload_max: u32) -> Option<Packet> {
        let mut hello = Packet::connect(version, "host::");
        hello.arg1 = payload_max;
        self.send(&hello).await;
        self.next().await
    }

    async fn open(&mut self, id: u32, service: &str) -> Packet {
        self.send(&Packet::open(id, service.to_owned())).await;
        self.next().await.unwrap()
    }
}

async fn inside(yard: &Yard) -> Raw {
    let mut raw = Raw::new(yard.dial(Access::default()).0);
    assert_eq!(raw.hello(VERSION, 1 << 20).await.unwrap().command, Command::Connect);
    raw
}

#[tokio::test]
async fn both_versions_are_spoken_and_small_payloads_kept_to() {
    let yard = Yard::new();
    for (version, payload_max) in [(VERSION, 4096), (VERSION_CHECKED, 4096), (VERSION + 1, 1 << 20)] {
        let mut raw = Raw::new(yard.dial(Access::default()).0);
        let hello = raw.hello(version, payload_max).await.unwrap();
        assert_eq!((hello.command, hello.arg0), (Command::Connect, version.min(VERSION)));
        let okay = raw.open(9, "shell:printf %4000s x; printf %1000s x\0").await;
        assert_eq!((okay.command, okay.arg1), (Command::Okay, 9));
        let mut bytes = 0;
        while let Some(packet) = raw.next().await {
            if packet.command == Command::Close {
                break;
            }
            assert!(packet.command == Command::Write && packet.data.len() <= payload_max as usize);
            bytes += packet.data.len();
            raw.send(&Packet::okay(9, okay.arg0)).await;
        }
        assert_eq!(bytes, 5000);
    }
}

#[tokio::test]
async fn what_is_no_adb_is_hung_up_on() {
    let yard = Yard::new();
    let mut early = Packet::connect(VERSION, vec![b'x'; 5000]);
    early.arg1 = 4096;
    let mut long = BytesMut::new();
    encode(&early, true, &mut long);
    let mut stream_first = BytesMut::new();
    encode(&Packet::open(1, "shell:id"), true, &mut stream_first);
    for bytes in [b"GET / HTTP/1.1\r\nHost: x\r\n\r\n".as_slice(), &long, &stream_first, &[0xff; 64]] {
        let (mut ours, served) = yard.dial(Access::default());
        let _ = ours.write_all(bytes).await;
        let mut rest = Vec::new();
        timeout(SOON, ours.read_to_end(&mut rest)).await.expect("it hangs up").unwrap();
        assert!(rest.is_empty());
        assert!(matches!(served.await.unwrap(), Err(AdbdError::Protocol(_))));
    }
    assert_eq!(shell(&mut yard.host().await, "echo fine").await.0, "fine\n");
}

#[tokio::test(start_paused = true)]
async fn silence_and_half_a_packet_are_not_waited_for() {
    let yard = Yard::new();
    for bytes in [b"".as_slice(), b"CNXN\0\0"] {
        let (mut ours, served) = yard.dial(Access::default());
        ours.write_all(bytes).await.unwrap();
        assert!(matches!(served.await.unwrap(), Err(AdbdError::Late(_))));
    }
}

#[tokio::test]
async fn streams_are_counted() {
    let yard = Yard::new();
    let mut raw = inside(&yard).await;
    for id in 1..=STREAMS_MAX as u32 {
        assert_eq!(raw.open(id, "exec:cat\0").await.command, Command::Okay, "{id}");
    }
    let refused = raw.open(999, "exec:cat\0").await;
    assert_eq!((refused.command, refused.arg1), (Command::Close, 999));
    raw.send(&Packet::close(1, 1)).await;
    assert_eq!(raw.next().await.unwrap(), Packet::close(1, 1), "a close is answered");
    assert_eq!(raw.open(1000, "exec:cat\0").await.command, Command::Okay);
}

#[tokio::test]
async fn a_stream_that_is_written_to_without_leave_is_closed_and_no_other() {
    let yard = Yard::new();
    let mut raw = inside(&yard).await;
    let other = raw.open(1, "exec:cat\0").await.arg0;
    // It reads nothing, so that nothing is acknowledged once its pipe is full.
    let stuck = raw.open(2, "exec:while true; do sleep 1000; done\0").await.arg0;
    let mut closed = false;
    for _ in 0..64 {
        raw.send(&Packet::write(2, stuck, vec![0; PAYLOAD_BYTES_MAX])).await;
    }
    while !closed {
        closed = raw.next().await.expect("the connection goes on").command == Command::Close;
    }
    raw.send(&Packet::write(1, other, "hello")).await;
    let mut echoed = false;
    while !echoed {
        let packet = raw.next().await.unwrap();
        echoed = packet.command == Command::Write && packet.data == "hello";
    }
}

#[tokio::test]
async fn packets_for_streams_that_are_not_there_do_no_harm() {
    let yard = Yard::new();
    let mut raw = inside(&yard).await;
    raw.send(&Packet::write(5, 77, "x")).await;
    raw.send(&Packet::close(5, 77)).await;
    raw.send(&Packet::open(0, "shell:id")).await;
    raw.send(&Packet::okay(5, 77)).await;
    assert_eq!(raw.next().await.unwrap(), Packet::close(77, 5), "the one that wants an answer");
    raw.send(&Packet::new(Command::Auth, 3, 0, "x")).await;
    assert_eq!(raw.open(1, "exec:echo on\0").await.command, Command::Okay);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_reads_nothing_is_let_go() {
    let yard = Yard::new();
    let (ours, served) = yard.dial(Access::default());
    let mut raw = Raw::new(ours);
    raw.hello(VERSION, 1 << 20).await.unwrap();
    for id in 1..=STREAMS_MAX as u32 {
        let much = "exec:x=$(printf %4000s x); echo \"$x$x$x$x\"\0";
        raw.send(&Packet::open(id, much)).await;
    }
    let ended = timeout(SOON * 60, served).await.expect("it is let go").unwrap();
    assert!(matches!(ended, Err(AdbdError::Late(_))), "{ended:?}");
    assert_eq!(shell(&mut yard.host().await, "echo fine").await.0, "fine\n");
}

#[tokio::test]
async fn an_endless_program_ends_with_its_stream() {
    let yard = Yard::new();
    let mut raw = inside(&yard).await;
    let okay = raw.open(1, "exec:while true; do echo y; done\0").await;
    let first = raw.next().await.unwrap();
    assert_eq!(first.command, Command::Write);
    raw.send(&Packet::close(1, okay.arg0)).await;
    assert_eq!(raw.next().await.unwrap().command, Command::Close);
    assert_eq!(raw.open(2, "exec:echo on\0").await.command, Command::Okay);
    assert_eq!(raw.next().await.unwrap().data, "on\n");
}

#[tokio::test]
async fn what_was_sent_before_a_stream_was_closed_arrives() {
    let yard = Yard::new();
    let mut raw = inside(&yard).await;
    let file = "/data/local/tmp/in";
    let okay = raw.open(1, &format!("exec:cat > {file}\0")).await;
    let sent = vec![7; 5 * PAYLOAD_BYTES_MAX];
    for chunk in sent.chunks(PAYLOAD_BYTES_MAX) {
        raw.send(&Packet::write(1, okay.arg0, chunk.to_vec())).await;
        assert_eq!(raw.next().await.unwrap(), Packet::okay(okay.arg0, 1));
    }
    raw.send(&Packet::close(1, okay.arg0)).await;
    assert_eq!(raw.next().await.unwrap(), Packet::close(okay.arg0, 1));
    let mut host = yard.host().await;
    // The program uses up what it was sent a moment after the stream is closed.
    let mut there = Vec::new();
    while there.len() < sent.len() {
        there = host.pull(file, sent.len()).await.unwrap_or_default();
    }
    assert_eq!(there, sent);
}

#[tokio::test]
async fn many_busy_streams_do_not_hold_each_other_up() {
    let yard = Yard::new();
    let mut raw = inside(&yard).await;
    let streams = STREAMS_MAX as u32;
    // Nothing is read until the phone has filled every queue and is asked for more.
    for id in 1..=streams {
        raw.send(&Packet::open(id, "exec:for i in 1 2 3 4 5 6 7 8 9; do printf %4000s x; done\0")).await;
        if id > streams - 4 {
            for _ in 0..10_000 {
                tokio::task::yield_now().await;
            }
        }
    }
    let (mut bytes, mut closed) = (0, 0);
    while closed < streams {
        let packet = raw.next().await.expect("the connection goes on");
        match packet.command {
            Command::Write => {
                bytes += packet.data.len();
                raw.send(&Packet::okay(packet.arg1, packet.arg0)).await;
            }
            Command::Close => closed += 1,
            _ => {}
        }
    }
    assert_eq!(bytes, streams as usize * 36_000);
}
