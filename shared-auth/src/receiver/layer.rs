//! The tower layer that lets a request through with its [`Caller`], or answers it with a [`Rejection`].
//!
//! Put it on routes with `route_layer`, so that unknown paths stay 404 for everybody, and once on each route: what is
//! behind it does not see the token, so a second one would refuse everybody.

use std::{
    convert::Infallible,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::{
    http::{HeaderMap, HeaderValue, Request, header::AUTHORIZATION},
    response::{IntoResponse, Response},
};
use tower::{Layer, Service};

use super::{Caller, Policy, Rejection, Verifier};

/// Requires a verified caller whom the policy admits.
#[derive(Clone)]
pub struct RequireCaller(Arc<Requirement>);

struct Requirement {
    challenge: HeaderValue,
    verifier: Verifier,
    policy: Policy,
}

impl RequireCaller {
    /// `realm` is the service's name; a client without a token reads it in `WWW-Authenticate`.
    ///
    /// # Errors
    /// The realm is not one plain word; it stands between quotation marks (RFC 9110 section 5.6.4).
    pub fn new(realm: &str, verifier: Verifier, policy: Policy) -> Result<Self, RealmError> {
        let is_plain = realm.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\');
        let challenge = HeaderValue::try_from(format!(r#"Bearer realm="{realm}""#)).map_err(|_| RealmError)?;
        if is_plain && !realm.is_empty() {
            Ok(Self(Arc::new(Requirement { challenge, verifier, policy })))
        } else {
            Err(RealmError)
        }
    }
}

impl<S> Layer<S> for RequireCaller {
    type Service = RequireCallerService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        RequireCallerService { inner, requirement: self.0.clone() }
    }
}

/// What [`RequireCaller`] makes of a service.
#[derive(Clone)]
pub struct RequireCallerService<S> {
    inner: S,
    requirement: Arc<Requirement>,
}

impl<S, B> Service<Request<B>> for RequireCallerService<S>
where
    S: Service<Request<B>, Response = Response, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
    B: Send + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let requirement = self.requirement.clone();
        // The service that was polled ready must be the one that is called, so the clone stays behind.
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        Box::pin(async move {
            match requirement.admit(request.headers_mut()).await {
                Ok(caller) => {
                    request.extensions_mut().insert(caller);
                    inner.call(request).await
                }
                Err(rejection) => Ok(rejection.into_response()),
            }
        })
    }
}

impl Requirement {
    async fn admit(&self, headers: &mut HeaderMap) -> Result<Caller, Rejection> {
        self.decide(headers).await.inspect_err(Rejection::log)
    }

    async fn decide(&self, headers: &mut HeaderMap) -> Result<Caller, Rejection> {
        // Nothing behind the layer needs the token, and what is not there cannot be logged or passed on. The second
        // header is for Cloud Run, and holds the same token where nobody has cut off its signature.
        headers.remove("x-serverless-authorization");
        let token = take_token(headers, &self.challenge)?;
        let caller = self.verifier.verify(&token).await?;
        if self.policy.admits(&caller) { Ok(caller) } else { Err(Rejection::Forbidden(caller)) }
    }
}

/// The realm is empty, or holds a space, a quotation mark, a backslash or a character outside ASCII.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the realm is empty, or holds a space, a quotation mark, a backslash or a character outside ASCII")]
pub struct RealmError;

/// Takes the token out of `Authorization: Bearer …` (RFC 6750 section 2.1).
fn take_token(headers: &mut HeaderMap, challenge: &HeaderValue) -> Result<String, Rejection> {
    let no_token = || Rejection::NoToken { challenge: challenge.clone() };
    if headers.get_all(AUTHORIZATION).iter().count() > 1 {
        return Err(Rejection::InvalidRequest("it is repeated"));
    }
    let value = headers.remove(AUTHORIZATION).ok_or_else(no_token)?;
    // A tab is neither visible nor the space that ends the scheme.
    let value = value.to_str().ok().filter(|value| !value.contains('\t'));
    let value = value.ok_or(Rejection::InvalidRequest("it is not visible ASCII"))?;
    if value.trim().is_empty() {
        return Err(Rejection::InvalidRequest("it is empty"));
    }
    let (scheme, token) = value.split_once(' ').unwrap_or((value, ""));
    // RFC 9110 section 11.1: the scheme is compared without case.
    if !scheme.eq_ignore_ascii_case("Bearer") {
        return Err(no_token());
    }
    let token = token.trim_matches(' ');
    if token.is_empty() {
        return Err(Rejection::InvalidRequest("it holds no token"));
    }
    if token.contains(' ') {
        return Err(Rejection::InvalidRequest("it holds more than one token"));
    }
    if token.len() > Verifier::LARGEST_TOKEN {
        return Err(Rejection::InvalidRequest("the token is too large"));
    }
    Ok(token.to_owned())
}
