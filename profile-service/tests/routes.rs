//! The routes of profile-service, from outside.

use std::{path::Path, time::Duration};

use google_emulator::{Emulator, Fault};
use local::{
    environment::{PROFILE_AUDIENCE, Variables, profile_service},
    service::Service,
};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::Value;

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

struct Fixture {
    emulator: Emulator,
    service: Service,
    http: reqwest::Client,
}

impl Fixture {
    async fn start() -> Self {
        Self::start_with(|_, _| ()).await
    }

    async fn start_with(change: impl FnOnce(&Emulator, &mut Variables)) -> Self {
        let emulator = Emulator::start().await.expect("the emulator starts");
        let mut variables = profile_service(&emulator);
        change(&emulator, &mut variables);
        let program = Path::new(env!("CARGO_BIN_EXE_profile-service"));
        let service = Service::start(program, &variables).await.expect("it starts");
        Self { emulator, service, http: reqwest::Client::builder().no_proxy().build().expect("TLS") }
    }

    fn get(&self, path: &str) -> RequestBuilder {
        self.http.get(self.service.url(path))
    }

    fn token(&self, identity: &str) -> String {
        self.emulator.token(identity, PROFILE_AUDIENCE).sign()
    }

    async fn get_as(&self, identity: &str, path: &str) -> Response {
        self.get(path).bearer_auth(self.token(identity)).send().await.expect("an answer")
    }

    /// The log after all requests so far: a last one is asked, and its own line waited for.
    async fn everything_logged(&self) -> Vec<String> {
        self.http.delete(self.service.url("/whoami")).send().await.expect("an answer");
        self.service.logged("DELETE /whoami").await.expect("its line");
        self.service.log()
    }

    async fn status(&self, path: &str) -> u16 {
        self.get(path).send().await.expect("an answer").status().as_u16()
    }
}

#[tokio::test]
async fn a_profile_is_shown_to_the_caller_on_the_list() {
    let fixture = Fixture::start().await;
    let response = fixture.get_as("login-service", "/profiles/ada").await;
    assert_eq!(response.status(), 200);
    let profile: Value = response.json().await.unwrap();
    assert_eq!((&profile["username"], &profile["name"]), (&"ada".into(), &"Ada Lovelace".into()));
}

#[tokio::test]
async fn an_unknown_profile_is_404_and_only_for_a_caller_on_the_list() {
    let fixture = Fixture::start().await;
    for path in ["/profiles/nobody", "/profiles/Ada", "/profiles/ada%20"] {
        let response = fixture.get_as("login-service", path).await;
        assert_eq!(
            (response.status().as_u16(), &response.headers()["Content-Type"]),
            (404, &"application/problem+json".parse().unwrap())
        );
        assert_eq!(fixture.get_as("search-service", path).await.status(), 403);
        assert_eq!(fixture.status(path).await, 401);
    }
}

#[tokio::test]
async fn everybody_else_is_refused_on_every_protected_route() {
    let fixture = Fixture::start().await;
    for path in ["/profiles/ada", "/whoami"] {
        assert_eq!(fixture.status(path).await, 401);
        for identity in ["search-service", "frontend", "stranger", "profile-service"] {
            assert_eq!(fixture.get_as(identity, path).await.status(), 403, "{identity}");
        }
        let forged = fixture.emulator.token("login-service", PROFILE_AUDIENCE).signed_by_unpublished_key().sign();
        assert_eq!(fixture.get(path).bearer_auth(forged).send().await.unwrap().status(), 401);
    }
}

#[tokio::test]
async fn whoami_shows_the_caller_and_not_the_token() {
    let fixture = Fixture::start().await;
    let token = fixture.token("login-service");
    let text = fixture.get("/whoami").bearer_auth(&token).send().await.unwrap().text().await.unwrap();
    let caller: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(caller["email"], "login-service@demo-project.iam.gserviceaccount.com");
    assert_eq!(caller["subject"], "100000000000000000001");
    assert_eq!(caller["audience"], PROFILE_AUDIENCE);
    assert!(caller["expires_at"].as_i64().unwrap() > fixture.emulator.now());
    assert!(token.split('.').all(|segment| !text.contains(segment)), "{text}");
}

#[tokio::test]
async fn health_needs_no_token_and_unknown_paths_are_404() {
    let fixture = Fixture::start().await;
    assert_eq!(fixture.status("/health/live").await, 200);
    for path in ["/", "/profiles", "/profiles/ada/more", "/healthz", "/health", "/favicon.ico"] {
        assert_eq!(fixture.status(path).await, 404, "{path}");
    }
}

#[tokio::test]
async fn it_is_ready_when_it_holds_keys_and_heals_by_itself() {
    let fixture = Fixture::start_with(|emulator, _| emulator.certs().fail(Fault::Status(500))).await;
    let response = fixture.get("/health/ready").send().await.unwrap();
    assert_eq!(response.status(), 503);
    assert!(response.text().await.unwrap().contains("no keys"));
    assert_eq!(fixture.status("/health/live").await, 200);
    let response = fixture.get_as("login-service", "/whoami").await;
    assert_eq!((response.status().as_u16(), response.headers().contains_key("Retry-After")), (503, true));

    fixture.emulator.certs().heal();
    let ready = async { while fixture.status("/health/ready").await != 200 {} };
    tokio::time::timeout(Duration::from_secs(20), ready).await.expect("it heals");
    assert_eq!(fixture.get_as("login-service", "/whoami").await.status(), 200);
}

#[tokio::test]
async fn each_refusal_is_logged_once_with_its_reason_and_its_trace() {
    let fixture =
        Fixture::start_with(|_, variables| drop(variables.insert("GOOGLE_CLOUD_PROJECT", "demo".into()))).await;
    let genuine = || fixture.emulator.token("search-service", PROFILE_AUDIENCE);
    for (token, reason) in [
        (genuine(), "the caller is not on the list"),
        (genuine().with_signature("SIGNATURE_REMOVED_BY_GOOGLE"), "must send its ID token in both"),
        (genuine().claim("aud", "https://other.example"), "https://other.example"),
        (genuine().signed_by_unpublished_key(), "the signature is wrong"),
    ] {
        let (token, parent) = (token.sign(), format!("00-{TRACE}-b7ad6b7169203331-01"));
        // A genuine token is remembered when it comes again.
        for _ in 0..2 {
            fixture.get("/whoami").bearer_auth(&token).header("traceparent", &parent).send().await.unwrap();
        }
        let line: Value = serde_json::from_str(&fixture.service.logged(reason).await.expect(reason)).unwrap();
        assert_eq!(line["logging.googleapis.com/trace"], format!("projects/demo/traces/{TRACE}"));
        assert_eq!(line["severity"], "WARNING");
        let email = "search-service@demo-project.iam.gserviceaccount.com";
        let names_the_caller = line["email"] == email && line["subject"] == "100000000000000000003";
        assert_eq!(names_the_caller, reason.contains("list"), "only a verified caller is named: {line}");
        let lines = fixture.everything_logged().await;
        assert_eq!(lines.iter().filter(|line| line.contains(reason)).count(), 2);
    }
}

#[tokio::test]
async fn no_log_line_and_no_answer_holds_a_token() {
    let fixture = Fixture::start_with(|_, variables| drop(variables.insert("RUST_LOG", "trace".into()))).await;
    let genuine = || fixture.emulator.token("login-service", PROFILE_AUDIENCE);
    let http2 = reqwest::Client::builder().no_proxy().http2_prior_knowledge().build().unwrap();
    let tokens = [
        genuine().sign(),
        fixture.token("search-service"),
        genuine().signed_by_unpublished_key().sign(),
        genuine().header("kid", "unknown").sign(),
        genuine().claim("padding", "x".repeat(9000)).sign(),
        format!("{}=", genuine().sign()),
    ];
    let mut seen = String::new();
    for token in &tokens {
        for http in [&fixture.http, &http2] {
            let authorized = http.get(fixture.service.url("/whoami")).bearer_auth(token);
            let other_scheme =
                http.get(fixture.service.url("/whoami")).header("Authorization", format!("Basic {token}"));
            let in_the_path = http.get(fixture.service.url(&format!("/profiles/{token}")));
            let nowhere = http.get(fixture.service.url(&format!("/{token}?token={token}")));
            let method = Method::from_bytes(token.as_bytes()).unwrap_or(Method::TRACE);
            let as_method = http.request(method, fixture.service.url("/whoami"));
            for request in [authorized, other_scheme, in_the_path, nowhere, as_method] {
                seen += &request.send().await.unwrap().text().await.unwrap();
            }
        }
    }
    seen += &fixture.everything_logged().await.join("\n");
    for segment in tokens.iter().flat_map(|token| token.split('.')).filter(|segment| segment.len() > 40) {
        assert!(
            !seen.contains(segment) && !seen.contains(&segment[..40]),
            "a part of a token is in the log or an answer"
        );
    }
}
