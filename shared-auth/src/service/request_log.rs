//! One line for each request that is answered, and its trace id in every line that its work writes.

use std::time::Instant;

use axum::{
    extract::{MatchedPath, Request},
    middleware::Next,
    response::Response,
};
use tracing::{Instrument, debug, info, info_span};

use crate::trace::Trace;

/// Middleware for the whole service. It logs the route, the method if it is a common one, and the trace id if it is one.
/// Nothing else that a client wrote is logged: a header, a query and even a path or a method may hold a token.
pub(super) async fn log_request(request: Request, next: Next) -> Response {
    let trace = Trace::of(request.headers());
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
    let span = info_span!("request", trace = trace.id());
    trace.within(answer).instrument(span).await
}
