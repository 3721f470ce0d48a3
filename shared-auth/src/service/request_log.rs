//! One line for each request that is answered, and its trace id in every line that its work writes.

use std::time::Instant;

use axum::{
    extract::{MatchedPath, Request},
    http::{HeaderMap, header::HeaderName},
    middleware::Next,
    response::Response,
};
use tracing::{Instrument, debug, info, info_span};

/// Middleware for the whole service. It logs the route, the method if it is a common one, and the trace id if it is one.
/// Nothing else that a client wrote is logged: a header, a query and even a path or a method may hold a token.
pub(super) async fn log_request(request: Request, next: Next) -> Response {
    let trace = trace_id(request.headers());
    let route = request.extensions().get::<MatchedPath>().map_or("(no route)", MatchedPath::as_str).to_owned();
    let method = match request.method().as_str() {
        method @ ("GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS") => method.to_owned(),
        _ => "OTHER".to_owned(),
    };
    let answer = async move {
        let started = Instant::now();
        let response = next.run(request).await;
        let (status, latency) = (response.status().as_u16(), format!("{:.6}s", started.elapsed().as_secs_f64()));
        if route.starts_with("/health/") {
            // Probes come every few seconds and say the same each time.
            debug!("{method} {route} {status}");
        } else {
            info!(
                httpRequest.requestMethod = method,
                httpRequest.requestUrl = route,
                httpRequest.status = status,
                httpRequest.latency = latency,
                "{method} {route} {status}"
            );
        }
        response
    };
    answer.instrument(info_span!("request", trace)).await
}

/// The id that Google's front end or another caller gave the request, or a new one.
fn trace_id(headers: &HeaderMap) -> String {
    let given = |name: HeaderName, id: fn(&str) -> Option<&str>| {
        let id = headers.get(name)?.to_str().ok().and_then(id)?;
        let is_hex = id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        (id.len() == 32 && is_hex && id.bytes().any(|byte| byte != b'0')).then(|| id.to_owned())
    };
    // https://www.w3.org/TR/trace-context/#traceparent-header: version-traceid-parentid-flags
    given(HeaderName::from_static("traceparent"), |value| value.split('-').nth(1))
        // https://cloud.google.com/trace/docs/trace-context#legacy-http-header: TRACE_ID/SPAN_ID;o=OPTIONS
        .or_else(|| given(HeaderName::from_static("x-cloud-trace-context"), |value| value.split('/').next()))
        .unwrap_or_else(|| format!("{:032x}", fastrand::u128(1..)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0af7651916cd43dd8448eb211c80319c";

    fn trace_id_of(name: &'static str, value: &str) -> String {
        trace_id(&HeaderMap::from_iter([(HeaderName::from_static(name), value.parse().unwrap())]))
    }

    #[test]
    fn the_trace_id_comes_from_either_header() {
        assert_eq!(trace_id_of("traceparent", &format!("00-{ID}-b7ad6b7169203331-01")), ID);
        assert_eq!(trace_id_of("x-cloud-trace-context", &format!("{ID}/123;o=1")), ID);
        assert_eq!(trace_id_of("x-cloud-trace-context", ID), ID);
    }

    #[test]
    fn what_is_not_a_trace_id_is_replaced_by_a_new_one() {
        for value in
            ["", "00", "abc", "00-abc-b7ad-01", &format!("00-{}-b7-01", ID.replace('0', "\"")), &"0".repeat(32)]
        {
            for name in ["traceparent", "x-cloud-trace-context"] {
                let (first, second) = (trace_id_of(name, value), trace_id_of(name, value));
                assert!(first.len() == 32 && first != second, "{name}: {value:?} gave {first}");
            }
        }
    }
}
