//! The real gcloud runs the scripts against the control plane: what is there afterwards, and who may do what. It takes
//! minutes, so it has a command of its own.

mod expected;
mod project;

use std::{collections::BTreeMap, fs};

use google_control_plane::World;
use serde_json::json;

use self::{
    expected::{SERVICES, assert_deployed, bound, others, without_revisions},
    project::Project,
};

#[tokio::test]
async fn deploy_makes_what_must_be_there_once_and_teardown_removes_it() {
    let Some(project) = Project::new("deploy").await else { return };
    project.succeeds("deploy", &[]).await;
    let first = project.google.world();
    assert_deployed(&first);
    a_second_deployment_changes_nothing_but_who_was_let_in_by_hand(&project, first).await;
    a_list_that_cannot_be_had_is_not_an_empty_one(&project).await;
    another_region_is_refused(&project).await;
    teardown_removes_all_but_a_file_of_somebody_else(&project).await;
}

async fn a_second_deployment_changes_nothing_but_who_was_let_in_by_hand(project: &Project, first: World) {
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
}

async fn a_list_that_cannot_be_had_is_not_an_empty_one(project: &Project) {
    project.google.refuse_once("GET secretmanager /v1/projects/demo-project/secrets/login-users/versions");
    assert!(!project.run("deploy", &[]).await.status.success());
    assert_eq!(project.google.world().names("projects/demo-project/secrets/login-users/versions").len(), 1);
}

/// It would take the accounts from services that run.
async fn another_region_is_refused(project: &Project) {
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
    project.google.change(|world| world.resources = before.resources);
}

async fn teardown_removes_all_but_a_file_of_somebody_else(project: &Project) {
    let secrets = project.folder.join("secrets");
    fs::write(secrets.join("mine"), "to be kept").expect("a folder");
    project.succeeds("teardown", &[]).await;
    let after = project.google.world();
    assert_eq!((after.resources, after.policies, after.apis.len()), (BTreeMap::new(), BTreeMap::new(), 7));
    let kept: Vec<_> =
        fs::read_dir(secrets).expect("a folder").map(|entry| entry.expect("an entry").file_name()).collect();
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

const APIS: [&str; 7] =
    ["run", "artifactregistry", "cloudbuild", "iam", "iamcredentials", "secretmanager", "cloudresourcemanager"];

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
