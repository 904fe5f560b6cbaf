//! Restarts per second through the real HTTP API, against what the database gives for the same rows without
//! Phoneyard. Figures are ratios of one interleaved run: absolute numbers drift with the machine, ratios
//! hardly do (`docs/performance.md`).

mod apply;
mod load;
mod machine;
mod memory;
mod raw;
mod report;
mod sample;
mod startup;
mod target;
mod yard;

use machine::Cpu;
use raw::Raw;
use report::{Figure, Run};
use target::Target;
use yard::Yard;

/// What is asked for on the command line.
#[derive(Debug, Clone)]
struct Arguments {
    /// One short round, for a look.
    quick: bool,
    /// Only the databases whose name holds this; `memory` leaves them all out.
    only: Option<String>,
    /// Only the memory of so many phones: what a run asks of itself.
    memory_of: Option<usize>,
}

impl Arguments {
    fn parse() -> Result<Self, String> {
        let mut parsed = Self { quick: false, only: None, memory_of: None };
        let mut words = std::env::args().skip(1);
        while let Some(word) = words.next() {
            match word.as_str() {
                "--quick" => parsed.quick = true,
                "--only" => {
                    parsed.only = Some(words.next().ok_or("--only needs sqlite, postgresql or memory")?)
                }
                "--memory-of" => parsed.memory_of = words.next().and_then(|number| number.parse().ok()),
                _ => {
                    return Err(format!(
                        "unknown argument {word}; known: --quick, --only sqlite|postgresql|memory"
                    ));
                }
            }
        }
        Ok(parsed)
    }

    fn wants(&self, name: &str) -> bool {
        self.only.as_ref().is_none_or(|only| name.to_lowercase().contains(&only.to_lowercase()))
    }

    fn rounds(&self) -> usize {
        if self.quick { 1 } else { 3 }
    }

    fn phones(&self) -> usize {
        if self.quick { 20_000 } else { 100_000 }
    }
}

/// One way of asking, and how it compares.
#[derive(Debug, Clone, Copy)]
struct Shape {
    /// Phones in a request, and rows in a transaction of the baseline.
    body: usize,
    /// Clients at once; the baseline always has one connection.
    connections: usize,
    /// Restarts of one measurement, through the service.
    restarts: usize,
    /// Restarts of one measurement of the baseline.
    raw_restarts: usize,
    /// The ratio aimed at.
    aim: f64,
}

const SHAPES: [Shape; 4] = [
    Shape { body: 1, connections: 64, restarts: 20_000, raw_restarts: 5_000, aim: 4.0 },
    Shape { body: 100, connections: 1, restarts: 40_000, raw_restarts: 40_000, aim: 0.6 },
    Shape { body: 100, connections: 8, restarts: 40_000, raw_restarts: 40_000, aim: 0.8 },
    Shape { body: 1000, connections: 1, restarts: 40_000, raw_restarts: 40_000, aim: 0.6 },
];

/// A quick round does this part of every measurement.
const QUICK_PART: usize = 10;

#[tokio::main]
async fn main() -> Result<(), String> {
    let arguments = Arguments::parse()?;
    if let Some(phones) = arguments.memory_of {
        return memory::row(phones).await;
    }
    machine::print();
    if arguments.wants("sqlite") {
        let target = Target::sqlite()?;
        databases(&arguments, &target).await?;
    }
    if arguments.wants("postgresql") {
        // Without the server's binaries this has said SKIPPED on standard error.
        match Target::postgres() {
            Some(target) => databases(&arguments, &target).await?,
            None => println!("\nSKIPPED: everything on PostgreSQL, its server binaries were not found"),
        }
    }
    apply::measure().await?;
    memory::measure().await
}

/// Everything that is measured on one database.
async fn databases(arguments: &Arguments, target: &Target) -> Result<(), String> {
    println!("\n== {} ==", target.name());
    let service = Yard::furnish(&target.database()?, arguments.phones()).await?;
    let baseline = target.database()?;
    let seeded = Yard::furnish(&baseline, arguments.phones()).await?;
    let phones = seeded.phones.clone();
    let (project, server) = (seeded.project_id.clone(), seeded.server_id.clone());
    seeded.stop().await;
    let mut raw = Raw::open(&baseline, project, server, phones).await?;
    let mut counter = raw::connect(&service.url).await?;

    let mut figures: Vec<Figure> = SHAPES.iter().map(Figure::new).collect();
    let before = raw::job_bytes(&mut counter, &service.url).await?;
    let mut finished = 0;
    // Round 0 warms caches and is not counted.
    for round in 0..=arguments.rounds() {
        for (shape, figure) in SHAPES.iter().zip(&mut figures) {
            let part = if arguments.quick || round == 0 { QUICK_PART } else { 1 };
            let one =
                Shape { restarts: shape.restarts / part, raw_restarts: shape.raw_restarts / part, ..*shape };
            let mut run = Run::default();
            // Who goes first takes turns.
            if round % 2 == 0 {
                run.raw = raw.cycle(&one).await?;
            }
            let cpu = Cpu::now();
            run.service = load::drive(&service, &mut counter, &one).await?;
            run.cores = cpu.cores_since();
            if round % 2 == 1 {
                run.raw = raw.cycle(&one).await?;
            }
            finished += run.service.finished;
            let (raw, ours) = (run.raw, run.service.finished_rate);
            eprintln!(
                "round {round}, {} x {}: raw {raw:.0}/s, ours {ours:.0}/s",
                shape.body, shape.connections
            );
            if round > 0 {
                figure.runs.push(run);
            }
        }
    }
    report::print(&figures);
    let bytes = raw::job_bytes(&mut counter, &service.url).await? - before;
    let texts = raw::job_text_bytes(&mut counter).await?;
    println!(
        "disk per finished job: {} bytes with its request and indexes (aim: 256 + its texts, which are {texts})",
        bytes / (finished.max(1) as i64)
    );
    drop(counter);
    service.stop().await;
    startup::measure(&target.database()?, arguments.quick).await
}
