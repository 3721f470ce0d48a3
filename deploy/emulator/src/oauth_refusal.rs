//! How the token endpoint and STS say no: [RFC 6749 §5.2](https://www.rfc-editor.org/rfc/rfc6749#section-5.2).
//!
//! A client may act on the status and on `error`. The descriptions are Google's where they are known, for people only.

use axum::{
    http::{
        HeaderName, StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE},
    },
    response::{IntoResponse, Response},
};
use serde_json::json;

pub(crate) struct Refusal {
    status: StatusCode,
    error: &'static str,
    description: String,
}

impl Refusal {
    pub(crate) fn invalid_request(description: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request", description)
    }

    pub(crate) fn too_large() -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "invalid_request", "Request entity too large")
    }

    pub(crate) fn unsupported_grant_type(grant_type: &str) -> Self {
        let description = format!("Invalid grant_type: {grant_type}");
        Self::new(StatusCode::BAD_REQUEST, "unsupported_grant_type", &description)
    }

    pub(crate) fn invalid_grant(description: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_grant", description)
    }

    /// A `sub` asks to act for someone else, which an administrator must allow first. Unlike for the others, Google's
    /// status is 401.
    pub(crate) fn unauthorized_client() -> Self {
        let description = "Client is unauthorized to retrieve access tokens using this method, or client not authorized \
                           for any of the scopes requested.";
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized_client", description)
    }

    /// The client is unknown, or its secret is wrong.
    pub(crate) fn invalid_client(description: &str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "invalid_client", description)
    }

    /// The `audience` of a token exchange names nothing that exists:
    /// [RFC 8693 §2.2.2](https://www.rfc-editor.org/rfc/rfc8693#section-2.2.2).
    pub(crate) fn invalid_target() -> Self {
        let description = "The target service indicated by the \"audience\" parameters is invalid. This might either be \
                           because the pool or provider is disabled or deleted or because it doesn't exist.";
        Self::new(StatusCode::BAD_REQUEST, "invalid_target", description)
    }

    pub(crate) fn invalid_scope() -> Self {
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

/// Of every answer, refusals too: a token is for whoever asked, and no cache may keep it.
pub(crate) const HEADERS: [(HeaderName, &str); 2] = [
    (CONTENT_TYPE, "application/json; charset=utf-8"),
    (CACHE_CONTROL, "no-cache, no-store, max-age=0, must-revalidate"),
];
