//! The real gcloud runs the scripts against the control plane: what is there afterwards, and who may do what. It takes
//! minutes, so it has a command of its own.

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    io::{Write, stderr},
    path::PathBuf,
    process::Output,
};

use google_control_plane::{
    ControlPlane, World,
    scripts::{is_there, script},
};
use serde_json::{Value, json};

struct Project {
    google: ControlPlane,
    folder: PathBuf,
}

impl Project {
    /// None, and why, when these tests are not to run.
    async fn new(name: &str) -> Option<Self> {
        let reason = if env::var_os("DEPLOY_CHECK").is_none() {
            "make deploy-check runs it"
        } else if !is_there("gcloud") {
            "gcloud is not on this machine"
        } else {
            let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
            let _ = fs::remove_dir_all(&folder);
            fs::create_dir_all(&folder).expect("a folder");
            let google = ControlPlane::start(Box::new(|_, _| String::new())).await.expect("a port");
            return Some(Self { google, folder });
        };
        // Not `eprintln!`, which a passing test keeps to itself.
        let _ = writeln!(stderr(), "skipped: {name} with gcloud: {reason}");
        None
    }

    async fn run(&self, name: &str, variables: &[(&str, &str)]) -> Output {
        let mut script = script(name);
        script.envs(self.google.gcloud_environment(&self.folder).expect("a folder"));
        script.env("SECRETS_HERE", self.folder.join("secrets")).env("SMOKE", "0").env("PAUSE", "0").env("TRIES", "1");
        script.envs(variables.iter().copied());
        let output = tokio::task::spawn_blocking(move || script.output()).await.expect("it ends").expect("bash");
        assert_eq!(self.google.unknown(), [""; 0], "gcloud asked for what nobody answers");
        output
    }

    async fn succeeds(&self, name: &str, variables: &[(&str, &str)]) {
        let output = self.run(name, variables).await;
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

/// Everything but what gcloud makes up for each revision: its name, and those of its volumes.
fn without_revisions(mut world: World) -> World {
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

fn bound(role: &str, account: &str) -> BTreeSet<(String, String)> {
    BTreeSet::from([(role.to_owned(), format!("serviceAccount:{account}@demo-project.iam.gserviceaccount.com"))])
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

fn assert_deployed(world: &World) {
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

#[tokio::test]
async fn deploy_makes_what_must_be_there_once_and_teardown_removes_it() {
    let Some(project) = Project::new("deploy").await else { return };
    project.succeeds("deploy", &[]).await;
    let first = project.google.world();
    assert_deployed(&first);

    // Who was let in by hand, or by an earlier `invoker`, is not any longer.
    project.google.change(|world| {
        let policy = world.policies.entry(format!("{SERVICES}/profile-service")).or_default();
        for member in ["allUsers", "serviceAccount:frontend@demo-project.iam.gserviceaccount.com"] {
            policy.insert(("roles/run.invoker".to_owned(), member.to_owned()));
        }
    });
    let before = project.google.requests().len();
    let profiles = project.folder.join("profiles.json").display().to_string();
    let output = project.run("deploy", &[("PROFILES_FILE", &profiles)]).await;
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && error.contains("PROFILES_FILE is NOT read"), "{error}");
    let again = project.google.requests().into_iter().skip(before);
    let mut changes: Vec<_> =
        again.filter(|line| !line.starts_with("GET") && !line.ends_with(":getIamPolicy")).collect();
    changes.sort();
    changes.dedup(); // `--no-allow-unauthenticated` is a change of the same policy
    assert_eq!(changes, CHANGES_OF_A_SECOND_DEPLOYMENT);
    let second = project.google.world();
    assert_eq!(second.builds.len(), 1, "the same source is built once");
    assert_eq!(without_revisions(second), without_revisions(first));

    // A list that cannot be had is not an empty one.
    project.google.refuse_once("GET secretmanager /v1/projects/demo-project/secrets/login-users/versions");
    assert!(!project.run("deploy", &[]).await.status.success());
    assert_eq!(project.google.world().names("projects/demo-project/secrets/login-users/versions").len(), 1);

    // In another region it would take the accounts from services that run.
    let before = project.google.world();
    for name in ["deploy", "teardown"] {
        let output = project.run(name, &[("REGION", "us-central1")]).await;
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(64), "{error}");
        assert!(error.contains("it is deployed in europe-west1"), "{error}");
        assert_eq!(project.google.world(), before);
    }
    // Nor does a repository that is left of one go unseen.
    project.google.change(|world| world.resources.retain(|name, _| !name.starts_with(SERVICES)));
    let output = project.run("teardown", &[("REGION", "us-central1")]).await;
    assert_eq!(output.status.code(), Some(64), "{}", String::from_utf8_lossy(&output.stderr));

    let secrets = project.folder.join("secrets");
    fs::write(secrets.join("mine"), "to be kept").unwrap();
    project.google.change(|world| world.resources = before.resources);
    project.succeeds("teardown", &[]).await;
    let after = project.google.world();
    assert_eq!((after.resources, after.policies, after.apis.len()), (BTreeMap::new(), BTreeMap::new(), 7));
    let kept: Vec<_> = fs::read_dir(secrets).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(kept, ["mine"]);
    project.succeeds("teardown", &[]).await;
}

#[tokio::test]
async fn teardown_leaves_what_has_the_very_names_and_no_mark() {
    let Some(project) = Project::new("others-stay").await else { return };
    project.google.change(|world| {
        world.apis.extend(APIS.map(|api| format!("{api}.googleapis.com")));
        world.resources = others();
        world.policies =
            BTreeMap::from([("projects/demo-project".to_owned(), bound("roles/logging.logWriter", "image-builder"))]);
    });
    let before = project.google.world();
    project.succeeds("teardown", &[]).await;
    assert_eq!(project.google.world(), before);
}

/// Made by somebody else, with the names that deploy uses.
fn others() -> BTreeMap<String, Value> {
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

#[tokio::test]
async fn whatever_fails_the_next_deployment_goes_on_from_there() {
    let Some(project) = Project::new("resume").await else { return };
    project.google.refuse_each_kind_once();
    let mut failed = 0;
    // A step of which IAM may not know yet is tried again at once; all others end the script.
    while !project.run("deploy", &[("TRIES", "2")]).await.status.success() {
        failed += 1;
        assert!(failed < 20, "it does not get any further");
    }
    let refused = project.google.stop_refusing();
    assert_eq!(refused, KINDS_OF_CHANGES.map(str::to_owned).into());
    assert_eq!(failed, 9, "each change but those that are tried again");
    assert_deployed(&project.google.world());

    project.google.refuse_each_kind_once();
    let mut failed = 0;
    while !project.run("teardown", &[]).await.status.success() {
        failed += 1;
        assert!(failed < 9, "it does not get any further");
    }
    assert_eq!(failed, project.google.stop_refusing().len());
    let after = project.google.world();
    assert_eq!((after.resources.len(), after.policies.len(), after.apis.len()), (0, 0, 7));
}

#[tokio::test]
async fn what_others_have_made_is_neither_taken_over_nor_deployed_to() {
    let Some(project) = Project::new("others").await else { return };
    let service = format!("{SERVICES}/search-service");
    let others = json!({ "metadata": { "name": "search-service", "labels": {} }, "spec": {} });
    project.google.change(|world| _ = world.resources.insert(service.clone(), others.clone()));
    let output = project.run("deploy", &[]).await;
    assert_eq!(output.status.code(), Some(1));
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains("there is a search-service in europe-west1 that make deploy has not made"), "{error}");
    let world = project.google.world();
    assert_eq!(world.resources.get(&service), Some(&others));
    assert_eq!(world.resources.len(), 1, "it is seen before anything is made");
}

const SERVICES: &str = "projects/demo-project/locations/europe-west1/services";
const REPOSITORY: &str = "projects/demo-project/locations/europe-west1/repositories/service-to-service";
const APIS: [&str; 7] =
    ["run", "artifactregistry", "cloudbuild", "iam", "iamcredentials", "secretmanager", "cloudresourcemanager"];

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

/// Each sets what is set already, so that what was changed by hand is as it should be again.
const CHANGES_OF_A_SECOND_DEPLOYMENT: [&str; 8] = [
    "POST run /v1/projects/demo-project/locations/europe-west1/services/profile-service:setIamPolicy",
    "POST run /v1/projects/demo-project/locations/europe-west1/services/search-service:setIamPolicy",
    "POST secretmanager /v1/projects/demo-project/secrets/login-users:setIamPolicy",
    "POST secretmanager /v1/projects/demo-project/secrets/profiles:setIamPolicy",
    "POST serviceusage /v1/projects/demo-project/services:batchEnable",
    "PUT run /apis/serving.knative.dev/v1/namespaces/demo-project/services/login-service",
    "PUT run /apis/serving.knative.dev/v1/namespaces/demo-project/services/profile-service",
    "PUT run /apis/serving.knative.dev/v1/namespaces/demo-project/services/search-service",
];

const KINDS_OF_CHANGES: [&str; 16] = [
    "DELETE storage b",
    "DELETE storage o",
    "POST artifactregistry repositories",
    "POST artifactregistry repositories:setIamPolicy",
    "POST cloudbuild builds",
    "POST cloudresourcemanager projects:setIamPolicy",
    "POST iam serviceAccounts",
    "POST run services",
    "POST run services:setIamPolicy",
    "POST secretmanager secrets",
    "POST secretmanager secrets:addVersion",
    "POST secretmanager secrets:setIamPolicy",
    "POST serviceusage demo-project:batchEnable",
    "POST storage b",
    "POST storage o",
    "PUT storage iam",
];
