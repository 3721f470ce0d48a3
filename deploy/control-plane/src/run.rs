//! Cloud Run's services, as gcloud deploys them (the API's version 1, which looks like Knative's), and their policies.

use axum::http::Method;
use serde_json::{Value, json};

use crate::{
    answer::{Answer, Refusal},
    artifact_registry, policy,
    request::{Request, text},
    world::{PROJECT, PROJECT_NUMBER, World},
};

pub(crate) fn answer(world: &mut World, request: &Request) -> Answer {
    match (&request.method, request.segments().as_slice()) {
        (method, ["apis", "serving.knative.dev", "v1", "namespaces", PROJECT, "services", rest @ ..]) => {
            match (method, rest) {
                (&Method::GET, []) => Ok(list(world)),
                (&Method::POST, []) => deploy(world, request.json()),
                (&Method::GET, [service]) => world.find(&format!("{SERVICES}/{service}")),
                (&Method::PUT, [service]) => {
                    world.find(&format!("{SERVICES}/{service}"))?;
                    deploy(world, request.json())
                }
                (&Method::DELETE, [service]) => {
                    world.delete(&format!("{SERVICES}/{service}")).map(|_| json!({ "status": "Success" }))
                }
                _ => Err(Refusal::unknown()),
            }
        }
        (&Method::GET, ["v1", "projects", PROJECT, "locations", "-", "services"]) => Ok(list(world)),
        (method, ["v1", "projects", PROJECT, "locations", REGION, "services", service]) => {
            let (service, verb) = service.split_once(':').unwrap_or((service, ""));
            let name = format!("{SERVICES}/{service}");
            match (method, verb) {
                (_, "getIamPolicy") => policy::read(world, &name),
                (&Method::POST, "setIamPolicy") => policy::write(world, &name, &request.json()),
                _ => Err(Refusal::unknown()),
            }
        }
        _ => Err(Refusal::unknown()),
    }
}

fn list(world: &World) -> Value {
    let mut list = world.list(SERVICES, "items");
    if let Some(list) = list.as_object_mut() {
        list.insert("kind".to_owned(), "ServiceList".into());
    }
    list
}

/// The new revision is made, and then it runs or does not: that is told by the service's conditions.
fn deploy(world: &mut World, mut service: Value) -> Answer {
    let name = text(&service, "/metadata/name").to_owned();
    let account = text(&service, "/spec/template/spec/serviceAccountName").to_owned();
    if world.find(&format!("projects/{PROJECT}/serviceAccounts/{account}")).is_err() {
        let message = format!("Permission 'iam.serviceaccounts.actAs' denied on {account} (or it may not exist).");
        return Err(Refusal::forbidden(message));
    }
    let problem = why_it_does_not_start(world, &service, &account);
    let state = if problem.is_some() { "False" } else { "True" };
    let condition = |kind: &str| json!({ "type": kind, "status": state, "message": problem, "reason": "Checked" });
    let conditions = ["Ready", "ConfigurationsReady", "RoutesReady"].map(condition);
    let url = format!("https://{name}-{PROJECT_NUMBER}.{REGION}.run.app");
    let revision = match text(&service, "/spec/template/metadata/name") {
        "" => format!("{name}-00001-abc"),
        chosen => chosen.to_owned(),
    };
    let status = json!({
        "observedGeneration": 1,
        "conditions": conditions,
        "latestCreatedRevisionName": revision,
        "latestReadyRevisionName": revision,
        "url": url,
        "address": { "url": url },
        "traffic": [{ "revisionName": revision, "percent": 100, "latestRevision": true }],
    });
    if let Some(metadata) = service.get_mut("metadata").and_then(Value::as_object_mut) {
        let more = [("generation", json!(1)), ("resourceVersion", json!("AAAA")), ("namespace", json!(PROJECT_NUMBER))];
        metadata.extend(more.map(|(name, value)| (name.to_owned(), value)));
        if let Some(labels) = metadata.entry("labels").or_insert_with(|| json!({})).as_object_mut() {
            labels.insert("cloud.googleapis.com/location".to_owned(), REGION.into());
        }
    }
    if let Some(service) = service.as_object_mut() {
        service.insert("status".to_owned(), status);
    }
    world.resources.insert(format!("{SERVICES}/{name}"), service.clone());
    Ok(service)
}

/// It needs its image, and to read its secrets.
fn why_it_does_not_start(world: &World, service: &Value, account: &str) -> Option<String> {
    let image = text(service, "/spec/template/spec/containers/0/image");
    if !artifact_registry::is_there(world, image) {
        return Some(format!("Image '{image}' not found."));
    }
    let volumes = service.pointer("/spec/template/spec/volumes").and_then(Value::as_array);
    let secrets = volumes.into_iter().flatten().map(|volume| text(volume, "/secret/secretName"));
    for secret in secrets {
        let resource = format!("projects/{PROJECT}/secrets/{secret}");
        let member = format!("serviceAccount:{account}");
        if !world.has_role(&resource, "roles/secretmanager.secretAccessor", &member) {
            return Some(format!("Permission denied on secret: {resource} for Revision service account {account}."));
        }
    }
    None
}

/// Where everything is deployed to.
const REGION: &str = "europe-west1";
const SERVICES: &str = "projects/demo-project/locations/europe-west1/services";
