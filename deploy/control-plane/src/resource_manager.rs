//! The project's number, and its policy.

use axum::http::Method;
use serde_json::json;

use crate::{
    answer::{Answer, Refusal},
    policy,
    request::Request,
    world::{PROJECT, PROJECT_NUMBER, World},
};

pub(crate) fn answer(world: &mut World, request: &Request) -> Answer {
    let name = format!("projects/{PROJECT}");
    match (&request.method, request.segments().as_slice()) {
        (&Method::GET, ["v1", "projects", PROJECT]) => {
            Ok(json!({ "projectId": PROJECT, "projectNumber": PROJECT_NUMBER, "lifecycleState": "ACTIVE" }))
        }
        (&Method::POST, ["v1", "projects", project]) => match project.strip_prefix(PROJECT) {
            Some(":getIamPolicy") => Ok(policy::of(world, &name)),
            Some(":setIamPolicy") => policy::replace(world, &name, &request.json()),
            _ => Err(Refusal::unknown()),
        },
        _ => Err(Refusal::unknown()),
    }
}
