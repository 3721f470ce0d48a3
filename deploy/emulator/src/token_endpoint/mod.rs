//! `oauth2.googleapis.com`: takes a JWT that a service account's key signed, and gives an ID token that Google's key
//! signed ([RFC 7523](https://www.rfc-editor.org/rfc/rfc7523)).
//!
//! It refuses whatever Google rules out, with the error code that Google gives for it.
//! See <https://developers.google.com/identity/protocols/oauth2/service-account#error-codes>.

mod assertion;
mod refusal;

use std::{collections::HashMap, net::SocketAddr, sync::Arc};

use assertion::Assertion;
use axum::{
    Form, Router,
    extract::{DefaultBodyLimit, State, rejection::FormRejection},
    http::{
        HeaderName, StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE},
    },
    response::IntoResponse,
    routing::post,
};
use refusal::Refusal;
use serde_json::json;

use crate::{endpoint::Endpoint, issuer::Issuer, service_account_key::ServiceAccountKey};

pub(crate) fn routes(
    address: SocketAddr,
    keys: Arc<Vec<ServiceAccountKey>>,
    issuer: Arc<Issuer>,
    endpoint: Arc<Endpoint>,
) -> Router {
    let server = Arc::new(TokenEndpoint { uri: uri(address), keys, issuer });
    let routes = Router::new().route(PATH, post(exchange)).layer(DefaultBodyLimit::max(MOST_BYTES)).with_state(server);
    endpoint.in_front_of(routes)
}

/// The `token_uri` of the key files, and so the `aud` of the assertions.
pub(crate) fn uri(address: SocketAddr) -> String {
    format!("http://{address}{PATH}")
}

struct TokenEndpoint {
    uri: String,
    keys: Arc<Vec<ServiceAccountKey>>,
    issuer: Arc<Issuer>,
}

async fn exchange(
    State(server): State<Arc<TokenEndpoint>>,
    form: Result<Form<HashMap<String, String>>, FormRejection>,
) -> Result<impl IntoResponse, Refusal> {
    let Form(form) = form.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Refusal::too_large(),
        _ => Refusal::invalid_request("Required parameter is missing: grant_type"),
    })?;
    let grant_type = form.get("grant_type").map_or("", String::as_str);
    if grant_type != JWT_BEARER {
        return Err(Refusal::unsupported_grant_type(grant_type));
    }
    let assertion =
        form.get("assertion").ok_or_else(|| Refusal::invalid_request("Missing required parameter: assertion"))?;
    let assertion = Assertion::parse(assertion).ok_or_else(|| Refusal::invalid_grant("Bad Request"))?;
    let key = server.keys.iter().find(|key| assertion.issuer() == Some(&key.identity().email));
    let key = key.ok_or_else(|| Refusal::invalid_grant("Invalid grant: account not found"))?;
    let audience = assertion.check(key, &server.uri, server.issuer.now())?;
    let token = server.issuer.token(key.identity(), audience).sign();
    Ok((HEADERS, json!({ "id_token": token }).to_string()))
}

/// Of every answer: a token is for whoever asked, and no cache may keep it.
const HEADERS: [(HeaderName, &str); 2] = [
    (CONTENT_TYPE, "application/json; charset=utf-8"),
    (CACHE_CONTROL, "no-cache, no-store, max-age=0, must-revalidate"),
];

const PATH: &str = "/token";
const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// An assertion has a thousand or so.
const MOST_BYTES: usize = 64 * 1024;
