//! The keys of one answer, and how long they serve. A snapshot is replaced whole, so that a key that left the set is gone
//! with the next answer.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use super::{jwk::Key, key_document::KeyDocument};
use crate::clock::elapsed;

pub(super) struct Snapshot {
    keys: HashMap<String, Arc<Key>>,
    fetched_at: SystemTime,
    /// When the issuer's server generated the answer, before it lay in a cache (RFC 9111 section 4.2.3).
    generated_at: SystemTime,
    lifetime: Duration,
}

impl Snapshot {
    /// A snapshot of `document` in the place of `previous`. A key that is in both stays the same `Arc`.
    ///
    /// # Errors
    /// The document is older than the previous one, and says something else. Caches do not all hold the same answer.
    pub(super) fn new(document: KeyDocument, previous: Option<&Self>, now: SystemTime) -> Result<Self, OlderAnswer> {
        let KeyDocument { mut keys, lifetime, age } = document;
        let mut generated_at = now.checked_sub(age).unwrap_or(UNIX_EPOCH);
        if let Some(previous) = previous {
            // When the clock was set back since, nobody can tell which one is older.
            if previous.fetched_at <= now {
                if generated_at + AGE_TOLERANCE < previous.generated_at && keys != previous.keys {
                    return Err(OlderAnswer);
                }
                generated_at = generated_at.max(previous.generated_at);
            }
            for key in keys.values_mut() {
                if let Some(same) = previous.keys.get(key.id()).filter(|same| *same == key) {
                    *key = same.clone();
                }
            }
        }
        Ok(Self { keys, fetched_at: now, generated_at, lifetime })
    }

    pub(super) fn key(&self, id: &str) -> Option<&Arc<Key>> {
        self.keys.get(id)
    }

    /// Whether this very key is in it. An issuer has few, so that to look at them all is quicker than to hash.
    pub(super) fn holds(&self, key: &Arc<Key>) -> bool {
        self.keys.values().any(|held| Arc::ptr_eq(held, key))
    }

    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    /// The time since they were fetched; none, when the clock was set back since.
    pub(super) fn age(&self, now: SystemTime) -> Duration {
        elapsed(self.fetched_at, now).unwrap_or_default()
    }

    /// Whether the keys may still be used: for so long beyond their lifetime, while the fetch that the first request
    /// starts is under way, and while no newer ones can be had (stale-while-revalidate and stale-if-error, RFC 5861
    /// sections 3 and 4).
    pub(super) fn serves(&self, now: SystemTime, stale_limit: Duration) -> bool {
        self.age(now) < self.lifetime.saturating_add(stale_limit)
    }

    /// Whether new keys should be fetched: a while before these are stale, so that nobody has to wait for it. When the
    /// clock was set back their age is unknown: then they serve, and are due.
    pub(super) fn is_due(&self, now: SystemTime) -> bool {
        elapsed(self.fetched_at, now).is_none_or(|age| age >= self.lifetime / 5 * 4)
    }
}

/// The answer lay in a cache since before the one that is in use was generated. A cache that leaves `Age` out is taken
/// for the issuer itself.
#[derive(Debug, thiserror::Error)]
#[error("the answer is older than the one before, and other keys are in it")]
pub(super) struct OlderAnswer;

/// `Age` has whole seconds, and a fetch takes some.
const AGE_TOLERANCE: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, header::AGE};
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    use serde_json::json;

    use super::*;
    use crate::receiver::Issuer;

    const NOW: u64 = 1_800_000_000;

    /// A snapshot of the keys with these ids, that lay in a cache for `age` seconds and is fetched `later` than `NOW`.
    fn snapshot(ids: &[&str], age: u64, previous: Option<&Snapshot>, later: i64) -> Result<Snapshot, OlderAnswer> {
        let n = URL_SAFE_NO_PAD.encode([0xc5; 256]);
        let keys: Vec<_> = ids.iter().map(|id| json!({ "kid": id, "kty": "RSA", "n": n, "e": "AQAB" })).collect();
        let headers = HeaderMap::from_iter([(AGE, age.into())]);
        let body = json!({ "keys": keys }).to_string();
        let document = KeyDocument::parse(&headers, body.as_bytes(), Issuer::GOOGLE_ACCOUNTS).unwrap();
        let now = UNIX_EPOCH + Duration::from_secs(NOW.checked_add_signed(later).unwrap());
        Snapshot::new(document, previous, now)
    }

    #[test]
    fn a_key_that_stays_in_the_set_stays_the_same_value() {
        let first = snapshot(&["a", "b"], 0, None, 0).unwrap();
        let second = snapshot(&["b", "c"], 0, Some(&first), 1).unwrap();
        assert!(Arc::ptr_eq(first.key("b").unwrap(), second.key("b").unwrap()));
        assert!(second.key("a").is_none() && second.key("c").is_some());
    }

    #[test]
    fn an_answer_is_older_when_it_was_written_before_and_the_difference_is_not_one_of_clocks() {
        let first = snapshot(&["a"], 100, None, 0).unwrap();
        assert!(snapshot(&["b"], 110, Some(&first), 0).is_ok());
        assert!(snapshot(&["b"], 111, Some(&first), 0).is_err());
        assert!(snapshot(&["b"], 170, Some(&first), 60).is_ok());
        assert!(snapshot(&["b"], 171, Some(&first), 60).is_err());
        let same = snapshot(&["a"], 999, Some(&first), 60).expect("it says the same");
        assert!(snapshot(&["b"], 171, Some(&same), 60).is_err(), "and is as young");
        assert!(snapshot(&["b"], u64::MAX, Some(&first), 60).is_err(), "older than all time");
    }

    #[test]
    fn after_the_clock_was_set_back_every_answer_is_taken() {
        let first = snapshot(&["a"], 0, None, 0).unwrap();
        assert!(snapshot(&["b"], 0, Some(&first), -3600).is_ok());
    }
}
