//! Builds, done at once: what a build would push is pushed, if the account that it runs as may do so.

use axum::http::Method;
use serde_json::{Value, json};

use crate::{
    answer::{Answer, Refusal},
    artifact_registry,
    request::{Request, text},
    world::{PROJECT, World},
};

pub(crate) fn answer(world: &mut World, request: &Request) -> Answer {
    match (&request.method, request.segments().as_slice()) {
        (
            &Method::POST,
            ["v1", "projects", PROJECT, "builds"] | ["v1", "projects", PROJECT, "locations", _, "builds"],
        ) => build(world, &request.json()),
        (&Method::GET, ["v1", .., "builds", id]) => {
            let found = world.builds.iter().find(|build| text(build, "/id") == *id);
            found.cloned().ok_or_else(|| Refusal::not_found(id))
        }
        _ => Err(Refusal::unknown()),
    }
}

fn build(world: &mut World, build: &Value) -> Answer {
    let source = build.pointer("/source/storageSource").cloned().unwrap_or_default();
    let bucket = format!("buckets/{}", text(&source, "/bucket"));
    world.find(&format!("{bucket}/{}", text(&source, "/object")))?;
    let account = text(build, "/serviceAccount").rsplit('/').next().unwrap_or_default();
    let member = format!("serviceAccount:{account}");
    world.check_role(&bucket, "roles/storage.objectViewer", &member)?;
    world.check_role(&format!("projects/{PROJECT}"), "roles/logging.logWriter", &member)?;
    let substitutions = build.get("substitutions").and_then(Value::as_object).into_iter().flatten();
    let substitutions: Vec<_> = substitutions.filter_map(|(name, value)| Some((name, value.as_str()?))).collect();
    let images = build.get("images").and_then(Value::as_array).into_iter().flatten();
    for image in images.filter_map(Value::as_str) {
        let filled_in = substitutions
            .iter()
            .fold(image.to_owned(), |image, (name, value)| image.replace(&format!("${{{name}}}"), value));
        artifact_registry::push(world, &filled_in, &member)?;
    }
    let finished = finished(build, world.builds.len() + 1);
    world.builds.push(finished.clone());
    let kind = "type.googleapis.com/google.devtools.cloudbuild.v1.BuildOperationMetadata";
    let metadata = json!({ "@type": kind, "build": finished });
    Ok(json!({ "name": "operations/build/1", "done": true, "metadata": metadata }))
}

fn finished(build: &Value, number: usize) -> Value {
    let mut build = build.clone();
    if let Some(build) = build.as_object_mut() {
        let (id, time) = (number.to_string(), "2026-01-01T00:00:00Z");
        let more = [("id", id.as_str()), ("projectId", PROJECT), ("status", "SUCCESS"), ("createTime", time)];
        build.extend(more.map(|(name, value)| (name.to_owned(), value.into())));
    }
    build
}
