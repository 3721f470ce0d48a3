//! Where a service is and for whom its tokens are made: one value, so that the two cannot disagree by accident.

use std::str::FromStr;

use url::Url;

use super::Error;
use crate::{Audience, SecureUrl, UrlError};

/// The base URL of a service and the audience of the ID tokens that it expects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceUrl {
    pub(super) base: SecureUrl,
    audience: Audience,
}

impl ServiceUrl {
    /// The same service, for which tokens are made with another audience: a custom one, or the full URL of a
    /// first-generation function (<https://cloud.google.com/run/docs/configuring/custom-audiences>).
    #[must_use]
    pub fn with_audience(self, audience: Audience) -> Self {
        Self { audience, ..self }
    }

    /// For whom tokens are made.
    pub fn audience(&self) -> &Audience {
        &self.audience
    }

    /// Scheme, host and port, for a client that is given them elsewhere.
    pub fn origin(&self) -> String {
        self.base.origin()
    }

    /// The URL of `path`, which may have a query, below this service's base. Only path and query are set: whatever the
    /// text is, scheme, host and port stay those of the base.
    pub(super) fn join(&self, path: &str) -> Result<Url, Error> {
        let base = self.base.as_url().path().trim_end_matches('/');
        let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
        let mut url = self.base.as_url().clone();
        url.set_path(&format!("{base}/{}", path.strip_prefix('/').unwrap_or(path)));
        url.set_query(query);
        // `..` climbs out of the base.
        if url.path().strip_prefix(base).is_some_and(|below| below.starts_with('/')) {
            Ok(url)
        } else {
            Err(Error::OutsideBase)
        }
    }

    /// The URL of these segments below this service's base.
    pub(super) fn join_segments(&self, segments: &[&str]) -> Result<Url, Error> {
        // A URL knows no other way to write these: they would climb, or be left out.
        let is_lost = |segment: &&str| matches!(*segment, "" | "." | "..") || segment.contains(['\t', '\r', '\n']);
        if segments.iter().any(is_lost) {
            return Err(Error::OutsideBase);
        }
        let mut url = self.base.as_url().clone();
        // An `http` or `https` URL always has segments.
        url.path_segments_mut().map_err(|()| Error::OutsideBase)?.pop_if_empty().extend(segments);
        Ok(url)
    }
}

/// The audience is the URL's origin: scheme and host, no path, no trailing slash, as Cloud Run wants it.
impl FromStr for ServiceUrl {
    type Err = ServiceUrlError;

    fn from_str(text: &str) -> Result<Self, ServiceUrlError> {
        let base: SecureUrl = text.parse()?;
        if base.as_url().query().is_some() {
            return Err(ServiceUrlError::Query);
        }
        let audience = base.origin().parse().map_err(ServiceUrlError::Audience)?;
        Ok(Self { base, audience })
    }
}

/// Why a text is not a [`ServiceUrl`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ServiceUrlError {
    /// It is not a URL that may carry a token.
    #[error(transparent)]
    Url(#[from] UrlError),
    /// A base URL has no query; the requests have.
    #[error("the URL holds a query")]
    Query,
    /// Its origin is not an audience.
    #[error("the URL's origin is not an audience")]
    Audience(#[source] crate::AudienceError),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(base: &str, path: &str) -> Option<String> {
        base.parse::<ServiceUrl>().unwrap().join(path).ok().map(String::from)
    }

    #[test]
    fn the_audience_is_the_origin_unless_another_is_named() {
        for text in ["https://p.a.run.app", "https://p.a.run.app/", "https://p.a.run.app/base/"] {
            let url: ServiceUrl = text.parse().unwrap();
            assert_eq!(url.audience().as_str(), "https://p.a.run.app");
            assert_eq!(url.with_audience("custom".parse().unwrap()).audience().as_str(), "custom");
        }
    }

    #[test]
    fn a_path_stays_below_the_base() {
        assert_eq!(joined("https://a.example", "/x?q=1").as_deref(), Some("https://a.example/x?q=1"));
        assert_eq!(joined("https://a.example/", "x").as_deref(), Some("https://a.example/x"));
        assert_eq!(joined("https://a.example/base", "/x").as_deref(), Some("https://a.example/base/x"));
        assert_eq!(joined("https://a.example/base/", "x").as_deref(), Some("https://a.example/base/x"));
        for path in ["/../x", "..", "/%2e%2e/x", "/../basement", "/x/../../y"] {
            assert_eq!(joined("https://a.example/base", path), None, "{path:?}");
        }
    }

    #[test]
    fn a_segment_stays_one_segment_whatever_is_in_it() {
        let joined = |segment| {
            let url: ServiceUrl = "https://a.example/base/".parse().unwrap();
            url.join_segments(&["profiles", segment]).ok().map(String::from)
        };
        assert_eq!(joined("ada").as_deref(), Some("https://a.example/base/profiles/ada"));
        let encoded = "https://a.example/base/profiles/a%2F..%2Fb%3Fc%23d%252f";
        assert_eq!(joined("a/../b?c#d%2f").as_deref(), Some(encoded));
        for lost in ["", ".", "..", ".\t.", ".\n.", "\t", "a\tb", "a\r\nb"] {
            assert_eq!(joined(lost), None, "{lost:?}");
        }
    }

    #[test]
    fn no_path_changes_the_scheme_the_host_the_port_or_the_user() {
        for path in [
            "",
            "//evil.example/x",
            "https://evil.example/",
            ".evil.example/",
            "@evil.example/",
            ":8443/x",
            ":p@evil.example",
            "\\\\evil.example",
            "/\t/evil.example",
            "#x",
            "/..//evil.example",
        ] {
            let url = Url::parse(&joined("https://a.example", path).unwrap()).unwrap();
            assert_eq!(url.origin().ascii_serialization(), "https://a.example", "{path:?}");
            assert!(url.username().is_empty() && url.password().is_none(), "{path:?}");
        }
    }
}
