//! What emulated phones take in memory: idle, booting, and with a client inside.

use adb::packet::{Command, Packet, PacketReader, VERSION, encode};
use bytes::BytesMut;
use emulator::adbd::{self, Access};
use emulator::{Clock, Config, Emulator, Image};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::io::{AsyncWriteExt, DuplexStream};
use tokio::task::JoinSet;

/// How many phones there are.
const SIZES: [usize; 2] = [1_000, 100_000];
/// A boot takes this long; it is looked at half way.
const BOOT_MS: u32 = 10_000;
/// Bytes of a pipe between a client and its phone: enough for a handshake. Both pipes count as the phone's.
const PIPE_BYTES: usize = 512;
/// A page, as /proc counts memory.
const PAGE_BYTES: usize = 4096;

/// Prints a table; figures are bytes per phone.
///
/// # Errors
/// What a phone says that does not answer.
pub async fn measure() -> Result<(), String> {
    println!("\n== emulated phones ==");
    println!("resident bytes per phone on top of an idle one (counted by the emulator in brackets)");
    println!("| phones | idle | booting | connected | with `adb shell` open |");
    println!("|---|---|---|---|---|");
    let program = std::env::current_exe().map_err(|e| e.to_string())?;
    for phones in SIZES {
        // In a process of its own: what an earlier measurement has freed would hide what this one takes.
        let child =
            tokio::process::Command::new(&program).args(["--memory-of", &phones.to_string()]).output();
        let child = child.await.map_err(|e| e.to_string())?;
        if !child.status.success() {
            return Err(String::from_utf8_lossy(&child.stderr).into_owned());
        }
        print!("{}", String::from_utf8_lossy(&child.stdout));
    }
    Ok(())
}

/// Time that stands where it was put.
#[derive(Debug, Default)]
struct Hand(AtomicU64);

impl Clock for Hand {
    fn now_ms(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    fn wall_ms(&self) -> i64 {
        0
    }
}

/// Measures that many phones and prints their row.
///
/// # Errors
/// What a phone says that does not answer.
pub async fn row(phones: usize) -> Result<(), String> {
    let text = |e: emulator::Error| e.to_string();
    let config = Config { boot_ms: BOOT_MS, boot_variance: 0.0, ..Config::default() };
    let emulator = Arc::new(Emulator::new(config).map_err(text)?);
    let clock = Arc::new(Hand::default());
    let image = Arc::new(Image {
        id: model::id::generate(),
        name: "android-11".into(),
        android_version: "11".into(),
        build_properties: Arc::new(BTreeMap::new()),
    });
    let ids: Vec<String> = (0..phones).map(|_| model::id::generate()).collect();
    let start = resident();
    for id in &ids {
        emulator.add(id, image.clone(), &BTreeMap::new(), true, 0).map_err(text)?;
    }
    let idle = (resident().saturating_sub(start) / phones, emulator.memory_bytes() / phones);

    let before = (resident(), emulator.memory_bytes());
    for id in &ids {
        emulator.stop(id, 0).and_then(|()| emulator.start(id, 0)).map_err(text)?;
    }
    clock.0.store(u64::from(BOOT_MS) / 2, Ordering::Relaxed);
    let booting = per_phone(&emulator, before, phones);
    clock.0.store(u64::from(BOOT_MS), Ordering::Relaxed);

    let before = (resident(), emulator.memory_bytes());
    let mut serving = JoinSet::new();
    let mut clients = Vec::with_capacity(phones);
    for id in &ids {
        let (ours, theirs) = tokio::io::duplex(PIPE_BYTES);
        let (emulator, clock, id) = (emulator.clone(), clock.clone(), id.clone());
        serving.spawn(async move {
            // It ends when the client goes.
            let _ = adbd::serve(emulator, &id, clock, Access::default(), theirs).await;
        });
        clients.push(greet(ours).await?);
    }
    let connected = per_phone(&emulator, before, phones);
    for client in &mut clients {
        open(client).await?;
    }
    let open = per_phone(&emulator, before, phones);
    println!(
        "| {phones} | {} ({}) | {} ({}) | {} ({}) | {} ({}) |",
        idle.0, idle.1, booting.0, booting.1, connected.0, connected.1, open.0, open.1
    );
    drop(clients);
    while serving.join_next().await.is_some() {}
    Ok(())
}

/// What was added since then, for each phone.
fn per_phone(emulator: &Emulator, before: (usize, usize), phones: usize) -> (usize, usize) {
    let counted = emulator.memory_bytes();
    (resident().saturating_sub(before.0) / phones, counted.saturating_sub(before.1) / phones)
}

type Client = (PacketReader<tokio::io::ReadHalf<DuplexStream>>, tokio::io::WriteHalf<DuplexStream>);

async fn greet(stream: DuplexStream) -> Result<Client, String> {
    let (reading, writing) = tokio::io::split(stream);
    let mut client = (PacketReader::new(reading), writing);
    let mut hello = Packet::connect(VERSION, "host::features=shell_v2");
    hello.arg1 = 4096;
    ask(&mut client, &hello, Command::Connect).await?;
    Ok(client)
}

/// Opens a shell to type at, as `adb shell` does.
async fn open(client: &mut Client) -> Result<(), String> {
    ask(client, &Packet::open(1, "shell,v2,raw:\0"), Command::Okay).await
}

async fn ask(client: &mut Client, packet: &Packet, wanted: Command) -> Result<(), String> {
    let mut bytes = BytesMut::new();
    encode(packet, true, &mut bytes);
    client.1.write_all(&bytes).await.map_err(|e| e.to_string())?;
    match client.0.next().await {
        Ok(Some(answer)) if answer.command == wanted => Ok(()),
        other => Err(format!("the phone answers {other:?}")),
    }
}

/// Resident memory of this process, in bytes; 0 where there is no /proc.
fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    statm.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok()).unwrap_or(0) * PAGE_BYTES
}
