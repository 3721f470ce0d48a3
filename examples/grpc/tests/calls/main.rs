//! Calls over a real socket, with the emulator in the place of Google: who gets in, and the status of whoever does not.

mod fixture;

use std::{error::Error as _, sync::atomic::Ordering};

use google_emulator::{Emulator, Fault};
use grpc_example::{
    profiles::{Profile, ShowRequest},
    server,
};
use shared_auth::caller::Error;
use tonic::{Code, Request, codegen::http};

use crate::fixture::{AUDIENCE, Fixture, LOGIN};

/// The call that every test makes.
fn show_ada() -> Request<ShowRequest> {
    Request::new(ShowRequest { username: "ada".to_owned() })
}

#[tokio::test]
async fn a_caller_on_the_list_gets_in_and_the_handler_knows_who_it_is() {
    let fixture = Fixture::start().await;
    let mut client = fixture.client("login-service", fixture.url.clone());
    let profile = client.show(show_ada()).await.unwrap().into_inner();
    assert_eq!(profile, Profile { username: "ada".to_owned(), shown_to: LOGIN.to_owned() });
}

#[tokio::test]
async fn a_caller_that_is_not_on_the_list_is_denied() {
    let fixture = Fixture::start().await;
    let mut client = fixture.client("search-service", fixture.url.clone());
    assert_eq!(client.show(show_ada()).await.unwrap_err().code(), Code::PermissionDenied);
    let stranger = fixture.emulator.token("stranger", AUDIENCE);
    assert_eq!(fixture.refusal_of(stranger).await.code(), Code::PermissionDenied);
}

#[tokio::test]
async fn a_call_without_a_token_or_with_a_broken_header_is_unauthenticated() {
    let fixture = Fixture::start().await;
    let genuine = format!("Bearer {}", fixture.genuine().sign());
    for authorization in [&[][..], &["Basic dTpw"], &["Bearer "], &["Bearer a b"], &[&genuine, &genuine]] {
        let status = fixture.call_with(authorization).await.unwrap_err();
        assert_eq!(status.code(), Code::Unauthenticated, "{authorization:?}");
    }
}

#[tokio::test]
async fn every_failed_check_of_a_token_is_the_same_unauthenticated() {
    let fixture = Fixture::start().await;
    for token in [
        fixture.genuine().signed_by_unpublished_key(),
        fixture.genuine().issued_at(fixture.emulator.now() - 7200),
        fixture.genuine().claim("aud", "https://search-service.example"),
        fixture.genuine().with_signature("SIGNATURE_REMOVED_BY_GOOGLE"),
    ] {
        let status = fixture.refusal_of(token).await;
        assert_eq!((status.code(), status.message()), (Code::Unauthenticated, "the ID token was not accepted"));
    }
}

#[tokio::test]
async fn keys_that_cannot_be_fetched_are_unavailable_with_a_hint_when_to_retry() {
    let fixture = Fixture::start().await;
    fixture.emulator.certs().fail(Fault::Status(500));
    let status = fixture.refusal_of(fixture.genuine()).await;
    assert_eq!(status.code(), Code::Unavailable);
    let milliseconds: u32 = status.metadata().get("grpc-retry-pushback-ms").unwrap().to_str().unwrap().parse().unwrap();
    assert!(milliseconds > 0);
}

#[tokio::test]
async fn a_method_without_the_layer_is_internal_even_with_a_genuine_token() {
    let emulator = Emulator::start().await.unwrap();
    let fixture = Fixture::serve(emulator, server::unprotected_routes()).await;
    assert_eq!(fixture.refusal_of(fixture.genuine()).await.code(), Code::Internal);
}

#[tokio::test]
async fn a_refusal_is_http_200_with_the_status_among_the_headers() {
    let fixture = Fixture::start().await;
    let call = http::Request::post("/example.Profiles/Show").header("content-type", "application/grpc");
    let answer = fixture.answer(call).await;
    assert_eq!((answer.status().as_u16(), &answer.headers()["grpc-status"]), (200, &"16".parse().unwrap()));
    assert_eq!(answer.headers()["content-type"], "application/grpc");
    assert!(!answer.headers().contains_key("www-authenticate"));
}

#[tokio::test]
async fn health_needs_no_token_and_an_unknown_service_is_not_found_without_one() {
    let fixture = Fixture::start().await;
    assert_eq!(fixture.answer(http::Request::get("/health/live")).await.status(), 200);
    assert_eq!(fixture.answer(http::Request::post("/example.Nothing/Show")).await.status(), 404);
}

#[tokio::test]
async fn without_a_token_the_call_ends_with_the_sources_error_and_nothing_is_sent() {
    let fixture = Fixture::start().await;
    fixture.emulator.metadata("login-service").fail(Fault::Status(404));
    let status = fixture.client("login-service", fixture.url.clone()).show(show_ada()).await.unwrap_err();
    assert_eq!(status.code(), Code::Unknown);
    let cause: &Error = status.source().unwrap().downcast_ref().unwrap();
    assert!(matches!(cause, Error::SourceRefused { .. }) && cause.is_transient(), "{status:?}");
    assert_eq!(fixture.received.load(Ordering::SeqCst), 0);

    fixture.emulator.metadata("login-service").heal();
    fixture.client("login-service", fixture.url.clone()).show(show_ada()).await.unwrap();
    assert_eq!(fixture.received.load(Ordering::SeqCst), 1, "the counter counts");
}

#[tokio::test]
async fn after_unauthenticated_the_next_call_has_a_fresh_token() {
    let fixture = Fixture::start().await;
    let elsewhere = fixture.url.clone().with_audience("https://search-service.example".parse().unwrap());
    let mut client = fixture.client("login-service", elsewhere);
    for fetches in [1, 2, 2] {
        assert_eq!(client.show(show_ada()).await.unwrap_err().code(), Code::Unauthenticated);
        assert_eq!(fixture.emulator.metadata("login-service").requests(), fetches);
    }
}

#[tokio::test]
async fn a_url_with_https_is_spoken_to_in_tls_and_gets_no_token_otherwise() {
    let fixture = Fixture::start().await;
    let https = fixture.url.origin().replace("http://", "https://").parse().unwrap();
    let mut client = fixture.client("login-service", https);
    let status = client.show(show_ada()).await.expect_err("the server speaks no TLS");
    assert_eq!(status.code(), Code::Unavailable, "{status:?}");
}
