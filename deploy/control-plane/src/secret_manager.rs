//! Secrets, their versions, and who may read them.

use axum::http::Method;
use serde_json::{Value, json};

use crate::{
    answer::{Answer, Refusal},
    policy,
    request::{Request, text},
    world::{PROJECT, World},
};

pub(crate) fn answer(world: &mut World, request: &Request) -> Answer {
    let secrets = format!("projects/{PROJECT}/secrets");
    match (&request.method, request.segments().as_slice()) {
        (&Method::GET, ["v1", "projects", PROJECT, "secrets"]) => list(world, &secrets, request.parameter("filter")),
        (&Method::POST, ["v1", "projects", PROJECT, "secrets"]) => {
            let name = format!("{secrets}/{}", request.parameter("secretId"));
            let body = request.json();
            let member = |name: &str| body.get(name).cloned().unwrap_or(Value::Null);
            world.create(
                &name,
                json!({ "name": name, "labels": member("labels"), "replication": member("replication") }),
            )
        }
        (method, ["v1", "projects", PROJECT, "secrets", secret]) => {
            let (secret, verb) = secret.split_once(':').unwrap_or((secret, ""));
            let name = format!("{secrets}/{secret}");
            match (method, verb) {
                (&Method::GET, "") => world.find(&name),
                (&Method::DELETE, "") => world.delete(&name).map(|_| json!({})),
                (&Method::POST, "addVersion") => add_version(world, &name, text(&request.json(), "/payload/data")),
                (_, "getIamPolicy") => policy::read(world, &name),
                (&Method::POST, "setIamPolicy") => policy::write(world, &name, &request.json()),
                _ => Err(Refusal::unknown()),
            }
        }
        (&Method::GET, ["v1", "projects", PROJECT, "secrets", secret, "versions"]) => {
            Ok(world.list(&format!("{secrets}/{secret}/versions"), "versions"))
        }
        _ => Err(Refusal::unknown()),
    }
}

/// gcloud leaves the filter to the server: `labels.NAME = "VALUE"`.
fn list(world: &World, secrets: &str, filter: &str) -> Answer {
    let mut list = world.list(secrets, "secrets");
    if filter.is_empty() {
        return Ok(list);
    }
    let (name, value) = filter.split_once('=').ok_or_else(Refusal::unknown)?;
    let label = name.trim().strip_prefix("labels.").ok_or_else(Refusal::unknown)?;
    let value = value.trim().trim_matches('"');
    if let Some(secrets) = list.get_mut("secrets").and_then(Value::as_array_mut) {
        secrets.retain(|secret| text(secret, &format!("/labels/{label}")) == value);
    }
    Ok(list)
}

/// Kept with its data: a test wants to know what a service would read.
fn add_version(world: &mut World, secret: &str, data: &str) -> Answer {
    world.find(secret)?;
    let number = world.names(&format!("{secret}/versions")).len() + 1;
    let name = format!("{secret}/versions/{number}");
    let created = format!("2026-01-01T00:00:{number:02}Z");
    // gcloud wants to be told that its checksum was looked at.
    let version = json!({
        "name": name,
        "state": "ENABLED",
        "createTime": created,
        "clientSpecifiedPayloadChecksum": true,
        "payload": { "data": data },
    });
    world.create(&name, version)
}
