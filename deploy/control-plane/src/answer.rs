//! What an API answers: a JSON object, or a refusal in the form of Google's APIs.

use axum::{
    body::Body,
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

pub(crate) type Answer = Result<Value, Refusal>;

/// A refusal, by its code: <https://cloud.google.com/apis/design/errors>.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: String,
}

impl Refusal {
    pub(crate) fn not_found(name: &str) -> Self {
        Self { status: StatusCode::NOT_FOUND, code: "NOT_FOUND", message: format!("{name} is not there") }
    }

    pub(crate) fn exists(name: &str) -> Self {
        Self { status: StatusCode::CONFLICT, code: "ALREADY_EXISTS", message: format!("{name} already exists") }
    }

    /// Somebody else has changed it since it was read.
    pub(crate) fn stale(name: &str) -> Self {
        Self { status: StatusCode::CONFLICT, code: "ABORTED", message: format!("{name} was changed meanwhile") }
    }

    pub(crate) fn not_empty(name: &str) -> Self {
        Self { status: StatusCode::CONFLICT, code: "FAILED_PRECONDITION", message: format!("{name} is not empty") }
    }

    pub(crate) fn forbidden(message: impl Into<String>) -> Self {
        Self { status: StatusCode::FORBIDDEN, code: "PERMISSION_DENIED", message: message.into() }
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, code: "INVALID_ARGUMENT", message: message.into() }
    }

    /// The fault that a test asked for. Not one of the statuses that gcloud tries again by itself.
    pub(crate) fn fault() -> Self {
        Self::forbidden("this request was made to fail")
    }

    /// gcloud has asked for something that nobody here answers: the test sees it among the unknown requests.
    pub(crate) fn unknown() -> Self {
        // Not 501, which gcloud tries again for half a minute.
        Self { status: StatusCode::BAD_REQUEST, code: UNKNOWN, message: "not emulated".to_owned() }
    }

    pub(crate) fn is_unknown(&self) -> bool {
        self.code == UNKNOWN
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = json!({ "error": { "code": self.status.as_u16(), "status": self.code, "message": self.message } });
        (self.status, [(CONTENT_TYPE, "application/json")], Body::from(body.to_string())).into_response()
    }
}

const UNKNOWN: &str = "UNIMPLEMENTED";
