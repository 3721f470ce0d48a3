//! Every way a request can be refused, and what the client is told: one table.
//!
//! 401 asks "who are you?", 403 says "I know you, and no", 503 says "I cannot tell right now" (RFC 6750 section 3,
//! RFC 9110 section 11.6.1). All failed checks of a token read the same from outside.

use axum::{
    http::{HeaderValue, StatusCode},
    response::{IntoResponse, Response},
};
use tracing::{error, warn};

use super::{Caller, VerifyError};
use crate::Problem;

/// Why a request was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Rejection {
    /// No header with a token, or an `Authorization` of another scheme. Nothing is wrong yet, so there is no error code.
    #[error("the request carries no ID token")]
    NoToken {
        /// `Bearer realm="…"`.
        challenge: HeaderValue,
    },
    /// A header that cannot be read as one token.
    #[error("the header of the ID token is unusable: {0}")]
    InvalidRequest(&'static str),
    /// The token was not accepted.
    #[error(transparent)]
    Token(#[from] VerifyError),
    /// Genuine, and not on the list.
    #[error("the caller is not on the list")]
    Forbidden(Caller),
    /// A handler asked for the `Caller` on a route that nothing protects.
    #[error("bug: a handler asks for the caller, and its route is not behind RequireCaller")]
    NotProtected,
}

impl Rejection {
    /// Logs the reason, and who it was if that is known. Once for each rejection: where it is made.
    pub(super) fn log(&self) {
        match self {
            Self::Forbidden(caller) => {
                warn!(reason = %self, email = caller.email(), subject = caller.subject(), "refused");
            }
            Self::NotProtected | Self::Token(VerifyError::KeysUnavailable { .. }) => error!(reason = %self, "refused"),
            Self::NoToken { .. } | Self::InvalidRequest(_) | Self::Token(_) => warn!(reason = %self, "refused"),
        }
    }

    fn problem(&self) -> Problem {
        let challenge = |text: &'static str| HeaderValue::from_static(text);
        match self {
            Self::NoToken { challenge } => {
                Problem::new(StatusCode::UNAUTHORIZED, "an ID token is required").with_challenge(challenge.clone())
            }
            Self::InvalidRequest(_) => Problem::new(StatusCode::BAD_REQUEST, "the header of the ID token is unusable")
                .with_challenge(challenge(r#"Bearer error="invalid_request""#)),
            Self::Token(VerifyError::KeysUnavailable { retry_after }) => {
                Problem::unavailable("the ID token cannot be checked right now", *retry_after)
            }
            Self::Token(_) => Problem::new(StatusCode::UNAUTHORIZED, "the ID token was not accepted")
                .with_challenge(challenge(r#"Bearer error="invalid_token""#)),
            Self::Forbidden(_) => Problem::new(StatusCode::FORBIDDEN, "this caller may not do that")
                .with_challenge(challenge(r#"Bearer error="insufficient_scope""#)),
            Self::NotProtected => Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "this service has a bug"),
        }
    }
}

/// The rejection goes along in the response's extensions, for a layer further out whose protocol has another form
/// for it, such as gRPC. It holds no token.
impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        let mut response = self.problem().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rejection_goes_along_in_its_response() {
        let response = Rejection::InvalidRequest("it is empty").into_response();
        assert_eq!(response.extensions().get(), Some(&Rejection::InvalidRequest("it is empty")));
    }
}
