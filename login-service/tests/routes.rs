//! The routes of login-service, from outside.

use std::{path::Path, time::Duration};

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use google_emulator::{Emulator, Fault};
use local::{
    environment::{USER, login_service},
    service::Service,
    stand_in::StandIn,
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

struct Fixture {
    emulator: Emulator,
    service: Service,
    http: reqwest::Client,
}

impl Fixture {
    async fn start(profile_url: &str) -> Self {
        let emulator = Emulator::start().await.expect("the emulator starts");
        let mut variables = login_service(&emulator, profile_url);
        variables.insert("RUST_LOG", "trace".to_owned());
        let program = Path::new(env!("CARGO_BIN_EXE_login-service"));
        let service = Service::start(program, &variables).await.expect("it starts");
        Self { emulator, service, http: reqwest::Client::builder().no_proxy().build().expect("TLS") }
    }

    async fn login(&self, username: &str, password: &str) -> reqwest::Response {
        let credentials = json!({ "username": username, "password": password });
        let request = self.http.post(self.service.url("/login")).json(&credentials);
        request.timeout(Duration::from_secs(25)).send().await.expect("an answer")
    }

    async fn get(&self, path: &str) -> reqwest::Response {
        self.http.get(self.service.url(path)).send().await.expect("an answer")
    }
}

async fn profile_service(answer: impl Fn() -> Response + Send + Sync + 'static) -> StandIn {
    StandIn::start(answer).await.expect("a port")
}

fn ada() -> Response {
    Json(json!({ "username": "ada", "name": "Ada Lovelace" })).into_response()
}

/// The status of a login with the right password while profile-service answers so, and whether it says when to retry.
async fn status_when(answer: impl Fn() -> Response + Send + Sync + 'static) -> (u16, bool) {
    let profile = profile_service(answer).await;
    let fixture = Fixture::start(profile.url()).await;
    status(fixture.login(USER.0, USER.1).await)
}

fn status(response: reqwest::Response) -> (u16, bool) {
    (response.status().as_u16(), response.headers().contains_key("Retry-After"))
}

#[tokio::test]
async fn the_right_password_is_answered_with_the_profile() {
    let profile = profile_service(ada).await;
    let fixture = Fixture::start(profile.url()).await;
    let response = fixture.login(USER.0, USER.1).await;
    assert_eq!(response.status(), 200);
    let expected = json!({ "profile": { "username": "ada", "name": "Ada Lovelace" } });
    assert_eq!(response.json::<Value>().await.unwrap(), expected);
}

#[tokio::test]
async fn the_trace_of_a_login_goes_on_to_profile_service() {
    let profile = profile_service(ada).await;
    let fixture = Fixture::start(profile.url()).await;
    let trace = "0af7651916cd43dd8448eb211c80319c";
    let request =
        fixture.http.post(fixture.service.url("/login")).header("X-Cloud-Trace-Context", format!("{trace}/1;o=1"));
    let request = request.json(&json!({ "username": USER.0, "password": USER.1 }));
    assert_eq!(request.send().await.unwrap().status(), 200);
    let passed_on = profile.heads()[0]["traceparent"].to_str().unwrap().to_owned();
    assert!(passed_on.starts_with(&format!("00-{trace}-")) && passed_on.ends_with("-01"), "{passed_on}");
}

#[tokio::test]
async fn a_wrong_user_and_a_wrong_password_are_the_same_401_and_call_nobody() {
    let profile = profile_service(ada).await;
    let fixture = Fixture::start(profile.url()).await;
    let mut answers = Vec::new();
    for (username, password) in [("ada", "guess"), ("nobody", "guess"), ("nobody", USER.1), ("", ""), ("Ada", USER.1)] {
        let response = fixture.login(username, password).await;
        assert_eq!(response.status(), 401);
        assert_eq!(response.headers()["Content-Type"], "application/problem+json");
        answers.push(response.text().await.unwrap());
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert!(profile.heads().is_empty());
}

#[tokio::test]
async fn a_request_that_is_no_login_is_refused_without_a_stack_trace() {
    let fixture = Fixture::start("http://127.0.0.1:1").await;
    let post = async |content_type: &str, body: String| {
        let request = fixture.http.post(fixture.service.url("/login")).header("Content-Type", content_type);
        request.body(body).send().await.unwrap().status().as_u16()
    };
    assert_eq!(post("application/json", String::new()).await, 400);
    assert_eq!(post("application/json", "{}".to_owned()).await, 422);
    assert_eq!(post("application/json", json!([USER.0, USER.1]).to_string()).await, 422);
    assert_eq!(post("application/json", r#"{"username":["ada"],"password":1}"#.to_owned()).await, 422);
    assert_eq!(post("application/x-www-form-urlencoded", "username=ada".to_owned()).await, 415);
    let large = json!({ "username": "ada", "password": "x".repeat(20_000) }).to_string();
    assert_eq!(post("application/json", large).await, 413);
    assert_eq!(fixture.get("/login").await.status(), 405);
    assert_eq!(fixture.get("/nothing").await.status(), 404);
}

#[tokio::test]
async fn a_profile_service_that_refuses_is_502() {
    for refusal in [401, 403, 404, 500, 302] {
        let code = StatusCode::from_u16(refusal).unwrap();
        assert_eq!(status_when(move || (code, "{}").into_response()).await, (502, false), "{refusal}");
    }
}

#[tokio::test]
async fn a_profile_service_that_answers_nonsense_is_502() {
    for nonsense in ["", "<html>", "[]", "7", "{}", r#"{"username":"grace"}"#] {
        assert_eq!(status_when(move || nonsense.into_response()).await, (502, false), "{nonsense}");
    }
    assert_eq!(status_when(|| vec![b' '; 30 * 1024 * 1024].into_response()).await, (502, false));
}

#[tokio::test]
async fn a_profile_service_that_cannot_be_reached_is_503() {
    assert_eq!(status_when(|| StatusCode::SERVICE_UNAVAILABLE.into_response()).await, (503, true));
    let fixture = Fixture::start("http://127.0.0.1:1").await;
    assert_eq!(status(fixture.login(USER.0, USER.1).await), (503, true));
    // It accepts the connection, by the system's queue, and never answers.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let fixture = Fixture::start(&format!("http://{}", silent.local_addr().unwrap())).await;
    assert_eq!(status(fixture.login(USER.0, USER.1).await), (503, true));
}

#[tokio::test]
async fn a_token_source_that_fails_is_503_and_it_heals() {
    let profile = profile_service(ada).await;
    let page = |body: &[u8]| Fault::Body { content_type: "text/html".to_owned(), body: body.to_vec() };
    let emulator = Emulator::start().await.unwrap();
    let now = emulator.now();
    let token = |token: google_emulator::TokenBuilder| page(token.sign().as_bytes());
    for fault in [
        Fault::Status(403),
        Fault::Status(404),
        Fault::Status(429),
        Fault::Status(500),
        Fault::Status(503),
        Fault::Hang,
        page(b""),
        page(b"garbage"),
        page(b"<html>sign in</html>"),
        token(emulator.token("login-service", "https://profile-service.example").without_claim("exp")),
        token(emulator.token("login-service", "https://profile-service.example").issued_at(now - 7200)),
    ] {
        let fixture = Fixture::start(profile.url()).await;
        fixture.emulator.metadata("login-service").fail(fault);
        assert_eq!(status(fixture.login(USER.0, USER.1).await), (503, true));
        assert_eq!(status(fixture.get("/health/ready").await), (503, false));
        assert_eq!(fixture.get("/health/live").await.status(), 200);
        assert!(profile.heads().is_empty(), "nothing is sent without a token");
        fixture.emulator.metadata("login-service").heal();
        let ready = async { while fixture.get("/health/ready").await.status() != 200 {} };
        tokio::time::timeout(Duration::from_secs(10), ready).await.expect("it heals");
    }
    let fixture = Fixture::start(profile.url()).await;
    assert_eq!(fixture.login(USER.0, USER.1).await.status(), 200);
}

#[tokio::test]
async fn no_proxy_gets_between_it_and_the_metadata_server_or_profile_service() {
    let (profile, proxy) = (profile_service(ada).await, profile_service(ada).await);
    let emulator = Emulator::start().await.unwrap();
    let mut variables = login_service(&emulator, profile.url());
    for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "HTTPS_PROXY", "https_proxy"] {
        variables.insert(name, proxy.url().to_owned());
    }
    let service = Service::start(Path::new(env!("CARGO_BIN_EXE_login-service")), &variables).await.unwrap();
    let fixture = Fixture { emulator, service, http: reqwest::Client::builder().no_proxy().build().unwrap() };
    assert_eq!(fixture.login(USER.0, USER.1).await.status(), 200);
    assert_eq!((profile.heads().len(), proxy.heads().len()), (1, 0));
}

#[tokio::test]
async fn no_log_line_holds_a_token_or_a_password() {
    let profile = profile_service(ada).await;
    let fixture = Fixture::start(profile.url()).await;
    fixture.login(USER.0, USER.1).await;
    fixture.login(USER.0, "a-wrong-password").await;
    fixture.login("nobody", USER.1).await;
    fixture.get("/login").await;
    fixture.service.logged("GET /login").await.expect("the line of the last request");
    let log = fixture.service.log().join("\n");
    let head = profile.heads().remove(0);
    let token = head["authorization"].to_str().unwrap().strip_prefix("Bearer ").unwrap().to_owned();
    for secret in token.split('.').chain([USER.1, "a-wrong-password"]) {
        assert!(!log.contains(secret), "a secret is in the log");
    }
}
