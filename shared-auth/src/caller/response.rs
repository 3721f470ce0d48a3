//! A successful answer of a service, read no further than a limit.

use std::{fmt, sync::Arc, time::Duration};

use axum::http::{HeaderMap, StatusCode, header::RETRY_AFTER};
use serde::de::DeserializeOwned;

use super::Error;
use crate::outbound::{self, BodyError};

/// An answer with a status from 200 to 299.
pub struct Response(reqwest::Response);

impl Response {
    pub(super) fn of_success(response: reqwest::Response) -> Result<Self, Error> {
        let status = response.status();
        if status.is_success() {
            return Ok(Self(response));
        }
        // The other form of Retry-After, a date, is used neither by Cloud Run nor by these services.
        let seconds = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
        let retry_after = seconds.map(|seconds| Duration::from_secs(seconds).min(LONGEST_WAIT));
        Err(Error::Refused { status, retry_after })
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        self.0.status()
    }

    /// The headers.
    pub fn headers(&self) -> &HeaderMap {
        self.0.headers()
    }

    /// The whole body, at most one MiB.
    ///
    /// # Errors
    /// The connection broke, or the body is larger.
    pub async fn bytes(self) -> Result<Vec<u8>, Error> {
        outbound::read_body(self.0, LARGEST_BODY).await.map_err(|error| match error {
            BodyError::Transport(error) => Error::Unreachable(Arc::new(error)),
            BodyError::TooLarge { .. } => Error::Answer(Arc::new(error)),
        })
    }

    /// The body, read as JSON.
    ///
    /// # Errors
    /// As [`bytes`](Self::bytes), or the body is not the JSON of a `T`.
    pub async fn json<T: DeserializeOwned>(self) -> Result<T, Error> {
        serde_json::from_slice(&self.bytes().await?).map_err(|error| Error::Answer(Arc::new(NotJson::from(error))))
    }
}

/// Shows the status. Headers can be secrets.
impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Response").field(&self.status()).finish()
    }
}

/// What is wrong with JSON, without the parser's own message: that quotes the answer, in which a service could have
/// repeated what it was sent.
#[derive(Debug, thiserror::Error)]
#[error("it is not the JSON that was asked for: {category:?} error in line {line}, column {column}")]
struct NotJson {
    category: serde_json::error::Category,
    line: usize,
    column: usize,
}

impl From<serde_json::Error> for NotJson {
    fn from(error: serde_json::Error) -> Self {
        Self { category: error.classify(), line: error.line(), column: error.column() }
    }
}

const LARGEST_BODY: usize = 1024 * 1024;
/// A service that asks for more patience than that is not taken at its word.
const LONGEST_WAIT: Duration = Duration::from_secs(60 * 60);
