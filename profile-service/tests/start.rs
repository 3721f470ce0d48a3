//! How profile-service starts, refuses to start, and stops.

use std::path::Path;

use google_emulator::Emulator;
use local::{
    environment::{Variables, profile_service},
    service::{Service, StartError},
};

async fn start(variables: &Variables) -> Result<Service, StartError> {
    Service::start(Path::new(env!("CARGO_BIN_EXE_profile-service")), variables).await
}

/// What it says when it refuses to start with `name` set to `value`.
async fn refusal(name: &'static str, value: &str) -> String {
    let mut variables = profile_service(&Emulator::start().await.expect("the emulator starts"));
    variables.insert(name, value.to_owned());
    let error = start(&variables).await.expect_err("it refuses to start");
    assert_eq!(error.code(), Some(64), "{error}");
    error.to_string()
}

#[tokio::test]
async fn without_an_environment_every_missing_variable_is_in_one_message() {
    let error = start(&Variables::new()).await.unwrap_err();
    assert_eq!(error.code(), Some(64));
    for name in ["AUDIENCES is required", "ALLOWED_CALLERS is required", "PROFILES_FILE is required"] {
        assert!(error.to_string().contains(name), "{error}");
    }
}

#[tokio::test]
async fn a_mistake_in_each_variable_is_in_one_message() {
    let wrong = [
        ("PORT", "70000"),
        ("LISTEN_HOST", "300.1.1.1"),
        ("AUDIENCES", "https://a,,https://b"),
        ("ALLOWED_CALLERS", "everybody"),
        ("GOOGLE_CERTS_URL", "http://www.googleapis.com/oauth2/v3/certs"),
        ("CLOCK_SKEW_SECONDS", "301"),
        ("PROFILES_FILE", "/nowhere/profiles.json"),
        ("LOG_FORMAT", "xml"),
        ("RUST_LOG", "a=b=c"),
    ];
    let error = start(&wrong.map(|(name, value)| (name, value.to_owned())).into()).await.unwrap_err();
    assert_eq!(error.code(), Some(64));
    for (name, _) in wrong {
        assert!(error.to_string().contains(&format!("{name}: ")), "{name} is missing: {error}");
    }
}

#[tokio::test]
async fn it_is_closed_by_default() {
    assert!(refusal("AUDIENCES", "").await.contains("AUDIENCES is required"));
    assert!(refusal("AUDIENCES", " ").await.contains("entry 1: an audience is empty"));
    assert!(refusal("ALLOWED_CALLERS", "").await.contains("ALLOWED_CALLERS is required"));
    assert!(refusal("ALLOWED_CALLERS", " ").await.contains("the list of callers is empty"));
    assert!(refusal("ALLOWED_CALLERS", "a@b.c,,x").await.contains("entry 2: it is neither"));
    assert!(refusal("ALLOWED_CALLERS", "a@b.c,,x").await.contains("entry 3: it is neither"));
    for caller in ["*", "allUsers", "serviceAccount:a@b.c", "*@b.c"] {
        assert!(refusal("ALLOWED_CALLERS", caller).await.contains("patterns are not supported"), "{caller}");
    }
    for url in ["http://www.googleapis.com/", "http://127.0.0.1.example.com/", "ftp://127.0.0.1/", "certs"] {
        assert!(refusal("GOOGLE_CERTS_URL", url).await.contains("GOOGLE_CERTS_URL: "), "{url}");
    }
}

#[tokio::test]
async fn a_suspicious_audience_starts_with_a_warning_that_says_why() {
    let mut variables = profile_service(&Emulator::start().await.unwrap());
    for (audience, reason) in [
        ("https://profile.example/path", "it has a path"),
        ("https://profile.example:8443", "it names a port"),
        ("https://profile.example/", "it ends in a slash"),
        ("http://profile.example", "it starts with http"),
    ] {
        variables.insert("AUDIENCES", audience.to_owned());
        let service = start(&variables).await.unwrap();
        let line = service.logged(reason).await.unwrap_or_else(|| panic!("{:?}", service.log()));
        assert!(line.contains(r#""severity":"WARNING""#), "{line}");
    }
}

#[tokio::test]
async fn a_port_that_is_taken_is_named() {
    let mut variables = profile_service(&Emulator::start().await.unwrap());
    let first = start(&variables).await.unwrap();
    let (_, port) = first.address().rsplit_once(':').unwrap();
    variables.insert("PORT", port.to_owned());
    let error = start(&variables).await.unwrap_err();
    assert_eq!(error.code(), Some(1));
    assert!(error.to_string().contains(&format!("cannot listen on 127.0.0.1:{port}")), "{error}");
}

#[tokio::test]
async fn sigterm_and_ctrl_c_end_it_without_an_error() {
    let variables = profile_service(&Emulator::start().await.unwrap());
    for stop in [Service::terminate, Service::interrupt] {
        let mut service = start(&variables).await.unwrap();
        stop(&service).unwrap();
        assert!(service.ended().await.unwrap().success());
    }
}

#[tokio::test]
async fn on_cloud_run_the_log_is_json_without_being_told() {
    let mut variables = profile_service(&Emulator::start().await.unwrap());
    variables.remove("LOG_FORMAT");
    variables.insert("K_SERVICE", "profile-service".to_owned());
    let service = start(&variables).await.expect("its log is JSON, or its port would not be found");
    assert!(service.log().iter().all(|line| line.starts_with('{')), "{:?}", service.log());
}
