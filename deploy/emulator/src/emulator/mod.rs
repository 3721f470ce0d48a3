//! The emulator as a value: start it, ask it where things are, spoil what it does; dropping it stops it.
//!
//! Used by tests, by `make demo` and by the binary. It runs in the Tokio runtime of whoever starts it.

mod credentials;
mod endpoints;
mod start;

use std::{collections::HashMap, io, sync::Arc};

use serde_json::Value;

use crate::{
    certs,
    developer::Developer,
    discovery,
    front_door::FrontDoor,
    iam_credentials::Permissions,
    iap::{self, Iap},
    identity::Identity,
    issuer::Issuer,
    listener::Listener,
    outside_provider::OutsideProvider,
    service_account_key::ServiceAccountKey,
    token::TokenBuilder,
};

/// Google's endpoints on localhost, with keys of their own.
pub struct Emulator {
    issuer: Arc<Issuer>,
    identities: Vec<Identity>,
    certs: Listener,
    discovery: Listener,
    metadata: HashMap<&'static str, Listener>,
    keys: Arc<Vec<ServiceAccountKey>>,
    developer: Arc<Developer>,
    token_endpoint: Listener,
    permissions: Arc<Permissions>,
    iam_credentials: Listener,
    provider: OutsideProvider,
    subject_tokens: Listener,
    sts: Listener,
    iap: Iap,
    iap_certs: Listener,
}

impl Emulator {
    /// Where the public keys are: the value for `GOOGLE_CERTS_URL`.
    pub fn certs_url(&self) -> String {
        format!("http://{}{}", self.certs.address, certs::PATH)
    }

    /// Where the same keys are as certificates in PEM: an object, from a key's id to its certificate.
    pub fn pem_certs_url(&self) -> String {
        format!("http://{}{}", self.certs.address, certs::PEM_PATH)
    }

    /// Where OpenID Connect's discovery document is.
    pub fn discovery_url(&self) -> String {
        format!("http://{}{}", self.discovery.address, discovery::PATH)
    }

    /// Where the public key of Identity-Aware Proxy is.
    pub fn iap_certs_url(&self) -> String {
        format!("http://{}{}", self.iap_certs.address, iap::PATH)
    }

    /// The value for `GCE_METADATA_HOST`, a host and a port. It holds no path, so each identity has its own port.
    ///
    /// # Panics
    /// When there is no such identity.
    pub fn metadata_host(&self, identity: &str) -> String {
        self.metadata_listener(identity).address.to_string()
    }

    /// Everyone who has a metadata server here.
    pub fn identities(&self) -> &[Identity] {
        &self.identities
    }

    /// A genuine token, to use as it is or to spoil.
    ///
    /// # Panics
    /// When there is no such identity.
    pub fn token(&self, identity: &str, audience: &str) -> TokenBuilder {
        self.issuer.token(self.identity(identity), audience)
    }

    /// What Identity-Aware Proxy says of a person who came through it to the backend `audience`, to use as it is or to
    /// spoil. A person of Google Workspace has the claim `hd` as well.
    pub fn iap_token(&self, email: &str, audience: &str) -> TokenBuilder {
        self.iap.token(email, audience, self.now())
    }

    /// What the certs endpoint publishes now, so that a test can alter it and serve it with [`Fault::Body`] or
    /// [`Fault::Answer`].
    ///
    /// [`Fault::Body`]: crate::Fault::Body
    /// [`Fault::Answer`]: crate::Fault::Answer
    pub fn jwks(&self) -> Value {
        self.issuer.jwks()
    }

    /// The same of [`pem_certs_url`](Self::pem_certs_url).
    pub fn pem_certs(&self) -> Value {
        self.issuer.certificates()
    }

    /// The same of [`iap_certs_url`](Self::iap_certs_url).
    pub fn iap_jwks(&self) -> Value {
        self.iap.jwks()
    }

    /// Publishes one more key beside Google's own, whatever it says: for keys that a receiver must skip.
    pub fn publish(&self, jwk: Value) {
        self.issuer.publish(jwk);
    }

    /// A new key signs from now on. The previous one stays published, as Google lets them overlap.
    pub fn rotate_keys(&self) {
        self.issuer.rotate_keys();
    }

    /// Only the key that signs stays published; tokens of all others stop being genuine.
    pub fn retire_old_keys(&self) {
        self.issuer.retire_old_keys();
    }

    /// The Unix time in seconds by which new tokens are dated, and by which every endpoint judges those it is sent.
    pub fn now(&self) -> i64 {
        self.issuer.now()
    }

    /// Moves that clock by so many seconds: ahead, or back when negative.
    pub fn move_clock(&self, seconds: i64) {
        self.issuer.move_clock(seconds);
    }

    /// Puts Cloud Run's front door before the service `name`, which listens at `upstream`, such as
    /// `http://127.0.0.1:8080`. At first nobody may invoke it.
    ///
    /// # Errors
    /// When `upstream` is no such URL, or the system has no port left on 127.0.0.1.
    pub async fn front_door(&self, name: &str, upstream: &str) -> io::Result<FrontDoor> {
        FrontDoor::open(self, name, upstream, 0).await
    }

    pub(crate) fn issuer(&self) -> Arc<Issuer> {
        Arc::clone(&self.issuer)
    }

    fn identity(&self, name: &str) -> &Identity {
        self.identities.iter().find(|known| known.name == name).unwrap_or_else(|| no_such(name))
    }

    fn metadata_listener(&self, identity: &str) -> &Listener {
        self.metadata.get(identity).unwrap_or_else(|| no_such(identity))
    }
}

pub(crate) fn no_such<T>(identity: &str) -> T {
    panic!("the emulator has no identity named {identity:?}")
}
