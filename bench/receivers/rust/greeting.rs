//! What every receiver of the benchmark answers, and what it is told.

use std::env;

use axum::{Json, response::IntoResponse};
use serde_json::json;

/// The same answer on both routes, so that the check is all that they differ in.
pub(crate) async fn greet() -> impl IntoResponse {
    Json(json!({ "greeting": "hello" }))
}

/// A variable that the benchmark sets.
pub(crate) fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("{name} is not set"))
}
