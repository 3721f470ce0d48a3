//! The audience of an ID token: for whom it was made. Both halves use it: a caller asks for a token for one, a
//! receiver accepts tokens for those on its list. An empty audience cannot be expressed.

use std::{fmt, str::FromStr, sync::Arc};

use serde::{Serialize, Serializer};

/// The `aud` of an ID token, compared byte for byte (RFC 7519 section 4.1.3).
///
/// For Cloud Run it is the service's URL: scheme and host, no path, no trailing slash
/// (<https://cloud.google.com/run/docs/authenticating/service-to-service>). Custom audiences may be any other text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Audience(Arc<str>);

impl Audience {
    /// The text that stands in the token.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What is unusual about this audience for a Cloud Run service; usually the cause of a 401. It looks at the text
    /// as it is, since that is what will be compared.
    pub fn suspicions(&self) -> Vec<&'static str> {
        let mut suspicions = Vec::new();
        let Some((scheme, rest)) = self.0.split_once("://") else {
            if self.0.contains(".run.app") {
                suspicions.push("it lacks the https:// of a Cloud Run service's URL");
            }
            return suspicions;
        };
        let (host, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        if scheme.eq_ignore_ascii_case("http") {
            suspicions.push("it starts with http, and the URL of a Cloud Run service with https");
        }
        if host.contains(':') {
            suspicions.push("it names a port, and the URL of a Cloud Run service has none");
        }
        if scheme.bytes().chain(host.bytes()).any(|byte| byte.is_ascii_uppercase()) {
            suspicions.push("it has capital letters, and the URL of a Cloud Run service has none");
        }
        match path {
            "" => {}
            "/" => suspicions.push("it ends in a slash, and a token without the slash will not match"),
            _ => suspicions.push("it has a path: callers of Cloud Run ask for a token without one"),
        }
        suspicions
    }
}

impl FromStr for Audience {
    type Err = AudienceError;

    fn from_str(text: &str) -> Result<Self, AudienceError> {
        if text.is_empty() {
            return Err(AudienceError::Empty);
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(AudienceError::NotVisibleAscii);
        }
        Ok(Self(text.into()))
    }
}

impl fmt::Display for Audience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Audience {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// Why a text is not an [`Audience`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AudienceError {
    /// Nothing there. An empty audience would accept, or ask for, a token for anybody.
    #[error("an audience is empty")]
    Empty,
    /// A space, a control character or a letter outside ASCII, which no URL has.
    #[error("an audience holds a character that is not visible ASCII")]
    NotVisibleAscii,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_audience_cannot_be_made() {
        assert_eq!("".parse::<Audience>(), Err(AudienceError::Empty));
    }

    #[test]
    fn a_space_or_a_letter_outside_ascii_is_refused() {
        for text in ["https://a b", "https://\u{430}.example", "https://a.example\n", " "] {
            assert_eq!(text.parse::<Audience>(), Err(AudienceError::NotVisibleAscii), "{text:?}");
        }
    }

    #[test]
    fn a_path_a_port_a_trailing_slash_and_http_are_suspicious_and_a_plain_url_is_not() {
        let suspicions = |text: &str| text.parse::<Audience>().unwrap().suspicions().len();
        assert_eq!(suspicions("https://profile-abc.a.run.app"), 0);
        assert_eq!(suspicions("a-custom-audience"), 0);
        assert_eq!(suspicions("https://profile-abc.a.run.app/"), 1);
        assert_eq!(suspicions("https://profile-abc.a.run.app/push"), 1);
        assert_eq!(suspicions("https://profile-abc.a.run.app:8443"), 1);
        assert_eq!(suspicions("http://localhost:8080/"), 3);
        assert_eq!(suspicions("https://profile-abc.a.run.app:443"), 1);
        assert_eq!(suspicions("https://profile-abc.a.run.app/."), 1);
        assert_eq!(suspicions("https://profile-abc.a.run.app?x"), 1);
        assert_eq!(suspicions("https://Profile-abc.a.run.app"), 1);
        assert_eq!(suspicions("profile-abc.a.run.app"), 1);
    }
}
