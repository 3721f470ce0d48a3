//! Buckets, and objects without their content.

use std::collections::BTreeSet;

use axum::http::Method;
use serde_json::{Value, json};

use crate::{
    answer::{Answer, Refusal},
    policy,
    request::{Request, text},
    world::World,
};

pub(crate) fn answer(world: &mut World, request: &Request) -> Answer {
    match (&request.method, request.segments().as_slice()) {
        (&Method::GET, ["storage", "v1", "b"]) => Ok(world.list("buckets", "items")),
        (&Method::POST, ["storage", "v1", "b"]) => {
            let name = text(&request.json(), "/name").to_owned();
            world.create(&format!("buckets/{name}"), json!({ "kind": "storage#bucket", "id": name, "name": name }))
        }
        (&Method::GET, ["storage", "v1", "b", bucket]) => world.find(&format!("buckets/{bucket}")),
        (&Method::GET, ["storage", "v1", "b", bucket, "iam"]) => policy::read(world, &format!("buckets/{bucket}")),
        (&Method::PUT, ["storage", "v1", "b", bucket, "iam"]) => {
            policy::write(world, &format!("buckets/{bucket}"), &json!({ "policy": request.json() }))
        }
        (&Method::DELETE, ["storage", "v1", "b", bucket]) => delete_empty(world, &format!("buckets/{bucket}")),
        (&Method::GET, ["storage", "v1", "b", bucket, "o"]) => Ok(objects(world, bucket, request)),
        (&Method::POST, ["upload", "storage", "v1", "b", bucket, "o"]) => upload(world, bucket, request),
        (&Method::GET, ["storage", "v1", "b", bucket, "storageLayout"]) => Ok(
            json!({ "kind": "storage#storageLayout", "bucket": bucket, "hierarchicalNamespace": { "enabled": false } }),
        ),
        (&Method::GET, ["storage", "v1", "b", _, "managedFolders"]) => Ok(json!({ "items": [] })),
        (method, ["storage", "v1", "b", bucket, "o", object]) => {
            let name = format!("buckets/{bucket}/{}", object.replace("%2F", "/"));
            match *method {
                Method::GET => world.find(&name),
                Method::DELETE => world.delete(&name).map(|_| Value::Null),
                _ => Err(Refusal::unknown()),
            }
        }
        _ => Err(Refusal::unknown()),
    }
}

fn delete_empty(world: &mut World, bucket: &str) -> Answer {
    if world.resources.keys().any(|name| name.starts_with(&format!("{bucket}/"))) {
        return Err(Refusal::not_empty(bucket));
    }
    world.delete(bucket).map(|_| Value::Null)
}

/// Names with the prefix; with a delimiter, only up to the next one, and what stands before it as a folder.
fn objects(world: &World, bucket: &str, request: &Request) -> Value {
    let (prefix, delimiter) = (request.parameter("prefix"), request.parameter("delimiter"));
    let (mut items, mut folders) = (Vec::new(), BTreeSet::new());
    for (name, object) in &world.resources {
        let Some(name) = name.strip_prefix(&format!("buckets/{bucket}/")) else { continue };
        let Some(rest) = name.strip_prefix(prefix) else { continue };
        match rest.split_once(delimiter) {
            Some((folder, _)) if !delimiter.is_empty() => _ = folders.insert(format!("{prefix}{folder}{delimiter}")),
            _ => items.push(object.clone()),
        }
    }
    json!({ "kind": "storage#objects", "items": items, "prefixes": folders })
}

/// In two parts, metadata and content: <https://cloud.google.com/storage/docs/uploading-objects>. gcloud
/// compares the size that is answered with what it sent.
fn upload(world: &mut World, bucket: &str, request: &Request) -> Answer {
    world.find(&format!("buckets/{bucket}"))?;
    let content = second_part(&request.body).ok_or_else(|| Refusal::invalid("not multipart/related"))?;
    let name = request.parameter("name");
    let size = content.len().to_string();
    let object = json!({ "kind": "storage#object", "bucket": bucket, "name": name, "generation": "1", "size": size });
    world.resources.insert(format!("buckets/{bucket}/{name}"), object.clone());
    Ok(object)
}

fn second_part(body: &[u8]) -> Option<&[u8]> {
    let (boundary, rest) = split(body, b"\n")?;
    let boundary = [b"\n", boundary].concat();
    let (_, rest) = split(rest, &boundary)?;
    let (_, rest) = split(rest, b"\n\n")?;
    split(rest, &boundary).map(|(content, _)| content)
}

fn split<'a>(bytes: &'a [u8], at: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let start = bytes.windows(at.len()).position(|window| window == at)?;
    Some((bytes.get(..start)?, bytes.get(start + at.len()..)?))
}
