//! Which APIs are enabled. All others refuse whoever calls them.

use axum::http::Method;
use serde_json::{Value, json};

use crate::{
    answer::{Answer, Refusal},
    request::Request,
    world::{PROJECT, World},
};

pub(crate) fn answer(world: &mut World, request: &Request) -> Answer {
    match (&request.method, request.segments().as_slice()) {
        (&Method::POST, ["v1", "projects", PROJECT, "services:batchEnable"]) => {
            let body = request.json();
            let names = body.get("serviceIds").and_then(Value::as_array).into_iter().flatten();
            world.apis.extend(names.filter_map(Value::as_str).map(str::to_owned));
            Ok(json!({ "name": "operations/acf.1", "done": true, "response": {} }))
        }
        (&Method::GET, ["v1", "operations", _]) => {
            Ok(json!({ "name": "operations/acf.1", "done": true, "response": {} }))
        }
        (&Method::GET, ["v1", "projects", PROJECT, "services", api]) => {
            let state = if world.apis.contains(*api) { "ENABLED" } else { "DISABLED" };
            Ok(json!({ "name": format!("projects/{PROJECT}/services/{api}"), "state": state }))
        }
        _ => Err(Refusal::unknown()),
    }
}

/// What every other API says before it is enabled.
pub(crate) fn check_enabled(world: &World, api: &str) -> Result<(), Refusal> {
    let name = format!("{api}.googleapis.com");
    // On in every project, or asked by gcloud through a project of its own.
    if ["serviceusage", "storage"].contains(&api) || world.apis.contains(&name) {
        return Ok(());
    }
    Err(Refusal::forbidden(format!("API {name} has not been used in project {PROJECT} before or it is disabled")))
}
