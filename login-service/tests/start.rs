//! How login-service starts, refuses to start, and stops.

use std::{path::Path, time::Duration};

use google_emulator::Emulator;
use local::{
    environment::{USER, Variables, login_service},
    service::{Service, StartError},
};
use serde_json::json;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpListener,
    time::timeout,
};

async fn start(variables: &Variables) -> Result<Service, StartError> {
    Service::start(Path::new(env!("CARGO_BIN_EXE_login-service")), variables).await
}

#[tokio::test]
async fn without_an_environment_every_missing_variable_is_in_one_message() {
    let error = start(&Variables::new()).await.unwrap_err();
    assert_eq!(error.code(), Some(64));
    for name in ["PROFILE_URL is required", "USERS_FILE is required"] {
        assert!(error.to_string().contains(name), "{error}");
    }
}

#[tokio::test]
async fn a_mistake_in_each_variable_is_in_one_message() {
    let wrong = [
        ("PORT", "http"),
        ("PROFILE_URL", "http://profile.example"),
        ("PROFILE_AUDIENCE", "two words"),
        ("GCE_METADATA_HOST", "http://metadata.google.internal"),
        ("GOOGLE_APPLICATION_CREDENTIALS", "/key.json"),
        ("USERS_FILE", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")),
    ];
    let error = start(&wrong.map(|(name, value)| (name, value.to_owned())).into()).await.unwrap_err();
    assert_eq!(error.code(), Some(64));
    for (name, _) in wrong {
        assert!(error.to_string().contains(&format!("{name}: ")), "{name} is missing: {error}");
    }
}

#[tokio::test]
async fn a_login_in_flight_is_answered_after_sigterm() {
    let (emulator, profile) = (Emulator::start().await.unwrap(), TcpListener::bind("127.0.0.1:0").await.unwrap());
    let profile_url = format!("http://{}", profile.local_addr().unwrap());
    let mut service = start(&login_service(&emulator, &profile_url)).await.unwrap();
    let credentials = json!({ "username": USER.0, "password": USER.1 });
    let request = reqwest::Client::builder().no_proxy().build().unwrap().post(service.url("/login")).json(&credentials);
    let answer = tokio::spawn(request.send());

    let (called, _) = timeout(Duration::from_secs(10), profile.accept()).await.expect("it is called").unwrap();
    let mut called = BufReader::new(called);
    let mut line = String::new();
    // The whole head: an answer to a request that was not sent yet would be nonsense.
    while line != "\r\n" {
        line.clear();
        called.read_line(&mut line).await.unwrap();
    }
    service.terminate().unwrap();
    assert!(service.logged("stopping").await.is_some());
    called.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 18\r\n\r\n{\"username\":\"ada\"}").await.unwrap();
    assert_eq!(answer.await.unwrap().unwrap().status(), 200);
    assert!(service.ended().await.unwrap().success());
}
