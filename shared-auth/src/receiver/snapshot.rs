//! The keys of one answer, and how long they serve. A snapshot is replaced whole, so that a key that left the set is gone
//! with the next answer.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, SystemTime},
};

use super::{jwk::Key, key_document::KeyDocument};
use crate::clock::elapsed;

pub(super) struct Snapshot {
    keys: HashMap<String, Arc<Key>>,
    fetched_at: SystemTime,
    /// When the issuer wrote the answer, before it lay in a cache.
    written_at: SystemTime,
    lifetime: Duration,
    stale_limit: Duration,
}

impl Snapshot {
    /// A snapshot of `document` in the place of `previous`. A key that is in both stays the same `Arc`.
    ///
    /// # Errors
    /// The document is older than the previous one, and says something else. Caches do not all hold the same answer.
    pub(super) fn new(
        document: KeyDocument,
        previous: Option<&Self>,
        now: SystemTime,
        stale_limit: Duration,
    ) -> Result<Self, OlderAnswer> {
        let KeyDocument { mut keys, lifetime, age } = document;
        let written_at = now.checked_sub(age).unwrap_or(now);
        if let Some(previous) = previous {
            // When the clock was set back since, nobody can tell which one is older.
            let is_older = previous.fetched_at <= now && written_at + CLOCK_PRECISION < previous.written_at;
            if is_older && keys != previous.keys {
                return Err(OlderAnswer);
            }
            for key in keys.values_mut() {
                if let Some(same) = previous.keys.get(key.id()).filter(|same| *same == key) {
                    *key = same.clone();
                }
            }
        }
        Ok(Self { keys, fetched_at: now, written_at, lifetime, stale_limit })
    }

    pub(super) fn key(&self, id: &str) -> Option<&Arc<Key>> {
        self.keys.get(id)
    }

    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    /// The time since they were fetched; none, when the clock was set back since.
    pub(super) fn age(&self, now: SystemTime) -> Duration {
        elapsed(self.fetched_at, now).unwrap_or_default()
    }

    /// Whether the keys may still be used, while the fetch that the first request starts is under way, and while no
    /// newer ones can be had (stale-while-revalidate and stale-if-error, RFC 5861 sections 3 and 4).
    pub(super) fn serves(&self, now: SystemTime) -> bool {
        self.age(now) < self.lifetime.saturating_add(self.stale_limit)
    }

    /// Whether new keys should be fetched: a while before these are stale, so that nobody has to wait for it. When the
    /// clock was set back their age is unknown: then they serve, and are due.
    pub(super) fn is_due(&self, now: SystemTime) -> bool {
        elapsed(self.fetched_at, now).is_none_or(|age| age >= self.lifetime / 5 * 4)
    }
}

/// The answer lay in a cache since before the one that is in use was written.
#[derive(Debug, thiserror::Error)]
#[error("the answer is older than the one before, and other keys are in it")]
pub(super) struct OlderAnswer;

/// `Age` has whole seconds, and a fetch takes some.
const CLOCK_PRECISION: Duration = Duration::from_secs(10);
