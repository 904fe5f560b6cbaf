//! How full the phone is: `du`, `df`, `mount`.

use super::mode::walk;
use super::options::Options;
use super::output::{Printer, exit};
use crate::files::stat::Kind;
use crate::guest::Guest;
use crate::pipe::Closed;
use crate::program::{Process, Running};
use std::collections::BTreeMap;

/// Bytes of the parts of a phone that are not /data, as `df` shows them.
const SYSTEM_BYTES: u64 = 1 << 30;
const MOUNTS_BYTES_MAX: usize = 64 * 1024;

/// A number of bytes for people, as toybox writes it.
pub(super) fn human(bytes: u64) -> String {
    if bytes < 1024 {
        return bytes.to_string();
    }
    let mut value = bytes as f64;
    let mut unit = "";
    for next in ["K", "M", "G", "T", "P"] {
        if value < 1024.0 {
            break;
        }
        value /= 1024.0;
        unit = next;
    }
    if value < 10.0 { format!("{value:.1}{unit}") } else { format!("{value:.0}{unit}") }
}

/// How much directories hold.
pub(super) fn du(guest: Guest, process: Process) -> Running {
    Box::pin(async move {
        let options = match Options::of(&process, "shkmacd:xHL") {
            Ok(options) => options,
            Err(why) => return process.complain(why).await,
        };
        let mut printer = Printer::new(&process.stdout);
        exit(du_all(&guest, &process, &options, &mut printer).await)
    })
}

async fn du_all(
    guest: &Guest,
    process: &Process,
    options: &Options,
    printer: &mut Printer,
) -> Result<u8, Closed> {
    let files = if options.rest.is_empty() { vec![".".to_owned()] } else { options.rest.clone() };
    let depth_max = match options.value('d').and_then(|text| text.parse().ok()) {
        _ if options.has('s') => 0,
        depth => depth.unwrap_or(usize::MAX),
    };
    let show = |bytes: u64| {
        if options.has('h') {
            human(bytes)
        } else if options.has('m') {
            bytes.div_ceil(1 << 20).to_string()
        } else {
            bytes.div_ceil(1024).to_string()
        }
    };
    let (mut code, mut total) = (0, 0);
    for file in &files {
        let top = process.path(file);
        if let Err(why) = guest.lstat(&top) {
            code = process.complain(format!("{file}: {why}")).await;
            continue;
        }
        let all = walk(guest, &top).await;
        let mut sums: BTreeMap<&str, u64> = BTreeMap::new();
        for (path, stat) in &all {
            tokio::task::consume_budget().await;
            let bytes = stat.size.next_multiple_of(4096);
            let mut path = path.as_str();
            loop {
                *sums.entry(path).or_default() += bytes;
                if path.len() <= top.len() {
                    break;
                }
                path = path.rsplit_once('/').map_or("", |(above, _)| above);
                if path.len() < top.len() {
                    path = &top;
                }
            }
        }
        total += sums.get(top.as_str()).copied().unwrap_or(0);
        // Directories come behind what is in them.
        for (path, stat) in all.iter().rev() {
            let below = path.strip_prefix(top.as_str()).unwrap_or_default();
            let depth = below.matches('/').count();
            if depth <= depth_max && (stat.kind == Kind::Directory || options.has('a') || depth == 0) {
                let bytes = sums.get(path.as_str()).copied().unwrap_or(0);
                printer.line(format!("{}\t{file}{below}", show(bytes))).await?;
            }
        }
    }
    if options.has('c') {
        printer.line(format!("{}\ttotal", show(total))).await?;
    }
    printer.flush().await?;
    Ok(code)
}

/// How full file systems are.
pub(super) fn df(guest: Guest, process: Process) -> Running {
    Box::pin(async move {
        let options = match Options::of(&process, "hHkiaPt:") {
            Ok(options) => options,
            Err(why) => return process.complain(why).await,
        };
        let usage = match guest.usage() {
            Ok(usage) => usage,
            Err(why) => return process.complain(why.to_string()).await,
        };
        let systems = [
            ("/dev/block/dm-0", SYSTEM_BYTES, SYSTEM_BYTES, "/"),
            ("tmpfs", SYSTEM_BYTES, 0, "/dev"),
            ("/dev/block/dm-3", usage.total, usage.used, "/data"),
            ("/dev/fuse", usage.total, usage.used, "/storage/emulated"),
        ];
        let mut code = 0;
        let mut wanted = Vec::new();
        for file in &options.rest {
            match super::links::resolve(&guest, &process.path(file), false) {
                Ok(path) => {
                    let own = systems.iter().filter(|(_, _, _, mount)| {
                        *mount == "/" || path == *mount || path.starts_with(&format!("{mount}/"))
                    });
                    wanted.extend(own.max_by_key(|(_, _, _, mount)| mount.len()));
                }
                Err(why) => code = process.complain(format!("{file}: {why}")).await,
            }
        }
        if options.rest.is_empty() {
            wanted = systems.iter().collect();
        }
        let show = |bytes: u64| {
            if options.last_of("hH").is_some() { human(bytes) } else { (bytes / 1024).to_string() }
        };
        let blocks = if options.last_of("hH").is_some() { "Size" } else { "1K-blocks" };
        let mut rows = vec![
            [
                "Filesystem",
                blocks,
                "Used",
                if blocks == "Size" { "Avail" } else { "Available" },
                "Use%",
                "Mounted on",
            ]
            .map(str::to_owned),
        ];
        for (name, total, used, mount) in wanted {
            let percent = used.saturating_mul(100).div_ceil((*total).max(1));
            let left = total.saturating_sub(*used);
            rows.push([
                (*name).to_owned(),
                show(*total),
                show(*used),
                show(left),
                format!("{percent}%"),
                (*mount).to_owned(),
            ]);
        }
        if code != 0 && rows.len() == 1 {
            return code;
        }
        let lines = table(&rows);
        exit(process.stdout.write(lines).await.map(|()| code))
    })
}

/// Rows in columns, numbers to the right.
fn table(rows: &[[String; 6]]) -> String {
    let width = |at: usize| rows.iter().filter_map(|row| row.get(at)).map(String::len).max().unwrap_or(0);
    let (a, b, c, d, e) = (width(0), width(1), width(2), width(3), width(4));
    rows.iter()
        .map(|[name, total, used, left, percent, mount]| {
            format!("{name:<a$} {total:>b$} {used:>c$} {left:>d$} {percent:>e$} {mount}\n")
        })
        .collect()
}

/// What is mounted where.
pub(super) fn mount(guest: Guest, process: Process) -> Running {
    Box::pin(async move {
        if !process.arguments().is_empty() {
            return process.complain("Operation not permitted").await;
        }
        let mounts = match guest.read_file("/proc/self/mounts", MOUNTS_BYTES_MAX) {
            Ok(mounts) => mounts,
            Err(why) => return process.complain(why.to_string()).await,
        };
        let text = String::from_utf8_lossy(&mounts);
        let lines = text.lines().filter_map(|line| {
            let mut fields = line.split(' ');
            let (from, on, kind, how) = (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
            Some(format!("{from} on {on} type {kind} ({how})\n"))
        });
        let lines: String = lines.collect();
        exit(process.stdout.write(lines).await.map(|()| 0))
    })
}
