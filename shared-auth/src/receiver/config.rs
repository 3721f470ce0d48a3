//! What a receiver reads from its environment.

use std::time::Duration;

use tracing::warn;

use super::{AcceptedAudiences, Issuer, KeySet, Policy, RealmError, RequireCaller, Verifier};
use crate::{SecureUrl, TlsError, service::Environment};

/// `AUDIENCES`, `ALLOWED_CALLERS`, `GOOGLE_CERTS_URL` and `CLOCK_SKEW_SECONDS`.
#[derive(Debug)]
pub struct ReceiverConfig {
    audiences: AcceptedAudiences,
    policy: Policy,
    certs_url: SecureUrl,
    skew: Duration,
}

impl ReceiverConfig {
    /// Reads the four variables; `None` when one of them is wrong, which `environment` remembers.
    pub fn read(environment: &mut Environment<'_>) -> Option<Self> {
        let audiences = environment.required("AUDIENCES", str::parse);
        let policy = environment.required("ALLOWED_CALLERS", str::parse);
        let certs_url = environment.with_default("GOOGLE_CERTS_URL", Issuer::GOOGLE_ACCOUNTS.certs_url, str::parse);
        let default_skew = Verifier::DEFAULT_SKEW.as_secs().to_string();
        let skew = environment.with_default("CLOCK_SKEW_SECONDS", &default_skew, parse_skew);
        Some(Self { audiences: audiences?, policy: policy?, certs_url: certs_url?, skew: skew? })
    }

    /// The keys, not fetched yet, and the layer that checks tokens with them; `realm` is the service's name. Logs a
    /// warning for every audience that looks wrong for Cloud Run.
    ///
    /// # Errors
    /// TLS could not be set up, or the realm cannot stand in a header.
    pub fn build(self, realm: &str) -> Result<(KeySet, RequireCaller), ReceiverError> {
        self.warn_of_suspicious_audiences();
        if self.certs_url.as_url().as_str() != Issuer::GOOGLE_ACCOUNTS.certs_url {
            warn!(certs_url = %self.certs_url, "GOOGLE_CERTS_URL is not Google's: whoever answers there decides who is let in");
        }
        let keys = KeySet::builder(Issuer::GOOGLE_ACCOUNTS).certs_url(self.certs_url).build()?;
        let verifier = Verifier::new(keys.clone(), self.audiences).clock_skew(self.skew);
        Ok((keys, RequireCaller::new(realm, verifier, self.policy)?))
    }

    fn warn_of_suspicious_audiences(&self) {
        for audience in self.audiences.iter() {
            for suspicion in audience.suspicions() {
                warn!(%audience, "an entry of AUDIENCES is suspicious: {suspicion}");
            }
        }
    }
}

/// Why a receiver could not be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReceiverError {
    /// No TLS, so no keys.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The service's name cannot be the realm.
    #[error(transparent)]
    Realm(#[from] RealmError),
}

fn parse_skew(text: &str) -> Result<Duration, SkewError> {
    let skew = text.parse().map(Duration::from_secs).map_err(|_| SkewError)?;
    if skew > Verifier::LARGEST_SKEW { Err(SkewError) } else { Ok(skew) }
}

#[derive(Debug, thiserror::Error)]
#[error("it is not a number from 0 to {}", Verifier::LARGEST_SKEW.as_secs())]
struct SkewError;
