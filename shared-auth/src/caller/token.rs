//! An ID token on its way to a receiver. It can be sent, and nothing else: it is not shown by `Debug`, and there is no
//! `Display`.

use std::{
    fmt,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use axum::http::HeaderValue;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;

use crate::JsonObject;

/// An ID token and when it expires.
#[derive(Clone)]
pub struct IdToken {
    bearer: HeaderValue,
    expires_at: SystemTime,
}

impl IdToken {
    /// Takes what a source returned: three segments of base64url, the second of them JSON with an `exp`
    /// (RFC 7519 section 4.1.4). Nothing is verified; that is the receiver's work. `None` for anything else, which
    /// must never be sent.
    pub fn from_compact(token: &str) -> Option<Self> {
        #[derive(Deserialize)]
        struct Expiry {
            exp: u64,
        }
        let segments: Vec<_> = token.split('.').collect();
        let [header, payload, signature] = segments.as_slice() else {
            return None;
        };
        let decode = |segment: &str| URL_SAFE_NO_PAD.decode(segment).ok().filter(|bytes| !bytes.is_empty());
        let (_, payload, _) = (decode(header)?, decode(payload)?, decode(signature)?);
        let JsonObject(Expiry { exp }) = serde_json::from_slice(&payload).ok()?;
        let expires_at = UNIX_EPOCH.checked_add(Duration::from_secs(exp))?;
        let mut bearer = HeaderValue::try_from(format!("Bearer {token}")).ok()?;
        bearer.set_sensitive(true);
        Some(Self { bearer, expires_at })
    }

    /// When the token expires, by the wall clock.
    pub fn expires_at(&self) -> SystemTime {
        self.expires_at
    }

    /// How long the token is still good at `now`; zero when it has expired.
    pub fn time_left(&self, now: SystemTime) -> Duration {
        self.expires_at.duration_since(now).unwrap_or_default()
    }

    /// The token itself. Whoever reads it can call as its account until it expires: it belongs into no log, no error and
    /// no page.
    pub fn dangerous_text(&self) -> &str {
        self.bearer.to_str().ok().and_then(|bearer| bearer.strip_prefix("Bearer ")).unwrap_or_default()
    }

    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.bearer == other.bearer
    }

    /// The header `Bearer …`, marked as sensitive.
    pub(super) fn bearer(&self) -> HeaderValue {
        self.bearer.clone()
    }
}

impl fmt::Debug for IdToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdToken").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(payload: &str) -> String {
        format!("{}.{}.c2ln", URL_SAFE_NO_PAD.encode("{}"), URL_SAFE_NO_PAD.encode(payload))
    }

    #[test]
    fn the_expiry_is_read_from_the_token() {
        let text = token(r#"{"exp":1700000000}"#);
        let token = IdToken::from_compact(&text).unwrap();
        assert_eq!(token.expires_at(), UNIX_EPOCH + Duration::from_secs(1_700_000_000));
        assert_eq!(token.time_left(token.expires_at() - Duration::from_secs(5)), Duration::from_secs(5));
        assert_eq!(token.time_left(token.expires_at() + Duration::from_secs(5)), Duration::ZERO);
        assert_eq!(token.dangerous_text(), text);
    }

    #[test]
    fn what_is_not_a_token_cannot_be_made_into_one() {
        let good = token(r#"{"exp":1700000000}"#);
        let newline = format!("{good}\n");
        for text in [
            "",
            "..",
            "a.b",
            "<html>",
            &newline,
            &format!("{good}.x"),
            &token("{}"),
            &token(r#"{"exp":-1}"#),
            &token("[1700000000]"),
        ] {
            assert!(IdToken::from_compact(text).is_none(), "{text:?}");
        }
        assert!(IdToken::from_compact(&token(r#"{"exp":18446744073709551615}"#)).is_none());
    }

    #[test]
    fn debug_shows_no_part_of_the_token() {
        let text = token(r#"{"exp":1700000000}"#);
        let token = IdToken::from_compact(&text).unwrap();
        let shown = format!("{token:?} {:?}", token.bearer());
        assert!(text.split('.').all(|segment| !shown.contains(segment)), "{shown}");
    }
}
