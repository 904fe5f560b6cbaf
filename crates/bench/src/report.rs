//! The table at the end.

use crate::Shape;
use crate::load::Driven;

/// One measurement of a shape and its baseline.
#[derive(Debug, Default, Clone)]
pub struct Run {
    /// Restarts per second of the baseline.
    pub raw: f64,
    /// The service.
    pub service: Driven,
    /// Cores that this process (service and clients) kept busy.
    pub cores: f64,
}

/// All measurements of a shape.
#[derive(Debug)]
pub struct Figure {
    shape: Shape,
    /// One for each round.
    pub runs: Vec<Run>,
}

impl Figure {
    /// None yet.
    pub fn new(shape: &Shape) -> Self {
        Self { shape: *shape, runs: Vec::new() }
    }

    fn spread(&self, value: impl Fn(&Run) -> f64) -> Spread {
        Spread::of(self.runs.iter().map(value).collect())
    }
}

/// Least, middle and most.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Spread {
    min: f64,
    median: f64,
    max: f64,
}

impl Spread {
    fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        let at = |index: usize| values.get(index).copied().unwrap_or(0.0);
        Self { min: at(0), median: at(values.len() / 2), max: at(values.len().saturating_sub(1)) }
    }

    fn whole(self) -> String {
        format!("{:.0} / {:.0} / {:.0}", self.min, self.median, self.max)
    }

    fn fine(self) -> String {
        format!("{:.2} / {:.2} / {:.2}", self.min, self.median, self.max)
    }
}

/// Prints the figures: rates per second, each as min / median / max over the rounds. A ratio is formed inside
/// its round.
pub fn print(figures: &[Figure]) {
    println!("restarts per second, min / median / max over the rounds");
    println!("| body x connections | raw cycle | accepted | finished | finished / raw | aim | cores |");
    println!("|---|---|---|---|---|---|---|");
    for figure in figures {
        let ratio = figure.spread(|run| run.service.finished_rate / run.raw.max(1e-9));
        let met = if ratio.median >= figure.shape.aim { "met" } else { "missed" };
        println!(
            "| {} x {} | {} | {} | {} | {} | {} {met} | {:.1} |",
            figure.shape.body,
            figure.shape.connections,
            figure.spread(|run| run.raw).whole(),
            figure.spread(|run| run.service.accepted_rate).whole(),
            figure.spread(|run| run.service.finished_rate).whole(),
            ratio.fine(),
            figure.shape.aim,
            figure.spread(|run| run.cores).median,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spreads() {
        assert_eq!(Spread::of(vec![3.0, 1.0, 2.0]), Spread { min: 1.0, median: 2.0, max: 3.0 });
        assert_eq!(Spread::of(vec![]), Spread { min: 0.0, median: 0.0, max: 0.0 });
    }
}
