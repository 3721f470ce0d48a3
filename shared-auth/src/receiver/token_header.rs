//! Where a request carries its ID token: which header, and how the token is taken out of it.

use std::ops::Range;

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
    pub(super) fn take_token(self, headers: &mut HeaderMap) -> Result<Option<SentToken>, Rejection> {
        let Some(value) = self.take(headers)? else { return Ok(None) };
        let bytes = value.as_bytes();
        if !all(bytes, |byte| matches!(byte, b' '..=b'~')) {
            return Err(Rejection::InvalidRequest("it is not visible ASCII"));
        }
        if all(bytes, |byte| byte == b' ') {
            return Err(Rejection::InvalidRequest("it is empty"));
        }
        let start = match self {
            Self::IapAssertion => 0,
            Self::Authorization => {
                let scheme = bytes.split(|byte| *byte == b' ').next().unwrap_or_default();
                // RFC 9110 section 11.1: the scheme is compared without case.
                if !scheme.eq_ignore_ascii_case(b"Bearer") {
                    return Ok(None);
                }
                scheme.len()
            }
        };
        let sent = bytes.get(start..).unwrap_or_default();
        let token = sent.trim_ascii();
        if token.is_empty() {
            return Err(Rejection::InvalidRequest("it holds no token"));
        }
        if !all(token, |byte| byte != b' ') {
            return Err(Rejection::InvalidRequest("it holds more than one token"));
        }
        if token.len() > Verifier::LARGEST_TOKEN {
            return Err(Rejection::InvalidRequest("the token is too large"));
        }
        let start = start + sent.len() - sent.trim_ascii_start().len();
        let range = start..start + token.len();
        Ok(Some(SentToken { value, range }))
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

/// A token, in the header that it came in: it is long, and is not copied.
#[derive(Clone)]
pub(super) struct SentToken {
    value: HeaderValue,
    /// Visible ASCII.
    range: Range<usize>,
}

impl SentToken {
    pub(super) fn as_bytes(&self) -> &[u8] {
        self.value.as_bytes().get(self.range.clone()).unwrap_or_default()
    }

    pub(super) fn as_str(&self) -> &str {
        str::from_utf8(self.as_bytes()).unwrap_or_default()
    }
}

/// Looks at every byte, without stopping at the first that is wrong: that way, the processor looks at many at once.
fn all(bytes: &[u8], is_right: impl Fn(u8) -> bool) -> bool {
    bytes.iter().fold(true, |so_far, byte| so_far & is_right(*byte))
}
