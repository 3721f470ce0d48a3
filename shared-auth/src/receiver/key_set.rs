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
use serde::Serialize;
use tracing::{info, warn};

use super::{
    certs_endpoint::{CertsEndpoint, FetchError},
    issuer::Issuer,
    jwk::Key,
    key_set_builder::KeySetBuilder,
    limits::Limits,
    snapshot::Snapshot,
};
use crate::{
    Clock, TlsError,
    clock::unix_seconds,
    single_flight::{SingleFlight, Ticket},
};

/// The public keys of an [`Issuer`]. Clones share the keys, the fetches and the limits.
#[derive(Clone)]
pub struct KeySet {
    state: Arc<State>,
    flight: Arc<SingleFlight<Result<(), FetchFailed>>>,
}

/// How a [`KeySet`] is doing, for whoever watches it. The counts are since it was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct KeySetStatus {
    /// How many keys can be used now.
    pub keys: usize,
    /// The time since they were fetched; `None` while there are none.
    pub age: Option<Duration>,
    /// Fetches that have ended, well or not.
    pub fetches: u64,
    /// Those that have failed.
    pub failures: u64,
    /// Why the last one failed; `None` when it did not.
    pub last_error: Option<String>,
}

struct State {
    certs: CertsEndpoint,
    clock: Clock,
    stale_limit: Duration,
    snapshot: ArcSwapOption<Snapshot>,
    limits: Mutex<Limits>,
}

/// The keys that are trusted at a moment.
pub(super) struct Trusted {
    snapshot: Arc<Snapshot>,
    now: SystemTime,
}

impl Trusted {
    /// Whether this very key is one of them.
    pub(super) fn holds(&self, key: &Arc<Key>) -> bool {
        self.snapshot.holds(key)
    }

    /// The moment, in Unix seconds.
    pub(super) fn unix_seconds(&self) -> u64 {
        unix_seconds(self.now)
    }
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
    /// The keys of `issuer`, from where it publishes them. Nothing is fetched yet.
    ///
    /// # Errors
    /// TLS could not be set up.
    pub fn new(issuer: &'static Issuer) -> Result<Self, TlsError> {
        Self::builder(issuer).build()
    }

    /// The keys of `issuer`, with changes.
    pub fn builder(issuer: &'static Issuer) -> KeySetBuilder {
        KeySetBuilder::new(issuer)
    }

    pub(super) fn from_builder(builder: KeySetBuilder) -> Result<Self, TlsError> {
        let KeySetBuilder { issuer, certs_url, clock, stale_limit } = builder;
        let limits = Mutex::new(Limits::new(clock.now()));
        let certs = CertsEndpoint::new(issuer, certs_url)?;
        let state = State { certs, clock, stale_limit, snapshot: ArcSwapOption::empty(), limits };
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
        let (snapshot, now) = self.state.serving_snapshot();
        if snapshot.as_ref().is_none_or(|snapshot| snapshot.is_due(now)) {
            let _ = self.fetch(None);
        }
        snapshot.map(drop).ok_or("no keys to check ID tokens with")
    }

    /// How it is doing. It starts no fetch.
    pub fn status(&self) -> KeySetStatus {
        let (snapshot, now) = self.state.serving_snapshot();
        let limits = self.state.limits();
        KeySetStatus {
            keys: snapshot.as_ref().map_or(0, |snapshot| snapshot.len()),
            age: snapshot.map(|snapshot| snapshot.age(now)),
            fetches: limits.fetches,
            failures: limits.failures,
            last_error: limits.last_error.clone(),
        }
    }

    pub(super) fn issuer(&self) -> &'static Issuer {
        self.state.certs.issuer
    }

    pub(super) fn clock(&self) -> &Clock {
        &self.state.clock
    }

    /// The keys that are trusted now, and the time; `None` while there are none.
    pub(super) fn trusted(&self) -> Option<Trusted> {
        let (snapshot, now) = self.state.serving_snapshot();
        snapshot.map(|snapshot| Trusted { snapshot, now })
    }

    /// Starts a fetch when the keys are due. For whoever has found a key: a forged key id starts none here.
    pub(super) fn renew(&self, trusted: &Trusted) {
        if trusted.snapshot.is_due(trusted.now) {
            let _ = self.fetch(None);
        }
    }

    /// The key with this id: at once when it is known, else after a fetch, two at most, that everyone who needs it
    /// shares.
    pub(super) async fn find(&self, id: &str) -> Result<Arc<Key>, NoKey> {
        let (mut joined, mut is_last) = (false, false);
        loop {
            if let Some(trusted) = self.trusted()
                && let Some(key) = trusted.snapshot.key(id)
            {
                self.renew(&trusted);
                return Ok(key.clone());
            }
            // A fetch that was under way when we came may have left before the key was published. The second one we
            // wait for, or the first that is our own, cannot.
            if is_last {
                return Err(NoKey::Unknown);
            }
            match self.fetch(Some(id)) {
                Ok(ticket) => {
                    is_last = ticket.started || joined;
                    joined = true;
                    if !matches!(ticket.wait().await, Some(Ok(()))) {
                        return Err(self.state.limits().unavailable(self.state.clock.now()));
                    }
                }
                Err(NoFetch::Refused(reason)) => return Err(reason),
                Err(NoFetch::NotNeeded) => {}
            }
        }
    }

    /// Joins the fetch under way or starts one: for the key `id`, or because the keys are due.
    fn fetch(&self, id: Option<&str>) -> Result<Ticket<Result<(), FetchFailed>>, NoFetch> {
        self.flight.join_or_start(|| {
            let (snapshot, now) = self.state.serving_snapshot();
            if let Some(snapshot) = &snapshot
                && !id.map_or(snapshot.is_due(now), |id| snapshot.key(id).is_none())
            {
                return Err(NoFetch::NotNeeded);
            }
            // While there are no keys at all, every id is as good as a known one.
            let is_for_unknown_id = snapshot.is_some() && id.is_some();
            self.state.limits().permit(is_for_unknown_id, now).map_err(NoFetch::Refused)?;
            Ok(State::fetch(self.state.clone()))
        })
    }
}

impl State {
    /// The keys, if they may be used, and the time. The time is read last: read before, it could lie before the fetch
    /// that brought these keys, and look like a clock that was set back.
    fn serving_snapshot(&self) -> (Option<Arc<Snapshot>>, SystemTime) {
        let snapshot = self.snapshot.load_full();
        let now = self.clock.now();
        (snapshot.filter(|snapshot| snapshot.serves(now, self.stale_limit)), now)
    }

    fn limits(&self) -> MutexGuard<'_, Limits> {
        self.limits.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Fetches once; keeps the new keys, or keeps the old ones and remembers the failure.
    async fn fetch(self: Arc<Self>) -> Result<(), FetchFailed> {
        match self.replace_snapshot().await {
            Ok(keys) => {
                let (fetches, failures) = self.limits().succeeded();
                info!(keys, fetches, failures, "fetched the issuer's keys");
                Ok(())
            }
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                let (retry_in, fetches, failures) = self.limits().failed(error, self.clock.now());
                warn!(error, ?retry_in, fetches, failures, "the issuer's keys cannot be fetched");
                Err(FetchFailed)
            }
        }
    }

    async fn replace_snapshot(&self) -> Result<usize, FetchError> {
        let document = self.certs.fetch().await?;
        let previous = self.snapshot.load();
        let snapshot = Snapshot::new(document, previous.as_deref(), self.clock.now())?;
        let keys = snapshot.len();
        self.snapshot.store(Some(Arc::new(snapshot)));
        Ok(keys)
    }
}

#[cfg(test)]
mod tests {
    use google_emulator::Emulator;

    use super::*;

    #[tokio::test]
    async fn whoever_comes_after_a_fetch_has_ended_does_not_start_another() {
        let emulator = Emulator::start().await.unwrap();
        let keys =
            KeySet::builder(Issuer::GOOGLE_ACCOUNTS).certs_url(emulator.certs_url().parse().unwrap()).build().unwrap();
        let set = emulator.jwks();
        let id = set["keys"][0]["kid"].as_str().unwrap();
        assert!(keys.find(id).await.is_ok());
        for wanted in [Some(id), None] {
            assert!(matches!(keys.fetch(wanted), Err(NoFetch::NotNeeded)));
        }
        assert_eq!(emulator.certs().requests(), 1);
    }
}
