//! The project's number.

use axum::http::Method;
use serde_json::json;

use crate::{
    answer::{Answer, Refusal},
    request::Request,
    world::{PROJECT, PROJECT_NUMBER},
};

pub(crate) fn answer(request: &Request) -> Answer {
    match (&request.method, request.segments().as_slice()) {
        (&Method::GET, ["v1", "projects", PROJECT]) => {
            Ok(json!({ "projectId": PROJECT, "projectNumber": PROJECT_NUMBER, "lifecycleState": "ACTIVE" }))
        }
        _ => Err(Refusal::unknown()),
    }
}
