//! What every service does around its routes: limits on body and time, one log line a request, and one form for its
//! errors.

use std::{
    future::Future,
    time::{Duration, Instant},
};

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request},
    http::{
        StatusCode,
        header::{CONTENT_LENGTH, CONTENT_TYPE},
    },
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
};
use tokio::time::timeout;
use tracing::warn;

use super::request_log::RequestLine;
use crate::{Problem, trace::Trace};

pub(super) fn with_limits(routes: Router) -> Router {
    routes.layer(DefaultBodyLimit::max(LARGEST_BODY)).layer(from_fn(answer))
}

/// One middleware for everything, since each costs a request more than what it does here.
async fn answer(request: Request, next: Next) -> Response {
    let (trace, line) = (Trace::of(request.headers()), RequestLine::of(&request));
    let started = Instant::now();
    let answer = async move {
        let response = explain_error(limit_time(next.run(request)).await);
        line.log(response.status(), started.elapsed());
        response
    };
    trace.within(answer).await
}

/// Gives errors without a body or with bare text, which axum makes, the form of all the others. Their headers stay.
fn explain_error(response: Response) -> Response {
    let status = response.status();
    let content_type = response.headers().get(CONTENT_TYPE);
    let is_bare = content_type.is_none_or(|value| value.as_bytes().starts_with(b"text/plain"));
    if !is_bare || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let detail = match status {
        StatusCode::NOT_FOUND => "there is nothing here",
        StatusCode::METHOD_NOT_ALLOWED => "this route does not accept this method",
        StatusCode::PAYLOAD_TOO_LARGE => "the body is too large",
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "the body must be JSON",
        _ if status.is_client_error() => "the request cannot be read",
        _ => "this service has a bug",
    };
    let (mut parts, _) = response.into_parts();
    let (problem, body) = Problem::new(status, detail).into_response().into_parts();
    parts.headers.remove(CONTENT_LENGTH);
    parts.headers.extend(problem.headers);
    Response::from_parts(parts, body)
}

async fn limit_time(response: impl Future<Output = Response>) -> Response {
    timeout(REQUEST_LIMIT, response).await.unwrap_or_else(|_| {
        warn!(limit = ?REQUEST_LIMIT, "the request took too long");
        Problem::unavailable("the request took too long", RETRY_AFTER).into_response()
    })
}

/// In bytes. The largest body anyone has to send is a user's name and password.
const LARGEST_BODY: usize = 16 * 1024;
/// For the whole request, body and calls to other services included. Longer than what a login may wait for, so that
/// the client learns what failed.
const REQUEST_LIMIT: Duration = Duration::from_secs(20);
const RETRY_AFTER: Duration = Duration::from_secs(5);
