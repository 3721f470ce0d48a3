//! Where a request carries its ID token: which header, and how the token is taken out of it.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header::AUTHORIZATION};

use super::{Rejection, Verifier};

/// The header that an issuer's tokens come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenHeader {
    /// `Authorization: Bearer …` (RFC 6750 section 2.1).
    Authorization,
    /// `x-goog-iap-jwt-assertion: …`.
    IapAssertion,
}

impl TokenHeader {
    /// Takes the token out of the headers; `None` when they carry none.
    ///
    /// It is taken out, because nothing behind the layer needs it, and what is not there cannot be logged or passed on.
    pub(super) fn take_token(self, headers: &mut HeaderMap) -> Result<Option<String>, Rejection> {
        let Some(value) = self.take(headers)? else { return Ok(None) };
        // A tab is neither visible nor the space that ends the scheme.
        let value = value.to_str().ok().filter(|value| !value.contains('\t'));
        let value = value.ok_or(Rejection::InvalidRequest("it is not visible ASCII"))?;
        if value.trim().is_empty() {
            return Err(Rejection::InvalidRequest("it is empty"));
        }
        let token = match self {
            Self::IapAssertion => value,
            Self::Authorization => {
                let (scheme, token) = value.split_once(' ').unwrap_or((value, ""));
                // RFC 9110 section 11.1: the scheme is compared without case.
                if !scheme.eq_ignore_ascii_case("Bearer") {
                    return Ok(None);
                }
                token
            }
        };
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
        Ok(Some(token.to_owned()))
    }

    fn take(self, headers: &mut HeaderMap) -> Result<Option<HeaderValue>, Rejection> {
        let name = match self {
            Self::Authorization => {
                // It is for Cloud Run, and holds the same token where nobody has cut off its signature.
                headers.remove("x-serverless-authorization");
                AUTHORIZATION
            }
            Self::IapAssertion => HeaderName::from_static("x-goog-iap-jwt-assertion"),
        };
        if headers.get_all(&name).iter().count() > 1 {
            return Err(Rejection::InvalidRequest("it is repeated"));
        }
        Ok(headers.remove(name))
    }
}
