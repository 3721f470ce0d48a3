//! Identity-Aware Proxy: a second issuer, for people who come through a browser, with a key of another kind.
//!
//! Its tokens look like Google's ID tokens and are none: IAP puts them in `x-goog-iap-jwt-assertion`, and its audience
//! names a backend and not a URL. See <https://cloud.google.com/iap/docs/signed-headers-howto>.

use std::sync::Arc;

use axum::{
    Router,
    extract::State,
    http::header::{CACHE_CONTROL, CONTENT_TYPE},
    response::IntoResponse,
    routing::get,
};
use serde_json::{Value, json};

use crate::{endpoint::Endpoint, person, signing_key::SigningKey, token::TokenBuilder};

#[derive(Clone)]
pub(crate) struct Iap {
    key: SigningKey,
}

impl Iap {
    pub(crate) fn new() -> Self {
        Self { key: SigningKey::p256() }
    }

    pub(crate) fn jwks(&self) -> Value {
        json!({ "keys": [self.key.jwk()] })
    }

    /// There is no `email_verified`: IAP let nobody through whose address it does not know.
    pub(crate) fn token(&self, email: &str, audience: &str, now: i64) -> TokenBuilder {
        TokenBuilder::new(self.key.clone(), LIFETIME_SECONDS)
            .claim("iss", "https://cloud.google.com/iap")
            .claim("aud", audience)
            .claim("sub", format!("accounts.google.com:{}", person::unique_id(email)))
            .claim("email", email)
            .issued_at(now)
    }
}

/// `www.gstatic.com`: the public key, as JWK.
pub(crate) fn routes(iap: Iap, endpoint: Arc<Endpoint>) -> Router {
    endpoint.in_front_of(Router::new().route(PATH, get(certs)).with_state(iap))
}

async fn certs(State(iap): State<Iap>) -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "public, max-age=3600")], iap.jwks().to_string())
}

pub(crate) const PATH: &str = "/iap/verify/public_key-jwk";

/// From `iat` to `exp`.
const LIFETIME_SECONDS: i64 = 600;
