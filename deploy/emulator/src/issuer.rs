//! The issuer: Google's keys and Google's clock, and the tokens that come of them.
//!
//! Shared by the certs endpoint, which publishes the keys, and by the endpoints that hand out tokens.

use std::{
    iter,
    sync::atomic::{AtomicI64, Ordering},
    time::{SystemTime, UNIX_EPOCH},
};

use arc_swap::ArcSwap;
use serde_json::{Map, Value, json};

use crate::{
    identity::Identity, key_life::KeyLife, signing_key::SigningKey, token::TokenBuilder, unverified::Unverified,
};

pub(crate) struct Issuer {
    keys: ArcSwap<Keys>,
    pub(crate) key_life: KeyLife,
    /// Seconds by which this clock is ahead of the machine's.
    ahead: AtomicI64,
}

/// All of these are published; only the current one signs.
struct Keys {
    current: SigningKey,
    previous: Vec<SigningKey>,
    /// Published as well, whatever they say.
    foreign: Vec<Value>,
}

impl Keys {
    fn own(&self) -> impl Iterator<Item = &SigningKey> {
        iter::once(&self.current).chain(&self.previous)
    }
}

impl Issuer {
    pub(crate) fn new(key_life: KeyLife) -> Self {
        let keys = Keys { current: SigningKey::rsa(), previous: Vec::new(), foreign: Vec::new() };
        Self { keys: ArcSwap::from_pointee(keys), key_life, ahead: AtomicI64::new(0) }
    }

    /// A genuine token of a service account, open to changes.
    pub(crate) fn token(&self, identity: &Identity, audience: &str) -> TokenBuilder {
        self.id_token(identity.unique_id, &identity.email, audience).claim("azp", identity.unique_id)
    }

    /// What the ID tokens of service accounts and of people have in common.
    pub(crate) fn id_token(&self, unique_id: &str, email: &str, audience: &str) -> TokenBuilder {
        TokenBuilder::new(self.current_key(), LIFETIME_SECONDS)
            .claim("iss", ISSUERS[0])
            .claim("aud", audience)
            .claim("sub", unique_id)
            .claim("email", email)
            .claim("email_verified", true)
            .issued_at(self.now())
    }

    /// Whether one of the published keys made the token's signature.
    pub(crate) fn signed(&self, token: &Unverified<'_>) -> bool {
        let keys = self.keys.load();
        let key = keys.own().find(|key| token.parameter("kid").is_some_and(|id| id == key.id()));
        // The key decides how it is used, never the header: RFC 8725 §3.1.
        key.is_some_and(|key| {
            token.parameter("alg").is_some_and(|algorithm| algorithm == key.algorithm())
                && key.verifies(token.signing_input, &token.signature)
        })
    }

    pub(crate) fn current_key(&self) -> SigningKey {
        self.keys.load().current.clone()
    }

    pub(crate) fn rotate_keys(&self) {
        let current = SigningKey::rsa();
        self.keys.rcu(|keys| {
            let previous = iter::once(&keys.current).chain(&keys.previous).cloned().collect();
            Keys { current: current.clone(), previous, foreign: keys.foreign.clone() }
        });
    }

    pub(crate) fn retire_old_keys(&self) {
        self.keys.rcu(|keys| Keys { current: keys.current.clone(), previous: Vec::new(), foreign: Vec::new() });
    }

    pub(crate) fn publish(&self, jwk: Value) {
        self.keys.rcu(|keys| {
            let foreign = keys.foreign.iter().chain(iter::once(&jwk)).cloned().collect();
            Keys { current: keys.current.clone(), previous: keys.previous.clone(), foreign }
        });
    }

    pub(crate) fn jwks(&self) -> Value {
        let keys = self.keys.load();
        let own = keys.own().map(SigningKey::jwk);
        let published: Vec<Value> = own.chain(keys.foreign.iter().cloned()).collect();
        json!({ "keys": published })
    }

    /// The same keys as certificates in PEM, by their ids. Those that are not the issuer's own are left out.
    pub(crate) fn certificates(&self) -> Value {
        let keys = self.keys.load();
        let certificates = keys.own().filter_map(|key| Some((key.id().to_owned(), json!(key.certificate()?))));
        Value::Object(Map::from_iter(certificates))
    }

    pub(crate) fn now(&self) -> i64 {
        let machine = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() as i64);
        machine + self.ahead.load(Ordering::Relaxed)
    }

    pub(crate) fn move_clock(&self, seconds: i64) {
        self.ahead.fetch_add(seconds, Ordering::Relaxed);
    }
}

/// Both spellings occur in Google's tokens; the first is that of ID tokens of service accounts.
pub(crate) const ISSUERS: [&str; 2] = ["https://accounts.google.com", "accounts.google.com"];

/// From `iat` to `exp`, in every ID token, and the longest that an access token lives.
pub(crate) const LIFETIME_SECONDS: i64 = 3600;
