//! Subject tokens: each rule, and a token that breaks this rule and no other. The rules are those of
//! <https://cloud.google.com/iam/docs/workload-identity-federation-with-other-providers#oidc-requirements>.

use google_emulator::{Emulator, SigningKey, TokenBuilder};
use serde_json::{Value, json};

use super::{assert_refused, exchange};
use crate::{emulator, member};

fn genuine(google: &Emulator) -> TokenBuilder {
    google.subject_token("build-7")
}

async fn assert_grant_refused(google: &Emulator, token: TokenBuilder, description: &str) {
    assert_refused(exchange(google, &token.sign()).await, "invalid_grant", description).await;
}

#[tokio::test]
async fn a_signature_by_another_key_is_refused() {
    let google = emulator().await;
    for token in [
        genuine(&google).signed_by_unpublished_key(),
        genuine(&google).signed_by(&SigningKey::p256()),
        google.subject_token("build-7").with_signature(""),
        emulator().await.subject_token("build-7"),
    ] {
        assert_grant_refused(&google, token, "signature").await;
    }
}

#[tokio::test]
async fn another_algorithm_or_key_id_is_refused_even_over_a_signature_that_verifies() {
    let google = emulator().await;
    for token in [
        genuine(&google).header("alg", "none"),
        genuine(&google).header("alg", "RS256"),
        genuine(&google).without_header("alg"),
        genuine(&google).header("kid", "other"),
        genuine(&google).without_header("kid"),
    ] {
        assert_grant_refused(&google, token, "signature").await;
    }
}

#[tokio::test]
async fn another_issuer_is_refused() {
    let google = emulator().await;
    for issuer in [json!("https://accounts.google.com"), json!("https://identity.example/"), json!(null)] {
        assert_grant_refused(&google, genuine(&google).claim("iss", issuer), "issuer").await;
    }
}

#[tokio::test]
async fn the_audience_is_the_provider_with_its_scheme_or_without() {
    let google = emulator().await;
    let provider = member(&google.external_account(None, json!({})), "audience").to_owned();
    for audience in [provider.clone(), format!("https:{provider}")] {
        assert_eq!(exchange(&google, &genuine(&google).claim("aud", audience).sign()).await.status(), 200);
    }
    for audience in
        [json!(format!("http:{provider}")), json!([provider]), json!("https://profile.example"), json!(null)]
    {
        assert_grant_refused(&google, genuine(&google).claim("aud", audience), "audience").await;
    }
}

#[tokio::test]
async fn a_token_that_is_expired_from_the_future_or_for_more_than_a_day_is_refused() {
    let google = emulator().await;
    let now = google.now();
    let dated = |issued: Value, expires: Value| genuine(&google).claim("iat", issued).claim("exp", expires);
    assert_eq!(exchange(&google, &dated(json!(now), json!(now + 24 * 3600)).sign()).await.status(), 200);
    for token in [
        dated(json!(now - 600), json!(now)),
        dated(json!(now + 300), json!(now + 600)),
        dated(json!(now), json!(now + 24 * 3600 + 1)),
        dated(json!(now), json!(null)),
        dated(json!(null), json!(now + 600)),
    ] {
        assert_grant_refused(&google, token, "expired").await;
    }
}

#[tokio::test]
async fn subject_tokens_are_dated_by_the_clock_that_can_be_moved() {
    let google = emulator().await;
    let token = genuine(&google);
    google.move_clock(600);
    assert_grant_refused(&google, token, "expired").await;
    assert_eq!(exchange(&google, &genuine(&google).sign()).await.status(), 200);
}

#[tokio::test]
async fn a_subject_has_1_to_127_bytes() {
    let google = emulator().await;
    assert_eq!(exchange(&google, &google.subject_token(&"a".repeat(127)).sign()).await.status(), 200);
    for subject in [json!(""), json!("a".repeat(128)), json!(7), json!(null)] {
        assert_grant_refused(&google, genuine(&google).claim("sub", subject), "google.subject").await;
    }
}

#[tokio::test]
async fn garbage_in_the_place_of_the_token_is_refused() {
    let google = emulator().await;
    for garbage in ["garbage", "a.b.c", "..", "W10.W10.W10"] {
        assert_refused(exchange(&google, garbage).await, "invalid_grant", "parse").await;
    }
}
