//! What every receiver of the benchmark answers.

use axum::{Json, response::IntoResponse};
use serde_json::json;

/// The same answer on both routes, so that the check is all that they differ in.
pub(crate) async fn greet() -> impl IntoResponse {
    Json(json!({ "greeting": "hello" }))
}
