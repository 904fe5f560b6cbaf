//! `ps` and `pidof`.

use super::util::print;
use crate::apps::Row;
use crate::calendar::Moment;
use crate::guest::Guest;
use crate::program::{Process, Running};

/// Columns of `ps`, and how wide they are; negative ones are left-aligned.
const COLUMNS: &[(&str, i8)] = &[
    ("USER", -12),
    ("UID", 5),
    ("PID", 6),
    ("PPID", 6),
    ("VSZ", 9),
    ("RSS", 6),
    ("WCHAN", -10),
    ("ADDR", 10),
    ("S", -1),
    ("NAME", -27),
    ("CMD", -27),
    ("CMDLINE", -27),
    ("ARGS", -27),
    ("COMM", -27),
    ("STIME", -5),
    ("TTY", -8),
    ("TIME", 8),
    ("C", 1),
    ("PRI", 3),
    ("NI", 3),
    ("TID", 6),
    ("PR", 3),
    ("%CPU", 4),
    ("%MEM", 4),
    ("GROUP", -8),
    ("GID", 5),
    ("STAT", -5),
];
/// Columns of `ps` without and with -f.
const PLAIN: [&str; 9] = ["USER", "PID", "PPID", "VSZ", "RSS", "WCHAN", "ADDR", "S", "NAME"];
const FULL: [&str; 8] = ["UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"];
/// Columns that can be asked for at once.
const COLUMNS_MAX: usize = 32;

/// What `ps` is asked for.
#[derive(Debug, Default)]
struct Asked {
    all: bool,
    full: bool,
    columns: Vec<&'static str>,
    pids: Option<Vec<u32>>,
    users: Option<Vec<String>>,
    names: Option<Vec<String>>,
}

fn column(name: &str) -> Option<&'static str> {
    COLUMNS.iter().map(|(have, _)| *have).find(|have| have.eq_ignore_ascii_case(name))
}

impl Asked {
    fn parse(arguments: &[String]) -> Result<Self, String> {
        let mut asked = Self::default();
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            let Some(letters) = argument.strip_prefix('-').filter(|letters| !letters.is_empty()) else {
                // What the BSDs take without a dash; and a process.
                match argument.parse() {
                    Ok(pid) => asked.pids.get_or_insert_default().push(pid),
                    Err(_) if argument.bytes().all(|b| b"auxwef".contains(&b)) => asked.all = true,
                    Err(_) => return Err(format!("bad -p '{argument}'")),
                }
                continue;
            };
            for (at, letter) in letters.char_indices() {
                let rest = letters.get(at + 1..).unwrap_or_default();
                let mut value = || match rest {
                    "" => arguments.next().cloned().ok_or_else(|| format!("Missing argument to {letter}")),
                    rest => Ok(rest.to_owned()),
                };
                match letter {
                    'A' | 'e' | 'a' | 'd' => asked.all = true,
                    'f' => asked.full = true,
                    'l' | 'w' | 'T' | 'Z' | 'M' | 'n' | 'x' | 'L' => continue,
                    'o' | 'O' => asked.add_columns(&value()?)?,
                    'p' => {
                        let pids = value()?;
                        let pids = pids.split(',').filter_map(|pid| pid.trim().parse::<u32>().ok());
                        asked.pids.get_or_insert_default().extend(pids);
                    }
                    'u' | 'U' => {
                        asked.users.get_or_insert_default().extend(value()?.split(',').map(str::to_owned));
                    }
                    'C' => asked.names.get_or_insert_default().extend(value()?.split(',').map(str::to_owned)),
                    'k' | 'g' | 'G' | 's' | 't' | 'P' => {
                        value()?;
                    }
                    _ => return Err(format!("Unknown option '{letter}' (see \"ps --help\")")),
                }
                if "oOpuUCkgGstP".contains(letter) {
                    break;
                }
            }
        }
        Ok(asked)
    }

    fn add_columns(&mut self, text: &str) -> Result<(), String> {
        for name in text.split([',', ' ']).filter(|name| !name.is_empty()) {
            let name = name.split(['=', ':']).next().unwrap_or(name);
            let found = column(name).ok_or_else(|| format!("bad -o {name}"))?;
            if self.columns.len() < COLUMNS_MAX {
                self.columns.push(found);
            }
        }
        Ok(())
    }

    fn wants(&self, row: &Row, uid: u32) -> bool {
        let listed = [
            self.pids.as_ref().map(|pids| pids.contains(&row.pid)),
            self.users
                .as_ref()
                .map(|users| users.iter().any(|u| *u == row.user || *u == row.uid.to_string())),
            self.names.as_ref().map(|names| names.contains(&row.name)),
        ];
        if self.all {
            return true;
        }
        match listed.iter().flatten().copied().reduce(|a, b| a || b) {
            Some(wanted) => wanted,
            // Without a list, what the terminal runs: the shell and ps itself.
            None => row.uid == uid,
        }
    }

    fn shown(&self) -> Vec<&'static str> {
        match (self.columns.is_empty(), self.full) {
            (false, _) => self.columns.clone(),
            (true, true) => FULL.to_vec(),
            (true, false) => PLAIN.to_vec(),
        }
    }
}

/// A table, the last column as wide as it is.
pub(super) fn table(columns: &[&'static str], rows: &[Row], now_wall_ms: i64) -> String {
    let line = |cell: &dyn Fn(&str) -> String| {
        let cells = columns.iter().enumerate().map(|(n, name)| {
            let width = COLUMNS.iter().find(|(have, _)| have == name).map_or(0, |(_, width)| *width);
            let (text, wide) = (cell(name), usize::from(width.unsigned_abs()));
            match (n + 1 == columns.len() && width < 0, width < 0) {
                (true, _) => text,
                (false, true) => format!("{text:wide$}"),
                (false, false) => format!("{text:>wide$}"),
            }
        });
        cells.collect::<Vec<_>>().join(" ") + "\n"
    };
    let mut text = line(&|name| name.to_owned());
    for row in rows {
        text += &line(&|name| value(row, name, now_wall_ms));
    }
    text
}

fn value(row: &Row, column: &str, now_wall_ms: i64) -> String {
    match column {
        "USER" | "GROUP" => row.user.clone(),
        "UID" | "GID" => row.uid.to_string(),
        "PID" | "TID" => row.pid.to_string(),
        "PPID" => row.ppid.to_string(),
        "VSZ" => row.vsz.to_string(),
        "RSS" => row.rss.to_string(),
        "WCHAN" | "ADDR" | "C" => "0".into(),
        "S" | "STAT" => "S".into(),
        "STIME" => Moment::of_ms(row.since_wall_ms).format("%R", "UTC"),
        "TTY" => "?".into(),
        "TIME" => {
            let up_s = now_wall_ms.saturating_sub(row.since_wall_ms).max(0) / 1000 / 200;
            format!("{:02}:{:02}:{:02}", up_s / 3600, up_s / 60 % 60, up_s % 60)
        }
        "PRI" => "19".into(),
        "PR" => "20".into(),
        "NI" => "0".into(),
        "%CPU" | "%MEM" => "0.0".into(),
        _ => row.name.clone(),
    }
}

/// `ps`.
pub(crate) fn ps(guest: Guest, process: Process) -> Running {
    Box::pin(async move {
        let asked = match Asked::parse(process.arguments()) {
            Ok(asked) => asked,
            Err(why) => return process.complain(why).await,
        };
        let Ok(mut rows) = guest.processes() else { return 1 };
        let root = guest.is_root();
        let uid = if root { 0 } else { 2000 };
        rows.push(itself(&rows, uid, guest.clock().wall_ms()));
        rows.retain(|row| asked.wants(row, uid));
        print(&process, table(&asked.shown(), &rows, guest.clock().wall_ms())).await;
        0
    })
}

/// The `ps` that looks.
fn itself(rows: &[Row], uid: u32, wall_ms: i64) -> Row {
    let adbd = rows.iter().find(|row| row.name == "adbd").map_or(1, |row| row.pid);
    let pid = rows.iter().map(|row| row.pid).max().unwrap_or(1) + 9;
    let user = crate::users::name(uid);
    Row { user, uid, pid, ppid: adbd, vsz: 10_756_412, rss: 3_420, name: "ps".into(), since_wall_ms: wall_ms }
}

/// `pidof [-s] NAME…`.
pub(crate) fn pidof(guest: Guest, process: Process) -> Running {
    Box::pin(async move {
        let single = process.arguments().iter().any(|argument| argument == "-s");
        let names: Vec<&String> = process.arguments().iter().filter(|name| !name.starts_with('-')).collect();
        if names.is_empty() {
            return process.complain("Need 1 argument (see \"pidof --help\")").await;
        }
        let Ok(rows) = guest.processes() else { return 1 };
        let mut found: Vec<String> = rows
            .iter()
            .rev()
            .filter(|row| names.contains(&&row.name))
            .map(|row| row.pid.to_string())
            .collect();
        if single {
            found.truncate(1);
        }
        if found.is_empty() {
            return 1;
        }
        process.say(found.join(" ")).await;
        0
    })
}
