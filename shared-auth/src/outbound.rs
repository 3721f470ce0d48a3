//! How this crate calls out: the same limits for certs, metadata and other services.

use std::time::Duration;

use reqwest::{Client, Response, redirect};

/// A client that follows no redirect, uses no proxy and gives up in time.
///
/// A redirect could carry a token to another host, or fetch keys from one. A proxy sees plain `http`, and in front
/// of a metadata server it would obtain its own identity's token instead of ours.
pub(crate) fn client(total: Duration) -> Result<Client, TlsError> {
    Client::builder()
        .redirect(redirect::Policy::none())
        .no_proxy()
        .connect_timeout(CONNECT_LIMIT.min(total))
        .timeout(total)
        .user_agent(concat!("shared-auth/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(TlsError)
}

/// TLS could not be set up, for example because the machine has no root certificates.
#[derive(Debug, thiserror::Error)]
#[error("TLS could not be set up")]
pub struct TlsError(#[source] reqwest::Error);

/// Why a body was not read to its end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BodyError {
    #[error("the connection broke or was too slow")]
    Transport(#[source] reqwest::Error),
    #[error("the body is larger than {limit} bytes")]
    TooLarge { limit: usize },
}

/// Reads the body, and stops as soon as it is larger than `limit` bytes, whatever its Content-Length says.
pub(crate) async fn read_body(mut response: Response, limit: usize) -> Result<Vec<u8>, BodyError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| BodyError::Transport(error.without_url()))? {
        if body.len() + chunk.len() > limit {
            return Err(BodyError::TooLarge { limit });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

const CONNECT_LIMIT: Duration = Duration::from_secs(2);
