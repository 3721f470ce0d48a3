//! A URL that may carry a token or bring the keys that tokens are checked with: `https`, or `http` on this machine.

use std::{fmt, str::FromStr};

use url::{Host, Url};

/// A URL whose scheme is `https`, or `http` when its host is this machine's loopback; no user, password or fragment.
#[derive(Clone, PartialEq, Eq)]
pub struct SecureUrl(Url);

impl SecureUrl {
    /// The URL itself.
    pub fn as_url(&self) -> &Url {
        &self.0
    }

    /// Scheme, host and port, without path and trailing slash: what Cloud Run calls a service's URL.
    pub fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }
}

impl FromStr for SecureUrl {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<Self, UrlError> {
        let url = Url::parse(text).map_err(UrlError::Syntax)?;
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&url) => {}
            "http" => return Err(UrlError::NotEncrypted),
            _ => return Err(UrlError::Scheme),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(UrlError::Credentials);
        }
        if url.fragment().is_some() {
            return Err(UrlError::Fragment);
        }
        Ok(Self(url))
    }
}

impl fmt::Display for SecureUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for SecureUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecureUrl({self})")
    }
}

/// Why a text is not a [`SecureUrl`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UrlError {
    /// Not a URL.
    #[error("not a URL")]
    Syntax(#[source] url::ParseError),
    /// Neither `https` nor `http`.
    #[error("the scheme is not https")]
    Scheme,
    /// `http` to another machine: whoever sits in between could read the token or replace the keys.
    #[error("http is accepted for localhost, 127.0.0.0/8 and [::1] only; use https")]
    NotEncrypted,
    /// A user name or password in the URL; it would end up in logs.
    #[error("the URL holds a user name or a password")]
    Credentials,
    /// A `#…`, which is never sent.
    #[error("the URL holds a fragment")]
    Fragment,
}

/// `localhost` is loopback by RFC 6761 section 6.3.
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_anywhere_and_http_on_loopback_are_accepted() {
        for text in ["https://a.run.app", "http://localhost:1", "http://127.0.0.1:8080/certs", "http://[::1]:1"] {
            assert!(text.parse::<SecureUrl>().is_ok(), "{text}");
        }
    }

    #[test]
    fn http_to_a_host_that_only_looks_like_loopback_is_refused() {
        for host in ["localhost.example.com", "127.0.0.1.example.com", "0.0.0.0", "[::ffff:8.8.8.8]", "10.0.0.1"] {
            let refused = format!("http://{host}/").parse::<SecureUrl>();
            assert_eq!(refused, Err(UrlError::NotEncrypted), "{host}");
        }
    }

    #[test]
    fn other_schemes_credentials_and_fragments_are_refused() {
        for text in ["ftp://localhost/", "file:///etc/passwd", "https://user@a.run.app", "https://:x@a.run.app"] {
            assert!(text.parse::<SecureUrl>().is_err(), "{text}");
        }
        assert_eq!("https://a.run.app/#x".parse::<SecureUrl>(), Err(UrlError::Fragment));
        assert!("a.run.app".parse::<SecureUrl>().is_err());
    }

    #[test]
    fn the_origin_has_no_path_and_no_trailing_slash() {
        let url: SecureUrl = "https://a.run.app/base/".parse().unwrap();
        assert_eq!(url.origin(), "https://a.run.app");
    }
}
