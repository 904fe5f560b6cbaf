//! A boot's log as logcat shows it: bounded, in memory, gone with the boot.

use crate::phone::boot::Stage;
use std::collections::VecDeque;
use std::sync::Arc;
use tokio::sync::Notify;

/// Most lines that are kept.
pub const LINES_MAX: usize = 1_000;
/// Most bytes that they take.
pub const LOG_BYTES_MAX: usize = 256 << 10;
/// Longest text of a line in bytes, and longest tag.
pub(crate) const TEXT_BYTES_MAX: usize = 4_000;
const TAG_BYTES_MAX: usize = 127;
/// Counted for every line on top of its texts.
const LINE_BYTES: usize = 96;

/// How much a line matters, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Priority {
    /// V
    Verbose,
    /// D
    Debug,
    /// I
    Info,
    /// W
    Warn,
    /// E
    Error,
    /// F
    Fatal,
    /// S: no line has it; a filter for it lets nothing through.
    Silent,
}

impl Priority {
    const LETTERS: [(Self, char); 7] = [
        (Self::Verbose, 'V'),
        (Self::Debug, 'D'),
        (Self::Info, 'I'),
        (Self::Warn, 'W'),
        (Self::Error, 'E'),
        (Self::Fatal, 'F'),
        (Self::Silent, 'S'),
    ];

    /// Its letter.
    pub fn letter(self) -> char {
        Self::LETTERS.iter().find(|(have, _)| *have == self).map_or('?', |(_, letter)| *letter)
    }

    /// The priority of a letter, in either case.
    pub fn of(letter: char) -> Option<Self> {
        let letter = letter.to_ascii_uppercase();
        Self::LETTERS.iter().find(|(_, have)| *have == letter).map(|(priority, _)| *priority)
    }
}

/// The logs that logcat shows separately.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Buffer {
    /// Apps.
    Main,
    /// The system.
    System,
    /// Crashes.
    Crash,
    /// The kernel.
    Kernel,
}

impl Buffer {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Main, Self::System, Self::Crash, Self::Kernel];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Main => "main",
            Self::System => "system",
            Self::Crash => "crash",
            Self::Kernel => "kernel",
        }
    }
}

/// A line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Grows by one with every line of the boot.
    pub sequence: u64,
    /// When, in milliseconds since 1970.
    pub wall_ms: i64,
    /// The process, and its thread.
    pub pid: u32,
    /// The thread.
    pub tid: u32,
    /// How much it matters.
    pub priority: Priority,
    /// Where it is shown.
    pub buffer: Buffer,
    /// Who says it.
    pub tag: String,
    /// What is said.
    pub text: String,
}

/// The log of a boot.
#[derive(Debug, Default)]
pub struct LogBuffer {
    lines: VecDeque<Line>,
    bytes: usize,
    next: u64,
    /// Messages of the boot itself that were written.
    booted: usize,
    arrived: Arc<Notify>,
}

/// What every boot says: when (stage, and thousandths of the way through it), who and what.
type Said = (Option<Stage>, u64, u32, Buffer, &'static str, &'static str);

const BOOT: &[Said] = &[
    (
        Some(Stage::Kernel),
        0,
        0,
        Buffer::Kernel,
        "kernel",
        "Linux version 5.10.0-phoneyard (phoneyard@phoneyard)",
    ),
    (Some(Stage::Kernel), 100, 0, Buffer::Kernel, "kernel", "Run /init as init process"),
    (Some(Stage::Init), 0, 1, Buffer::Kernel, "init", "init second stage started!"),
    (Some(Stage::Init), 20, 150, Buffer::Main, "logd", "logd starts"),
    (Some(Stage::Init), 40, 151, Buffer::Main, "servicemanager", "servicemanager starts"),
    (Some(Stage::Init), 90, 210, Buffer::Main, "SurfaceFlinger", "SurfaceFlinger is starting"),
    (Some(Stage::Init), 120, 230, Buffer::Main, "adbd", "adbd started"),
    (
        Some(Stage::Zygote),
        0,
        290,
        Buffer::Main,
        "AndroidRuntime",
        ">>>>>> START com.android.internal.os.ZygoteInit uid 0 <<<<<<",
    ),
    (Some(Stage::Zygote), 20, 290, Buffer::Main, "Zygote", "begin preload"),
    (Some(Stage::Zygote), 60, 212, Buffer::Main, "BootAnimation", "BootAnimationStart"),
    (Some(Stage::Zygote), 190, 290, Buffer::Main, "Zygote", "end preload"),
    (Some(Stage::SystemServer), 0, 550, Buffer::System, "SystemServer", "Entered the Android system server!"),
    (
        Some(Stage::SystemServer),
        50,
        550,
        Buffer::System,
        "SystemServiceManager",
        "Starting com.android.server.pm.Installer",
    ),
    (Some(Stage::SystemServer), 90, 550, Buffer::System, "PackageManager", "Starting package manager"),
    (Some(Stage::SystemServer), 200, 550, Buffer::System, "SystemServiceManager", "Starting phase 500"),
    (Some(Stage::SystemServer), 300, 550, Buffer::System, "ActivityManager", "System now ready"),
    (
        Some(Stage::SystemServer),
        350,
        550,
        Buffer::System,
        "ActivityTaskManager",
        "START u0 {act=android.intent.action.MAIN cat=[android.intent.category.HOME] flg=0x10000100 cmp=com.android.launcher3/.uioverrides.QuickstepLauncher} from uid 0",
    ),
    (None, 0, 550, Buffer::System, "SystemServiceManager", "Starting phase 1000"),
    (
        None,
        0,
        550,
        Buffer::System,
        "ActivityManager",
        "User 0 state changed from RUNNING_LOCKED to RUNNING_UNLOCKED",
    ),
    (None, 0, 550, Buffer::System, "ActivityManager", "Finished processing BOOT_COMPLETED for u0"),
];

impl LogBuffer {
    /// Appends a line; the oldest make room. Its text may have line feeds, and ends up on one line each.
    pub fn push(
        &mut self,
        wall_ms: i64,
        pid: u32,
        priority: Priority,
        buffer: Buffer,
        tag: &str,
        text: &str,
    ) {
        let tag = cut(tag, TAG_BYTES_MAX);
        for text in cut(text, TEXT_BYTES_MAX).lines() {
            let text = text.replace('\0', " ");
            self.bytes += LINE_BYTES + tag.len() + text.len();
            let (sequence, tag) = (self.next, tag.to_owned());
            self.lines.push_back(Line { sequence, wall_ms, pid, tid: pid, priority, buffer, tag, text });
            self.next += 1;
        }
        while self.lines.len() > LINES_MAX || self.bytes > LOG_BYTES_MAX {
            let Some(oldest) = self.lines.pop_front() else { break };
            self.bytes -= LINE_BYTES + oldest.tag.len() + oldest.text.len();
        }
        self.arrived.notify_waiters();
    }

    /// Writes what the boot has said by now. `reached` gives the wall clock at a stage's beginning, or when
    /// the boot is completed; none if that is not yet, and a permille of the boot added.
    pub(crate) fn catch_up(&mut self, reached: impl Fn(Option<Stage>, u64) -> Option<i64>) {
        while let Some((stage, permille, pid, buffer, tag, text)) = BOOT.get(self.booted) {
            let Some(wall_ms) = reached(*stage, *permille) else { break };
            self.push(wall_ms, *pid, Priority::Info, *buffer, tag, text);
            self.booted += 1;
        }
    }

    /// The lines from a sequence number on, oldest first.
    pub fn since(&self, sequence: u64) -> impl DoubleEndedIterator<Item = &Line> {
        let from = self.lines.partition_point(|line| line.sequence < sequence);
        self.lines.range(from..)
    }

    /// The sequence number that the next line gets.
    pub fn next(&self) -> u64 {
        self.next
    }

    /// Forgets the lines of these buffers.
    pub fn clear(&mut self, buffers: &[Buffer]) {
        self.lines.retain(|line| !buffers.contains(&line.buffer));
        self.bytes = self.lines.iter().map(|line| LINE_BYTES + line.tag.len() + line.text.len()).sum();
    }

    /// Bytes that it takes.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether it holds what the boot itself says and nothing else, and never held more.
    pub(crate) fn untouched(&self) -> bool {
        self.next == self.booted as u64 && self.lines.len() == self.booted
    }

    /// Wakes whoever waits for a line.
    pub fn arrived(&self) -> Arc<Notify> {
        self.arrived.clone()
    }
}

impl Drop for LogBuffer {
    /// The boot has ended: whoever waits has to know.
    fn drop(&mut self) {
        self.arrived.notify_waiters();
    }
}

fn cut(text: &str, bytes_max: usize) -> &str {
    let end = (0..=bytes_max.min(text.len())).rev().find(|at| text.is_char_boundary(*at));
    text.get(..end.unwrap_or(0)).unwrap_or_default()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn say(log: &mut LogBuffer, text: &str) {
        log.push(0, 1, Priority::Info, Buffer::Main, "tag", text);
    }

    #[test]
    fn the_oldest_lines_make_room() {
        let mut log = LogBuffer::default();
        for n in 0..LINES_MAX + 5 {
            say(&mut log, &n.to_string());
        }
        assert_eq!(log.since(0).count(), LINES_MAX);
        assert_eq!(log.since(0).next().unwrap().text, "5");
        for _ in 0..200 {
            say(&mut log, &"x".repeat(9_000));
        }
        assert!(log.bytes() <= LOG_BYTES_MAX);
        assert!(log.since(0).all(|line| line.text.len() <= TEXT_BYTES_MAX));
        log.clear(&Buffer::ALL);
        assert_eq!((log.bytes(), log.since(0).count()), (0, 0));
    }

    #[test]
    fn a_boot_says_what_it_has_reached_once() {
        let mut log = LogBuffer::default();
        let early = |stage: Option<Stage>, _| stage.is_some_and(|stage| stage <= Stage::Init).then_some(7);
        log.catch_up(early);
        log.catch_up(early);
        assert_eq!(log.since(0).last().unwrap().text, "adbd started");
        let before = log.next();
        log.catch_up(|_, _| Some(9));
        assert_eq!(log.since(before).next().unwrap().tag, "AndroidRuntime");
        assert_eq!(log.since(0).count(), BOOT.len());
    }
}
