//! Where the figures come from: the machine, how busy it is, and how much of it a measurement took.

use std::time::Instant;

/// Above this share of the cores in use by others, figures mean little.
const LOAD_MAX: f64 = 0.5;
/// Linux counts processor time in these.
const TICKS_PER_S: f64 = 100.0;

/// Prints cores and load, with a warning when the machine has other things to do.
pub fn print() {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load: Option<f64> = text.split(' ').next().and_then(|first| first.parse().ok());
    let shown = load.map_or("unknown".into(), |load| format!("{load:.2}"));
    println!("{cores} cores, load average {shown}; clients and service share this process");
    if load.is_some_and(|load| load > LOAD_MAX * cores as f64) {
        println!("WARNING: the machine is busy with other things; trust the ratios at most");
    }
    if cfg!(debug_assertions) {
        println!("WARNING: not built with --release");
    }
}

/// Processor time of this process up to some moment.
#[derive(Debug)]
pub struct Cpu {
    at: Instant,
    seconds: f64,
}

impl Cpu {
    /// Up to now.
    pub fn now() -> Self {
        Self { at: Instant::now(), seconds: seconds() }
    }

    /// Cores that this process kept busy since then, on average. A PostgreSQL server is not in it.
    pub fn cores_since(&self) -> f64 {
        (seconds() - self.seconds) / self.at.elapsed().as_secs_f64().max(1e-9)
    }
}

/// User and system time of this process (proc(5), fields 14 and 15 of stat); 0 where there is no /proc.
fn seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let fields = after_name.split_whitespace().skip(11).take(2);
    fields.filter_map(|field| field.parse::<f64>().ok()).sum::<f64>() / TICKS_PER_S
}
