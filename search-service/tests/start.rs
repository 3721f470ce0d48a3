//! How search-service refuses to start, and stops.

use std::path::Path;

use google_emulator::Emulator;
use local::{
    environment::{Variables, search_service},
    service::{Service, StartError},
};

async fn start(variables: &Variables) -> Result<Service, StartError> {
    Service::start(Path::new(env!("CARGO_BIN_EXE_search-service")), variables).await
}

#[tokio::test]
async fn without_an_environment_every_missing_variable_is_in_one_message() {
    let error = start(&Variables::new()).await.unwrap_err();
    assert_eq!(error.code(), Some(64));
    for name in ["AUDIENCES is required", "ALLOWED_CALLERS is required", "PROFILE_URL is required"] {
        assert!(error.to_string().contains(name), "{error}");
    }
}

#[tokio::test]
async fn a_mistake_in_each_half_is_in_one_message() {
    let wrong = [("AUDIENCES", "a b"), ("ALLOWED_CALLERS", "*"), ("PROFILE_URL", "http://profile.example")];
    let error = start(&wrong.map(|(name, value)| (name, value.to_owned())).into()).await.unwrap_err();
    assert_eq!(error.code(), Some(64));
    for (name, _) in wrong {
        assert!(error.to_string().contains(&format!("{name}: ")), "{name} is missing: {error}");
    }
}

#[tokio::test]
async fn sigterm_ends_it_without_an_error() {
    let emulator = Emulator::start().await.unwrap();
    let mut service = start(&search_service(&emulator, "http://127.0.0.1:1")).await.unwrap();
    service.terminate().unwrap();
    assert!(service.ended().await.unwrap().success());
}
