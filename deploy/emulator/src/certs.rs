//! `www.googleapis.com`: the public keys, as JWK. Receivers fetch them to check signatures.
//!
//! The answer may be kept for `max-age` less `Age`: Google's caches answer with a set that is some hours old, and a
//! receiver that forgets `Age` keeps it too long.

use std::sync::Arc;

use axum::{
    Router,
    extract::State,
    http::header::{AGE, CACHE_CONTROL, CONTENT_TYPE},
    response::IntoResponse,
    routing::get,
};

use crate::{endpoint::Endpoint, issuer::Issuer};

pub(crate) fn routes(issuer: Arc<Issuer>, endpoint: Arc<Endpoint>) -> Router {
    endpoint.in_front_of(Router::new().route(PATH, get(certs)).with_state(issuer))
}

async fn certs(State(issuer): State<Arc<Issuer>>) -> impl IntoResponse {
    let headers = [
        (CONTENT_TYPE, "application/json; charset=UTF-8"),
        (CACHE_CONTROL, "public, max-age=21155, must-revalidate"),
        (AGE, "7200"),
    ];
    (headers, issuer.jwks().to_string())
}

pub(crate) const PATH: &str = "/oauth2/v3/certs";
