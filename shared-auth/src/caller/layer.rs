//! The tower layer that puts an ID token on the requests of a client that is there already: tonic's `Channel`,
//! hyper-util's client, whatever is a [`Service`] of HTTP requests. A middleware of reqwest would fit reqwest alone,
//! and for that there is [`AuthenticatedClient`](super::AuthenticatedClient).
//!
//! Redirects are the inner client's business, and must not be followed inside: the token would go along. tower-http's
//! `FollowRedirect` belongs around this layer, which then refuses each redirect that leads to another origin.

use std::{
    future::Future,
    mem,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    BoxError,
    http::{HeaderMap, Request, Response},
};
use tokio::time::{Instant, timeout_at};
use tower::{Layer, Service};

use super::{
    Error, ServiceUrl, TokenCache,
    client::SEND_LIMIT,
    request_headers::{says_invalid_token, set_headers},
};

/// Sends every request with an ID token for one service, and no request to another.
///
/// A request whose URI or `Host` names another scheme, host or port is refused. One whose URI is a path alone, as
/// tonic makes them, goes to whatever host the inner client is connected to, encrypted or not: give that client
/// [`ServiceUrl::origin`], and TLS where that says `https`.
///
/// `Authorization` and `X-Serverless-Authorization` are replaced. No body is kept, so no request is repeated: when the
/// service answers that the token is invalid, the caller gets that answer, and the next request has a fresh token.
///
/// ```
/// # use axum::{body::Body, http::Request};
/// # use hyper_util::{client::legacy::Client, rt::TokioExecutor};
/// use shared_auth::caller::{IdTokenLayer, MetadataSource, TokenCache};
/// use tower::{Layer, ServiceExt};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), axum::BoxError> {
/// # let google = google_emulator::Emulator::start().await?;
/// # let profiles = local::stand_in::StandIn::start(Default::default).await?;
/// # let (metadata_host, profile_url) = (google.metadata_host("login-service"), profiles.url());
/// # let http = Client::builder(TokioExecutor::new()).build_http();
/// # let get = |url: &str| Request::get(url).body(Body::empty());
/// let tokens = TokenCache::new(MetadataSource::new(metadata_host.parse()?)?);
/// let client = IdTokenLayer::new(profile_url.parse()?, tokens.into()).layer(http);
/// assert_eq!(client.clone().oneshot(get(profile_url)?).await?.status(), 200);
/// assert!(client.oneshot(get("https://elsewhere.example/")?).await.is_err());
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct IdTokenLayer {
    service: Arc<ServiceUrl>,
    tokens: Arc<TokenCache>,
    limit: Duration,
}

impl IdTokenLayer {
    /// Tokens of `tokens` for requests to `service`.
    pub fn new(service: ServiceUrl, tokens: Arc<TokenCache>) -> Self {
        Self { service: Arc::new(service), tokens, limit: SEND_LIMIT }
    }

    /// How long the token and the head of the answer may take together, ten seconds unless set. The body has no limit
    /// here: it may be a stream.
    #[must_use]
    pub fn time_limit(self, limit: Duration) -> Self {
        Self { limit, ..self }
    }
}

impl<S> Layer<S> for IdTokenLayer {
    type Service = IdTokenService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        IdTokenService { inner, layer: self.clone() }
    }
}

/// What [`IdTokenLayer`] makes of a client.
///
/// Its error is boxed, as in tower's own layers: the inner client's, or an [`Error`], which `downcast_ref` finds. The
/// request has not been sent unless that is [`Error::Unreachable`].
#[derive(Debug, Clone)]
pub struct IdTokenService<S> {
    inner: S,
    layer: IdTokenLayer,
}

impl<S, B, R> Service<Request<B>> for IdTokenService<S>
where
    S: Service<Request<B>, Response = Response<R>> + Clone + Send + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send,
    B: Send + 'static,
{
    type Response = Response<R>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Response<R>, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let IdTokenLayer { service, tokens, limit } = self.layer.clone();
        // The service that was polled ready must be the one that is called, so the clone stays behind.
        let clone = self.inner.clone();
        let mut inner = mem::replace(&mut self.inner, clone);
        let deadline = Instant::now() + limit;
        Box::pin(async move {
            if !service.is_target_of(request.uri(), request.headers()) {
                return Err(Error::OtherOrigin.into());
            }
            let token = tokens.token_before(service.audience(), deadline).await?;
            set_headers(request.headers_mut(), &token);
            let response = timeout_at(deadline, inner.call(request)).await;
            let response = response.map_err(|late| Error::Unreachable(Arc::new(late)))?.map_err(Into::into)?;
            if says_invalid_token(response.status(), response.headers()) || is_unauthenticated(response.headers()) {
                tokens.discard(service.audience(), &token);
            }
            Ok(response)
        })
    }
}

/// A gRPC refusal without a message has its status among the headers; 16 is `UNAUTHENTICATED`
/// (<https://grpc.github.io/grpc/core/md_doc_statuscodes.html>).
fn is_unauthenticated(headers: &HeaderMap) -> bool {
    headers.get("grpc-status").is_some_and(|status| status == "16")
}
