//! A histogram by image and server, of which there may be any number: past a cap they share one label.

use prometheus::{Histogram, HistogramVec};
use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

/// Most pairs of image and server that have a series of their own.
pub(crate) const PAIRS_MAX: usize = 200;
/// The label of all others.
pub(crate) const OTHER: &str = "other";

/// Series by image and server. Looking one up allocates nothing.
#[derive(Debug)]
pub(crate) struct Capped {
    made: HistogramVec,
    known: RwLock<Known>,
}

#[derive(Debug, Default)]
struct Known {
    series: HashMap<String, HashMap<String, Histogram>>,
    count: usize,
}

impl Capped {
    /// Over a histogram with the labels image and server, in this order.
    pub(crate) fn new(made: HistogramVec) -> Self {
        Self { made, known: RwLock::default() }
    }

    pub(crate) fn observe(&self, image: &str, server: &str, value: f64) {
        let find = |known: &Known| known.series.get(image).and_then(|servers| servers.get(server)).cloned();
        let found = find(&self.known.read().unwrap_or_else(PoisonError::into_inner));
        match found {
            Some(series) => series.observe(value),
            None => self.add(image, server).observe(value),
        }
    }

    fn add(&self, image: &str, server: &str) -> Histogram {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if known.count >= PAIRS_MAX {
            return self.made.with_label_values(&[OTHER, OTHER]);
        }
        let series = self.made.with_label_values(&[image, server]);
        let servers = known.series.entry(image.into()).or_default();
        if servers.insert(server.into(), series.clone()).is_none() {
            known.count += 1;
        }
        series
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use prometheus::HistogramOpts;
    use prometheus::core::Collector;

    #[test]
    fn past_the_cap_all_pairs_share_one_series() {
        let made = HistogramVec::new(HistogramOpts::new("t", "t"), &["image", "server"]).unwrap();
        let capped = Capped::new(made.clone());
        for round in 0..2 {
            for n in 0..PAIRS_MAX + 50 {
                capped.observe(&format!("i{}", n % 7), &format!("s{n}"), f64::from(round));
            }
        }
        let families = made.collect();
        let series = families[0].get_metric();
        assert_eq!(series.len(), PAIRS_MAX + 1);
        let count = |m: &prometheus::proto::Metric| m.get_histogram().get_sample_count();
        let others = series.iter().find(|m| m.get_label().iter().all(|l| l.value() == OTHER)).unwrap();
        assert_eq!(count(others), 100);
        assert_eq!(series.iter().map(count).sum::<u64>(), 2 * (PAIRS_MAX as u64 + 50));
    }
}
