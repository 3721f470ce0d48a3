//! The metadata server of one identity: where a workload on Google Cloud gets its tokens, without any secret.
//!
//! It is as strict as Google's, since a caller that passes here must pass there. The header that it asks for keeps out
//! requests that a workload was tricked into making; whoever can set a header can have a token.
//! See <https://cloud.google.com/compute/docs/metadata/querying-metadata>.

mod access_token;
mod handed_out;
mod tree;

use std::{collections::HashMap, sync::Arc};

use access_token::access_token;
use axum::{
    Router,
    extract::{Path, Query, Request, State},
    http::{HeaderValue, StatusCode, header::CONTENT_TYPE},
    middleware::{Next, from_fn, map_response},
    response::{IntoResponse, Response},
    routing::get,
};
use handed_out::{Format, HandedOut};
use serde_json::Value;

use crate::{access_tokens::AccessTokens, endpoint::Endpoint, identity::Identity, issuer::Issuer};

pub(crate) fn routes(
    identity: Identity,
    issuer: Arc<Issuer>,
    access_tokens: Arc<AccessTokens>,
    endpoint: Arc<Endpoint>,
) -> Router {
    let handed_out = HandedOut::new(identity.clone(), issuer);
    let tree = tree::tree(&identity);
    let server = Arc::new(MetadataServer { identity, handed_out, access_tokens, tree });
    let routes = Router::new()
        .route("/computeMetadata/v1/instance/service-accounts/{account}/identity", get(token))
        .route("/computeMetadata/v1/instance/service-accounts/{account}/token", get(access_token))
        .route(ROOT, get(tree::value))
        .route("/computeMetadata/v1/", get(tree::value))
        .route("/computeMetadata/v1/{*path}", get(tree::value))
        .with_state(server)
        .layer(from_fn(refuse_without_flavor))
        // Clients look here to see whether they are on Google Cloud at all, not all of them with the header.
        .route("/", get(|| async { "computeMetadata/\n" }))
        .layer(from_fn(refuse_forwarded));
    endpoint.in_front_of(routes).layer(map_response(add_flavor))
}

struct MetadataServer {
    identity: Identity,
    handed_out: HandedOut,
    access_tokens: Arc<AccessTokens>,
    tree: Value,
}

type Refusal = (StatusCode, &'static str);

impl MetadataServer {
    fn check_account(&self, account: &str) -> Result<(), Refusal> {
        if account == "default" || account == self.identity.email {
            return Ok(());
        }
        Err(NOT_FOUND)
    }
}

async fn token(
    State(server): State<Arc<MetadataServer>>,
    Path(account): Path<String>,
    // A map takes whatever a client sends: parameters not known here, and audiences that are not URL-encoded.
    Query(query): Query<HashMap<String, String>>,
) -> Result<impl IntoResponse, Refusal> {
    server.check_account(&account)?;
    let Some(audience) = query.get("audience").filter(|audience| !audience.is_empty()) else {
        return Err((StatusCode::BAD_REQUEST, "non-empty audience parameter required"));
    };
    let format = match query.get("format").map(String::as_str) {
        None | Some("standard") => Format::Standard,
        Some("full") => Format::Full,
        Some(_) => return Err((StatusCode::BAD_REQUEST, "format must be standard or full")),
    };
    Ok(([(CONTENT_TYPE, "text/html")], server.handed_out.token(audience, format).await))
}

async fn refuse_without_flavor(request: Request, next: Next) -> Response {
    match request.headers().get(FLAVOR) {
        None => (StatusCode::FORBIDDEN, "missing required header \"Metadata-Flavor\": \"Google\"").into_response(),
        Some(flavor) if flavor != GOOGLE => StatusCode::NOT_FOUND.into_response(),
        Some(_) => next.run(request).await,
    }
}

/// A proxy passed this on, so it may come from someone who does not run here.
async fn refuse_forwarded(request: Request, next: Next) -> Response {
    if request.headers().contains_key("x-forwarded-for") {
        return StatusCode::FORBIDDEN.into_response();
    }
    next.run(request).await
}

/// On errors and faults too: by this header a client knows that it talks to a metadata server.
async fn add_flavor(mut response: Response) -> Response {
    response.headers_mut().insert(FLAVOR, HeaderValue::from_static(GOOGLE));
    response
}

const ROOT: &str = "/computeMetadata/v1";
const NOT_FOUND: Refusal = (StatusCode::NOT_FOUND, "there is nothing of this name here");
const FLAVOR: &str = "metadata-flavor";
const GOOGLE: &str = "Google";
