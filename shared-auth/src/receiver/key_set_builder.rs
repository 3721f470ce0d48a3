//! A key set that is not as usual: with keys from another place, another clock, or other limits.

use std::time::Duration;

use super::{Issuer, KeySet};
use crate::{Clock, SecureUrl, TlsError};

/// What a [`KeySet`] is built from; see [`KeySet::builder`].
#[derive(Debug)]
#[must_use = "a key set exists only after `build`"]
pub struct KeySetBuilder {
    pub(super) issuer: &'static Issuer,
    pub(super) certs_url: SecureUrl,
    pub(super) clock: Clock,
    pub(super) stale_limit: Duration,
}

impl KeySetBuilder {
    pub(super) fn new(issuer: &'static Issuer) -> Self {
        // A constant of this crate, and a test builds a key set from each.
        let certs_url = issuer.certs_url.parse().expect("the URL of an issuer's keys is https");
        Self { issuer, certs_url, clock: Clock::system(), stale_limit: DEFAULT_STALE_LIMIT }
    }

    /// Fetches the keys from here: whoever answers there decides which tokens are genuine. For the emulator.
    pub fn certs_url(self, certs_url: SecureUrl) -> Self {
        Self { certs_url, ..self }
    }

    /// Goes by this clock; the verifier that uses the keys does, too.
    pub fn clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    /// How long keys serve beyond their lifetime, six hours unless set: while the certs are out of order, and while the
    /// first fetch after a time without requests is under way (RFC 5861). A shorter time refuses more genuine callers,
    /// a longer one trusts a withdrawn key for longer.
    pub fn stale_limit(self, stale_limit: Duration) -> Self {
        Self { stale_limit, ..self }
    }

    /// The key set. Nothing is fetched yet.
    ///
    /// # Errors
    /// TLS could not be set up.
    pub fn build(self) -> Result<KeySet, TlsError> {
        KeySet::from_builder(self)
    }
}

const DEFAULT_STALE_LIMIT: Duration = Duration::from_secs(6 * 60 * 60);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_issuer_has_a_key_set() {
        for issuer in [Issuer::GOOGLE_ACCOUNTS, Issuer::IAP] {
            assert!(KeySet::new(issuer).is_ok());
        }
    }
}
