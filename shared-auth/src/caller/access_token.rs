//! Access tokens: what Google's own APIs ask for. Here they serve one purpose, to ask IAM Credentials for an ID token.

use std::{fmt, future::Future, pin::Pin, sync::Arc};

use axum::http::HeaderValue;

use super::Error;

/// An access token on its way to a Google API. Like an ID token it can be sent, and not be shown.
#[derive(Clone)]
pub struct AccessToken(HeaderValue);

/// Where access tokens come from. It asks anew each time: an ID token, which lasts an hour, needs one.
///
/// An implementation limits its own time, and its errors hold no token.
pub trait AccessTokenSource: fmt::Debug + Send + Sync + 'static {
    /// An access token with the scope `https://www.googleapis.com/auth/cloud-platform`.
    fn access_token(&self) -> Pin<Box<dyn Future<Output = Result<AccessToken, Error>> + Send + '_>>;
}

impl AccessTokenSource for Arc<dyn AccessTokenSource> {
    fn access_token(&self) -> Pin<Box<dyn Future<Output = Result<AccessToken, Error>> + Send + '_>> {
        self.as_ref().access_token()
    }
}

impl AccessToken {
    /// Takes what a source returned; `None` when it cannot be a token (RFC 6750 section 2.1).
    pub fn new(token: &str) -> Option<Self> {
        let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
        if token.is_empty() || !token.bytes().all(is_token) {
            return None;
        }
        let mut bearer = HeaderValue::try_from(format!("Bearer {token}")).ok()?;
        bearer.set_sensitive(true);
        Some(Self(bearer))
    }

    /// The header `Bearer …`, marked as sensitive.
    pub(super) fn bearer(&self) -> HeaderValue {
        self.0.clone()
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessToken")
    }
}

/// All of Google Cloud, as far as the account's roles go.
pub(super) const CLOUD_PLATFORM: &str = "https://www.googleapis.com/auth/cloud-platform";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_could_end_the_header_or_say_more_is_no_token() {
        assert!(AccessToken::new("ya29.a0Af_-~+/=").is_some());
        for text in ["", "a b", "a\r\nb", "a\"b", "<html>", "\u{e9}"] {
            assert!(AccessToken::new(text).is_none(), "{text:?}");
        }
    }

    #[test]
    fn debug_does_not_show_it() {
        let token = AccessToken::new("secret").unwrap();
        assert!(!format!("{token:?} {:?}", token.bearer()).contains("secret"));
    }
}
