//! Files that are made up when somebody reads them: build.prop and /proc.

use bytes::Bytes;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The kernel's release, as `uname -r` tells it.
pub(crate) const KERNEL_RELEASE: &str = "5.10.110-android12-9";

/// Memory that a phone says it has, in kB.
const MEMORY_KB: u64 = 4 << 20;

/// Processors that a phone says it has.
const PROCESSORS: usize = 8;

/// Which file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// Always this.
    Text(&'static str),
    /// /dev/null: empty, and forgets what is written.
    Null,
    /// /dev/zero: never ends.
    Zero,
    /// The phone's `ro.*` properties.
    BuildProp,
    CpuInfo,
    MemInfo,
    Uptime,
    LoadAverage,
    Version,
    CommandLine,
}

/// What those files tell of.
#[derive(Debug)]
pub(crate) struct Facts {
    /// Milliseconds since the boot began.
    pub(crate) up_ms: u64,
    /// Every property; empty unless the source is [`Source::BuildProp`].
    pub(crate) properties: BTreeMap<String, String>,
}

/// The content.
pub(crate) fn render(source: Source, facts: &Facts) -> Bytes {
    let up = format!("{}.{:02}", facts.up_ms / 1000, facts.up_ms % 1000 / 10);
    match source {
        Source::Text(text) => Bytes::from_static(text.as_bytes()),
        Source::Null | Source::Zero => Bytes::new(),
        Source::BuildProp => build_prop(facts).into(),
        Source::CpuInfo => cpu_info().into(),
        Source::MemInfo => memory_info().into(),
        Source::Uptime => format!("{up} {up}\n").into(),
        Source::LoadAverage => "0.08 0.03 0.01 1/512 4711\n".into(),
        Source::Version => format!(
            "Linux version {KERNEL_RELEASE} (build@yard) #1 SMP PREEMPT Thu Jan 1 00:00:00 UTC 2009\n"
        )
        .into(),
        Source::CommandLine => "console=ttyMSM0,115200n8 androidboot.hardware=yard\n".into(),
    }
}

fn build_prop(facts: &Facts) -> String {
    let mut text = String::from("# begin build properties\n");
    // What the boot itself sets is in no build.
    let built = |name: &str| {
        name.starts_with("ro.") && !name.starts_with("ro.boot.") && !name.starts_with("ro.runtime.")
    };
    for (name, value) in facts.properties.iter().filter(|(name, _)| built(name)) {
        let _ = writeln!(text, "{name}={value}");
    }
    text.push_str("# end build properties\n");
    text
}

fn cpu_info() -> String {
    let mut text = String::new();
    for processor in 0..PROCESSORS {
        let _ = write!(
            text,
            "processor\t: {processor}\nBogoMIPS\t: 38.40\n\
             Features\t: fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics\n\
             CPU implementer\t: 0x41\nCPU architecture: 8\nCPU variant\t: 0x3\n\
             CPU part\t: 0xd0c\nCPU revision\t: 1\n\n"
        );
    }
    text.push_str("Hardware\t: Yard\n");
    text
}

fn memory_info() -> String {
    let mut text = String::new();
    let free = [
        ("MemTotal", MEMORY_KB),
        ("MemFree", MEMORY_KB / 2),
        ("MemAvailable", MEMORY_KB / 4 * 3),
        ("Buffers", 4096),
        ("Cached", MEMORY_KB / 4),
        ("SwapTotal", 0),
        ("SwapFree", 0),
    ];
    for (name, kb) in free {
        let _ = writeln!(text, "{:<16}{kb:>8} kB", format!("{name}:"));
    }
    text
}
