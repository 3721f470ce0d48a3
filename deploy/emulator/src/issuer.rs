//! The issuer: Google's keys and Google's clock, and the tokens that come of them.
//!
//! Shared by the certs endpoint, which publishes the keys, and by the metadata servers and the token endpoint, which hand
//! out tokens.

use std::{
    iter,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};

use arc_swap::ArcSwap;
use serde_json::{Value, json};

use crate::{identity::Identity, signing_key::SigningKey, token::TokenBuilder};

pub(crate) struct Issuer {
    keys: ArcSwap<Keys>,
    /// Seconds by which this clock is ahead of the machine's.
    ahead: AtomicI64,
}

/// All of these are published; only the current one signs.
struct Keys {
    current: Arc<SigningKey>,
    previous: Vec<Arc<SigningKey>>,
}

impl Issuer {
    pub(crate) fn new() -> Self {
        let keys = Keys { current: Arc::new(SigningKey::generate()), previous: Vec::new() };
        Self { keys: ArcSwap::from_pointee(keys), ahead: AtomicI64::new(0) }
    }

    /// A genuine token, open to changes.
    pub(crate) fn token(&self, identity: &Identity, audience: &str) -> TokenBuilder {
        TokenBuilder::genuine(self.current_key(), identity, audience, self.now())
    }

    pub(crate) fn current_key(&self) -> Arc<SigningKey> {
        Arc::clone(&self.keys.load().current)
    }

    pub(crate) fn rotate_keys(&self) {
        let current = Arc::new(SigningKey::generate());
        self.keys.rcu(|keys| {
            let previous = iter::once(&keys.current).chain(&keys.previous).cloned().collect();
            Keys { current: Arc::clone(&current), previous }
        });
    }

    pub(crate) fn retire_old_keys(&self) {
        self.keys.rcu(|keys| Keys { current: Arc::clone(&keys.current), previous: Vec::new() });
    }

    pub(crate) fn jwks(&self) -> Value {
        let keys = self.keys.load();
        let published: Vec<Value> = iter::once(&keys.current).chain(&keys.previous).map(|key| key.jwk()).collect();
        json!({ "keys": published })
    }

    pub(crate) fn now(&self) -> i64 {
        let machine = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() as i64);
        machine + self.ahead.load(Ordering::Relaxed)
    }

    pub(crate) fn move_clock(&self, seconds: i64) {
        self.ahead.fetch_add(seconds, Ordering::Relaxed);
    }
}
