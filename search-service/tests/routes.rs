//! The routes of search-service, from outside.

use std::path::Path;

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use google_emulator::{Emulator, Fault};
use local::{
    environment::{SEARCH_AUDIENCE, search_service},
    service::Service,
    stand_in::StandIn,
};
use serde_json::{Value, json};

struct Fixture {
    emulator: Emulator,
    service: Service,
    http: reqwest::Client,
}

impl Fixture {
    async fn start(profile_url: &str) -> Self {
        let emulator = Emulator::start().await.expect("the emulator starts");
        let variables = search_service(&emulator, profile_url);
        let program = Path::new(env!("CARGO_BIN_EXE_search-service"));
        let service = Service::start(program, &variables).await.expect("it starts");
        Self { emulator, service, http: reqwest::Client::builder().no_proxy().build().expect("TLS") }
    }

    async fn get_as(&self, identity: &str, path: &str) -> reqwest::Response {
        let token = self.emulator.token(identity, SEARCH_AUDIENCE).sign();
        self.http.get(self.service.url(path)).bearer_auth(token).send().await.expect("an answer")
    }

    async fn search(&self, query: &str) -> Value {
        let response = self.get_as("frontend", &format!("/search?q={query}")).await;
        assert_eq!(response.status(), 200);
        response.json().await.expect("JSON")
    }
}

/// The one hit of a search for "ada" while profile-service answers so.
async fn hit_when(answer: impl Fn() -> Response + Send + Sync + 'static) -> Value {
    let profile = StandIn::start(answer).await.expect("a port");
    Fixture::start(profile.url()).await.search("ada").await
}

#[tokio::test]
async fn a_hit_comes_with_its_profile_where_it_may_be_read() {
    let ada = || Json(json!({ "username": "ada", "name": "Ada Lovelace" })).into_response();
    let profile = json!({ "username": "ada", "name": "Ada Lovelace" });
    let expected = json!({ "hits": [{ "username": "ada", "profile": profile, "profile_error": null }] });
    assert_eq!(hit_when(ada).await, expected);
}

#[tokio::test]
async fn somebody_elses_profile_and_nonsense_are_not_passed_on() {
    let expected = json!({ "hits": [{ "username": "ada", "profile": null, "profile_error": "invalid_answer" }] });
    for nonsense in ["", "<html>", "null", "[]", "7", "{}", r#"{"username":"grace"}"#] {
        assert_eq!(hit_when(move || nonsense.into_response()).await, expected, "{nonsense}");
    }
}

#[tokio::test]
async fn a_search_degrades_and_says_why() {
    for (status, reason) in
        [(403, "forbidden"), (401, "unauthorized"), (404, "not_found"), (503, "unavailable"), (500, "invalid_answer")]
    {
        let code = StatusCode::from_u16(status).unwrap();
        let expected = json!({ "hits": [{ "username": "ada", "profile": null, "profile_error": reason }] });
        assert_eq!(hit_when(move || code.into_response()).await, expected);
    }
    let fixture = Fixture::start("http://127.0.0.1:1").await;
    assert_eq!(fixture.search("ada").await["hits"][0]["profile_error"], "unavailable");
    fixture.emulator.metadata("search-service").fail(Fault::Status(404));
    assert_eq!(fixture.search("ada").await["hits"][0]["profile_error"], "unavailable");
}

#[tokio::test]
async fn a_search_has_every_hit_in_order_and_none_for_nothing() {
    let fixture = Fixture::start("http://127.0.0.1:1").await;
    let hits = fixture.search("first").await;
    let usernames: Vec<_> = hits["hits"].as_array().unwrap().iter().map(|hit| hit["username"].clone()).collect();
    assert_eq!(usernames, ["ada", "grace"]);
    for query in ["zzz", "", "%20"] {
        assert_eq!(fixture.search(query).await, json!({ "hits": [] }), "{query}");
    }
}

#[tokio::test]
async fn a_search_without_a_query_is_400() {
    let fixture = Fixture::start("http://127.0.0.1:1").await;
    let response = fixture.get_as("frontend", "/search").await;
    assert_eq!(response.status(), 400);
    assert_eq!(response.headers()["Content-Type"], "application/problem+json");
}

#[tokio::test]
async fn everybody_but_the_frontend_is_refused_on_every_protected_route() {
    let fixture = Fixture::start("http://127.0.0.1:1").await;
    for path in ["/search?q=ada", "/whoami"] {
        assert_eq!(fixture.http.get(fixture.service.url(path)).send().await.unwrap().status(), 401);
        for identity in ["login-service", "search-service", "profile-service", "stranger"] {
            assert_eq!(fixture.get_as(identity, path).await.status(), 403, "{identity}");
        }
    }
}

#[tokio::test]
async fn whoami_and_health_answer_and_unknown_paths_are_404() {
    let fixture = Fixture::start("http://127.0.0.1:1").await;
    let caller: Value = fixture.get_as("frontend", "/whoami").await.json().await.unwrap();
    assert_eq!(caller["email"], "frontend@demo-project.iam.gserviceaccount.com");
    for (path, status) in [("/health/live", 200), ("/health/ready", 200), ("/nothing", 404), ("/healthz", 404)] {
        assert_eq!(fixture.http.get(fixture.service.url(path)).send().await.unwrap().status(), status, "{path}");
    }
}

#[tokio::test]
async fn it_is_ready_without_profile_service_and_not_without_keys() {
    let fixture = Fixture::start("http://127.0.0.1:1").await;
    fixture.get_as("frontend", "/whoami").await;
    let ready = async || fixture.http.get(fixture.service.url("/health/ready")).send().await.unwrap().status();
    assert_eq!(ready().await, 200);
    let emulator = Emulator::start().await.unwrap();
    emulator.certs().fail(Fault::Status(500));
    let program = Path::new(env!("CARGO_BIN_EXE_search-service"));
    let service = Service::start(program, &search_service(&emulator, "http://127.0.0.1:1")).await.unwrap();
    assert_eq!(fixture.http.get(service.url("/health/ready")).send().await.unwrap().status(), 503);
}
