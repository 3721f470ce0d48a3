//! The tower layer that lets a request through with its [`Caller`], or answers it with a [`Rejection`].
//!
//! Put it on routes with `route_layer`, so that unknown paths stay 404 for everybody. Routes can differ in whom they let
//! in: each router has its own, or one route has a second one, within the router's; then both must admit the caller.

use std::{
    convert::Infallible,
    future::{Future, ready},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::{
    http::{HeaderValue, Request},
    response::{IntoResponse, Response},
};
use futures_util::future::Either;
use tower::{Layer, Service};

use super::{
    Caller, Policy, Rejection, Verifier,
    token_header::{SentToken, TokenHeader},
};

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

    /// The same, for other callers: what one route asks for in the place of, or besides, what the others ask for.
    #[must_use]
    pub fn with_policy(&self, policy: Policy) -> Self {
        let Requirement { challenge, verifier, policy: _ } = &*self.0;
        Self(Arc::new(Requirement { challenge: challenge.clone(), verifier: verifier.clone(), policy }))
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

/// An answer that has to be waited for, or is a refusal.
type Answer = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

impl<S, B> Service<Request<B>> for RequireCallerService<S>
where
    S: Service<Request<B>, Response = Response, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
    B: Send + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Either<S::Future, Answer>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let token = match self.requirement.take_token(&mut request) {
            Ok(token) => token,
            Err(rejection) => return self.refuse(rejection),
        };
        // Nearly every request: a token that is remembered needs no waiting, and so no future of its own.
        if let Some(caller) = self.requirement.verifier.remembered(token.sent.as_bytes()) {
            return match self.requirement.admit(caller, token, &mut request) {
                Ok(()) => Either::Left(self.inner.call(request)),
                Err(rejection) => self.refuse(rejection),
            };
        }
        let requirement = self.requirement.clone();
        // The service that was polled ready must be the one that is called, so the clone stays behind.
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        Either::Right(Box::pin(async move {
            let verified = requirement.verifier.verify_and_remember(token.sent.as_str()).await;
            match verified.map_err(Rejection::from).and_then(|caller| requirement.admit(caller, token, &mut request)) {
                Ok(()) => inner.call(request).await,
                Err(rejection) => Ok(answer(rejection)),
            }
        }))
    }
}

impl<S: Clone> RequireCallerService<S> {
    fn refuse<F>(&mut self, rejection: Rejection) -> Either<F, Answer> {
        // What `poll_ready` has reserved for the request, such as a permit, goes with the service that was polled.
        let clone = self.inner.clone();
        self.inner = clone;
        Either::Right(Box::pin(ready(Ok(answer(rejection)))))
    }
}

impl Requirement {
    fn take_token<B>(&self, request: &mut Request<B>) -> Result<TakenToken, Rejection> {
        let header = self.verifier.issuer().token_header;
        if let Some(sent) = header.take_token(request.headers_mut())? {
            return Ok(TakenToken { header, sent });
        }
        let taken = request.extensions().get::<TakenToken>().filter(|taken| taken.header == header);
        taken.cloned().ok_or_else(|| Rejection::NoToken { challenge: self.challenge.clone() })
    }

    fn admit<B>(&self, caller: Caller, token: TakenToken, request: &mut Request<B>) -> Result<(), Rejection> {
        if !self.policy.admits(&caller) {
            return Err(Rejection::Forbidden(caller));
        }
        request.extensions_mut().insert(token);
        request.extensions_mut().insert(caller);
        Ok(())
    }
}

fn answer(rejection: Rejection) -> Response {
    rejection.log();
    rejection.into_response()
}

/// The token that a layer further out has taken out of its header, for a layer further in. Only this file can name
/// the type, so a handler cannot read it.
#[derive(Clone)]
struct TakenToken {
    header: TokenHeader,
    sent: SentToken,
}

/// The realm is not one plain word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the realm is empty or not visible ASCII, or holds a quotation mark or a backslash")]
pub struct RealmError;
