//! The services with the environment that deploy/cloud-run sets, behind Cloud Run's front door, and its smoke test against
//! them.

mod by_gcloud;
mod platform;
mod settings;

use std::{
    env, fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Output,
    sync::Arc,
};

use google_control_plane::scripts::{dry_run, is_there, script};
use google_emulator::Emulator;
use tokio::task::spawn_blocking;

use self::{platform::Platform, settings::Settings};

/// Without gcloud: a script in its place hands out the tokens, and the policies that the deployment would make.
struct Fixture {
    platform: Platform,
    folder: PathBuf,
}

impl Fixture {
    /// None when curl is missing, which the smoke test needs.
    async fn start(name: &str) -> Option<Self> {
        if !is_there("curl") {
            skipped("the smoke test needs curl, which is not on this machine");
            return None;
        }
        let folder = folder(name);
        let users = folder.join("users.json");
        fs::write(&users, format!("{{ \"ada\": {HASH:?} }}")).expect("a folder");
        fs::write(folder.join("password"), PASSWORD).expect("a folder");
        let commands = dry_run("deploy", &[("USERS_FILE", users.to_str().expect("Unicode"))]);
        let settings = |service: &str| Settings::of_dry_run(service, &commands);
        let emulator = Arc::new(Emulator::start().await.expect("the emulator starts"));
        let platform = Platform::start(emulator, settings).await;
        for service in RECEIVERS {
            let invokers = settings(service).invokers.join(",");
            fs::write(
                folder.join(service),
                format!("roles/run.invoker serviceAccount:{invokers}@demo-project.iam.gserviceaccount.com\n"),
            )
            .expect("a folder");
            for identity in platform.emulator.identities() {
                let audience = format!("https://{service}-123456789012.europe-west1.run.app");
                let token = platform.emulator.token(identity.name, &audience).sign();
                let name = format!("{} {}", identity.email, audience.trim_start_matches("https://"));
                fs::write(folder.join(name), token).expect("a folder");
            }
        }
        stand_in(&folder, "gcloud", GCLOUD);
        stand_in(&folder, "curl", CURL);
        // Whoever reads it sends the tokens somewhere else.
        fs::write(folder.join(".curlrc"), "proxy = \"http://127.0.0.1:1\"\n").expect("a folder");
        Some(Self { platform, folder })
    }

    async fn smoke(&self) -> (Output, String) {
        let path = format!("{}:{}", self.folder.display(), env::var("PATH").expect("a path"));
        let mut script = script("smoke");
        script
            .env("PATH", path)
            .env("HOME", &self.folder)
            .env("PROJECT_NUMBER", "123456789012")
            .env("TRIES", "1")
            .env("PAUSE", "0");
        script.env("LOGIN_PASSWORD_FILE", self.folder.join("password")).envs(self.platform.addresses());
        let output = spawn_blocking(move || script.output()).await.expect("it ends").expect("bash");
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        (output, printed)
    }
}

#[tokio::test]
async fn the_smoke_test_passes_with_the_environment_of_the_deployment() {
    let Some(fixture) = Fixture::start("passes").await else { return };
    let (output, printed) = fixture.smoke().await;
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{printed}{error}");
    assert_eq!(printed.lines().filter(|line| line.starts_with("   ok ")).count(), 21, "{printed}");
    let expected =
        ["a login, by way of profile-service", "search-service  -> profile-service", "\"profile_error\":\"forbidden\""];
    for expected in expected {
        assert!(printed.contains(expected), "{printed}");
    }

    // Neither in what is shown nor in what everyone on a machine can see of a process.
    let arguments = fs::read_to_string(fixture.folder.join("curl.arguments")).unwrap();
    assert_eq!(arguments.lines().count(), 19, "{arguments}");
    for text in [&printed, error.as_ref(), &arguments] {
        assert!(!text.contains("eyJ") && !text.contains(PASSWORD), "{text}");
    }
}

#[tokio::test]
async fn the_smoke_test_sees_a_door_that_is_open_to_somebody_else() {
    let Some(fixture) = Fixture::start("open").await else { return };
    fixture.platform.door("profile-service").allow_invoker("search-service");
    fixture.platform.door("search-service").check_invoker(false);
    fs::write(fixture.folder.join("profile-service"), "roles/run.invoker allUsers\n").unwrap();
    let (output, printed) = fixture.smoke().await;
    assert_eq!(output.status.code(), Some(1));
    for (what, got) in [
        ("profile-service has the binding", "got roles/run.invoker allUsers"),
        ("search-service  -> profile-service", "expected 403 platform, got 403 service"),
        ("nobody          -> search-service", "expected 403 platform, got 401 service"),
        ("profile-service -> search-service", "expected 403 platform, got 403 service"),
    ] {
        let line = printed.lines().find(|line| line.contains(what)).unwrap();
        assert!(line.contains("WRONG") && line.contains(got), "{printed}");
    }
}

fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("cloud-run-{name}"));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder");
    folder
}

fn stand_in(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    fs::write(&path, text).expect("a folder");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("a script that runs");
}

/// Not `eprintln!`, which a passing test keeps to itself.
fn skipped(what: &str) {
    use std::io::{Write, stderr};
    let _ = writeln!(stderr(), "skipped: {what}");
}

const RECEIVERS: [&str; 2] = ["profile-service", "search-service"];

const PASSWORD: &str = "only-in-this-test";
const HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$ZNcP6XdEpfgpZJATmjOIwA$qyBBrFCC5OBXmccyWwlTuFHjCN90QpsVChBwgFdp5qE";

const GCLOUD: &str = r#"#!/bin/sh
cd "$(dirname "$0")"
for word; do
    case $word in
        --impersonate-service-account=*) account=${word#*=} ;;
        --audiences=*) audience=${word#*=https://} ;;
    esac
done
case $* in
    "auth print-identity-token"*) cat "$account $audience" ;;
    "run services get-iam-policy"*) cat "$4" ;;
    *) exit 1 ;;
esac
"#;

const CURL: &str = r#"#!/bin/sh
echo "$*" >> "$0.arguments"
PATH=${PATH#*:}
exec curl "$@"
"#;
