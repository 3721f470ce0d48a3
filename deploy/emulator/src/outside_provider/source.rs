//! Where a workload outside of Google Cloud gets its own token: a URL on its machine, as on other clouds.
//!
//! Like a metadata server it asks for a header, which the credential file names.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Router,
    extract::{Query, State},
    http::{HeaderMap, StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::{Value, json};
use url::form_urlencoded;

use super::OutsideProvider;
use crate::{endpoint::Endpoint, issuer::Issuer};

/// How the token is written down in the answer.
#[derive(Clone, Copy)]
pub(crate) enum Format {
    Text,
    Json,
}

/// What a credential file says of this place.
pub(crate) fn credential_source(address: SocketAddr, subject: &str, format: Format) -> Value {
    let (name, described) = match format {
        Format::Text => ("text", json!({ "type": "text" })),
        Format::Json => ("json", json!({ "type": "json", "subject_token_field_name": FIELD })),
    };
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("subject", subject)
        .append_pair("format", name)
        .finish();
    json!({ "url": format!("http://{address}{PATH}?{query}"), "headers": { HEADER: "True" }, "format": described })
}

pub(crate) fn routes(provider: OutsideProvider, issuer: Arc<Issuer>, endpoint: Arc<Endpoint>) -> Router {
    endpoint.in_front_of(Router::new().route(PATH, get(subject_token)).with_state((provider, issuer)))
}

async fn subject_token(
    State((provider, issuer)): State<(OutsideProvider, Arc<Issuer>)>,
    headers: HeaderMap,
    Query(query): Query<Vec<(String, String)>>,
) -> Response {
    if headers.get(HEADER).is_none_or(|value| value != "True") {
        return (StatusCode::BAD_REQUEST, "required metadata header not specified").into_response();
    }
    let parameter = |wanted| query.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
    let Some(subject) = parameter("subject") else {
        return (StatusCode::BAD_REQUEST, "required subject not specified").into_response();
    };
    let token = provider.token(subject, issuer.now()).sign();
    match parameter("format") {
        Some("json") => ([(CONTENT_TYPE, "application/json")], json!({ FIELD: token }).to_string()).into_response(),
        _ => ([(CONTENT_TYPE, "text/plain")], token).into_response(),
    }
}

const PATH: &str = "/subject-token";
const HEADER: &str = "Metadata";
const FIELD: &str = "access_token";
