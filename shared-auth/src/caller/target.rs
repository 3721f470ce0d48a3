//! Whether a request that another client is about to send is for this service, so that its token may go along.

use axum::http::{HeaderMap, Uri, header::HOST};

use super::ServiceUrl;

impl ServiceUrl {
    /// Whether a request goes to this service's scheme, host and port: by its URI if that names a host, and by `Host`
    /// if that is set, since a front end that serves many services goes by it. Compared as text: what is spelled in
    /// another way could be read in another way by whoever sends it.
    pub(super) fn is_target_of(&self, uri: &Uri, headers: &HeaderMap) -> bool {
        let base = self.base.as_url();
        let host = base.host_str().unwrap_or_default();
        let with_port = base.port_or_known_default().map(|port| format!("{host}:{port}")).unwrap_or_default();
        let is_ours = |authority: &str| {
            let is_host = base.port().is_none() && authority.eq_ignore_ascii_case(host);
            is_host || authority.eq_ignore_ascii_case(&with_port)
        };
        let by_uri = uri.authority().is_none_or(|to| uri.scheme_str() == Some(base.scheme()) && is_ours(to.as_str()));
        by_uri && headers.get_all(HOST).iter().all(|value| value.to_str().is_ok_and(is_ours))
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn a_request_is_for_the_service_by_its_uri_and_by_its_host_header() {
        for (base, uri, host, is_ours) in [
            ("https://a.example", "/x", None, true),
            ("https://a.example", "https://A.example/x", None, true),
            ("https://a.example/base", "https://a.example:443", Some("a.example"), true),
            ("http://localhost:8080", "http://localhost:8080/", Some("localhost:8080"), true),
            ("http://[::1]:8080", "http://[::1]:8080/", None, true),
            ("https://a.example", "https://b.example/", None, false),
            ("https://a.example", "https://a.example.b.example/", None, false),
            ("https://a.example", "https://a.example./", None, false),
            ("https://a.example", "http://a.example/", None, false),
            ("https://a.example", "http://a.example:443/", None, false),
            ("https://a.example", "https://a.example:8443/", None, false),
            ("https://a.example", "https://a.example:/", None, false),
            ("https://a.example", "https://u@a.example/", None, false),
            ("https://a.example", "a.example:443", None, false),
            ("http://localhost:8080", "http://localhost/", None, false),
            ("https://a.example", "/x", Some("b.example"), false),
            ("https://a.example", "https://a.example/", Some("b.example"), false),
            ("https://a.example", "/x", Some("a.example:8443"), false),
        ] {
            let service: ServiceUrl = base.parse().unwrap();
            let headers = host.map(|host| (HOST, HeaderValue::from_static(host))).into_iter().collect();
            assert_eq!(service.is_target_of(&Uri::from_static(uri), &headers), is_ours, "{base} {uri} {host:?}");
        }
    }
}
