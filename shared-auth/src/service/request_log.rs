//! One line for each request that is answered. Its trace id is in every line that its work writes.

use std::{fmt, time::Duration};

use axum::{
    extract::{MatchedPath, Request},
    http::StatusCode,
};
use tracing::{debug, info};

/// What the line says of a request: the route, and the method if it is a common one. Nothing else that a client wrote is
/// logged: a header, a query and even a path or a method may hold a token.
pub(super) struct RequestLine {
    method: &'static str,
    route: Option<MatchedPath>,
}

impl RequestLine {
    pub(super) fn of(request: &Request) -> Self {
        let method = request.method().as_str();
        let method = COMMON.into_iter().find(|common| *common == method).unwrap_or("OTHER");
        Self { method, route: request.extensions().get().cloned() }
    }

    pub(super) fn log(&self, status: StatusCode, latency: Duration) {
        let (method, route) = (self.method, self.route.as_ref().map_or("(no route)", MatchedPath::as_str));
        let status = status.as_u16();
        if route.starts_with("/health/") {
            // Probes come every few seconds and say the same each time.
            debug!("{method} {route} {status}");
        } else {
            info!(
                httpRequest.requestMethod = method,
                httpRequest.requestUrl = route,
                httpRequest.status = status,
                httpRequest.latency = %Seconds(latency),
                "{method} {route} {status}"
            );
        }
    }
}

/// In the form of a protocol buffer's duration in JSON, as
/// <https://cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry#HttpRequest> asks for it.
struct Seconds(Duration);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:06}s", self.0.as_secs(), self.0.subsec_micros())
    }
}

const COMMON: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_latency_is_in_seconds_with_microseconds() {
        assert_eq!(Seconds(Duration::from_nanos(2_000_042_999)).to_string(), "2.000042s");
    }
}
