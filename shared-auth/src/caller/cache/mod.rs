//! ID tokens kept per audience: refreshed ahead of their expiry, fetched once for any number of waiters, asked for
//! slowly while the source fails. Every failure heals by itself.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use arc_swap::ArcSwap;
use tokio::time::{Instant, timeout_at};
use tracing::{debug, warn};

use super::{Error, IdToken, Step, TokenSource};
use crate::{
    Audience, Clock,
    backoff::Backoff,
    clock::elapsed,
    single_flight::{SingleFlight, Ticket},
};

/// Keeps the ID tokens of one source. Nothing runs in the background but a fetch that a request has started.
#[derive(Debug)]
pub struct TokenCache {
    source: Arc<dyn TokenSource>,
    clock: Clock,
    /// Read without a lock, and replaced when an audience is new.
    entries: ArcSwap<HashMap<Audience, Arc<Entry>>>,
}

#[derive(Debug)]
struct Entry {
    state: Arc<Mutex<State>>,
    flight: SingleFlight<Result<IdToken, Error>>,
}

#[derive(Debug, Default)]
struct State {
    token: Option<IdToken>,
    /// Whether a receiver has refused the token: then it serves only while there is no other.
    is_refused: bool,
    discarded_at: Option<SystemTime>,
    used_at: Option<SystemTime>,
    backoff: Backoff,
    last_error: Option<Arc<Error>>,
}

/// Why a fetch was not started.
enum NoFetch {
    /// Another one has just ended, and brought this.
    NotNeeded(IdToken),
    /// The source failed a moment ago.
    BackingOff(Error),
}

impl TokenCache {
    /// Keeps what `source` gives.
    pub fn new(source: impl TokenSource) -> Self {
        Self::with_clock(source, Clock::system())
    }

    /// The same, at the time of `clock`.
    pub fn with_clock(source: impl TokenSource, clock: Clock) -> Self {
        Self { source: Arc::new(source), clock, entries: ArcSwap::default() }
    }

    /// An ID token for `audience` that has not expired.
    ///
    /// # Errors
    /// The source's, when there is no token that is still good.
    pub async fn token(&self, audience: &Audience) -> Result<IdToken, Error> {
        let now = self.clock.now();
        if let Some(token) = self.fresh(audience, now) {
            return Ok(token);
        }
        let entry = self.entry(audience);
        let (kept, is_refused) = lock(&entry.state).use_at(now);
        let left = kept.as_ref().map_or(Duration::ZERO, |token| token.time_left(now));
        let kept = kept.filter(|_| left > ON_THE_WAY);
        match kept {
            Some(token) if !is_refused => {
                let _ = self.fetch(&entry, audience, now);
                Ok(token)
            }
            kept => self.fetched(&entry, audience, now).await.or_else(|error| kept.ok_or(error)),
        }
    }

    /// The token that is kept, if there is nothing to do about it: nearly always.
    fn fresh(&self, audience: &Audience, now: SystemTime) -> Option<IdToken> {
        let entries = self.entries.load();
        let (kept, is_refused) = lock(&entries.get(audience)?.state).use_at(now);
        kept.filter(|token| !is_refused && token.time_left(now) > REFRESH_AHEAD)
    }

    /// The token of a fetch, of the next one if the first was cut off: by a panic, or with the runtime that it ran on.
    async fn fetched(&self, entry: &Entry, audience: &Audience, now: SystemTime) -> Result<IdToken, Error> {
        for _ in 0..2 {
            match self.fetch(entry, audience, now) {
                Ok(ticket) => {
                    if let Some(fetched) = ticket.wait().await {
                        return fetched;
                    }
                }
                Err(NoFetch::NotNeeded(token)) => return Ok(token),
                Err(NoFetch::BackingOff(error)) => return Err(error),
            }
        }
        Err(unusable("the fetch was cut off"))
    }

    /// The same, before `deadline`.
    pub(super) async fn token_before(&self, audience: &Audience, deadline: Instant) -> Result<IdToken, Error> {
        let late = |late| Err(Error::SourceUnreachable { step: Step::Source, source: Arc::new(late) });
        timeout_at(deadline, self.token(audience)).await.unwrap_or_else(late)
    }

    /// Puts `token` aside, which a receiver has refused, and says whether there is or will be another: a receiver that
    /// refuses everything does not cause a fetch with every request. It serves again if no other can be had.
    pub fn discard(&self, audience: &Audience, token: &IdToken) -> bool {
        let (entry, now) = (self.entry(audience), self.clock.now());
        let mut state = lock(&entry.state);
        if state.is_refused || !state.token.as_ref().is_some_and(|kept| kept.is_same(token)) {
            return true;
        }
        if state.discarded_at.is_some_and(|then| elapsed(then, now).is_some_and(|ago| ago < DISCARD_PAUSE)) {
            return false;
        }
        state.discarded_at = Some(now);
        state.is_refused = true;
        true
    }

    /// Joins the fetch under way or starts one.
    fn fetch(
        &self,
        entry: &Entry,
        audience: &Audience,
        now: SystemTime,
    ) -> Result<Ticket<Result<IdToken, Error>>, NoFetch> {
        entry.flight.join_or_start(|| {
            let state = lock(&entry.state);
            let is_good = |token: &&IdToken| !state.is_refused && token.time_left(now) > REFRESH_AHEAD;
            if let Some(token) = state.token.as_ref().filter(is_good) {
                return Err(NoFetch::NotNeeded(token.clone()));
            }
            if let (Some(retry_after), Some(source)) = (state.backoff.remaining(now), &state.last_error) {
                let source = source.clone();
                return Err(NoFetch::BackingOff(Error::SourceBackingOff { retry_after, source }));
            }
            let (source, clock, audience) = (self.source.clone(), self.clock.clone(), audience.clone());
            let state = entry.state.clone();
            Ok(async move {
                let fetched = source.id_token(&audience).await;
                let (kept, retry_in) = lock(&state).keep(fetched, clock.now());
                match &kept {
                    Ok(token) => debug!(%audience, expires_at = ?token.expires_at(), "fetched an ID token"),
                    Err(error) => {
                        let (error, hint) = (error as &dyn std::error::Error, error.hint());
                        warn!(error, hint, %audience, ?retry_in, "no ID token");
                    }
                }
                kept
            })
        })
    }

    fn entry(&self, audience: &Audience) -> Arc<Entry> {
        if let Some(entry) = self.entries.load().get(audience) {
            return entry.clone();
        }
        let new = Arc::new(Entry { state: Arc::default(), flight: SingleFlight::new() });
        self.entries.rcu(|entries| {
            let mut entries = HashMap::clone(entries);
            if entries.contains_key(audience) {
                return entries;
            }
            if entries.len() >= MOST_AUDIENCES {
                let used_at = |entry: &Entry| lock(&entry.state).used_at;
                let oldest = entries.iter().min_by_key(|(_, entry)| used_at(entry)).map(|(oldest, _)| oldest.clone());
                oldest.and_then(|oldest| entries.remove(&oldest));
            }
            entries.insert(audience.clone(), new.clone());
            entries
        });
        self.entries.load().get(audience).cloned().unwrap_or(new)
    }
}

impl State {
    /// The token that is kept, and whether it was refused.
    fn use_at(&mut self, now: SystemTime) -> (Option<IdToken>, bool) {
        self.used_at = Some(now);
        (self.token.clone(), self.is_refused)
    }

    /// Keeps a fetched token, or remembers why there is none. Returns it, and when to ask again after a failure.
    fn keep(&mut self, fetched: Result<IdToken, Error>, now: SystemTime) -> (Result<IdToken, Error>, Option<Duration>) {
        let fetched = match fetched {
            Ok(token) if token.time_left(now).is_zero() => Err(unusable(EXPIRED)),
            fetched => fetched,
        };
        match &fetched {
            Ok(token) => {
                self.token = Some(token.clone());
                self.is_refused = false;
                // Usable, and due again at once: ask for the next one, but not with every request.
                if token.time_left(now) <= REFRESH_AHEAD {
                    self.backoff.failed(now);
                    self.last_error = Some(Arc::new(unusable("it expires within minutes")));
                } else {
                    self.backoff.succeeded();
                }
            }
            Err(error) => {
                self.backoff.failed(now);
                self.last_error = Some(Arc::new(error.clone()));
            }
        }
        (fetched, self.backoff.remaining(now))
    }
}

fn unusable(problem: &'static str) -> Error {
    Error::SourceAnswer { step: Step::Source, problem }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(super) const EXPIRED: &str = "it has expired already";
/// The metadata server hands out the same token until so long before its expiry; asking earlier brings nothing new.
const REFRESH_AHEAD: Duration = Duration::from_secs(4 * 60);
/// A token that has no more than this left may expire before it is checked; then a request waits for the next one.
const ON_THE_WAY: Duration = Duration::from_secs(5);
/// From one discarded token of an audience to the next.
const DISCARD_PAUSE: Duration = Duration::from_secs(60);
/// A service calls a handful of others; when there are more, the token that was not used for the longest time makes room.
const MOST_AUDIENCES: usize = 64;

#[cfg(test)]
mod tests;
