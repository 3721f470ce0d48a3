//! Callers whose access token is missing, is none, or is not for this: 401, or 403 for its scope.

use super::{CALLER, TARGET, assert_refused, audience, email, post, url};
use crate::{
    AUDIENCE,
    access_tokens::{access_token, token_with},
    client, emulator, header,
};

#[tokio::test]
async fn a_request_without_a_bearer_token_is_unauthenticated() {
    let google = emulator().await;
    let token = access_token(&google, CALLER).await;
    let request =
        || client().post(url(&google, &email(&google, TARGET), "generateIdToken")).body(audience().to_string());
    let bearer = format!("Bearer {token}");
    for request in [
        request(),
        request().header("authorization", &token),
        request().header("authorization", format!("Basic {token}")),
        request().header("authorization", &bearer).header("authorization", &bearer),
    ] {
        let answer = request.send().await.unwrap();
        assert_eq!(header(&answer, "www-authenticate"), "Bearer realm=\"https://accounts.google.com/\"");
        assert_refused(answer, 401, "UNAUTHENTICATED", "missing required authentication credential").await;
    }
}

#[tokio::test]
async fn a_token_that_was_never_issued_is_unauthenticated() {
    let google = emulator().await;
    google.allow_impersonation(CALLER, TARGET);
    let of_another_emulator = access_token(&emulator().await, CALLER).await;
    let id_token = google.token(CALLER, AUDIENCE).sign();
    let url = url(&google, &email(&google, TARGET), "generateIdToken");
    for token in ["ya29.", &of_another_emulator, &id_token] {
        let answer = post(&url, token, audience().to_string()).await;
        assert!(header(&answer, "www-authenticate").contains("error=\"invalid_token\""), "{token}");
        assert_refused(answer, 401, "UNAUTHENTICATED", "invalid authentication credentials").await;
    }
}

#[tokio::test]
async fn a_token_is_unauthenticated_once_it_has_expired() {
    let google = emulator().await;
    google.allow_impersonation(CALLER, TARGET);
    let token = access_token(&google, CALLER).await;
    let url = url(&google, &email(&google, TARGET), "generateIdToken");
    google.move_clock(3600 - 60);
    assert_eq!(post(&url, &token, audience().to_string()).await.status(), 200);
    google.move_clock(60);
    let answer = post(&url, &token, audience().to_string()).await;
    assert_refused(answer, 401, "UNAUTHENTICATED", "invalid authentication credentials").await;
}

#[tokio::test]
async fn the_token_needs_one_of_two_scopes() {
    let google = emulator().await;
    google.allow_impersonation(CALLER, TARGET);
    let url = url(&google, &email(&google, TARGET), "generateIdToken");
    let scoped = |scopes: &str| format!("?scopes=https://www.googleapis.com/auth/{scopes}");
    for scopes in ["cloud-platform", "iam", "userinfo.email,https://www.googleapis.com/auth/iam"] {
        let token = token_with(&google, CALLER, &scoped(scopes)).await;
        assert_eq!(post(&url, &token, audience().to_string()).await.status(), 200, "{scopes}");
    }
    let token = token_with(&google, CALLER, &scoped("userinfo.email")).await;
    let answer = post(&url, &token, audience().to_string()).await;
    assert!(header(&answer, "www-authenticate").contains("error=\"insufficient_scope\""));
    assert_refused(answer, 403, "PERMISSION_DENIED", "insufficient authentication scopes").await;
}
