//! What was counted in the last minute: counters only grow, so a reading now and then is kept to compare with.

use metrics::Reading;
use metrics::jobs::ENDED_TOTAL;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

/// How often the counters are read.
const PERIOD: Duration = Duration::from_secs(5);
/// Readings kept: a minute.
const KEPT: usize = 12;
/// The label of the counter of ended jobs.
const OUTCOME: &str = "outcome";

type Sums = BTreeMap<String, u64>;

/// Jobs ended so far, by outcome, as of the last readings.
#[derive(Debug, Default)]
pub struct Recent {
    readings: Mutex<VecDeque<Sums>>,
}

impl Recent {
    /// Reads until `stop`.
    pub async fn sample(&self, stop: CancellationToken) {
        let mut ticks = interval(PERIOD);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while stop.run_until_cancelled(ticks.tick()).await.is_some() {
            self.keep(Reading::now().sums(ENDED_TOTAL, OUTCOME));
        }
    }

    fn keep(&self, sums: Sums) {
        let mut readings = self.readings.lock().unwrap_or_else(PoisonError::into_inner);
        if readings.len() >= KEPT {
            readings.pop_front();
        }
        readings.push_back(sums);
    }

    /// Jobs ended in the last minute, by outcome; since the start when that is less.
    pub fn last_minute(&self, now: &Reading) -> Sums {
        self.since_first(now.sums(ENDED_TOTAL, OUTCOME))
    }

    fn since_first(&self, mut sums: Sums) -> Sums {
        let readings = self.readings.lock().unwrap_or_else(PoisonError::into_inner);
        let first = readings.front();
        for (outcome, count) in &mut sums {
            *count = count.saturating_sub(first.and_then(|sums| sums.get(outcome)).copied().unwrap_or(0));
        }
        sums.retain(|_, count| *count > 0);
        sums
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sums(succeeded: u64, failed: u64) -> Sums {
        [("succeeded".to_string(), succeeded), ("CPS.0003".to_string(), failed)].into()
    }

    #[test]
    fn a_minute_is_what_came_since_the_oldest_reading() {
        let recent = Recent::default();
        assert_eq!(recent.since_first(sums(3, 1)), sums(3, 1), "nothing was read yet");
        for n in 0..KEPT as u64 + 5 {
            recent.keep(sums(n * 10, 1));
        }
        let last = recent.since_first(sums(200, 1));
        assert_eq!(last, BTreeMap::from([("succeeded".to_string(), 150)]));
    }
}
