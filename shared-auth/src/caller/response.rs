//! A successful answer of a service, read no further than a limit.

use std::{sync::Arc, time::Duration};

use axum::http::{HeaderMap, StatusCode, header::RETRY_AFTER};
use serde::de::DeserializeOwned;

use super::Error;
use crate::outbound::{self, BodyError};

/// An answer with a status from 200 to 299.
#[derive(Debug)]
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
        serde_json::from_slice(&self.bytes().await?).map_err(|error| Error::Answer(Arc::new(error)))
    }
}

const LARGEST_BODY: usize = 1024 * 1024;
/// A service that asks for more patience than that is not taken at its word.
const LONGEST_WAIT: Duration = Duration::from_secs(60 * 60);
