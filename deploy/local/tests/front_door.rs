//! The services behind Cloud Run's front door, emulated: what the platform refuses never reaches the service, and what it
//! lets through is checked again.

use std::path::PathBuf;

use google_emulator::{Emulator, FrontDoor};
use local::{
    environment::{PROFILE_AUDIENCE, SEARCH_AUDIENCE, USER, login_service, profile_service, search_service},
    program::built,
    service::Service,
};
use serde_json::{Value, json};

struct Fixture {
    emulator: Emulator,
    profile: Service,
    /// In front of profile-service; login-service is its one invoker.
    door: FrontDoor,
    http: reqwest::Client,
}

impl Fixture {
    async fn start() -> Self {
        let emulator = Emulator::start().await.expect("the emulator starts");
        let profile =
            Service::start(&program("profile-service"), &profile_service(&emulator)).await.expect("it starts");
        let door = emulator.front_door("profile-service", &profile.url("")).await.expect("a port");
        door.allow_invoker("login-service");
        Self { emulator, profile, door, http: reqwest::Client::builder().no_proxy().build().expect("TLS") }
    }

    /// The status that a call of the front door has with these headers.
    async fn call(&self, headers: &[(&str, &str)]) -> u16 {
        let request = self.http.get(format!("{}/profiles/ada", self.door.url()));
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        request.send().await.expect("an answer").status().as_u16()
    }

    fn bearer(&self, identity: &str) -> String {
        format!("Bearer {}", self.emulator.token(identity, PROFILE_AUDIENCE).sign())
    }

    /// What a search says of the profile of its one hit.
    async fn searched(&self) -> Value {
        let search = search_service(&self.emulator, &self.door.url());
        let search = Service::start(&program("search-service"), &search).await.expect("it starts");
        let token = self.emulator.token("frontend", SEARCH_AUDIENCE).sign();
        let answer = self.http.get(search.url("/search?q=ada")).bearer_auth(token).send().await.expect("an answer");
        let answer: Value = answer.json().await.expect("JSON");
        answer.pointer("/hits/0/profile_error").cloned().expect("a hit")
    }
}

fn program(name: &str) -> PathBuf {
    built(env!("CARGO_BIN_EXE_demo"), &[name]).join(name)
}

#[tokio::test]
async fn login_service_passes_the_platforms_check_and_the_services() {
    let fixture = Fixture::start().await;
    let login = login_service(&fixture.emulator, &fixture.door.url());
    let login = Service::start(&program("login-service"), &login).await.unwrap();
    let request = fixture.http.post(login.url("/login")).json(&json!({ "username": USER.0, "password": USER.1 }));
    assert_eq!(request.send().await.unwrap().status(), 200);
    assert_eq!(fixture.door.reached(), 1);
}

#[tokio::test]
async fn search_service_is_refused_by_the_platform_and_with_a_binding_by_the_service() {
    let fixture = Fixture::start().await;
    assert_eq!((fixture.searched().await, fixture.door.reached()), (json!("forbidden"), 0));
    fixture.door.allow_invoker("search-service");
    assert_eq!((fixture.searched().await, fixture.door.reached()), (json!("forbidden"), 1));
    assert!(fixture.profile.logged("the caller is not on the list").await.is_some());
}

#[tokio::test]
async fn a_token_in_both_headers_gets_in_and_in_one_it_does_not() {
    let fixture = Fixture::start().await;
    let bearer = fixture.bearer("login-service");
    let both = [("Authorization", bearer.as_str()), ("X-Serverless-Authorization", bearer.as_str())];
    assert_eq!(fixture.call(&both).await, 200);
    assert_eq!(fixture.call(&both[1..]).await, 401, "the service sees no token in Authorization");
    assert!(fixture.profile.logged("the request carries no ID token").await.is_some());
    assert_eq!(fixture.call(&both[..1]).await, 401, "the service sees a token without its signature");
    assert!(fixture.profile.logged("the signature is replaced by Cloud Run's marker").await.is_some());
    assert_eq!(fixture.door.reached(), 3);
}

#[tokio::test]
async fn what_the_platform_lets_in_by_one_header_the_service_refuses_by_the_other() {
    let fixture = Fixture::start().await;
    let (login, stranger) = (fixture.bearer("login-service"), fixture.bearer("stranger"));
    let status = fixture.call(&[("Authorization", &stranger), ("X-Serverless-Authorization", &login)]).await;
    assert_eq!((status, fixture.door.reached()), (403, 1));
    let status = fixture.call(&[("Authorization", &login), ("X-Serverless-Authorization", &stranger)]).await;
    assert_eq!((status, fixture.door.reached()), (403, 1), "and the other way round");
    let marker = "Bearer e30.e30.SIGNATURE_REMOVED_BY_GOOGLE";
    fixture.door.check_invoker(false);
    assert_eq!(fixture.call(&[("Authorization", marker)]).await, 401, "on a public service anybody can write it");
}
