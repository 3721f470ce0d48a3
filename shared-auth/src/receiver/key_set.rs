//! Google's public keys, kept fresh. A request whose key is known is served from a snapshot and never waits; one whose
//! key is unknown waits for a fetch that all share.
//!
//! Requests start the fetches, since on Cloud Run nothing runs between requests. When a fetch fails the old keys go on
//! serving for hours, and the next attempt comes seconds later. A withdrawn key is trusted until the next successful
//! fetch, or until the keys are too old to serve.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use arc_swap::ArcSwapOption;
use tracing::{info, warn};

use super::{budget::Budget, certs_endpoint::CertsEndpoint, issuer::Issuer, jwk::Key, snapshot::Snapshot};
use crate::{
    Clock, SecureUrl, TlsError,
    backoff::Backoff,
    single_flight::{SingleFlight, Ticket},
};

/// The public keys of an [`Issuer`]. Clones share the keys, the fetches and the limits.
#[derive(Clone)]
pub struct KeySet {
    state: Arc<State>,
    flight: Arc<SingleFlight<Result<(), FetchFailed>>>,
}

struct State {
    certs: CertsEndpoint,
    clock: Clock,
    snapshot: ArcSwapOption<Snapshot>,
    limits: Mutex<Limits>,
}

/// What keeps fetches few: failures slow them all down, unknown key ids have an allowance of their own.
struct Limits {
    backoff: Backoff,
    unknown_ids: Budget,
}

/// Why there is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoKey {
    /// The issuer does not publish this key id, as far as we may know.
    Unknown,
    /// The keys cannot be fetched, so nobody can tell.
    Unavailable { retry_after: Duration },
}

/// Why a fetch was not started.
enum NoFetch {
    /// Another one has just ended, and brought what is wanted.
    NotNeeded,
    /// The limits forbid it.
    Refused(NoKey),
}

/// The details were logged where it failed.
#[derive(Clone, Copy)]
struct FetchFailed;

impl KeySet {
    /// The keys that `issuer` publishes at `certs_url`. Nothing is fetched yet.
    ///
    /// # Errors
    /// TLS could not be set up.
    pub fn new(issuer: &'static Issuer, certs_url: SecureUrl) -> Result<Self, TlsError> {
        Self::with_clock(issuer, certs_url, Clock::system())
    }

    /// The same, at the time of `clock`. The verifier that uses these keys goes by this clock, too.
    ///
    /// # Errors
    /// TLS could not be set up.
    pub fn with_clock(issuer: &'static Issuer, certs_url: SecureUrl, clock: Clock) -> Result<Self, TlsError> {
        let limits = Limits { backoff: Backoff::default(), unknown_ids: Budget::new(clock.now()) };
        let state = State {
            certs: CertsEndpoint::new(issuer, certs_url)?,
            clock,
            snapshot: ArcSwapOption::empty(),
            limits: Mutex::new(limits),
        };
        Ok(Self { state: Arc::new(state), flight: Arc::new(SingleFlight::new()) })
    }

    /// Starts a fetch when keys are missing or due, and does not wait for it: at start it saves the first request a wait.
    ///
    /// # Panics
    /// Outside of a Tokio runtime, which every fetch needs.
    pub fn prefetch(&self) {
        let _ = self.ready();
    }

    /// Whether there are keys to verify with, for a readiness probe. It prefetches, so that the probes heal a start
    /// without keys.
    ///
    /// # Errors
    /// There are none, in words for the probe's answer.
    ///
    /// # Panics
    /// Outside of a Tokio runtime, which every fetch needs.
    pub fn ready(&self) -> Result<(), &'static str> {
        let now = self.state.clock.now();
        let snapshot = self.state.serving_snapshot(now);
        if snapshot.as_ref().is_none_or(|snapshot| snapshot.is_due(now)) {
            let _ = self.fetch(None, now);
        }
        snapshot.map(drop).ok_or("no keys to check ID tokens with")
    }

    pub(super) fn issuer(&self) -> &'static Issuer {
        self.state.certs.issuer
    }

    pub(super) fn clock(&self) -> &Clock {
        &self.state.clock
    }

    /// The key with this id: at once when it is known, else after a fetch that everyone who needs it shares.
    pub(super) async fn find(&self, id: &str) -> Result<Arc<Key>, NoKey> {
        let (mut joined, mut is_last) = (false, false);
        loop {
            let now = self.state.clock.now();
            let snapshot = self.state.serving_snapshot(now);
            if let Some(snapshot) = &snapshot
                && let Some(key) = snapshot.key(id)
            {
                if snapshot.is_due(now) {
                    let _ = self.fetch(None, now);
                }
                return Ok(key);
            }
            // A fetch that was under way when we came may have left before the key was published. The second one we
            // wait for, or the first that is our own, cannot.
            if is_last {
                return Err(NoKey::Unknown);
            }
            match self.fetch(Some(id), now) {
                Ok(ticket) => {
                    is_last = ticket.started || joined;
                    joined = true;
                    if !matches!(ticket.wait().await, Some(Ok(()))) {
                        return Err(self.state.unavailable());
                    }
                }
                Err(NoFetch::Refused(reason)) => return Err(reason),
                Err(NoFetch::NotNeeded) => {}
            }
        }
    }

    /// Joins the fetch under way or starts one: for the key `id`, or because the keys are due.
    fn fetch(&self, id: Option<&str>, now: SystemTime) -> Result<Ticket<Result<(), FetchFailed>>, NoFetch> {
        self.flight.join_or_start(|| {
            let snapshot = self.state.serving_snapshot(now);
            let is_missing =
                |snapshot: &Arc<Snapshot>| id.map_or(snapshot.is_due(now), |id| snapshot.key(id).is_none());
            if !snapshot.as_ref().is_none_or(is_missing) {
                return Err(NoFetch::NotNeeded);
            }
            let mut limits = self.state.limits();
            if let Some(retry_after) = limits.backoff.remaining(now) {
                return Err(NoFetch::Refused(NoKey::Unavailable { retry_after }));
            }
            // Anybody can write a key id into a token. While there are no keys at all, every id is as good.
            if snapshot.is_some() && id.is_some() && !limits.unknown_ids.take(now) {
                let retry_after = Budget::INTERVAL;
                let failing = limits.backoff.is_failing();
                let reason = if failing { NoKey::Unavailable { retry_after } } else { NoKey::Unknown };
                return Err(NoFetch::Refused(reason));
            }
            Ok(State::fetch(self.state.clone()))
        })
    }
}

impl State {
    fn serving_snapshot(&self, now: SystemTime) -> Option<Arc<Snapshot>> {
        self.snapshot.load_full().filter(|snapshot| snapshot.serves(now))
    }

    fn unavailable(&self) -> NoKey {
        let retry_after = self.limits().backoff.remaining(self.clock.now()).unwrap_or_default();
        NoKey::Unavailable { retry_after }
    }

    fn limits(&self) -> MutexGuard<'_, Limits> {
        self.limits.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Fetches once; keeps the new keys, or keeps the old ones and remembers the failure.
    async fn fetch(self: Arc<Self>) -> Result<(), FetchFailed> {
        let fetched = self.certs.fetch().await;
        let now = self.clock.now();
        match fetched {
            Ok(document) => {
                let (keys, lifetime) = (document.keys.len(), document.lifetime.as_secs());
                info!(keys, lifetime_seconds = lifetime, "fetched the issuer's keys");
                self.snapshot.store(Some(Arc::new(Snapshot::new(document, now))));
                self.limits().backoff.succeeded();
                Ok(())
            }
            Err(error) => {
                let retry_in = self.limits().backoff.failed(now);
                let error = &error as &dyn std::error::Error;
                warn!(error, ?retry_in, "the issuer's keys cannot be fetched");
                Err(FetchFailed)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use google_emulator::Emulator;

    use super::*;

    #[tokio::test]
    async fn whoever_comes_after_a_fetch_has_ended_does_not_start_another() {
        let emulator = Emulator::start().await.unwrap();
        let keys = KeySet::new(Issuer::GOOGLE_ACCOUNTS, emulator.certs_url().parse().unwrap()).unwrap();
        let set = emulator.jwks();
        let id = set["keys"][0]["kid"].as_str().unwrap();
        assert!(keys.find(id).await.is_ok());
        for wanted in [Some(id), None] {
            assert!(matches!(keys.fetch(wanted, SystemTime::now()), Err(NoFetch::NotNeeded)));
        }
        assert_eq!(emulator.certs().requests(), 1);
    }
}
