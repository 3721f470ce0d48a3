//! [`Caller`] as an argument of a handler. On a route without [`RequireCaller`](super::RequireCaller) it answers 500:
//! a forgotten layer must not look like a caller.

use axum::{extract::FromRequestParts, http::request::Parts};

use super::{Caller, Rejection};

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Rejection> {
        parts.extensions.get().cloned().ok_or(Rejection::NotProtected).inspect_err(Rejection::log)
    }
}
