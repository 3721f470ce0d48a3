//! Who is not let in: a token that is missing, or that fails one check and no other.

use google_emulator::TokenBuilder;

use super::{Private, assert_forbidden, assert_unverified, reached};
use crate::access_tokens::access_token;

#[tokio::test]
async fn a_genuine_token_of_an_invoker_is_let_in() {
    let service = Private::start().await;
    reached(service.with_bearer(&service.token("login-service")).await).await;
    assert_eq!((service.door.endpoint().requests(), service.door.reached()), (1, 1));
    let other_spelling = service.google.token("login-service", &service.door.run_app_urls()[0]);
    reached(service.with_bearer(&other_spelling.claim("iss", "accounts.google.com").sign()).await).await;
}

#[tokio::test]
async fn a_request_without_a_token_is_forbidden_and_does_not_reach_the_service() {
    let service = Private::start().await;
    assert_forbidden(service.with(&[]).await).await;
    assert_eq!((service.door.endpoint().requests(), service.door.reached()), (1, 0));
}

#[tokio::test]
async fn a_token_that_fails_one_check_is_not_verified() {
    type Spoil = fn(TokenBuilder) -> TokenBuilder;
    let spoilt: [(&str, Spoil); 9] = [
        ("signature", TokenBuilder::signed_by_unpublished_key),
        ("removed signature", |token| token.with_signature("SIGNATURE_REMOVED_BY_GOOGLE")),
        ("algorithm", |token| token.header("alg", "RS512")),
        ("unsigned", |token| token.header("alg", "none").with_signature("")),
        ("key id", |token| token.without_header("kid")),
        ("issuer", |token| token.claim("iss", "https://cloud.google.com/iap")),
        ("audience", |token| token.claim("aud", "https://search-service.example")),
        ("audiences", |token| token.claim("aud", vec!["https://profile-service-123456789012.europe-west1.run.app"])),
        ("lifetime", |token| token.without_claim("exp")),
    ];
    let service = Private::start().await;
    for (what, spoil) in spoilt {
        let genuine = service.google.token("login-service", &service.door.run_app_urls()[0]);
        let answer = service.with_bearer(&spoil(genuine).sign()).await;
        assert_eq!(answer.status(), 401, "{what}");
        assert_unverified(answer).await;
    }
    assert_eq!(service.door.reached(), 0);
}

#[tokio::test]
async fn a_token_is_good_until_it_expires_by_the_clock_that_can_be_moved() {
    let service = Private::start().await;
    let token = service.token("login-service");
    service.google.move_clock(3590);
    reached(service.with_bearer(&token).await).await;
    service.google.move_clock(10);
    assert_unverified(service.with_bearer(&token).await).await;
    service.google.move_clock(-3600 - 120);
    assert_unverified(service.with_bearer(&token).await).await;
}

#[tokio::test]
async fn a_token_is_good_while_its_key_is_published() {
    let service = Private::start().await;
    let token = service.token("login-service");
    service.google.rotate_keys();
    reached(service.with_bearer(&token).await).await;
    reached(service.with_bearer(&service.token("login-service")).await).await;
    service.google.retire_old_keys();
    assert_unverified(service.with_bearer(&token).await).await;
}

#[tokio::test]
async fn something_that_is_no_id_token_is_not_verified() {
    let service = Private::start().await;
    assert_unverified(service.with_bearer(&access_token(&service.google, "login-service").await).await).await;
    let token = service.token("login-service");
    let with = |prefix| format!("{prefix}{token}");
    for value in [with(""), with("Basic "), with("Bearer  "), "Bearer".to_owned(), "Bearer ".to_owned(), String::new()]
    {
        assert_unverified(service.with(&[("authorization", &value)]).await).await;
    }
    for scheme in ["bearer ", "BEARER "] {
        reached(service.with(&[("authorization", &with(scheme))]).await).await;
    }
}

#[tokio::test]
async fn a_header_that_is_sent_twice_is_not_verified() {
    let service = Private::start().await;
    let value = format!("Bearer {}", service.token("login-service"));
    for name in ["authorization", "x-serverless-authorization"] {
        assert_unverified(service.with(&[(name, &value), (name, &value)]).await).await;
        reached(service.with(&[(name, &value)]).await).await;
    }
}

#[tokio::test]
async fn the_page_repeats_the_path_and_runs_nothing_in_it() {
    let service = Private::start().await;
    let url = format!("{}/%3Cb%3E&amp", service.door.url());
    let page = crate::text(crate::fetch(&url).await).await;
    assert!(page.contains("<code>/%3Cb%3E&amp;amp</code>"), "{page}");
}
