//! `top`.

use super::options::short_option;
use super::ps::table;
use super::util::print;
use crate::guest::Guest;
use crate::program::{Process, Running};
use std::time::Duration;

/// Rounds of a `top` that was not told how many: a day of them.
const ROUNDS_MAX: u32 = 28_800;
/// Time between two rounds.
const PAUSE: Duration = Duration::from_secs(3);
/// Processes that are shown.
const ROWS: usize = 20;
/// The memory of a phone, in kibibytes.
const MEMORY_KB: u32 = 4 << 20;

/// `top [-b] [-n ROUNDS] [-m ROWS]`.
pub(crate) fn top(guest: Guest, process: Process) -> Running {
    Box::pin(async move {
        let (mut rounds, mut rows_max) = (ROUNDS_MAX, ROWS);
        let mut arguments = process.arguments().iter();
        while let Some(argument) = arguments.next() {
            let (option, rest) = short_option(argument);
            let mut value =
                || if rest.is_empty() { arguments.next().cloned() } else { Some(rest.to_owned()) };
            match option {
                "-n" => rounds = value().and_then(|n| n.parse().ok()).unwrap_or(1),
                "-m" => rows_max = value().and_then(|n| n.parse().ok()).unwrap_or(ROWS),
                "-d" | "-k" | "-o" | "-O" | "-p" | "-s" | "-u" => {
                    value();
                }
                "-b" | "-q" | "-H" => {}
                _ => {
                    return process
                        .complain(format!("Unknown option '{argument}' (see \"top --help\")"))
                        .await;
                }
            }
        }
        for round in 0..rounds.min(ROUNDS_MAX) {
            if round > 0 {
                tokio::time::sleep(PAUSE).await;
            }
            let Ok(text) = screen(&guest, rows_max) else { return 1 };
            if process.stdout.write(text).await.is_err() {
                return 0;
            }
        }
        print(&process, "").await;
        0
    })
}

fn screen(guest: &Guest, rows_max: usize) -> Result<String, crate::Error> {
    let mut rows = guest.processes()?;
    let (total, used) = (rows.len(), rows.iter().map(|row| row.rss).sum::<u32>());
    let head = format!(
        "Tasks: {total} total,   1 running, {} sleeping,   0 stopped,   0 zombie\n  \
         Mem: {MEMORY_KB:>9}K total, {used:>9}K used, {:>9}K free,     8192K buffers\n \
         Swap:         0K total,         0K used,         0K free,   911220K cached\n\
         400%cpu   1%user   0%nice   1%sys 398%idle   0%iow   0%irq   0%sirq   0%host\n",
        total.saturating_sub(1),
        MEMORY_KB.saturating_sub(used)
    );
    rows.sort_by_key(|row| std::cmp::Reverse(row.rss));
    rows.truncate(rows_max);
    let columns = ["PID", "USER", "PR", "NI", "VSZ", "RSS", "S", "%CPU", "%MEM", "TIME", "ARGS"];
    Ok(head + &table(&columns, &rows, guest.clock().wall_ms()))
}
