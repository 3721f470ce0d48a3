//! How Google's APIs say no: <https://cloud.google.com/apis/design/errors#http_mapping>.
//!
//! A client may act on the status and on its name. The messages are Google's where they are known, for people only.

use axum::{
    http::{
        HeaderName, StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE, WWW_AUTHENTICATE},
    },
    response::{IntoResponse, Response},
};
use serde_json::json;

pub(crate) struct Refusal {
    status: StatusCode,
    name: &'static str,
    message: String,
    challenge: Option<&'static str>,
}

impl Refusal {
    pub(crate) fn invalid_argument(message: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "INVALID_ARGUMENT", message)
    }

    pub(crate) fn no_credential() -> Self {
        let message = "Request is missing required authentication credential. Expected OAuth 2 access token, login cookie \
                       or other valid authentication credential. See \
                       https://developers.google.com/identity/sign-in/web/devconsole-project.";
        Self::new(StatusCode::UNAUTHORIZED, "UNAUTHENTICATED", message).challenging(REALM)
    }

    /// Expired, or never issued: Google does not tell them apart, and an ID token is of neither use.
    pub(crate) fn invalid_credential() -> Self {
        let message = "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or \
                       other valid authentication credential. See \
                       https://developers.google.com/identity/sign-in/web/devconsole-project.";
        let challenge = "Bearer realm=\"https://accounts.google.com/\", error=\"invalid_token\"";
        Self::new(StatusCode::UNAUTHORIZED, "UNAUTHENTICATED", message).challenging(challenge)
    }

    pub(crate) fn insufficient_scope() -> Self {
        let message = "Request had insufficient authentication scopes.";
        let challenge = "Bearer realm=\"https://accounts.google.com/\", error=\"insufficient_scope\"";
        Self::new(StatusCode::FORBIDDEN, "PERMISSION_DENIED", message).challenging(challenge)
    }

    pub(crate) fn permission_denied(permission: &str) -> Self {
        let message = format!("Permission '{permission}' denied on resource (or it may not exist).");
        Self::new(StatusCode::FORBIDDEN, "PERMISSION_DENIED", &message)
    }

    pub(crate) fn not_found(account: &str) -> Self {
        Self::missing(&format!("Not found; Gaia id not found for email {account}"))
    }

    pub(crate) fn missing(message: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "NOT_FOUND", message)
    }

    pub(crate) fn no_such_method() -> Self {
        Self::missing("Method not found.")
    }

    fn new(status: StatusCode, name: &'static str, message: &str) -> Self {
        Self { status, name, message: message.to_owned(), challenge: None }
    }

    fn challenging(self, challenge: &'static str) -> Self {
        Self { challenge: Some(challenge), ..self }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let error = json!({ "code": self.status.as_u16(), "message": self.message, "status": self.name });
        let challenge = self.challenge.map(|challenge| [(WWW_AUTHENTICATE, challenge)]);
        (self.status, HEADERS, challenge, json!({ "error": error }).to_string()).into_response()
    }
}

/// Of every answer.
pub(crate) const HEADERS: [(HeaderName, &str); 2] =
    [(CONTENT_TYPE, "application/json; charset=UTF-8"), (CACHE_CONTROL, "private")];

const REALM: &str = "Bearer realm=\"https://accounts.google.com/\"";
