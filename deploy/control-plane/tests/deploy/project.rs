//! A project of its own for each test, in which the real gcloud runs the scripts.

use std::{
    env, fs,
    io::{Write, stderr},
    path::PathBuf,
    process::Output,
};

use google_control_plane::{
    ControlPlane,
    scripts::{is_there, script},
};

pub(crate) struct Project {
    pub(crate) google: ControlPlane,
    pub(crate) folder: PathBuf,
}

impl Project {
    /// None, and why, when these tests are not to run.
    pub(crate) async fn new(name: &str) -> Option<Self> {
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

    pub(crate) async fn run(&self, name: &str, variables: &[(&str, &str)]) -> Output {
        let mut script = script(name);
        script.envs(self.google.gcloud_environment(&self.folder).expect("a folder"));
        script.env("SECRETS_HERE", self.folder.join("secrets")).env("SMOKE", "0").env("PAUSE", "0").env("TRIES", "1");
        script.envs(variables.iter().copied());
        let output = tokio::task::spawn_blocking(move || script.output()).await.expect("it ends").expect("bash");
        assert_eq!(self.google.unknown(), [""; 0], "gcloud asked for what nobody answers");
        output
    }

    pub(crate) async fn succeeds(&self, name: &str, variables: &[(&str, &str)]) {
        let output = self.run(name, variables).await;
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    }
}
