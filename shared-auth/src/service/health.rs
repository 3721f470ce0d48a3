//! The two questions a platform asks, without a token. Neither path ends in `z`: Cloud Run keeps some of those
//! (<https://cloud.google.com/run/docs/known-issues#ah>).

use std::future::Future;

use axum::{Json, Router, http::StatusCode, response::IntoResponse, routing::get};
use serde_json::json;

use crate::Problem;

/// `GET /health/live`: 200 while the process serves. `GET /health/ready`: 200 when `ready` says that the service can do
/// its job, else 503 with the reason that `ready` gives.
pub fn health_routes<F, R>(ready: F) -> Router
where
    F: Fn() -> R + Clone + Send + Sync + 'static,
    R: Future<Output = Result<(), &'static str>> + Send,
{
    let live = || async { Json(json!({ "status": "live" })) };
    let ready = move || {
        let ready = ready.clone();
        async move {
            match ready().await {
                Ok(()) => Json(json!({ "status": "ready" })).into_response(),
                Err(reason) => Problem::new(StatusCode::SERVICE_UNAVAILABLE, reason).into_response(),
            }
        }
    };
    Router::new().route("/health/live", get(live)).route("/health/ready", get(ready))
}
