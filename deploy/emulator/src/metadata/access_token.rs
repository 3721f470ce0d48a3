//! The access token of a metadata server, for the APIs of Google Cloud.
//!
//! As with ID tokens, whoever asks early is given the token that is there already.

use std::{collections::HashMap, sync::Arc};

use axum::{
    extract::{Path, Query, State},
    http::header::CONTENT_TYPE,
    response::IntoResponse,
};
use serde_json::Value;

use super::{MetadataServer, Refusal, handed_out::RENEWED_BEFORE_EXPIRY_SECONDS};
use crate::{
    access_tokens::{Bearer, CLOUD_PLATFORM},
    issuer::LIFETIME_SECONDS,
};

pub(super) async fn access_token(
    State(server): State<Arc<MetadataServer>>,
    Path(account): Path<String>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<impl IntoResponse, Refusal> {
    server.check_account(&account)?;
    // A list with commas here, and with spaces wherever else OAuth is spoken.
    let scopes = query.get("scopes").map(|scopes| scopes.replace(',', " "));
    let scopes = scopes.filter(|scopes| !scopes.trim().is_empty());
    let bearer = Bearer::new(&server.identity.email, scopes.as_deref().unwrap_or(CLOUD_PLATFORM));
    let token = match server.access_tokens.find(&bearer, RENEWED_BEFORE_EXPIRY_SECONDS).await {
        Some(token) => token,
        None => server.access_tokens.issue(bearer, LIFETIME_SECONDS).await,
    };
    Ok(([(CONTENT_TYPE, "application/json")], Value::Object(server.access_tokens.answer(&token)).to_string()))
}
