//! Faults and counters, one for each server of the emulator.

use super::Emulator;
use crate::endpoint::Endpoint;

impl Emulator {
    /// Faults and counter of the certs endpoint, for JWK and PEM alike.
    pub fn certs(&self) -> &Endpoint {
        &self.certs.endpoint
    }

    /// Faults and counter of OpenID Connect's discovery.
    pub fn discovery(&self) -> &Endpoint {
        &self.discovery.endpoint
    }

    /// Faults and counter of Identity-Aware Proxy's certs endpoint.
    pub fn iap_certs(&self) -> &Endpoint {
        &self.iap_certs.endpoint
    }

    /// Faults and counter of one identity's metadata server.
    ///
    /// # Panics
    /// When there is no such identity.
    pub fn metadata(&self, identity: &str) -> &Endpoint {
        &self.metadata_listener(identity).endpoint
    }

    /// Faults and counter of the token endpoint.
    pub fn token_endpoint(&self) -> &Endpoint {
        &self.token_endpoint.endpoint
    }

    /// Faults and counter of IAM Credentials.
    pub fn iam_credentials(&self) -> &Endpoint {
        &self.iam_credentials.endpoint
    }

    /// Faults and counter of STS.
    pub fn sts(&self) -> &Endpoint {
        &self.sts.endpoint
    }

    /// Faults and counter of the URL where a workload outside of Google Cloud gets its own token.
    pub fn subject_tokens(&self) -> &Endpoint {
        &self.subject_tokens.endpoint
    }
}
