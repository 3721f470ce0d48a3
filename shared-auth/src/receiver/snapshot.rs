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
    lifetime: Duration,
}

impl Snapshot {
    pub(super) fn new(document: KeyDocument, fetched_at: SystemTime) -> Self {
        Self { keys: document.keys, fetched_at, lifetime: document.lifetime }
    }

    pub(super) fn key(&self, id: &str) -> Option<Arc<Key>> {
        self.keys.get(id).cloned()
    }

    /// Whether the keys may still be used. When the clock was set back their age is unknown: then they serve, and are
    /// due.
    pub(super) fn serves(&self, now: SystemTime) -> bool {
        elapsed(self.fetched_at, now).unwrap_or_default() < self.lifetime + STALE_LIMIT
    }

    /// Whether new keys should be fetched: a while before these are stale, so that nobody has to wait for it.
    pub(super) fn is_due(&self, now: SystemTime) -> bool {
        elapsed(self.fetched_at, now).is_none_or(|age| age >= self.lifetime / 5 * 4)
    }
}

/// How long keys serve beyond their lifetime: while the fetch that the first request starts is under way, and while no
/// newer ones can be had (stale-while-revalidate and stale-if-error, RFC 5861 sections 3 and 4).
const STALE_LIMIT: Duration = Duration::from_secs(6 * 60 * 60);
