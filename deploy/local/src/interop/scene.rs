//! What the clients meet: the emulator, profile-service, credential files, and three tokens to verify.

use std::{
    error::Error,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
};

use google_emulator::{Emulator, FrontDoor};
use serde_json::Value;
use tokio::process::Command;

use super::Flow;
use crate::{
    environment::{PROFILE_AUDIENCE, SEARCH_AUDIENCE, profile_service},
    service::Service,
};

/// All that runs. Dropping it stops everything.
pub(super) struct Scene {
    emulator: Emulator,
    profile: Service,
    /// In front of profile-service; login-service is its one invoker.
    door: FrontDoor,
    folder: PathBuf,
    genuine: String,
}

impl Scene {
    /// Starts everything, with the programs of this workspace from `programs`; credential files go below `folder`.
    ///
    /// # Errors
    /// Something does not start, or the Rust caller gets no token.
    pub(super) async fn start(programs: &Path, folder: &Path) -> Result<Self, Box<dyn Error>> {
        let emulator = Emulator::start().await?;
        let profile = Service::start(&programs.join("profile-service"), &profile_service(&emulator)).await?;
        let genuine = token_of_the_rust_caller(programs, &emulator, &profile).await?;
        let door = emulator.front_door("profile-service", &profile.url("")).await?;
        door.allow_invoker("login-service");
        let scene = Self { emulator, profile, door, folder: folder.join("credentials"), genuine };
        scene.write_credential_files()?;
        Ok(scene)
    }

    fn write_credential_files(&self) -> Result<(), Box<dyn Error>> {
        let google = &self.emulator;
        // The account itself, too: a federated workload's file leads to its access token, and that to its ID token.
        for principal in ["developer@example.com", &google.federated_principal("build-7"), "login-service"] {
            google.allow_impersonation(principal, "login-service");
        }
        fs::create_dir_all(&self.folder)?;
        // Whoever runs a client has credentials of their own at home: here is an empty one.
        let _ = fs::remove_dir_all(self.home());
        fs::create_dir_all(self.home())?;
        for (flow, file) in [
            (Flow::Key, google.service_account_key("login-service")),
            (Flow::Impersonation, google.impersonated(google.authorized_user(), "login-service", &[])),
            (Flow::Federation, google.external_account(Some("login-service"), google.subject_token_as_json("build-7"))),
        ] {
            fs::write(self.credential_file(flow), file.to_string())?;
        }
        Ok(())
    }

    /// What a client is given for a flow: its identity as a deployment would give it, and where Google is, for
    /// libraries that take that as a parameter.
    pub(super) fn environment(&self, flow: Flow) -> Vec<(&'static str, OsString)> {
        let google = &self.emulator;
        let audience = if flow == Flow::OtherAudience { SEARCH_AUDIENCE } else { PROFILE_AUDIENCE };
        let identity = if flow == Flow::OtherCaller { "search-service" } else { "login-service" };
        let key = google.service_account_key("login-service");
        let impersonated = google.impersonated(google.authorized_user(), "login-service", &[]);
        let impersonation_url = text(&impersonated, "service_account_impersonation_url");
        let mut variables: Vec<(&'static str, OsString)> = vec![
            ("HOME", self.home().into()),
            ("PROFILE_URL", if flow == Flow::FrontDoor { self.door.url() } else { self.profile.url("") }.into()),
            ("PROFILE_AUDIENCE", audience.into()),
            ("CERTS_URL", google.certs_url().into()),
            ("PEM_CERTS_URL", google.certs_url().replace("/v3/", "/v1/").into()),
            ("TOKEN_URL", text(&key, "token_uri").into()),
            ("IAM_CREDENTIALS_URL", impersonation_url.split("/v1/").next().unwrap_or_default().into()),
            ("TARGET", text(&key, "client_email").into()),
        ];
        match flow {
            Flow::Metadata | Flow::OtherCaller | Flow::OtherAudience | Flow::FrontDoor => {
                // Not all clients read the first, and Python reads the second to see whether there is a server.
                for name in ["GCE_METADATA_HOST", "GCE_METADATA_IP", "GCE_METADATA_ROOT"] {
                    variables.push((name, google.metadata_host(identity).into()));
                }
            }
            Flow::Key | Flow::Impersonation | Flow::Federation => {
                variables.push(("GOOGLE_APPLICATION_CREDENTIALS", self.credential_file(flow).into()));
            }
            Flow::Genuine | Flow::Forged | Flow::Expired => {}
        }
        variables
    }

    /// What a client reads: the token to verify, or nothing.
    pub(super) fn stdin(&self, flow: Flow) -> String {
        let token = self.emulator.token("login-service", PROFILE_AUDIENCE);
        match flow {
            Flow::Genuine => self.genuine.clone(),
            Flow::Forged => token.signed_by_unpublished_key().sign(),
            Flow::Expired => token.issued_at(self.emulator.now() - 7200).sign(),
            _ => String::new(),
        }
    }

    fn credential_file(&self, flow: Flow) -> PathBuf {
        self.folder.join(format!("{flow:?}.json"))
    }

    fn home(&self) -> PathBuf {
        self.folder.join("home")
    }
}

fn text<'a>(file: &'a Value, member: &str) -> &'a str {
    file.get(member).and_then(Value::as_str).unwrap_or_default()
}

/// As the example `call` of shared-auth gets it, in the place of login-service.
async fn token_of_the_rust_caller(
    programs: &Path,
    google: &Emulator,
    profile: &Service,
) -> Result<String, Box<dyn Error>> {
    let output = Command::new(programs.join("examples/call"))
        .args(["--print-token", "--audience", PROFILE_AUDIENCE, &profile.url("/profiles/ada")])
        .env_clear()
        .env("GCE_METADATA_HOST", google.metadata_host("login-service"))
        .output()
        .await?;
    if !output.status.success() {
        return Err(format!("the Rust caller: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    let token = String::from_utf8(output.stdout)?.lines().next().unwrap_or_default().to_owned();
    Ok(token)
}
