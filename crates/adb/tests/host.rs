//! The host's side against a small scripted phone.
#![allow(clippy::unwrap_used)]

use bytes::{Bytes, BytesMut};
use phoneyard_adb::auth::{AUTH_PUBLIC_KEY, AUTH_SIGNATURE, AUTH_TOKEN, PrivateKey, PublicKey, TOKEN_BYTES};
use phoneyard_adb::banner::{Banner, device_banner};
use phoneyard_adb::host::{Host, HostError, ShellLimits};
use phoneyard_adb::packet::{
    Command, PAYLOAD_BYTES_MAX, Packet, PacketReader, VERSION, VERSION_CHECKED, encode,
};
use phoneyard_adb::shell::{ShellId, frame};
use phoneyard_adb::sync::{SyncDecoder, SyncRequest, data, done, fail, okay};
use std::sync::OnceLock;
use std::time::Duration;
use tokio::io::{AsyncWriteExt, DuplexStream, ReadHalf, WriteHalf};

const DEADLINE: Duration = Duration::from_secs(20);
const LIMITS: ShellLimits = ShellLimits { output_bytes_max: 1 << 20, deadline: DEADLINE };
const TOKEN: [u8; TOKEN_BYTES] = [9; TOKEN_BYTES];

fn key() -> &'static PrivateKey {
    static KEY: OnceLock<PrivateKey> = OnceLock::new();
    KEY.get_or_init(|| PrivateKey::generate().unwrap())
}

/// The phone's end, played by hand.
struct Phone {
    reader: PacketReader<ReadHalf<DuplexStream>>,
    writer: WriteHalf<DuplexStream>,
    checked: bool,
    bytes_max: usize,
}

/// A phone and what a host connects to.
fn phone(buffer_bytes: usize) -> (Phone, DuplexStream) {
    let (near, far) = tokio::io::duplex(buffer_bytes);
    let (reader, writer) = tokio::io::split(near);
    (Phone { reader: PacketReader::new(reader), writer, checked: true, bytes_max: PAYLOAD_BYTES_MAX }, far)
}

impl Phone {
    async fn next(&mut self) -> Packet {
        let packet = self.reader.next().await.unwrap().unwrap();
        assert!(packet.data.len() <= self.bytes_max);
        packet
    }

    async fn send(&mut self, packet: Packet) {
        let mut out = BytesMut::new();
        encode(&packet, self.checked, &mut out);
        self.writer.write_all(&out).await.unwrap();
    }

    async fn auth(&mut self, kind: u32, data: &[u8]) {
        self.send(Packet::new(Command::Auth, kind, 0, data.to_vec())).await;
    }

    async fn take_connect(&mut self) {
        let packet = self.next().await;
        assert_eq!((packet.command, packet.arg0), (Command::Connect, VERSION));
        assert!(Banner::parse(&packet.data).has("shell_v2"));
    }

    async fn accept(&mut self) {
        self.send(Packet::connect(VERSION, device_banner("p", "m", "d"))).await;
        self.checked = false;
        self.reader.decoder().set_limit(PAYLOAD_BYTES_MAX);
    }

    /// No key, new version.
    async fn begin(&mut self) {
        self.take_connect().await;
        self.accept().await;
    }

    /// As phones of old: every packet has its sum, 4096 bytes at once, no features.
    async fn begin_old(&mut self) {
        self.take_connect().await;
        self.send(Packet::new(Command::Connect, VERSION_CHECKED, 4096, "device::\0")).await;
        self.bytes_max = 4096;
    }

    /// Takes OPEN of this service; gives the host's stream. Ours is 77.
    async fn open(&mut self, service: &str) -> u32 {
        let mut packet = self.next().await;
        while packet.command == Command::Close {
            packet = self.next().await;
        }
        assert_eq!(packet.command, Command::Open);
        assert_eq!(packet.data, format!("{service}\0"));
        self.send(Packet::okay(77, packet.arg0)).await;
        packet.arg0
    }

    async fn write(&mut self, remote: u32, data: impl Into<Bytes>) {
        self.send(Packet::write(77, remote, data)).await;
        assert_eq!(self.next().await, Packet::okay(remote, 77));
    }

    /// The next bytes on the stream, acknowledged.
    async fn read(&mut self, remote: u32) -> Bytes {
        let packet = self.next().await;
        assert_eq!((packet.command, packet.arg0, packet.arg1), (Command::Write, remote, 77));
        self.send(Packet::okay(77, remote)).await;
        packet.data
    }

    async fn take_close(&mut self, remote: u32) {
        assert_eq!(self.next().await, Packet::close(remote, 77));
    }

    /// Takes a whole SEND of sync; gives its path, mode, content and time.
    async fn take_file(&mut self, remote: u32) -> (String, u32, Vec<u8>, u32) {
        let mut decoder = SyncDecoder::new();
        let (mut path, mut mode, mut content) = (String::new(), 0, Vec::new());
        loop {
            decoder.feed(&self.read(remote).await);
            while let Some(request) = decoder.next().unwrap() {
                match request {
                    SyncRequest::Send { path: to, mode: with } => (path, mode) = (to, with),
                    SyncRequest::Data(chunk) => content.extend_from_slice(&chunk),
                    SyncRequest::Done { mtime } => return (path, mode, content, mtime),
                    other => panic!("{other:?}"),
                }
            }
        }
    }
}

#[tokio::test]
async fn a_command_gives_both_outputs_and_its_exit_code() {
    let (mut phone, io) = phone(1 << 16);
    let play = async {
        phone.begin().await;
        let remote = phone.open("shell,v2,raw:ls /x").await;
        assert_eq!(phone.read(remote).await, frame(ShellId::CloseStdin, b""));
        phone.write(remote, [frame(ShellId::Stdout, b"out"), frame(ShellId::Stderr, b"er")].concat()).await;
        phone.write(remote, [&frame(ShellId::Stderr, b"r")[..], &frame(ShellId::Exit, &[2])].concat()).await;
        phone.take_close(remote).await;
    };
    let ask = async {
        let mut host = Host::connect(io, None, DEADLINE).await.unwrap();
        assert_eq!(host.banner().property("ro.product.model"), Some("m"));
        let output = host.shell("ls /x", LIMITS).await.unwrap();
        assert_eq!((output.stdout.as_slice(), output.stderr.as_slice()), (&b"out"[..], &b"err"[..]));
        assert_eq!(output.exit, Some(2));
    };
    tokio::join!(play, ask);
}

#[tokio::test]
async fn an_old_phone_gets_sums_short_payloads_and_the_plain_shell() {
    let (mut phone, io) = phone(1 << 16);
    let file: Vec<u8> = (0..200_000_u32).map(|number| number as u8).collect();
    let play = async {
        phone.begin_old().await;
        let remote = phone.open("shell:id").await;
        phone.write(remote, "uid=0\n").await;
        phone.send(Packet::close(77, remote)).await;
        phone.take_close(remote).await;
        let remote = phone.open("sync:").await;
        let taken = phone.take_file(remote).await;
        assert_eq!(taken, ("/data/a,b".to_owned(), 0o100_600, file.clone(), 12));
        phone.write(remote, okay()).await;
    };
    let ask = async {
        let mut host = Host::connect(io, None, DEADLINE).await.unwrap();
        let output = host.shell("id", LIMITS).await.unwrap();
        assert_eq!((output.stdout.as_slice(), output.exit), (&b"uid=0\n"[..], None));
        host.push("/data/a,b", 0o100_600, 12, &file).await.unwrap();
    };
    tokio::join!(play, ask);
}

#[tokio::test]
async fn a_known_key_is_accepted_by_its_signature() {
    let (mut phone, io) = phone(1 << 16);
    let play = async {
        phone.take_connect().await;
        phone.auth(AUTH_TOKEN, &TOKEN).await;
        let packet = phone.next().await;
        assert_eq!((packet.command, packet.arg0), (Command::Auth, AUTH_SIGNATURE));
        assert!(key().public().verify(&TOKEN, &packet.data));
        phone.accept().await;
    };
    let ask = async { Host::connect(io, Some(key()), DEADLINE).await.map(|_| ()).unwrap() };
    tokio::join!(play, ask);
}

#[tokio::test]
async fn a_new_key_is_offered_once_and_may_be_accepted() {
    let (mut phone, io) = phone(1 << 16);
    let play = async {
        phone.take_connect().await;
        phone.auth(AUTH_TOKEN, &TOKEN).await;
        phone.next().await;
        phone.auth(AUTH_TOKEN, &[1; TOKEN_BYTES]).await;
        let packet = phone.next().await;
        assert_eq!((packet.command, packet.arg0), (Command::Auth, AUTH_PUBLIC_KEY));
        assert_eq!(packet.data.last(), Some(&0));
        let offered = PublicKey::parse(std::str::from_utf8(&packet.data).unwrap()).unwrap();
        assert_eq!(offered, key().public());
        phone.accept().await;
    };
    let ask = async { Host::connect(io, Some(key()), DEADLINE).await.map(|_| ()).unwrap() };
    tokio::join!(play, ask);
}

/// How a phone can say no.
#[derive(Debug, Clone, Copy)]
enum No {
    AnotherToken,
    Silence,
    HangUp,
}

#[tokio::test(start_paused = true)]
async fn a_key_that_is_not_accepted_is_unauthorized() {
    for no in [No::AnotherToken, No::Silence, No::HangUp] {
        let (mut phone, io) = phone(1 << 16);
        let play = async move {
            phone.take_connect().await;
            for _ in 0..2 {
                phone.auth(AUTH_TOKEN, &TOKEN).await;
                phone.next().await;
            }
            match no {
                No::AnotherToken => phone.auth(AUTH_TOKEN, &TOKEN).await,
                No::Silence => {}
                No::HangUp => return None,
            }
            Some(phone)
        };
        let (_phone, result) = tokio::join!(play, Host::connect(io, Some(key()), DEADLINE));
        assert!(matches!(result, Err(HostError::Unauthorized)), "{no:?}: {result:?}");
    }
}

#[tokio::test]
async fn a_phone_that_asks_for_a_key_refuses_a_host_without_one() {
    let (mut phone, io) = phone(1 << 16);
    let play = async {
        phone.take_connect().await;
        phone.auth(AUTH_TOKEN, &TOKEN).await;
    };
    let ((), result) = tokio::join!(play, Host::connect(io, None, DEADLINE));
    assert!(matches!(result, Err(HostError::Unauthorized)), "{result:?}");
}

#[tokio::test(start_paused = true)]
async fn a_silent_phone_runs_into_the_deadline() {
    let (_phone, io) = phone(1 << 16);
    let result = Host::connect(io, Some(key()), DEADLINE).await;
    assert!(matches!(result, Err(HostError::Deadline(DEADLINE))), "{result:?}");
}

#[tokio::test(start_paused = true)]
async fn a_command_that_takes_too_long_is_closed_and_the_next_one_works() {
    let (mut phone, io) = phone(1 << 16);
    let play = async {
        phone.begin().await;
        let remote = phone.open("shell,v2,raw:sleep 1000").await;
        phone.read(remote).await;
        phone.take_close(remote).await;
        // Late output of the first finds nobody.
        phone.send(Packet::write(77, remote, frame(ShellId::Stdout, b"late"))).await;
        let remote = phone.open("shell,v2,raw:true").await;
        phone.read(remote).await;
        phone.write(remote, frame(ShellId::Exit, &[0])).await;
    };
    let ask = async {
        let mut host = Host::connect(io, None, DEADLINE).await.unwrap();
        let result = host.shell("sleep 1000", LIMITS).await;
        assert!(matches!(result, Err(HostError::Deadline(DEADLINE))), "{result:?}");
        let output = host.shell("true", LIMITS).await.unwrap();
        assert_eq!((output.exit, output.stdout.len()), (Some(0), 0));
    };
    tokio::join!(play, ask);
}

#[tokio::test]
async fn too_much_output_is_refused_and_the_stream_closed() {
    let (mut phone, io) = phone(1 << 16);
    let play = async {
        phone.begin().await;
        let remote = phone.open("shell,v2,raw:yes").await;
        phone.read(remote).await;
        phone.write(remote, frame(ShellId::Stdout, &[b'y'; 11])).await;
        phone.take_close(remote).await;
    };
    let ask = async {
        let mut host = Host::connect(io, None, DEADLINE).await.unwrap();
        let limits = ShellLimits { output_bytes_max: 10, ..LIMITS };
        let result = host.shell("yes", limits).await;
        assert!(matches!(result, Err(HostError::TooLong { bytes_max: 10 })), "{result:?}");
    };
    tokio::join!(play, ask);
}

#[tokio::test]
async fn a_refused_service_is_an_error_and_a_phone_s_own_streams_are_turned_away() {
    let (mut phone, io) = phone(1 << 16);
    let play = async {
        phone.begin().await;
        let packet = phone.next().await;
        assert_eq!(packet.data, "exec:cat\0");
        phone.send(Packet::open(5, "tcp:1\0")).await;
        assert_eq!(phone.next().await, Packet::close(0, 5));
        phone.send(Packet::close(0, packet.arg0)).await;
    };
    let ask = async {
        let mut host = Host::connect(io, None, DEADLINE).await.unwrap();
        let result = host.exec("cat", b"", LIMITS).await;
        assert!(matches!(&result, Err(HostError::Refused { service }) if service == "exec"), "{result:?}");
    };
    tokio::join!(play, ask);
}

#[tokio::test]
async fn exec_sends_stdin_and_returns_the_raw_output() {
    // So little fits that both sides are blocked unless the host reads while it writes.
    let (mut phone, io) = phone(64);
    let apk = vec![5; 600_000];
    let play = async {
        phone.begin().await;
        let remote = phone.open("exec:cmd package install -S 600000").await;
        let mut taken = 0;
        while taken < apk.len() {
            taken += phone.read(remote).await.len();
        }
        phone.write(remote, "Success\n").await;
        phone.send(Packet::close(77, remote)).await;
        phone.take_close(remote).await;
    };
    let ask = async {
        let mut host = Host::connect(io, None, DEADLINE).await.unwrap();
        let output = host.exec("cmd package install -S 600000", &apk, LIMITS).await.unwrap();
        assert_eq!(output, b"Success\n");
    };
    tokio::join!(play, ask);
}

#[tokio::test]
async fn a_file_is_pulled_and_one_that_is_too_long_is_not() {
    let (mut phone, io) = phone(1 << 16);
    let file = vec![6; 150_000];
    let play = async {
        phone.begin().await;
        for whole in [true, false] {
            let remote = phone.open("sync:").await;
            assert_eq!(phone.read(remote).await, b"RECV\x02\0\0\0/a"[..]);
            let answer = [data(&file), done()].concat();
            let cut = if whole { answer.len() } else { 80_000 };
            for part in answer[..cut].chunks(40_000) {
                phone.write(remote, part.to_vec()).await;
            }
            phone.take_close(remote).await;
        }
    };
    let ask = async {
        let mut host = Host::connect(io, None, DEADLINE).await.unwrap();
        assert_eq!(host.pull("/a", file.len()).await.unwrap(), file);
        let result = host.pull("/a", 65_535).await;
        assert!(matches!(result, Err(HostError::TooLong { bytes_max: 65_535 })), "{result:?}");
    };
    tokio::join!(play, ask);
}

#[tokio::test]
async fn what_the_phone_says_of_a_failure_is_told() {
    let (mut phone, io) = phone(1 << 16);
    let play = async {
        phone.begin().await;
        let remote = phone.open("sync:").await;
        phone.read(remote).await;
        phone.write(remote, fail("open failed: No such file or directory")).await;
        phone.take_close(remote).await;
        let remote = phone.open("sync:").await;
        phone.take_file(remote).await;
        phone.write(remote, fail("Permission denied")).await;
    };
    let ask = async {
        let mut host = Host::connect(io, None, DEADLINE).await.unwrap();
        let error = host.pull("/a", 1).await.unwrap_err();
        assert_eq!(error.to_string(), "the phone answers: open failed: No such file or directory");
        let result = host.push("/system/a", 0o644, 0, b"").await;
        assert!(matches!(&result, Err(HostError::Failed(text)) if text == "Permission denied"));
    };
    tokio::join!(play, ask);
}

#[tokio::test]
async fn a_phone_that_breaks_the_protocol_is_an_error() {
    let hostile = [
        Packet::new(Command::Write, 1, 1, "x"),
        Packet::new(Command::Connect, 0, 4096, "device::"),
        Packet::new(Command::Connect, VERSION, 0, "device::"),
        Packet::new(Command::Auth, AUTH_TOKEN, 0, "short"),
        Packet::connect(VERSION, vec![b'x'; 4097]),
    ];
    for packet in hostile {
        let (mut phone, io) = phone(1 << 16);
        let play = async {
            phone.take_connect().await;
            phone.send(packet).await;
            phone
        };
        let (_phone, result) = tokio::join!(play, Host::connect(io, Some(key()), DEADLINE));
        assert!(matches!(result, Err(HostError::Protocol(_) | HostError::Read(_))), "{result:?}");
    }
}

#[tokio::test]
async fn a_request_above_what_the_phone_takes_is_not_sent() {
    let (mut phone, io) = phone(1 << 16);
    let ask = async {
        let mut host = Host::connect(io, None, DEADLINE).await.unwrap();
        let result = host.shell(&"x".repeat(5000), LIMITS).await;
        assert!(matches!(result, Err(HostError::RequestTooLong { bytes_max: 4096, .. })), "{result:?}");
        let result = host.pull(&"x".repeat(1025), 1).await;
        assert!(matches!(result, Err(HostError::RequestTooLong { bytes_max: 1024, .. })), "{result:?}");
    };
    tokio::join!(phone.begin_old(), ask);
}

#[test]
fn a_connection_may_be_driven_from_any_thread() {
    fn assert_send<T: Send>(_: T) {}
    let (_phone, io) = phone(64);
    assert_send(async move {
        let mut host = Host::connect(io, None, DEADLINE).await?;
        host.shell("id", LIMITS).await?;
        host.exec("id", b"", LIMITS).await?;
        host.push("/a", 0, 0, b"").await?;
        host.pull("/a", 1).await
    });
}
