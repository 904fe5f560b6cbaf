//! Replays what is kept for the fuzz targets. `examples/corpus.rs` writes it anew.
#![allow(clippy::unwrap_used)]

use phoneyard_adb::fuzz;
use std::fs;
use std::path::PathBuf;

/// Fewest files a target must have.
const FILES_MIN: usize = 12;

fn folder(target: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target)
}

fn replay(target: &str, run: fn(&[u8])) {
    let mut files = 0;
    for entry in fs::read_dir(folder(target)).unwrap() {
        let path = entry.unwrap().path();
        // Shown when the replay fails.
        println!("{}", path.display());
        let content = fs::read(&path).unwrap();
        run(&content);
        // Pieces of one byte find more than the file's own length does.
        run(&[&[0], content.get(1..).unwrap_or_default()].concat());
        files += 1;
    }
    assert!(files >= FILES_MIN, "only {files} files in {}", folder(target).display());
}

#[test]
fn every_kept_packet_keeps_the_promises() {
    replay("adb_packets", fuzz::packets);
}

#[test]
fn every_kept_shell_stream_keeps_the_promises() {
    replay("adb_shell", fuzz::shell);
}

#[test]
fn every_kept_sync_stream_keeps_the_promises() {
    replay("adb_sync", fuzz::sync);
}

#[test]
fn every_kept_public_key_keeps_the_promises() {
    replay("adb_public_key", fuzz::public_key);
}

#[test]
fn no_bytes_at_all_keep_the_promises() {
    for run in [fuzz::packets, fuzz::shell, fuzz::sync, fuzz::public_key] {
        run(b"");
        run(b"\0");
    }
}

#[test]
fn arbitrary_bytes_with_real_ids_keep_the_promises() {
    let words: [&[u8]; 12] = [
        b"CNXN",
        b"WRTE",
        b"SEND",
        b"DATA",
        b"DONE",
        b"STAT",
        b"\0\0\0\0",
        b"\x02\0\0\0",
        b"/a,1",
        b"\x03",
        b"\0",
        b"\xff",
    ];
    // Marsaglia's xorshift: the same bytes every time.
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    for _ in 0..3000 {
        let mut input = Vec::new();
        for _ in 0..40 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            input.extend_from_slice(words[(state % 12) as usize]);
        }
        [fuzz::packets, fuzz::shell, fuzz::sync, fuzz::public_key].iter().for_each(|run| run(&input));
    }
}
