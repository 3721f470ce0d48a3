//! What a service is deployed with, read from what the deployment does and written nowhere else: once from the commands of
//! a dry run, once from what the real gcloud has asked Cloud Run for.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use google_control_plane::World;
use serde_json::Value;

#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) environment: BTreeMap<String, String>,
    /// What is mounted: the path in the container, and the file with its content.
    pub(crate) files: BTreeMap<String, PathBuf>,
    /// Whether the platform checks who calls.
    pub(crate) is_private: bool,
    /// Accounts, by their names, that may call.
    pub(crate) invokers: Vec<String>,
}

impl Settings {
    pub(crate) fn of_dry_run(service: &str, commands: &[Vec<String>]) -> Self {
        let starting = |start: &[&str]| {
            let found = commands.iter().filter(|command| command.iter().skip(1).zip(start).all(|(a, b)| a == b));
            found.cloned().collect::<Vec<_>>()
        };
        let deploy = starting(&["run", "deploy", service]).concat();
        let environment = flag(&deploy, "--set-env-vars").and_then(|value| value.strip_prefix("^;^"));
        let environment = environment.expect("an environment").split(';').map(|variable| {
            let (name, value) = variable.split_once('=').expect("a value");
            (name.to_owned(), value.to_owned())
        });
        let files = flag(&deploy, "--set-secrets").into_iter().map(|mount| {
            let (path, secret) = mount.split_once('=').expect("a secret");
            let (secret, _) = secret.split_once(':').expect("a version");
            let add = starting(&["secrets", "versions", "add", secret]).concat();
            let file = flag(&add, "--data-file").expect("a file");
            (path.to_owned(), google_control_plane::scripts::workspace().join(file))
        });
        let bindings = starting(&["run", "services", "add-iam-policy-binding", service]);
        let members = bindings.iter().filter(|binding| flag(binding, "--role") == Some("roles/run.invoker"));
        Self {
            environment: environment.collect(),
            files: files.collect(),
            is_private: !deploy.contains(&"--no-invoker-iam-check".to_owned()),
            invokers: members.filter_map(|binding| account(flag(binding, "--member")?)).collect(),
        }
    }

    /// Writes the mounted secrets to `folder`.
    pub(crate) fn of_world(service: &str, world: &World, folder: &Path) -> Self {
        let resource = format!("projects/demo-project/locations/europe-west1/services/{service}");
        let deployed = world.resources.get(&resource).expect("it is deployed");
        let text = |value: &Value, pointer: &str| value.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        let list = |pointer: &str| deployed.pointer(pointer).and_then(Value::as_array).into_iter().flatten();
        let environment = list("/spec/template/spec/containers/0/env");
        let environment =
            environment.filter_map(|variable| Some((text(variable, "/name")?, text(variable, "/value")?)));
        let mut files = BTreeMap::new();
        for mount in list("/spec/template/spec/containers/0/volumeMounts") {
            let volume = list("/spec/template/spec/volumes").find(|volume| volume.get("name") == mount.get("name"));
            let volume = volume.expect("a mounted volume");
            let secret = text(volume, "/secret/secretName").expect("a secret");
            let version = text(volume, "/secret/items/0/key").expect("a version");
            let name = format!("projects/demo-project/secrets/{secret}/versions/{version}");
            let data = text(world.resources.get(&name).expect("a version"), "/payload/data").expect("content");
            let file = folder.join(&secret);
            fs::write(&file, STANDARD.decode(data).expect("base64")).expect("a folder");
            let inside = text(volume, "/secret/items/0/path").expect("a name");
            files.insert(format!("{}/{inside}", text(mount, "/mountPath").expect("a path")), file);
        }
        let annotation = "/metadata/annotations/run.googleapis.com~1invoker-iam-disabled";
        Self {
            environment: environment.collect(),
            files,
            is_private: text(deployed, annotation).is_none_or(|disabled| disabled != "True"),
            invokers: invokers(world, service),
        }
    }
}

/// Who may call a service now.
pub(crate) fn invokers(world: &World, service: &str) -> Vec<String> {
    let resource = format!("projects/demo-project/locations/europe-west1/services/{service}");
    world.members(&resource, "roles/run.invoker").into_iter().filter_map(account).collect()
}

/// `login-service` of `serviceAccount:login-service@demo-project.iam.gserviceaccount.com`.
fn account(member: &str) -> Option<String> {
    let email = member.strip_prefix("serviceAccount:")?;
    email.strip_suffix("@demo-project.iam.gserviceaccount.com").map(str::to_owned)
}

fn flag<'a>(command: &'a [String], name: &str) -> Option<&'a str> {
    command.iter().find_map(|word| word.strip_prefix(name)?.strip_prefix('='))
}
