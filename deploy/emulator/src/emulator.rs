//! The emulator as a value: start it, ask it where things are, spoil what it does; dropping it stops it.
//!
//! Used by tests, by `make demo` and by the binary. It runs in the Tokio runtime of whoever starts it.

use std::{collections::HashMap, io, sync::Arc};

use serde_json::Value;

use crate::{
    certs,
    endpoint::Endpoint,
    iap::{self, Iap},
    identity::Identity,
    issuer::Issuer,
    listener::Listener,
    metadata,
    service_account_key::ServiceAccountKey,
    token::TokenBuilder,
    token_endpoint,
};

/// Google's endpoints on localhost, with keys of their own.
pub struct Emulator {
    issuer: Arc<Issuer>,
    identities: Vec<Identity>,
    certs: Listener,
    metadata: HashMap<&'static str, Listener>,
    keys: Arc<Vec<ServiceAccountKey>>,
    token_endpoint: Listener,
    iap: Iap,
    iap_certs: Listener,
}

impl Emulator {
    /// Makes the keys and listens, on ports that the system chooses.
    ///
    /// # Errors
    /// When the system has no port left on 127.0.0.1.
    pub async fn start() -> io::Result<Self> {
        let issuer = Arc::new(Issuer::new());
        let identities = Identity::all();
        let certs = Listener::start(|_, endpoint| certs::routes(Arc::clone(&issuer), endpoint)).await?;
        let mut metadata = HashMap::new();
        for identity in &identities {
            let routes = |_, endpoint| metadata::routes(identity.clone(), Arc::clone(&issuer), endpoint);
            metadata.insert(identity.name, Listener::start(routes).await?);
        }
        let keys: Arc<Vec<_>> = Arc::new(identities.iter().cloned().map(ServiceAccountKey::new).collect());
        let routes =
            |address, endpoint| token_endpoint::routes(address, Arc::clone(&keys), Arc::clone(&issuer), endpoint);
        let token_endpoint = Listener::start(routes).await?;
        let iap = Iap::new();
        let iap_certs = Listener::start(|_, endpoint| iap::routes(iap.clone(), endpoint)).await?;
        Ok(Self { issuer, identities, certs, metadata, keys, token_endpoint, iap, iap_certs })
    }

    /// Where the public keys are: the value for `GOOGLE_CERTS_URL`.
    pub fn certs_url(&self) -> String {
        format!("http://{}{}", self.certs.address, certs::PATH)
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
        let known = self.identities.iter().find(|known| known.name == identity);
        self.issuer.token(known.unwrap_or_else(|| no_such(identity)), audience)
    }

    /// What Identity-Aware Proxy says of a person who came through it to the backend `audience`, to use as it is or to
    /// spoil. A person of Google Workspace has the claim `hd` as well.
    pub fn iap_token(&self, email: &str, audience: &str) -> TokenBuilder {
        self.iap.token(email, audience, self.now())
    }

    /// The content of a service account's key file, whose `token_uri` is the token endpoint of this emulator: for code
    /// that runs outside of Google Cloud. Each account has one key, made when it is first asked for.
    ///
    /// # Panics
    /// When there is no such identity.
    pub fn service_account_key(&self, identity: &str) -> Value {
        let known = self.keys.iter().find(|known| known.identity().name == identity);
        known.unwrap_or_else(|| no_such(identity)).file(&token_endpoint::uri(self.token_endpoint.address))
    }

    /// What the certs endpoint publishes now, so that a test can alter it and serve it with [`Fault::Body`] or
    /// [`Fault::Answer`].
    ///
    /// [`Fault::Body`]: crate::Fault::Body
    /// [`Fault::Answer`]: crate::Fault::Answer
    pub fn jwks(&self) -> Value {
        self.issuer.jwks()
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

    /// The Unix time in seconds by which new tokens are dated, and by which the token endpoint judges an assertion.
    pub fn now(&self) -> i64 {
        self.issuer.now()
    }

    /// Moves that clock by so many seconds: ahead, or back when negative.
    pub fn move_clock(&self, seconds: i64) {
        self.issuer.move_clock(seconds);
    }

    /// Faults and counter of the certs endpoint.
    pub fn certs(&self) -> &Endpoint {
        &self.certs.endpoint
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

    fn metadata_listener(&self, identity: &str) -> &Listener {
        self.metadata.get(identity).unwrap_or_else(|| no_such(identity))
    }
}

fn no_such<T>(identity: &str) -> T {
    panic!("the emulator has no identity named {identity:?}")
}
