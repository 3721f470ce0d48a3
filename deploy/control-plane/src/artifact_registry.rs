//! Repositories of images, and the images in them.

use axum::http::Method;
use serde_json::{Value, json};

use crate::{
    answer::{Answer, Refusal},
    policy,
    request::Request,
    world::{PROJECT, World},
};

pub(crate) fn answer(world: &mut World, request: &Request) -> Answer {
    let segments = request.segments();
    let ["v1" | "v1beta2", "projects", PROJECT, "locations", rest @ ..] = segments.as_slice() else {
        return Err(Refusal::unknown());
    };
    let [region, rest @ ..] = rest else {
        let locations =
            LOCATIONS.map(|id| json!({ "name": format!("projects/{PROJECT}/locations/{id}"), "locationId": id }));
        return Ok(json!({ "locations": locations }));
    };
    let repositories = format!("projects/{PROJECT}/locations/{region}/repositories");
    match (&request.method, rest) {
        (&Method::GET, ["repositories"]) => Ok(world.list(&repositories, "repositories")),
        (&Method::POST, ["repositories"]) => {
            let name = format!("{repositories}/{}", request.parameter("repositoryId"));
            let body = request.json();
            let labels = body.get("labels").cloned().unwrap_or(Value::Null);
            done(world.create(&name, json!({ "name": name, "format": "DOCKER", "labels": labels }))?)
        }
        (method, ["repositories", repository]) if repository.contains(':') => {
            let (repository, verb) = repository.split_once(':').unwrap_or_default();
            let name = format!("{repositories}/{repository}");
            match (method, verb) {
                (&Method::GET, "getIamPolicy") => policy::read(world, &name),
                (&Method::POST, "setIamPolicy") => policy::write(world, &name, &request.json()),
                _ => Err(Refusal::unknown()),
            }
        }
        (&Method::GET, ["repositories", repository]) => world.find(&format!("{repositories}/{repository}")),
        (&Method::DELETE, ["repositories", repository]) => {
            world.delete(&format!("{repositories}/{repository}"))?;
            done(json!({}))
        }
        (&Method::GET, ["repositories", repository, "dockerImages"]) => {
            Ok(world.list(&format!("{repositories}/{repository}/dockerImages"), "dockerImages"))
        }
        (&Method::GET, ["operations", _]) => done(json!({})),
        _ => Err(Refusal::unknown()),
    }
}

/// As Cloud Build pushes it, as `member`: `REGION-docker.pkg.dev/PROJECT/REPOSITORY/IMAGE:TAG`.
pub(crate) fn push(world: &mut World, reference: &str, member: &str) -> Result<(), Refusal> {
    let (name, image) = image(reference).ok_or_else(|| Refusal::invalid(reference))?;
    let repository = name.split("/dockerImages").next().unwrap_or_default();
    world.find(repository)?;
    world.check_role(repository, "roles/artifactregistry.writer", member)?;
    world.resources.insert(name, image);
    Ok(())
}

pub(crate) fn is_there(world: &World, reference: &str) -> bool {
    image(reference).is_some_and(|(name, _)| world.resources.contains_key(&name))
}

/// The resource that an image's reference stands for. Here a digest is made of the tag.
fn image(reference: &str) -> Option<(String, Value)> {
    let (path, tag) = reference.rsplit_once(':')?;
    let [host, project, repository, image] = path.split('/').collect::<Vec<_>>().try_into().ok()?;
    let region = host.strip_suffix("-docker.pkg.dev")?;
    let digest = format!("sha256:{tag}");
    let name = format!("projects/{project}/locations/{region}/repositories/{repository}/dockerImages/{image}@{digest}");
    let image = json!({ "name": name, "uri": format!("{path}@{digest}"), "tags": [tag] });
    Some((name, image))
}

fn done(response: Value) -> Answer {
    let name = format!("projects/{PROJECT}/locations/region/operations/1");
    Ok(json!({ "name": name, "done": true, "response": response }))
}

/// Where repositories can be. There are more at Google's.
const LOCATIONS: [&str; 2] = ["europe-west1", "us-central1"];
