//! `www.googleapis.com`: the public keys, as JWK and as certificates in PEM. Receivers fetch them to check signatures.
//!
//! The answer may be kept for `max-age` less `Age`: Google's caches answer with a set that is some hours old, and a
//! receiver that forgets `Age` keeps it too long.

use std::sync::Arc;

use axum::{
    Router,
    extract::State,
    http::{
        HeaderName,
        header::{AGE, CACHE_CONTROL, CONTENT_TYPE},
    },
    response::IntoResponse,
    routing::get,
};

use crate::{endpoint::Endpoint, issuer::Issuer, key_life::KeyLife};

pub(crate) fn routes(issuer: Arc<Issuer>, endpoint: Arc<Endpoint>) -> Router {
    let routes = Router::new().route(PATH, get(jwks)).route(PEM_PATH, get(certificates));
    endpoint.in_front_of(routes.with_state(issuer))
}

async fn jwks(State(issuer): State<Arc<Issuer>>) -> impl IntoResponse {
    (headers(&issuer), issuer.jwks().to_string())
}

async fn certificates(State(issuer): State<Arc<Issuer>>) -> impl IntoResponse {
    (headers(&issuer), issuer.certificates().to_string())
}

fn headers(issuer: &Issuer) -> [(HeaderName, String); 3] {
    let KeyLife { max_age, age } = issuer.key_life;
    [
        (CONTENT_TYPE, "application/json; charset=UTF-8".to_owned()),
        (CACHE_CONTROL, format!("public, max-age={max_age}, must-revalidate")),
        (AGE, age.to_string()),
    ]
}

pub(crate) const PATH: &str = "/oauth2/v3/certs";
pub(crate) const PEM_PATH: &str = "/oauth2/v1/certs";
