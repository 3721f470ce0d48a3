//! How the token endpoint says no: [RFC 6749 §5.2](https://www.rfc-editor.org/rfc/rfc6749#section-5.2).
//!
//! A client may act on the status and on `error`. The descriptions are Google's where they are known, for people only.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::HEADERS;

pub(super) struct Refusal {
    status: StatusCode,
    error: &'static str,
    description: String,
}

impl Refusal {
    pub(super) fn invalid_request(description: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request", description)
    }

    pub(super) fn too_large() -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "invalid_request", "Request entity too large")
    }

    pub(super) fn unsupported_grant_type(grant_type: &str) -> Self {
        let description = format!("Invalid grant_type: {grant_type}");
        Self::new(StatusCode::BAD_REQUEST, "unsupported_grant_type", &description)
    }

    pub(super) fn invalid_grant(description: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_grant", description)
    }

    /// A `sub` asks to act for someone else, which an administrator must allow first. Unlike for the others, Google's
    /// status is 401.
    pub(super) fn unauthorized_client() -> Self {
        let description = "Client is unauthorized to retrieve access tokens using this method, or client not authorized \
                           for any of the scopes requested.";
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized_client", description)
    }

    pub(super) fn invalid_scope() -> Self {
        let description = "Invalid OAuth scope or ID token audience provided.";
        Self::new(StatusCode::BAD_REQUEST, "invalid_scope", description)
    }

    fn new(status: StatusCode, error: &'static str, description: &str) -> Self {
        Self { status, error, description: description.to_owned() }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = json!({ "error": self.error, "error_description": self.description });
        (self.status, HEADERS, body.to_string()).into_response()
    }
}
