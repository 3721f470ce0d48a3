//! The same with the real gcloud and the control plane: deployed by the script, tested by the smoke test, which borrows
//! bindings and gives them back. It takes a minute, so `make deploy-check` runs it.

use std::{
    env,
    path::{Path, PathBuf},
    process::Stdio,
    sync::Arc,
};

use google_control_plane::{
    ControlPlane, World,
    scripts::{is_there, script},
};
use google_emulator::Emulator;
use rustix::process::{Pid, Signal, kill_process};
use tokio::{process::Command, select};

use crate::{folder, platform::Platform, settings::Settings, skipped};

struct Deployed {
    google: ControlPlane,
    platform: Arc<Platform>,
    folder: PathBuf,
}

impl Deployed {
    /// None, and why, when these tests are not to run.
    async fn new(name: &str) -> Option<Self> {
        if env::var_os("DEPLOY_CHECK").is_none() {
            skipped("the smoke test with gcloud: make deploy-check runs it");
            return None;
        }
        if !is_there("gcloud") || !is_there("curl") {
            skipped("the smoke test with gcloud: gcloud or curl is not on this machine");
            return None;
        }
        let folder = folder(name);
        let emulator = Arc::new(Emulator::start().await.expect("the emulator starts"));
        let signer = Arc::clone(&emulator);
        let id_token = move |email: &str, audience: &str| {
            let name = email.split('@').next().expect("a name");
            signer.token(name, audience).sign()
        };
        let google = ControlPlane::start(Box::new(id_token)).await.expect("a port");
        let output = command("deploy", &google, &folder).env("SMOKE", "0").output().await.expect("bash");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let world = google.world();
        let settings = |service: &str| Settings::of_world(service, &world, &folder);
        let platform = Arc::new(Platform::start(emulator, settings).await);
        let (mut worlds, follower) = (google.watch(), Arc::clone(&platform));
        tokio::spawn(async move {
            while worlds.changed().await.is_ok() {
                follower.follow(&worlds.borrow());
            }
        });
        Some(Self { google, platform, folder })
    }

    fn smoke(&self) -> Command {
        let mut smoke = command("smoke", &self.google, &self.folder);
        smoke.env("GRANT_SEARCH", "1").envs(self.platform.addresses());
        smoke
    }
}

fn command(name: &str, google: &ControlPlane, folder: &Path) -> Command {
    let mut script = script(name);
    script.envs(google.gcloud_environment(folder).expect("a folder"));
    script.env("SECRETS_HERE", folder.join("secrets")).env("TRIES", "9").env("PAUSE", "0.1");
    script.stdout(Stdio::piped()).stderr(Stdio::piped());
    script.into()
}

#[tokio::test]
async fn the_smoke_test_passes_and_gives_back_what_it_has_borrowed() {
    let Some(deployed) = Deployed::new("passes-by-gcloud").await else { return };
    // Whoever may get the tokens of an account keeps that, even when asking whether it is so fails.
    let account = "serviceAccounts/frontend@demo-project.iam.gserviceaccount.com";
    let creator = ("roles/iam.serviceAccountTokenCreator".to_owned(), "user:developer@example.com".to_owned());
    deployed.google.change(|world| {
        world.policies.entry(format!("projects/demo-project/{account}")).or_default().insert(creator);
    });
    deployed.google.refuse_once(&format!("POST iamcredentials /v1/projects/-/{account}:generateAccessToken"));
    let before = deployed.google.world().policies;
    let output = deployed.smoke().output().await.unwrap();
    let (printed, error) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{printed}{error}");
    assert_eq!(printed.lines().filter(|line| line.starts_with("   ok ")).count(), 23, "{printed}");
    assert!(!printed.contains("eyJ") && !error.contains("eyJ"));
    assert_eq!(deployed.google.world().policies, before);
    assert_eq!(deployed.google.unknown(), [""; 0]);
}

#[tokio::test]
async fn the_smoke_test_gives_back_what_it_has_borrowed_when_it_is_interrupted() {
    let Some(deployed) = Deployed::new("interrupted").await else { return };
    let before = deployed.google.world().policies;
    for (signal, status) in [(Signal::TERM, 143), (Signal::INT, 130)] {
        let mut worlds = deployed.google.watch();
        let mut smoke = deployed.smoke().spawn().unwrap();
        let is_granted = |world: &World| crate::settings::invokers(world, "profile-service").len() == 2;
        select! {
            granted = worlds.wait_for(is_granted) => drop(granted.unwrap()),
            ended = smoke.wait() => panic!("it ended before: {ended:?}"),
        }
        let id = Pid::from_raw(i32::try_from(smoke.id().unwrap()).unwrap()).unwrap();
        kill_process(id, signal).unwrap();
        let output = smoke.wait_with_output().await.unwrap();
        assert_eq!(output.status.code(), Some(status), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(deployed.google.world().policies, before);
    }
}
