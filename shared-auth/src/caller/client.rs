//! An HTTP client for one service. The ID token goes to that service's origin and nowhere else: there is no way to
//! name another host, and redirects are not followed.

use std::{fmt, sync::Arc, time::Duration};

use axum::{
    BoxError,
    http::{
        HeaderName, HeaderValue, Method,
        header::{CONTENT_TYPE, HOST},
    },
};
use reqwest::Request;
use serde::Serialize;
use tokio::time::{Instant, timeout_at};

use super::{
    Error, IdToken, Response, ServiceUrl, TokenCache, TokenSource,
    request_headers::{says_invalid_token, set_headers},
};
use crate::{TlsError, outbound};

/// Calls one service as whoever the token source speaks for. Clones share connections and tokens.
#[derive(Debug, Clone)]
pub struct AuthenticatedClient {
    http: reqwest::Client,
    service: Arc<ServiceUrl>,
    tokens: Arc<TokenCache>,
}

impl AuthenticatedClient {
    /// Calls `service` with tokens of `source`.
    ///
    /// # Errors
    /// TLS could not be set up.
    pub fn new(service: ServiceUrl, source: impl TokenSource) -> Result<Self, TlsError> {
        Self::with_cache(service, Arc::new(TokenCache::new(source)))
    }

    /// The same, with tokens that several clients share.
    ///
    /// # Errors
    /// TLS could not be set up.
    pub fn with_cache(service: ServiceUrl, tokens: Arc<TokenCache>) -> Result<Self, TlsError> {
        Ok(Self { http: outbound::client(CALL_LIMIT)?, service: Arc::new(service), tokens })
    }

    /// A GET request of `path`, which may have a query.
    pub fn get(&self, path: &str) -> RequestBuilder {
        self.request(Method::GET, path)
    }

    /// A GET request of the path that these segments make. Each is encoded, so that a name from outside can neither add
    /// a segment or a query nor climb with `..`.
    pub fn get_segments(&self, segments: &[&str]) -> RequestBuilder {
        let request = self.service.join_segments(segments).map(|url| Request::new(Method::GET, url));
        RequestBuilder { client: self.clone(), request }
    }

    /// A POST request.
    pub fn post(&self, path: &str) -> RequestBuilder {
        self.request(Method::POST, path)
    }

    /// A request of any method.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.service.join(path).map(|url| Request::new(method, url));
        RequestBuilder { client: self.clone(), request }
    }

    /// Whether a token can be had: for a readiness probe. It is fetched when there is none.
    ///
    /// # Errors
    /// Those of the token source.
    pub async fn check_token(&self) -> Result<(), Error> {
        self.tokens.token(self.service.audience()).await.map(drop)
    }

    async fn send(&self, request: Request, deadline: Instant) -> Result<Response, Error> {
        let audience = self.service.audience();
        let repeated = request.try_clone();
        let token = self.tokens.token_before(audience, deadline).await?;
        let mut response = self.execute(request, &token, deadline).await?;
        if let Some(repeated) = repeated.filter(|_| says_invalid_token(response.status(), response.headers()))
            && self.tokens.discard(audience, &token)
            && let Ok(fresh) = self.tokens.token_before(audience, deadline).await
        {
            response = self.execute(repeated, &fresh, deadline).await?;
        }
        Response::of_success(response)
    }

    async fn execute(
        &self,
        mut request: Request,
        token: &IdToken,
        deadline: Instant,
    ) -> Result<reqwest::Response, Error> {
        // A front end that serves many services goes by this header and not by the address.
        request.headers_mut().remove(HOST);
        set_headers(request.headers_mut(), token);
        let response = timeout_at(deadline, self.http.execute(request)).await;
        let response = response.map_err(|late| Error::Unreachable(Arc::new(late)))?;
        response.map_err(|error| Error::Unreachable(Arc::new(error.without_url())))
    }
}

/// A request under construction.
#[must_use = "a request is sent by `send`"]
pub struct RequestBuilder {
    client: AuthenticatedClient,
    request: Result<Request, Error>,
}

impl RequestBuilder {
    /// Sets a header. `Authorization`, `X-Serverless-Authorization` and `Host` are [`send`](Self::send)'s to set,
    /// whatever they were set to before. `traceparent` is that of the request that is being answered, unless set here.
    pub fn header<N, V>(self, name: N, value: V) -> Self
    where
        N: TryInto<HeaderName, Error: Into<BoxError>>,
        V: TryInto<HeaderValue, Error: Into<BoxError>>,
    {
        self.change(|request| {
            let name = name.try_into().map_err(Into::into)?;
            request.headers_mut().insert(name, value.try_into().map_err(Into::into)?);
            Ok(())
        })
    }

    /// Adds to the query, encoded: `&[("q", "ada")]`, or a struct.
    pub fn query(self, query: &impl Serialize) -> Self {
        self.change(|request| {
            let query = serde_urlencoded::to_string(query)?;
            let all = request.url().query().into_iter().chain((!query.is_empty()).then_some(query.as_str()));
            let all = all.collect::<Vec<_>>().join("&");
            request.url_mut().set_query((!all.is_empty()).then_some(&all));
            Ok(())
        })
    }

    /// Sends `body` as JSON.
    pub fn json(self, body: &impl Serialize) -> Self {
        let json = serde_json::to_vec(body);
        self.header(CONTENT_TYPE, "application/json").change(|request| {
            *request.body_mut() = Some(json?.into());
            Ok(())
        })
    }

    /// Sends this body. A stream can be sent once only, so that such a request is not repeated.
    pub fn body(self, body: impl Into<reqwest::Body>) -> Self {
        self.change(|request| {
            *request.body_mut() = Some(body.into());
            Ok(())
        })
    }

    /// Sends the request with an ID token. If the service answers that the token is invalid, asks the source again and
    /// sends the request once more; a metadata server may give the same token again. A service that refuses the token
    /// has not acted on the request, so any request may be repeated.
    ///
    /// # Errors
    /// There is no token, the service cannot be reached in time, or it answered with something other than a success.
    pub async fn send(self) -> Result<Response, Error> {
        self.client.send(self.request?, Instant::now() + SEND_LIMIT).await
    }

    /// Keeps the first mistake for [`send`](Self::send) to tell.
    fn change(mut self, change: impl FnOnce(&mut Request) -> Result<(), BoxError>) -> Self {
        self.request = self.request.and_then(|mut request| {
            change(&mut request).map_err(|error| Error::Request(error.into()))?;
            Ok(request)
        });
        self
    }
}

/// Shows where it goes, and neither its headers nor its query, in which a caller can put secrets of its own.
impl fmt::Debug for RequestBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let target = self.request.as_ref().map(|request| (request.method(), request.url().path()));
        f.debug_struct("RequestBuilder").field("service", &self.client.service).field("request", &target).finish()
    }
}

/// For everything: the token, the request, and once more.
pub(super) const SEND_LIMIT: Duration = Duration::from_secs(10);
/// For connecting, sending, and the whole answer.
const CALL_LIMIT: Duration = Duration::from_secs(5);
