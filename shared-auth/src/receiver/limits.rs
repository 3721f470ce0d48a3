//! What keeps fetches few, and what is known about them: failures slow them all down, unknown key ids have an allowance
//! of their own.

use std::{
    error::Error,
    time::{Duration, SystemTime},
};

use super::{budget::Budget, key_set::NoKey};
use crate::{backoff::Backoff, causes::with_causes};

pub(super) struct Limits {
    backoff: Backoff,
    unknown_ids: Budget,
    pub(super) fetches: u64,
    pub(super) failures: u64,
    pub(super) last_error: Option<String>,
}

impl Limits {
    pub(super) fn new(now: SystemTime) -> Self {
        let (backoff, unknown_ids) = (Backoff::default(), Budget::new(now));
        Self { backoff, unknown_ids, fetches: 0, failures: 0, last_error: None }
    }

    /// Whether a fetch may be started now. One for a key id that is not in the set uses up the allowance, since anybody
    /// can write a key id into a token.
    pub(super) fn permit(&mut self, is_for_unknown_id: bool, now: SystemTime) -> Result<(), NoKey> {
        if let Some(retry_after) = self.backoff.remaining(now) {
            return Err(NoKey::Unavailable { retry_after });
        }
        if is_for_unknown_id && !self.unknown_ids.take(now) {
            let retry_after = Budget::INTERVAL;
            let is_failing = self.backoff.is_failing();
            return Err(if is_failing { NoKey::Unavailable { retry_after } } else { NoKey::Unknown });
        }
        Ok(())
    }

    /// Returns how many fetches there were, and how many of them failed.
    pub(super) fn succeeded(&mut self) -> (u64, u64) {
        self.fetches += 1;
        self.last_error = None;
        self.backoff.succeeded();
        (self.fetches, self.failures)
    }

    /// Returns how long to wait before the next one, and the same.
    pub(super) fn failed(&mut self, error: &dyn Error, now: SystemTime) -> (Duration, u64, u64) {
        self.fetches += 1;
        self.failures += 1;
        self.last_error = Some(with_causes(error));
        (self.backoff.failed(now), self.fetches, self.failures)
    }

    /// The answer for whoever needs a key after a failure.
    pub(super) fn unavailable(&self, now: SystemTime) -> NoKey {
        NoKey::Unavailable { retry_after: self.backoff.remaining(now).unwrap_or_default() }
    }
}
