//! Arguments that nobody should send.

use super::*;
use crate::pipe::{Input, Output};
use crate::program::Process;
use crate::programs::{find, names};
use futures::FutureExt;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

/// Programs that may go on: they wait, repeat, or count for as long as they are told.
const GO_ON: [&str; 9] = ["logcat", "monkey", "reboot", "seq", "sleep", "tail", "timeout", "top", "yes"];

/// How long one of those is watched.
const WATCHED: Duration = Duration::from_millis(5);

fn lists() -> Vec<Vec<String>> {
    let words = [
        "",
        "-",
        "--",
        "---",
        "-é",
        "--é",
        "é",
        "日本",
        "-日本",
        "+é",
        "-n",
        "-né",
        "-c",
        "-ce",
        "-e",
        "-o",
        "-p",
        "-t",
        "-s",
        "-w",
        "-k",
        "-f",
        "-é=é",
        "é=",
        "=",
        "-=",
        "/",
        "//",
        ".",
        "..",
        "../../..",
        "-9223372036854775808",
        "9223372036854775807",
        "-1",
        "18446744073709551616",
        "-n18446744073709551615",
        "1e308",
        "-1e308",
        "NaN",
        "inf",
        "0x",
        "%",
        "%s%n%99999999999d",
        "+%999999N%é%",
        "@-9223372036854775808",
        "@9223372036854775807",
        "\\",
        "\u{1}\u{2}\u{7f}",
        "\u{1b}[31m",
        "\n",
        "\r\t",
        "[",
        "[[:",
        "[é-",
        "*",
        "(((",
        "s/(/",
        "$",
        "${",
        "💥💥💥",
        "\u{301}\u{301}",
        "é:é",
        "*:é",
        "a/é/b",
        "2026-99-99",
        "-c+99999999999999999999",
    ];
    let mut lists: Vec<Vec<String>> = words.iter().map(|word| vec![(*word).to_owned()]).collect();
    let long = "é".repeat(60_000);
    let many = |word: &str, count| vec![word.to_owned(); count];
    let row = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    lists.extend([
        vec![],
        vec![long.clone()],
        vec![format!("-{long}")],
        vec!["-n".to_owned(), long],
        many("a", 3_000),
        many("", 3_000),
        many("-e", 3_000),
        many("(", 3_000),
        many("é", 200),
        row(&["-n", "9223372036854775807"]),
        row(&["-n", "-9223372036854775808"]),
        row(&["-c", "18446744073709551615"]),
        row(&["-k", "18446744073709551615,1"]),
        row(&["-k", "1,0", "-t", "é"]),
        row(&["-f", "9223372036854775807-"]),
        row(&["-l", "18446744073709551615", "/dev/null"]),
        row(&["-s", "9223372036854775807", "-n", "1", "/dev/null"]),
        row(&["if=/dev/null", "bs=18446744073709551615", "count=18446744073709551615", "skip=9999999999999"]),
        row(&["/data", "-mtime", "-9223372036854775808"]),
        row(&["/data", "-size", "+18446744073709551615G"]),
        row(&["/data", "-maxdepth", "18446744073709551615", "-mindepth", "18446744073709551615"]),
        row(&["9223372036854775807", "+", "1"]),
        row(&["-9223372036854775808", "/", "-1"]),
        row(&["-9223372036854775808", "%", "-1"]),
        row(&["é", ":", "\\(é*\\)"]),
        row(&["-t", "197001010000", "-d", "@-9223372036854775808", "/data/local/tmp/old"]),
        row(&["-d", "@9223372036854775807", "/data/local/tmp/new"]),
        row(&["-d", "@-9223372036854775808"]),
        row(&["tap", "1e38", "-1e38"]),
        row(&["swipe", "-2147483648", "-2147483648", "2147483647", "2147483647", "18446744073709551615"]),
        row(&["keyevent", "-1", "4294967295", "é"]),
        row(&["text", "é日💥\u{301}"]),
        row(&["size", "4294967295x4294967295"]),
        row(&["density", "4294967295"]),
        row(&["start", "-n", "é/.é", "-a", "é"]),
        row(&["set", "é", "level", "-9223372036854775808"]),
        row(&["-t", "é", "-p", "é", "é"]),
        row(&["y/é日/ab/;s/é/&&&/g;s/./\\9/", "/dev/null"]),
        row(&["[:é:]", "é-日"]),
        row(&["-d", "[:[:[:[:"]),
        row(&["-s", "4294967295"]),
        row(&["-l", "999999999999", "é", "-G", "-n", "é"]),
    ]);
    lists
}

#[tokio::test]
async fn no_arguments_make_a_program_panic_or_hang() {
    let lists = lists();
    let mut wrong = Vec::new();
    for name in names() {
        let guest = phone();
        let program = find(name).unwrap();
        for list in &lists {
            let process = Process {
                argv: std::iter::once(name.to_owned()).chain(list.iter().cloned()).collect(),
                env: Arc::default(),
                cwd: "/data/local/tmp".to_owned(),
                stdin: Input::empty(),
                stdout: Output::null(),
                stderr: Output::null(),
                terminal: false,
            };
            let goes_on = GO_ON.contains(&name);
            let limit = if goes_on { WATCHED } else { Duration::from_secs(1) };
            let began = std::time::Instant::now();
            let running = AssertUnwindSafe(program.start(guest.clone(), process)).catch_unwind();
            let ended = tokio::time::timeout(limit, running).await;
            let shown: Vec<String> =
                list.iter().take(4).map(|word| word.chars().take(40).collect()).collect();
            match ended {
                Ok(Ok(_)) if began.elapsed() < Duration::from_secs(1) => {}
                Err(_) if goes_on && began.elapsed() < Duration::from_secs(1) => {}
                Ok(Err(_)) => wrong.push(format!("{name} {shown:?} panics")),
                Ok(Ok(_)) | Err(_) => wrong.push(format!("{name} {shown:?} took {:?}", began.elapsed())),
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
