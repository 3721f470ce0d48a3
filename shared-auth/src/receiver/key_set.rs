//! Google's public keys, kept fresh without ever making a genuine caller wait for somebody else's fetch.
//!
//! Reads go to a snapshot: no lock, no network. Requests start the fetches, since on Cloud Run nothing runs between
//! requests. When a fetch fails the old keys go on serving for hours, and the next attempt comes seconds later. A key
//! that the issuer has withdrawn is refused after the next fetch, and not before.

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

    /// Starts a fetch when keys are missing or due, does not wait for it, and says whether there are keys to verify
    /// with. Called at start it saves the first request a wait; called by a readiness probe it heals.
    ///
    /// # Panics
    /// Outside of a Tokio runtime, which every fetch needs.
    pub fn prefetch(&self) -> bool {
        let now = self.state.clock.now();
        let snapshot = self.state.serving_snapshot(now);
        if snapshot.as_ref().is_none_or(|snapshot| snapshot.is_due(now)) {
            let _ = self.fetch(None, now);
        }
        snapshot.is_some()
    }

    pub(super) fn issuer(&self) -> &'static Issuer {
        self.state.certs.issuer
    }

    pub(super) fn clock(&self) -> &Clock {
        &self.state.clock
    }

    /// The key with this id: at once when it is known, else after a fetch that everyone who needs it shares.
    pub(super) async fn find(&self, id: &str) -> Result<Arc<Key>, NoKey> {
        let mut fetches = 0;
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
            if fetches >= 2 {
                return Err(NoKey::Unknown);
            }
            match self.fetch(Some(id), now) {
                Ok(ticket) => {
                    fetches += if ticket.started { 2 } else { 1 };
                    if !matches!(ticket.wait().await, Some(Ok(()))) {
                        return Err(self.state.unavailable());
                    }
                }
                Err(Some(reason)) => return Err(reason),
                Err(None) => {}
            }
        }
    }

    /// Joins the fetch under way or starts one: for the key `id`, or because the keys are due. `Err` says why there is
    /// none, and nothing when there is no need, because another one has just ended.
    fn fetch(&self, id: Option<&str>, now: SystemTime) -> Result<Ticket<Result<(), FetchFailed>>, Option<NoKey>> {
        self.flight.join_or_start(|| {
            let snapshot = self.state.serving_snapshot(now);
            let is_missing =
                |snapshot: &Arc<Snapshot>| id.map_or(snapshot.is_due(now), |id| snapshot.key(id).is_none());
            if !snapshot.as_ref().is_none_or(is_missing) {
                return Err(None);
            }
            let mut limits = self.state.limits();
            if let Some(retry_after) = limits.backoff.remaining(now) {
                return Err(Some(NoKey::Unavailable { retry_after }));
            }
            // Anybody can write a key id into a token. While there are no keys at all, every id is as good.
            if snapshot.is_some() && id.is_some() && !limits.unknown_ids.take(now) {
                let retry_after = Budget::INTERVAL;
                let failing = limits.backoff.is_failing();
                return Err(Some(if failing { NoKey::Unavailable { retry_after } } else { NoKey::Unknown }));
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
