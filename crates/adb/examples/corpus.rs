//! Writes the corpus of the fuzz targets anew: hand-made seeds, with keys that differ every time.
#![allow(clippy::unwrap_used)]

use bytes::BytesMut;
use phoneyard_adb::auth::PublicKey;
use phoneyard_adb::auth::{AUTH_PUBLIC_KEY, AUTH_SIGNATURE, AUTH_TOKEN, PrivateKey};
use phoneyard_adb::banner::{device_banner, host_banner};
use phoneyard_adb::packet::{Command, HEADER_BYTES, Packet, VERSION, VERSION_CHECKED, encode};
use phoneyard_adb::shell::{ShellId, frame};
use phoneyard_adb::sync::{
    SyncStat, data, dent_v1, done, done_v1, fail, okay, request, send_done, send_request, stat_v2,
};
use std::fs;
use std::path::PathBuf;

fn folder(target: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target)
}

/// Writes a target's files; each begins with the length of its pieces less one.
fn write(target: &str, files: &[(&str, Vec<u8>)]) {
    fs::create_dir_all(folder(target)).unwrap();
    for (name, content) in files {
        fs::write(folder(target).join(name), content).unwrap();
    }
}

fn cut(first: u8, parts: &[&[u8]]) -> Vec<u8> {
    [&[first], parts.concat().as_slice()].concat()
}

fn bytes(packets: &[Packet], checked: bool) -> Vec<u8> {
    let mut out = BytesMut::new();
    packets.iter().for_each(|packet| encode(packet, checked, &mut out));
    out.to_vec()
}

/// One packet with four bytes of its header replaced.
fn broken(place: usize, with: u32) -> Vec<u8> {
    let mut content = bytes(&[Packet::write(1, 2, "hello")], true);
    content[place..place + 4].copy_from_slice(&with.to_le_bytes());
    content
}

fn main() {
    let key = PrivateKey::generate().unwrap();
    write_packets(&key);
    write_shell();
    write_sync();
    write_public_keys(&key.public());
}

fn write_packets(key: &PrivateKey) {
    let auth = |kind, data: Vec<u8>| Packet::new(Command::Auth, kind, 0, data);
    let text = format!("{} user@host\0", key.public().to_text()).into_bytes();
    let hello = Packet::connect(VERSION, host_banner());
    let (open, okay) = (Packet::open(1, "shell,v2,TERM=xterm,raw:ls\0"), Packet::okay(7, 1));
    let long = bytes(&[hello.clone(), open.clone(), okay.clone(), Packet::close(7, 1)], false);
    write(
        "adb_packets",
        &[
            ("connect_new_host", cut(0, &[&bytes(std::slice::from_ref(&hello), true)])),
            (
                "connect_old_host",
                cut(
                    6,
                    &[&bytes(&[Packet::new(Command::Connect, VERSION_CHECKED, 4096, "host::name\0")], true)],
                ),
            ),
            (
                "connect_phone",
                cut(23, &[&bytes(&[Packet::connect(VERSION, device_banner("a", "b c", "d"))], true)]),
            ),
            ("auth_token", cut(3, &[&bytes(&[auth(AUTH_TOKEN, vec![9; 20])], true)])),
            ("auth_signature", cut(99, &[&bytes(&[auth(AUTH_SIGNATURE, key.sign(&[9; 20]))], true)])),
            ("auth_public_key", cut(99, &[&bytes(&[hello.clone(), auth(AUTH_PUBLIC_KEY, text)], true)])),
            ("stream_unchecked", cut(0x80, &[&long])),
            ("stream_without_sums", cut(1, &[&long])),
            ("write_longer_than_early", cut(127, &[&bytes(&[Packet::write(1, 2, vec![b'x'; 5000])], true)])),
            ("truncated_header", cut(2, &[&long[..HEADER_BYTES - 1]])),
            ("truncated_payload", cut(0x85, &[&long[..long.len() - HEADER_BYTES - 3]])),
            ("length_of_4_gib", cut(0, &[&broken(12, u32::MAX)])),
            ("length_just_above", cut(0, &[&broken(12, 256 * 1024 + 1)])),
            ("length_too_short", cut(0x80, &[&broken(12, 4)])),
            ("wrong_sum", cut(0, &[&broken(16, 1)])),
            ("wrong_magic", cut(0, &[&broken(20, 0)])),
            ("stls", cut(0, &[b"STLS", &[0; 16], &(!u32::from_le_bytes(*b"STLS")).to_le_bytes()])),
            ("sync", cut(0, &[b"SYNC", &[1; 16], &(!u32::from_le_bytes(*b"SYNC")).to_le_bytes()])),
            ("http", cut(0, &[b"GET / HTTP/1.1\r\nHost: localhost:5555\r\n\r\n"])),
        ],
    );
}

fn write_shell() {
    let out = frame(ShellId::Stdout, b"hello\n");
    let exit = frame(ShellId::Exit, &[0]);
    write(
        "adb_shell",
        &[
            ("close_stdin", cut(0, &[&frame(ShellId::CloseStdin, b"")])),
            (
                "stdin_then_close",
                cut(2, &[&frame(ShellId::Stdin, b"ls\n"), &frame(ShellId::CloseStdin, b"")]),
            ),
            ("window_size", cut(4, &[&frame(ShellId::WindowSize, b"24x80,0x0\0")])),
            ("window_size_nonsense", cut(4, &[&frame(ShellId::WindowSize, b"99999999999x,x")])),
            ("output_and_exit", cut(5, &[&out, &frame(ShellId::Stderr, b"oops\n"), &exit])),
            ("two_outputs", cut(1, &[&out, &out, &frame(ShellId::Stdout, b""), &exit])),
            ("exit_empty", cut(0, &[&frame(ShellId::Exit, b""), &exit])),
            ("truncated_header", cut(0, &[&out[..4]])),
            ("truncated_data", cut(3, &[&out, &out[..8]])),
            ("unknown_id", cut(0, &[&out, &[6, 0, 0, 0, 0]])),
            ("stdin_of_4_gib", cut(9, &[&[0, 255, 255, 255, 255], &[b'x'; 300]])),
            ("exit_of_4_gib", cut(0, &[&[3, 255, 255, 255, 255], &[b'x'; 300]])),
            ("window_size_too_long", cut(0, &[&frame(ShellId::WindowSize, &[b'1'; 129])])),
            ("stdin_in_many_parts", cut(126, &[&frame(ShellId::Stdin, &[b'y'; 2000])])),
        ],
    );
}

fn write_sync() {
    let send = send_request("/sdcard/a,b.txt", 0o100_644);
    let stat = SyncStat { mode: 0o100_644, size: 5, mtime_s: 1_700_000_000, ..SyncStat::default() };
    let quit: &[u8] = b"QUIT\0\0\0\0";
    let pushed =
        cut(10, &[&request(*b"STA2", "/sdcard"), &send, &data(b"hello"), &send_done(1_700_000_000), quit]);
    write(
        "adb_sync",
        &[
            ("pull", cut(3, &[&request(*b"STA2", "/a"), &request(*b"RECV", "/a"), quit])),
            ("truncated_push", pushed[..pushed.len() - 20].to_vec()),
            ("push", pushed),
            ("push_empty", cut(0, &[&send, &send_done(0)])),
            ("push_symlink", cut(0, &[&send_request("/l", 0o120_777), &data(b"/target\0"), &send_done(1)])),
            ("list_both", cut(7, &[&request(*b"LIST", "/"), &request(*b"LIS2", "/data")])),
            (
                "stat_all",
                cut(1, &[&request(*b"STAT", ""), &request(*b"LST2", "/x"), &request(*b"STA2", "/x")]),
            ),
            ("path_of_4_gib", cut(0, &[b"STAT\xff\xff\xff\xff/a"])),
            ("path_too_long", cut(0, &[&request(*b"RECV", &"a".repeat(1025))])),
            ("path_no_text", cut(0, &[b"RECV\x02\0\0\0\xff\xfe"])),
            ("path_with_nul", cut(0, &[b"RECV\x04\0\0\0/a\0b"])),
            ("mode_missing", cut(0, &[&request(*b"SEND", "/a")])),
            ("mode_nonsense", cut(0, &[&request(*b"SEND", "/a,0x1ff")])),
            ("data_without_send", cut(0, &[&data(b"hello")])),
            ("data_of_4_gib", cut(0, &[&send, b"DATA\xff\xff\xff\xffhello"])),
            ("request_within_send", cut(0, &[&send, quit])),
            ("send_v2", cut(0, &[&request(*b"SND2", "/a")])),
            ("answers", cut(5, &[&data(b"hello"), &done(), &okay(), &fail("Permission denied")])),
            ("answers_of_a_list", cut(5, &[&dent_v1(&stat, "a"), &done_v1(), &stat_v2(&stat)])),
            ("fail_of_4_gib", cut(0, &[b"FAIL\xff\xff\xff\xffno"])),
        ],
    );
}

fn write_public_keys(key: &PublicKey) {
    let line = key.to_text();
    let with = |place: usize, letter: &str| {
        let mut text = line.clone();
        text.replace_range(place..=place, letter);
        text.into_bytes()
    };
    write(
        "adb_public_key",
        &[
            ("plain", line.clone().into_bytes()),
            ("with_comment", format!("{line} user@host").into_bytes()),
            ("with_nul", format!("{line} user@host\0").into_bytes()),
            ("with_line_feed", format!("{line} user@host\n").into_bytes()),
            ("with_long_comment", format!("{line} {}", "x".repeat(3000)).into_bytes()),
            ("with_two_lines", format!("{line} a\n{line} b\n").into_bytes()),
            ("comment_no_text", [line.as_bytes(), b" \xff\xfe"].concat()),
            ("truncated", line.as_bytes()[..400].to_vec()),
            ("one_byte_short", line.as_bytes()[..699].to_vec()),
            ("other_words", with(0, "R")),
            ("other_n0inv", with(6, "+")),
            ("other_modulus", with(100, "/")),
            ("other_rr", with(500, "/")),
            ("other_exponent", with(696, "Z")),
            ("all_zeros", "A".repeat(699).into_bytes()),
            ("ssh_rsa", b"ssh-rsa AAAAB3NzaC1yc2E= user@host".to_vec()),
            ("too_long", "A".repeat(5000).into_bytes()),
        ],
    );
}
