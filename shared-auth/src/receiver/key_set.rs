//! Google's public keys, kept fresh without ever making a genuine caller wait for somebody else's fetch.
//!
//! Reads go to a snapshot: no lock, no network. Requests start the fetches, since on Cloud Run nothing runs between
//! requests. When a fetch fails the old keys go on serving for hours, and the next attempt comes seconds later.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use arc_swap::ArcSwapOption;
use tracing::{info, warn};

use super::{budget::Budget, certs_endpoint::CertsEndpoint, issuer::Issuer, jwk::Key, key_document::KeyDocument};
use crate::{
    Clock, SecureUrl, TlsError,
    backoff::Backoff,
    clock::elapsed,
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

/// The keys of one answer. It is replaced whole, so a key that left the set is gone with the next answer.
struct Snapshot {
    keys: HashMap<String, Arc<Key>>,
    fetched_at: SystemTime,
    lifetime: Duration,
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

#[derive(Clone, Copy)]
enum Reason {
    /// There are no keys, or they are due: only failures slow this down.
    Stale,
    /// A token named a key id that is not in the set. Anybody can write one, so this has a budget.
    UnknownId,
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
            let _ = self.fetch(Reason::Stale, now);
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
        loop {
            let now = self.state.clock.now();
            let snapshot = self.state.serving_snapshot(now);
            if let Some(snapshot) = &snapshot
                && let Some(key) = snapshot.keys.get(id)
            {
                if snapshot.is_due(now) {
                    let _ = self.fetch(Reason::Stale, now);
                }
                return Ok(key.clone());
            }
            let reason = if snapshot.is_some() { Reason::UnknownId } else { Reason::Stale };
            let ticket = self.fetch(reason, now)?;
            let started = ticket.started;
            match ticket.wait().await {
                Some(Ok(())) => {}
                _ => return Err(self.state.unavailable()),
            }
            // A fetch that was under way before we came may have left before the key was published: then once more.
            if started {
                let snapshot = self.state.snapshot.load_full();
                return snapshot.and_then(|snapshot| snapshot.keys.get(id).cloned()).ok_or(NoKey::Unknown);
            }
        }
    }

    /// Joins the fetch under way or starts one, if the limits allow it.
    fn fetch(&self, reason: Reason, now: SystemTime) -> Result<Ticket<Result<(), FetchFailed>>, NoKey> {
        self.flight.join_or_start(|| {
            let mut limits = self.state.limits();
            if let Some(retry_after) = limits.backoff.remaining(now) {
                return Err(NoKey::Unavailable { retry_after });
            }
            if matches!(reason, Reason::UnknownId) && !limits.unknown_ids.take(now) {
                let retry_after = Budget::INTERVAL;
                let failing = limits.backoff.is_failing();
                return Err(if failing { NoKey::Unavailable { retry_after } } else { NoKey::Unknown });
            }
            Ok(State::fetch(self.state.clone()))
        })
    }
}

impl State {
    /// The keys, unless they are too old to be trusted although no newer ones could be had.
    fn serving_snapshot(&self, now: SystemTime) -> Option<Arc<Snapshot>> {
        let snapshot = self.snapshot.load_full()?;
        // When the clock was set back the age is unknown: serve, and let `is_due` fetch anew.
        let age = elapsed(snapshot.fetched_at, now).unwrap_or_default();
        (age < snapshot.lifetime + STALE_LIMIT).then_some(snapshot)
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
        let mut limits = self.limits();
        match fetched {
            Ok(KeyDocument { keys, lifetime }) => {
                limits.backoff.succeeded();
                info!(keys = keys.len(), lifetime_seconds = lifetime.as_secs(), "fetched the issuer's keys");
                self.snapshot.store(Some(Arc::new(Snapshot { keys, fetched_at: now, lifetime })));
                Ok(())
            }
            Err(error) => {
                limits.backoff.failed(now);
                let retry_in = limits.backoff.remaining(now).unwrap_or_default();
                let error = &error as &dyn std::error::Error;
                warn!(error, ?retry_in, "the issuer's keys cannot be fetched");
                Err(FetchFailed)
            }
        }
    }
}

impl Snapshot {
    /// Due a while before the keys are stale, so that nobody has to wait for the fetch.
    fn is_due(&self, now: SystemTime) -> bool {
        elapsed(self.fetched_at, now).is_none_or(|age| age >= self.lifetime / 5 * 4)
    }
}

/// How long keys serve beyond their lifetime while no newer ones can be had (stale-if-error, RFC 5861 section 4).
const STALE_LIMIT: Duration = Duration::from_secs(6 * 60 * 60);
