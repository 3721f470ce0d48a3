//! The tokens that are sent: several callers, several keys at a time, and each way to be refused.
//!
//! Callers keep a token for a while and renew it now and then, as real ones do; some tokens are used once, so that a
//! service which remembers tokens meets many.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use fastrand::Rng;
use google_emulator::{Emulator, Endpoint, Identity, TokenBuilder};

use super::judge::Kind;
use crate::environment::{PROFILE_AUDIENCE, SEARCH_AUDIENCE};

/// A token, and what is known of it when it is sent.
pub(super) struct Chosen {
    pub(super) kind: Kind,
    pub(super) token: String,
    pub(super) subject: &'static str,
    pub(super) key: Key,
}

/// One of Google's keys, by the number of the rotation that brought it.
#[derive(Clone, Copy)]
pub(super) struct Key {
    number: usize,
    pub(super) published: Instant,
}

pub(super) struct Tokens {
    emulator: Arc<Emulator>,
    state: Mutex<State>,
}

struct State {
    /// Of the keys that are published, the oldest first. Never empty.
    generations: Vec<Generation>,
    retired: Vec<Retired>,
}

struct Generation {
    key: Key,
    /// The service has let a token of this key in.
    accepted: bool,
    /// What each caller uses now.
    kept: Vec<(Identity, TokenBuilder, String)>,
    stranger: TokenBuilder,
}

struct Retired {
    token: String,
    /// Once the service holds a key that is newer than this one, it has fetched a set without the retired one.
    until_newer_than: usize,
}

impl Tokens {
    pub(super) fn new(emulator: Arc<Emulator>) -> Self {
        let first = Generation::new(&emulator, 0);
        Self { emulator, state: Mutex::new(State { generations: vec![first], retired: Vec::new() }) }
    }

    /// A genuine token of someone on the list, mostly by the newest key.
    pub(super) fn genuine(&self, rng: &mut Rng) -> Chosen {
        let mut state = self.state();
        let newest = state.generations.len() - 1;
        let chosen = if rng.u8(..100) < 70 { newest } else { rng.usize(..=newest) };
        let generation = state.generations.get_mut(chosen).expect("one of them");
        let caller = rng.usize(..generation.kept.len());
        let (identity, builder, kept) = generation.kept.get_mut(caller).expect("one of them");
        let token = match rng.u8(..100) {
            ..3 => {
                *kept = self.dated(builder, rng).sign();
                kept.clone()
            }
            3..20 => self.dated(builder, rng).sign(),
            _ => kept.clone(),
        };
        let kind = if generation.accepted { Kind::Genuine } else { Kind::GenuineNewKey };
        Chosen { kind, token, subject: identity.unique_id, key: generation.key }
    }

    /// A token that is spoiled in the way of `kind` and in no other: its key is known, and its caller on the list.
    pub(super) fn spoiled(&self, kind: Kind, rng: &mut Rng) -> Option<Chosen> {
        let (key, kept, stranger) = {
            let state = self.state();
            let known = state.generations.iter().rev().find(|generation| generation.accepted)?;
            (known.key, rng.choice(&known.kept)?.clone(), known.stranger.clone())
        };
        let (identity, builder, other) = kept;
        let genuine = self.dated(&builder, rng);
        let token = match kind {
            Kind::Stranger => self.dated(&stranger, rng).sign(),
            Kind::ForgedSignature => genuine.with_signature(other.rsplit('.').next()?).sign(),
            Kind::ForgedKeyId => genuine.header("kid", format!("{:040x}", rng.u128(..))).sign(),
            Kind::Expired => genuine.issued_at(self.emulator.now() - 2 * 3600).sign(),
            Kind::OtherAudience => genuine.claim("aud", SEARCH_AUDIENCE).sign(),
            Kind::RetiredKey => self.retired(rng)?,
            Kind::Genuine | Kind::GenuineNewKey => return None,
        };
        Some(Chosen { kind, token, subject: identity.unique_id, key })
    }

    /// A token of this key was let in.
    pub(super) fn accepted(&self, key: Key) {
        let mut state = self.state();
        state.generations.iter_mut().filter(|known| known.key.number == key.number).for_each(|it| it.accepted = true);
    }

    /// Google publishes a new key and signs with it. Takes as long as it takes to make one.
    pub(super) fn rotate(&self) {
        self.emulator.rotate_keys();
        let number = self.rotations() + 1;
        let next = Generation::new(&self.emulator, number);
        self.state().generations.push(next);
    }

    /// Nobody sends tokens of the older keys from now on, so that Google can withdraw them; `false` when the service has
    /// not seen the newest one yet.
    pub(super) fn leave_old_keys(&self) -> bool {
        let mut state = self.state();
        if state.generations.len() < 2 || !state.generations.last().is_some_and(|newest| newest.accepted) {
            return false;
        }
        let newest = state.generations.pop().expect("it was there");
        let until_newer_than = newest.key.number;
        let old: Vec<_> = std::mem::replace(&mut state.generations, vec![newest]);
        let tokens = old.into_iter().flat_map(|generation| generation.kept).map(|(_, _, token)| token);
        let retired: Vec<_> = tokens.map(|token| Retired { token, until_newer_than }).collect();
        state.retired.extend(retired);
        true
    }

    /// Google withdraws what [`leave_old_keys`](Self::leave_old_keys) left.
    pub(super) fn retire(&self) {
        self.emulator.retire_old_keys();
    }

    /// Where Google publishes the keys.
    pub(super) fn certs(&self) -> &Endpoint {
        self.emulator.certs()
    }

    /// How many there were.
    pub(super) fn rotations(&self) -> usize {
        self.state().generations.last().map_or(0, |newest| newest.key.number)
    }

    fn retired(&self, rng: &mut Rng) -> Option<String> {
        let state = self.state();
        let newest = state.generations.iter().rev().find(|generation| generation.accepted)?.key.number;
        let gone: Vec<_> = state.retired.iter().filter(|retired| newest > retired.until_newer_than).collect();
        rng.choice(gone).map(|retired| retired.token.clone())
    }

    /// Made now, and different from every other.
    fn dated(&self, builder: &TokenBuilder, rng: &mut Rng) -> TokenBuilder {
        builder.clone().issued_at(self.emulator.now()).claim("jti", format!("{:032x}", rng.u128(..)))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Generation {
    /// Of the key that signs now.
    fn new(emulator: &Emulator, number: usize) -> Self {
        let on_the_list = emulator.identities().iter().filter(|identity| ALLOWED.contains(&identity.name));
        let kept = on_the_list.map(|identity| {
            let builder = emulator.token(identity.name, PROFILE_AUDIENCE);
            (identity.clone(), builder.clone(), builder.sign())
        });
        let key = Key { number, published: Instant::now() };
        let stranger = emulator.token("stranger", PROFILE_AUDIENCE);
        Self { key, accepted: false, kept: kept.collect(), stranger }
    }
}

/// Who is on the service's list.
pub(super) const ALLOWED: [&str; 4] = ["login-service", "profile-service", "search-service", "frontend"];
