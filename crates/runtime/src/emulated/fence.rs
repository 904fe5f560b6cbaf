//! Who may act on a phone: the highest epoch seen, and the lock under which it is checked and used.

use crate::error::{Reason, RuntimeError, Stage};
use crate::want::PhoneSpec;
use model::id::{PhoneId, ServerId};
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Phones are spread over this many locks.
const SHARDS: usize = 64;

#[derive(Debug)]
struct Seen {
    epoch: i64,
    server_id: ServerId,
}

/// What was seen of every phone that was acted on.
#[derive(Debug)]
pub(super) struct Fence {
    hasher: RandomState,
    shards: Box<[Mutex<HashMap<PhoneId, Seen>>]>,
}

impl Fence {
    /// Nothing seen yet.
    pub(super) fn new() -> Self {
        Self { hasher: RandomState::new(), shards: (0..SHARDS).map(|_| Mutex::default()).collect() }
    }

    fn shard(&self, phone_id: &PhoneId) -> MutexGuard<'_, HashMap<PhoneId, Seen>> {
        let at = self.hasher.hash_one(phone_id) as usize % SHARDS;
        self.shards[at].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Acts on a phone under the spec's epoch, while nobody else can.
    ///
    /// # Errors
    /// [`Reason::Fenced`] when a higher epoch was seen, without acting; otherwise the act's own.
    pub(super) fn act<T>(
        &self,
        spec: &PhoneSpec,
        stage: Stage,
        act: impl FnOnce() -> Result<T, RuntimeError>,
    ) -> Result<T, RuntimeError> {
        let mut shard = self.shard(&spec.phone_id);
        match shard.get_mut(&spec.phone_id) {
            Some(seen) if spec.epoch < seen.epoch => {
                let detail = format!("epoch {} after {}", spec.epoch, seen.epoch);
                return Err(RuntimeError::new(Reason::Fenced, stage, detail));
            }
            Some(seen) => {
                seen.epoch = spec.epoch;
                if seen.server_id != spec.server_id {
                    seen.server_id = spec.server_id.clone();
                }
            }
            None => {
                let seen = Seen { epoch: spec.epoch, server_id: spec.server_id.clone() };
                shard.insert(spec.phone_id.clone(), seen);
            }
        }
        act()
    }

    /// Acts on a phone for itself, while nobody else can; epochs stay as they are.
    pub(super) fn alone(&self, phone_id: &PhoneId, act: impl FnOnce()) {
        let _shard = self.shard(phone_id);
        act();
    }

    /// Whether the phone was last seen on the server.
    pub(super) fn lives_on(&self, phone_id: &PhoneId, server_id: &ServerId) -> bool {
        self.shard(phone_id).get(phone_id).is_some_and(|seen| seen.server_id == *server_id)
    }
}
