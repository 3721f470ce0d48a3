//! What must be there after a deployment, and what must be left alone.

use std::collections::{BTreeMap, BTreeSet};

use google_control_plane::World;
use serde_json::{Value, json};

pub(crate) fn assert_deployed(world: &World) {
    assert_eq!(world.policies, expected_policies());
    let accounts: Vec<_> = ["frontend", "image-builder", "login-service", "profile-service", "search-service"]
        .map(|name| format!("projects/demo-project/serviceAccounts/{name}@demo-project.iam.gserviceaccount.com"))
        .into();
    assert_eq!(world.names("projects/demo-project/serviceAccounts"), accounts);
    let services = ["login-service", "profile-service", "search-service"];
    assert_eq!(world.names(SERVICES), services.map(|name| format!("{SERVICES}/{name}")));
    for name in services {
        let service = world.resources.get(&format!("{SERVICES}/{name}")).expect("it is listed");
        let text = |pointer: &str| service.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let is_public = text("/metadata/annotations/run.googleapis.com~1invoker-iam-disabled") == "True";
        assert_eq!(is_public, name == "login-service", "{name}");
        assert_eq!(
            text("/spec/template/spec/serviceAccountName"),
            format!("{name}@demo-project.iam.gserviceaccount.com")
        );
        assert_eq!(service.pointer("/status/conditions/0/status"), Some(&json!("True")), "{service:#}");
        for (setting, value) in SETTINGS {
            let found = service.pointer(setting).map(|found| found.to_string().replace('"', ""));
            assert_eq!(found.as_deref(), Some(value), "{setting} of {service:#}");
        }
        // None at all: gcloud leaves a 0 out.
        assert_eq!(text("/spec/template/metadata/annotations/autoscaling.knative.dev~1minScale"), "");
        let version = text("/spec/template/spec/volumes/0/secret/items/0/key");
        assert_eq!(version, if name == "search-service" { "" } else { "1" }, "{name}: pinned, and not latest");
    }
    assert_eq!(world.names("buckets"), [""; 0], "the source is not kept");
    assert_eq!(world.names("projects/demo-project/locations/europe-west1/repositories"), [REPOSITORY]);
    assert_eq!(world.apis.len(), 7);
}

/// Everything but what gcloud makes up for each revision: its name, and those of its volumes.
pub(crate) fn without_revisions(mut world: World) -> World {
    world.builds.clear();
    let remove = |value: Option<&mut Value>, names: &[&str]| {
        let members = value.and_then(Value::as_object_mut);
        members.into_iter().for_each(|members| names.iter().for_each(|name| _ = members.remove(*name)));
    };
    for service in world.resources.values_mut() {
        remove(service.get_mut("status"), &["latestCreatedRevisionName", "latestReadyRevisionName", "traffic"]);
        remove(service.pointer_mut("/spec/template/metadata"), &["name"]);
        remove(service.pointer_mut("/spec/template/metadata/labels"), &["client.knative.dev/nonce"]);
        remove(service.pointer_mut("/spec/template/spec/volumes/0"), &["name"]);
        remove(service.pointer_mut("/spec/template/spec/containers/0/volumeMounts/0"), &["name"]);
    }
    world
}

/// Made by somebody else, with the names that deploy uses.
pub(crate) fn others() -> BTreeMap<String, Value> {
    let accounts = ["frontend", "image-builder"].map(|name| {
        let email = format!("{name}@demo-project.iam.gserviceaccount.com");
        let name = format!("projects/demo-project/serviceAccounts/{email}");
        (name.clone(), json!({ "name": name, "email": email, "description": "of others" }))
    });
    let secrets = ["profiles", "login-users"].map(|name| {
        let name = format!("projects/demo-project/secrets/{name}");
        (name.clone(), json!({ "name": name, "labels": { "made-by": "others" } }))
    });
    let service = json!({ "metadata": { "name": "profile-service", "labels": { "made-by": "others" } }, "spec": {} });
    let repository = json!({ "name": REPOSITORY, "format": "DOCKER", "labels": { "made-by": "others" } });
    let others = [
        (format!("{SERVICES}/profile-service"), service),
        (REPOSITORY.to_owned(), repository),
        ("buckets/others".to_owned(), json!({ "name": "others", "id": "others" })),
    ];
    others.into_iter().chain(accounts).chain(secrets).collect()
}

/// All bindings there may be.
fn expected_policies() -> BTreeMap<String, BTreeSet<(String, String)>> {
    let accessor = "roles/secretmanager.secretAccessor";
    BTreeMap::from([
        (format!("{SERVICES}/profile-service"), bound("roles/run.invoker", "login-service")),
        (format!("{SERVICES}/search-service"), bound("roles/run.invoker", "frontend")),
        ("projects/demo-project/secrets/login-users".to_owned(), bound(accessor, "login-service")),
        ("projects/demo-project/secrets/profiles".to_owned(), bound(accessor, "profile-service")),
        (REPOSITORY.to_owned(), bound("roles/artifactregistry.writer", "image-builder")),
        ("projects/demo-project".to_owned(), bound("roles/logging.logWriter", "image-builder")),
    ])
}

pub(crate) fn bound(role: &str, account: &str) -> BTreeSet<(String, String)> {
    BTreeSet::from([(role.to_owned(), format!("serviceAccount:{account}@demo-project.iam.gserviceaccount.com"))])
}

pub(crate) const SERVICES: &str = "projects/demo-project/locations/europe-west1/services";
pub(crate) const REPOSITORY: &str = "projects/demo-project/locations/europe-west1/repositories/service-to-service";
/// What each service has: limits that cost nothing when idle, and one way in.
const SETTINGS: [(&str, &str); 11] = [
    ("/metadata/annotations/run.googleapis.com~1ingress", "all"),
    ("/spec/template/metadata/annotations/autoscaling.knative.dev~1maxScale", "3"),
    ("/spec/template/metadata/annotations/run.googleapis.com~1cpu-throttling", "True"),
    ("/spec/template/metadata/annotations/run.googleapis.com~1startup-cpu-boost", "True"),
    ("/spec/template/spec/containerConcurrency", "80"),
    ("/spec/template/spec/timeoutSeconds", "30"),
    ("/spec/template/spec/containers/0/resources/limits/cpu", "1"),
    ("/spec/template/spec/containers/0/resources/limits/memory", "256Mi"),
    ("/spec/template/spec/containers/0/startupProbe/httpGet/path", "/health/live"),
    ("/spec/template/spec/containers/0/startupProbe/failureThreshold", "30"),
    ("/spec/template/spec/containers/0/livenessProbe/httpGet/path", "/health/live"),
];
