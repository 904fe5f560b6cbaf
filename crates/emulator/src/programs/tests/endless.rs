//! Input without an end: programs keep a bounded part of it, and others get their turn.

use super::*;
use std::time::{Duration, Instant};

/// How long a program that goes on is watched.
const WATCHED: Duration = Duration::from_millis(50);
/// How long it may then hold its thread.
const HELD_MAX: Duration = Duration::from_secs(10);
/// What everything that runs in this process may take meanwhile, in kibibytes.
const GROWTH_KIB_MAX: u64 = 400 * 1024;

/// What reads endless input and goes on for as long as there is some.
const GO_ON: &[&str] = &[
    "X | cat",
    "X | cat -n",
    "X | tail",
    "X | tail -n 99999999999",
    "X | tail -c 99999999999",
    "X | tail -n +5",
    "X | head -n 99999999999",
    "X | head -c 99999999999",
    "X | wc",
    "X | tee",
    "X | grep -v nothing",
    "X | grep -B 1000 nothing",
    "X | grep -A 1000 y",
    "X | grep -o y",
    "X | sed s/y/yy/g",
    "X | sed -n '/nothing/,$p'",
    "X | uniq",
    "X | uniq -c",
    "X | cut -c 1-5",
    "X | cut -f 1,2",
    "X | rev",
    "X | tr y n",
    "X | tr -s y",
    "X | base64",
    "X | xxd",
    "X | hexdump -C",
    "X | md5sum",
    "X | sha1sum",
    "X | sha256sum",
    "X | xargs true",
    "X | xargs -0 true",
    "X | xargs -n 1 true",
    "X | dd bs=1g of=/dev/null",
    "X | while read a; do :; done",
    "X | while read -r a; do :; done",
    "seq 99999999999",
    "while :; do printf a; done | tail -c 9999999",
];

/// Endless sources.
const SOURCES: [&str; 4] = ["yes", "yes ''", "cat /dev/zero", "while :; do echo a b; done"];

/// What gives up: the script, and what it then says.
const GIVES_UP: &[(&str, &str, u8)] = &[
    ("yes '' | sort", "sort: Cannot allocate memory\n", 1),
    ("cat /dev/zero | sort", "sort: Cannot allocate memory\n", 1),
    (
        "echo a | sed 's/a/aaaaaaaaaaaaaaaa/g;s/a/aaaaaaaaaaaaaaaa/g;s/a/aaaaaaaaaaaaaaaa/g;s/a/aaaaaaaaaaaaaaaa/g;s/a/aaaaaaaaaaaaaaaa/g;s/a/aaaaaaaaaaaaaaaa/g'",
        "sed: -: Cannot allocate memory\n",
        1,
    ),
    ("yes | head -c 20000000 > f; sed -i s/y/z/ f; head -n 1 f", "sed: f: File too large\ny\n", 0),
];

fn memory_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}

/// Runs a script and forgets what it prints.
async fn watched(script: &str) {
    let mut shell = guest_shell(phone(), &BTreeMap::new());
    let (output, input) = pipe();
    let io =
        Io { stdin: crate::pipe::Input::empty(), stdout: output.clone(), stderr: output, terminal: false };
    let forget = async { while input.next().await.is_some() {} };
    let both = futures::future::join(shell.run(script, io), forget);
    let _ = tokio::time::timeout(WATCHED, both).await;
}

#[tokio::test]
async fn endless_input_is_never_kept_and_never_holds_the_thread() {
    let before = memory_kib();
    for script in GO_ON {
        for source in SOURCES.iter().take(if script.contains('X') { SOURCES.len() } else { 1 }) {
            let script = script.replace('X', source);
            let began = Instant::now();
            watched(&script).await;
            assert!(began.elapsed() < HELD_MAX, "{script} held its thread for {:?}", began.elapsed());
            let grown = memory_kib().saturating_sub(before);
            assert!(grown < GROWTH_KIB_MAX, "{script} took {grown} KiB");
        }
    }
}

#[tokio::test]
async fn what_would_have_to_keep_endless_input_gives_up() {
    for (script, out, code) in GIVES_UP {
        let script = format!("cd /data/local/tmp; {script}");
        let gave = tokio::time::timeout(Duration::from_secs(120), run(&script)).await;
        assert_eq!(gave.ok(), Some(((*out).to_owned(), *code)), "{script}");
    }
}

#[tokio::test]
async fn context_has_a_size_in_bytes_too() {
    let line = "head -c 1000000 /dev/zero | tr '\\0' a; echo";
    let script = format!("(for i in 1 2 3 4 5 6 7 8; do {line}; done; echo x) | grep -B 100 x | wc -lc");
    assert_eq!(run(&script).await, ("5 4000006\n".to_owned(), 0));
}
