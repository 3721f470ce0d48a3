//! The seam: whatever can give an ID token for an audience.

use std::{fmt, future::Future, pin::Pin, sync::Arc};

use axum::http::StatusCode;
use reqwest::RequestBuilder;

use super::{Error, IdToken};
use crate::{
    Audience,
    outbound::{self, BodyError},
};

/// Where ID tokens come from. It asks anew each time; keeping tokens is the cache's work.
///
/// An implementation limits its own time, and its errors hold no token.
pub trait TokenSource: fmt::Debug + Send + Sync + 'static {
    /// An ID token for `audience`.
    fn id_token<'a>(
        &'a self,
        audience: &'a Audience,
    ) -> Pin<Box<dyn Future<Output = Result<IdToken, Error>> + Send + 'a>>;
}

impl TokenSource for Arc<dyn TokenSource> {
    fn id_token<'a>(
        &'a self,
        audience: &'a Audience,
    ) -> Pin<Box<dyn Future<Output = Result<IdToken, Error>> + Send + 'a>> {
        self.as_ref().id_token(audience)
    }
}

/// The body of a source's answer, which must have the status 200.
pub(super) async fn answer_of(request: RequestBuilder) -> Result<Vec<u8>, Error> {
    let unreachable = |error: reqwest::Error| Error::SourceUnreachable(Arc::new(error.without_url()));
    let response = request.send().await.map_err(unreachable)?;
    if response.status() != StatusCode::OK {
        return Err(Error::SourceRefused(response.status()));
    }
    outbound::read_body(response, LARGEST_ANSWER).await.map_err(|error| match error {
        BodyError::Transport(error) => Error::SourceUnreachable(Arc::new(error)),
        BodyError::TooLarge { .. } => Error::SourceAnswer("it is too large"),
    })
}

/// In bytes.
const LARGEST_ANSWER: usize = 64 * 1024;
