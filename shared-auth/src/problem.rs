//! The body of every answer that is not a success: a problem document (RFC 9457), never cached.
//!
//! Clients tell it from the platform's own answers, which are HTML, by its content type.

use std::time::Duration;

use axum::{
    Json,
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER},
    },
    response::{IntoResponse, Response},
};
use serde::Serialize;

/// A status, a sentence for the reader, and, for a temporary failure, when to try again.
#[derive(Debug, Clone)]
pub struct Problem {
    status: StatusCode,
    detail: &'static str,
    headers: HeaderMap,
}

impl Problem {
    /// `application/problem+json`, by which a client knows one.
    pub const CONTENT_TYPE: &'static str = "application/problem+json";

    /// `detail` is a constant, so that no value from a request or a token can slip into an answer.
    pub fn new(status: StatusCode, detail: &'static str) -> Self {
        let headers = HeaderMap::from_iter([
            (CONTENT_TYPE, HeaderValue::from_static(Self::CONTENT_TYPE)),
            (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        ]);
        Self { status, detail, headers }
    }

    /// 503: it is not the client's fault, and it can try again after `retry_after`, given in whole seconds, at least
    /// one (RFC 9110 section 10.2.3).
    pub fn unavailable(detail: &'static str, retry_after: Duration) -> Self {
        let mut problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, detail);
        let seconds = retry_after.as_secs() + u64::from(retry_after.subsec_nanos() > 0);
        problem.headers.insert(RETRY_AFTER, HeaderValue::from(seconds.max(1)));
        problem
    }

    /// Adds a challenge (RFC 9110 section 11.6.1).
    pub(crate) fn with_challenge(mut self, challenge: HeaderValue) -> Self {
        self.headers.insert(axum::http::header::WWW_AUTHENTICATE, challenge);
        self
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        #[derive(Serialize)]
        struct Document {
            r#type: &'static str,
            title: &'static str,
            status: u16,
            detail: &'static str,
        }
        let document = Document {
            r#type: "about:blank",
            title: self.status.canonical_reason().unwrap_or("Error"),
            status: self.status.as_u16(),
            detail: self.detail,
        };
        let mut response = (self.status, Json(document)).into_response();
        response.headers_mut().extend(self.headers);
        response
    }
}
