//! Asks an issuer for its keys, once, within limits: no redirect, a few seconds, a bounded body.

use std::time::Duration;

use reqwest::{Client, StatusCode};

use super::{issuer::Issuer, key_document::KeyDocument, snapshot::OlderAnswer};
use crate::{
    SecureUrl, TlsError,
    outbound::{self, BodyError},
};

/// Where the keys of an issuer are.
pub(super) struct CertsEndpoint {
    pub(super) issuer: &'static Issuer,
    url: SecureUrl,
    http: Client,
}

impl CertsEndpoint {
    pub(super) fn new(issuer: &'static Issuer, url: SecureUrl) -> Result<Self, TlsError> {
        Ok(Self { issuer, url, http: outbound::client(FETCH_LIMIT)? })
    }

    pub(super) async fn fetch(&self) -> Result<KeyDocument, FetchError> {
        let transport = |error: reqwest::Error| FetchError::Transport(error.without_url());
        let response = self.http.get(self.url.as_url().clone()).send().await.map_err(transport)?;
        if response.status() != StatusCode::OK {
            return Err(FetchError::Status(response.status().as_u16()));
        }
        let headers = response.headers().clone();
        let body = outbound::read_body(response, LARGEST_SET).await?;
        KeyDocument::parse(&headers, &body, self.issuer).ok_or(FetchError::NoKeys)
    }
}

/// Why there are no new keys.
#[derive(Debug, thiserror::Error)]
pub(super) enum FetchError {
    #[error("no answer")]
    Transport(#[source] reqwest::Error),
    #[error("the answer has status {0}")]
    Status(u16),
    #[error("the answer cannot be read")]
    Body(#[from] BodyError),
    #[error("the answer holds no key that can be used")]
    NoKeys,
    #[error(transparent)]
    Older(#[from] OlderAnswer),
}

/// For connecting, waiting and reading together.
const FETCH_LIMIT: Duration = Duration::from_secs(3);
/// In bytes. Google's set has about two thousand.
const LARGEST_SET: usize = 256 * 1024;
