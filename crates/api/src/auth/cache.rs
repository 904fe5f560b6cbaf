//! A small map whose entries are forgotten after a while.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Most entries; at that point all are forgotten and looked up anew.
const ENTRIES_MAX: usize = 10_000;

pub(super) struct Cache<V> {
    life: Duration,
    entries: Mutex<HashMap<String, (Instant, V)>>,
}

// The values are secrets.
impl<V> std::fmt::Debug for Cache<V> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cache").field("life", &self.life).finish_non_exhaustive()
    }
}

impl<V: Clone> Cache<V> {
    pub(super) fn new(life: Duration) -> Self {
        Self { life, entries: Mutex::default() }
    }

    pub(super) fn get(&self, key: &str) -> Option<V> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.get(key).filter(|(since, _)| since.elapsed() < self.life).map(|(_, value)| value.clone())
    }

    pub(super) fn put(&self, key: &str, value: V) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= ENTRIES_MAX {
            entries.clear();
        }
        entries.insert(key.to_string(), (Instant::now(), value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_forgotten_and_bounded() {
        let cache = Cache::new(Duration::from_secs(60));
        cache.put("a", 1);
        assert_eq!(cache.get("a"), Some(1));
        assert_eq!(cache.get("b"), None);
        for n in 0..ENTRIES_MAX {
            cache.put(&n.to_string(), 2);
        }
        assert_eq!(cache.get("a"), None, "the map was full once");
        let short = Cache::new(Duration::ZERO);
        short.put("a", 1);
        assert_eq!(short.get("a"), None);
    }
}
