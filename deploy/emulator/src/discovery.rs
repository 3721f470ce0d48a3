//! `accounts.google.com`: where everything else is, for clients that know the issuer alone
//! ([OpenID Connect Discovery §4](https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfig)).
//!
//! The issuer is Google's and the addresses are the emulator's, so a client has to be told where this document is: the
//! issuer's name would lead it to Google.

use std::sync::Arc;

use axum::{
    Router,
    extract::State,
    http::header::{CACHE_CONTROL, CONTENT_TYPE},
    response::IntoResponse,
    routing::get,
};
use serde_json::{Value, json};

use crate::endpoint::Endpoint;

pub(crate) fn routes(document: Value, endpoint: Arc<Endpoint>) -> Router {
    endpoint.in_front_of(Router::new().route(PATH, get(configuration)).with_state(document))
}

/// Google's document, less what the emulator does not have.
pub(crate) fn document(jwks_uri: &str, token_endpoint: &str) -> Value {
    json!({
        "issuer": "https://accounts.google.com",
        "authorization_endpoint": "https://accounts.google.com/o/oauth2/v2/auth",
        "token_endpoint": token_endpoint,
        "jwks_uri": jwks_uri,
        "response_types_supported": ["code", "token", "id_token", "none"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid", "email", "profile"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "claims_supported": ["aud", "email", "email_verified", "exp", "iat", "iss", "sub"],
        "grant_types_supported": ["refresh_token", "urn:ietf:params:oauth:grant-type:jwt-bearer"],
    })
}

async fn configuration(State(document): State<Value>) -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "public, max-age=3600")], document.to_string())
}

pub(crate) const PATH: &str = "/.well-known/openid-configuration";
