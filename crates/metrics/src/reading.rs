//! What was counted so far, read back: for `phoneyard status`.

use crate::make::gathered;
use prometheus::proto::{Metric, MetricFamily};
use std::collections::BTreeMap;

/// All metrics at one moment.
#[derive(Debug)]
pub struct Reading(Vec<MetricFamily>);

/// A histogram's buckets, summed over its labels: upper bound and how many lie at or below it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Buckets {
    /// Bounds in seconds with counts, both growing.
    pub bounds: Vec<(f64, u64)>,
    /// All of them, those above the last bound included.
    pub count: u64,
}

impl Reading {
    /// Reads them all.
    pub fn now() -> Self {
        Self(gathered())
    }

    fn of(&self, name: &str) -> &[Metric] {
        self.0.iter().find(|family| family.name() == name).map_or(&[], MetricFamily::get_metric)
    }

    /// A counter's sums by the value of one of its labels.
    pub fn sums(&self, name: &str, label: &str) -> BTreeMap<String, u64> {
        let mut sums = BTreeMap::new();
        for metric in self.of(name) {
            let Some(pair) = metric.get_label().iter().find(|pair| pair.name() == label) else { continue };
            *sums.entry(pair.value().to_string()).or_default() += metric.get_counter().get_value() as u64;
        }
        sums
    }

    /// A histogram, all its labels together.
    pub fn buckets(&self, name: &str) -> Buckets {
        let mut all = Buckets::default();
        for metric in self.of(name) {
            let histogram = metric.get_histogram();
            all.count += histogram.get_sample_count();
            for (at, bucket) in histogram.get_bucket().iter().enumerate() {
                match all.bounds.get_mut(at) {
                    Some(sum) => sum.1 += bucket.cumulative_count(),
                    None => all.bounds.push((bucket.upper_bound(), bucket.cumulative_count())),
                }
            }
        }
        all
    }
}

impl Buckets {
    /// What was observed since an earlier reading.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        let before = |at: usize| earlier.bounds.get(at).map_or(0, |bound| bound.1);
        let bounds = self.bounds.iter().enumerate();
        Self {
            bounds: bounds.map(|(at, (upper, count))| (*upper, count.saturating_sub(before(at)))).collect(),
            count: self.count.saturating_sub(earlier.count),
        }
    }

    /// The value below which that share lies, spread evenly inside its bucket, as Prometheus'
    /// `histogram_quantile` has it; the last bound for what lies above. None of nothing.
    pub fn quantile(&self, share: f64) -> Option<f64> {
        if self.count == 0 {
            return None;
        }
        let rank = share * self.count as f64;
        let (mut lower, mut below) = (0.0, 0_u64);
        for (upper, count) in &self.bounds {
            if *count as f64 >= rank && *count > below {
                let inside = (rank - below as f64) / (*count - below) as f64;
                return Some(lower + (upper - lower) * inside);
            }
            (lower, below) = (*upper, *count);
        }
        Some(lower)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_spread_inside_their_bucket() {
        let buckets = Buckets { bounds: vec![(1.0, 0), (2.0, 10), (4.0, 20)], count: 20 };
        assert_eq!(buckets.quantile(0.25), Some(1.5));
        assert_eq!(buckets.quantile(0.5), Some(2.0));
        assert_eq!(buckets.quantile(0.75), Some(3.0));
        assert_eq!(Buckets::default().quantile(0.5), None);
        let above = Buckets { bounds: vec![(1.0, 0)], count: 3 };
        assert_eq!(above.quantile(0.5), Some(1.0));
    }

    #[test]
    fn a_reading_since_another_holds_what_came_between() {
        let earlier = Buckets { bounds: vec![(1.0, 1), (2.0, 4)], count: 5 };
        let later = Buckets { bounds: vec![(1.0, 1), (2.0, 9)], count: 12 };
        let between = later.since(&earlier);
        assert_eq!(between, Buckets { bounds: vec![(1.0, 0), (2.0, 5)], count: 7 });
        assert_eq!(later.since(&Buckets::default()), later);
    }

    #[test]
    fn counters_are_summed_by_a_label() {
        crate::jobs::ended("a", "reading_test", 3);
        crate::jobs::ended("b", "reading_test", 4);
        let sums = Reading::now().sums("phoneyard_jobs_ended_total", "outcome");
        assert_eq!(sums.get("reading_test"), Some(&7));
        assert!(Reading::now().sums("phoneyard_no_such", "outcome").is_empty());
    }
}
