//! Faults and counters, one for each server of the emulator; and where those are that credential files name.

use super::Emulator;
use crate::{endpoint::Endpoint, sts, token_endpoint};

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

    /// Where the token endpoint is: the `token_uri` of the credential files.
    pub fn token_url(&self) -> String {
        token_endpoint::uri(self.token_endpoint.address)
    }

    /// The base URL of IAM Credentials, without a slash at its end.
    pub fn iam_credentials_url(&self) -> String {
        format!("http://{}", self.iam_credentials.address)
    }

    /// Where STS exchanges tokens: the `token_url` of the credential files.
    pub fn sts_url(&self) -> String {
        sts::url(self.sts.address)
    }

    /// The base URL of the place where a workload outside of Google Cloud gets its own token.
    pub fn subject_tokens_url(&self) -> String {
        format!("http://{}", self.subject_tokens.address)
    }
}
