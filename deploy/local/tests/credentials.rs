//! login-service outside of Google Cloud: with each kind of credential file it reaches profile-service.

use std::{
    fs,
    path::{Path, PathBuf},
};

use google_emulator::Emulator;
use local::{
    environment::{USER, login_service, profile_service},
    program::built,
    service::Service,
};
use serde_json::{Value, json};

fn program(name: &str) -> PathBuf {
    built(env!("CARGO_BIN_EXE_demo"), &[name]).join(name)
}

/// What of a credential file nobody else may know, and the beginning of every token.
fn secrets(file: &Value) -> Vec<String> {
    let texts = ["/private_key", "/source_credentials/refresh_token", "/source_credentials/client_secret"];
    let texts = texts.iter().filter_map(|pointer| file.pointer(pointer)?.as_str());
    let lines = texts.flat_map(str::lines).filter(|line| !line.starts_with('-')).map(str::to_owned);
    lines.chain(["eyJ".to_owned(), "ya29.".to_owned()]).collect()
}

#[tokio::test]
async fn a_credential_file_of_any_kind_takes_the_place_of_the_metadata_server() {
    let emulator = Emulator::start().await.unwrap();
    for principal in ["developer@example.com", &emulator.federated_principal("build-7")] {
        emulator.allow_impersonation(principal, "login-service");
    }
    let profile = Service::start(&program("profile-service"), &profile_service(&emulator)).await.unwrap();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    for (name, file) in [
        ("service_account", emulator.service_account_key("login-service")),
        ("impersonated_service_account", emulator.impersonated(emulator.authorized_user(), "login-service", &[])),
        (
            "external_account",
            emulator.external_account(Some("login-service"), emulator.subject_token_as_json("build-7")),
        ),
    ] {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.json"));
        fs::write(&path, file.to_string()).unwrap();
        let mut variables = login_service(&emulator, &profile.url(""));
        variables.insert("RUST_LOG", "trace".to_owned());
        variables.insert("GOOGLE_APPLICATION_CREDENTIALS", path.to_str().unwrap().to_owned());
        let service = Service::start(&program("login-service"), &variables).await.unwrap();
        fs::remove_file(&path).unwrap();
        let credentials = json!({ "username": USER.0, "password": USER.1 });
        let response = http.post(service.url("/login")).json(&credentials).send().await.unwrap();
        assert_eq!(response.status(), 200, "{name}: {:?}", service.log());
        let chosen = service.logged("ID tokens come from the file that GOOGLE_APPLICATION_CREDENTIALS names").await;
        assert!(chosen.unwrap().contains(name));
        let log = service.log().join("\n");
        for secret in secrets(&file) {
            assert!(!log.contains(&secret), "a secret of {name} is in the log");
        }
    }
    assert_eq!(emulator.metadata("login-service").requests(), 0);
}
