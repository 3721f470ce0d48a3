//! Assertions: each rule, and an answer to whoever breaks this rule and no other.

use aws_lc_rs::rsa::{KeyPair, KeySize};
use serde_json::json;

use super::{Assertion, assert_refused, exchange, exchanged, token_uri};
use crate::{AUDIENCE, emulator};

#[tokio::test]
async fn what_not_every_client_sends_may_be_left_out() {
    let google = emulator().await;
    for claim in ["sub", "kid", "typ"] {
        let leave_out = |assertion: &mut Assertion| {
            assertion.claims.as_object_mut().unwrap().remove(claim);
            assertion.header.as_object_mut().unwrap().remove(claim);
        };
        assert_eq!(exchanged(&google, leave_out).await.status(), 200, "without {claim}");
    }
}

#[tokio::test]
async fn a_signature_by_another_key_is_refused() {
    let google = emulator().await;
    let answer = exchanged(&google, |assertion| assertion.key = KeyPair::generate(KeySize::Rsa2048).unwrap()).await;
    assert_refused(answer, 400, "invalid_grant", "Invalid JWT Signature.").await;
}

#[tokio::test]
async fn a_key_id_that_names_another_key_is_refused() {
    let google = emulator().await;
    let other = google.service_account_key("frontend")["private_key_id"].clone();
    for key_id in [other, json!(""), json!(null), json!(1)] {
        let answer = exchanged(&google, |assertion| assertion.header["kid"] = key_id).await;
        assert_refused(answer, 400, "invalid_grant", "Invalid JWT Signature.").await;
    }
}

#[tokio::test]
async fn an_algorithm_other_than_rs256_is_refused_even_over_a_signature_that_verifies() {
    let google = emulator().await;
    for algorithm in [json!("none"), json!("HS256"), json!("RS512"), json!("rs256"), json!(null)] {
        let answer = exchanged(&google, |assertion| assertion.header["alg"] = algorithm).await;
        assert_refused(answer, 400, "invalid_grant", "Invalid JWT Signature.").await;
    }
}

#[tokio::test]
async fn an_assertion_without_a_signature_is_refused() {
    let google = emulator().await;
    let mut assertion = Assertion::of(&google, "login-service");
    assertion.header["alg"] = json!("none");
    let signed = assertion.sign();
    let (unsigned, _) = signed.rsplit_once('.').unwrap();
    let answer = exchange(&google, &format!("{unsigned}.")).await;
    assert_refused(answer, 400, "invalid_grant", "Invalid JWT Signature.").await;
}

#[tokio::test]
async fn a_key_speaks_for_its_own_account_only() {
    let google = emulator().await;
    let other = google.service_account_key("frontend")["client_email"].clone();
    let speak_for_other = |assertion: &mut Assertion| {
        assertion.claims["iss"] = other.clone();
        assertion.claims["sub"] = other;
        assertion.header.as_object_mut().unwrap().remove("kid");
    };
    let answer = exchanged(&google, speak_for_other).await;
    assert_refused(answer, 400, "invalid_grant", "Invalid JWT Signature.").await;
}

#[tokio::test]
async fn an_account_whose_key_was_never_made_has_signed_nothing() {
    let google = emulator().await;
    let email = "search-service@demo-project.iam.gserviceaccount.com";
    let speak_for_other = |assertion: &mut Assertion| {
        assertion.claims["iss"] = json!(email);
        assertion.claims["sub"] = json!(email);
    };
    let answer = exchanged(&google, speak_for_other).await;
    assert_refused(answer, 400, "invalid_grant", "Invalid JWT Signature.").await;
}

#[tokio::test]
async fn an_issuer_that_is_no_account_is_refused() {
    let google = emulator().await;
    let nobody = json!("nobody@demo-project.iam.gserviceaccount.com");
    for issuer in [nobody, json!("login-service"), json!(100), json!(null)] {
        let answer = exchanged(&google, |assertion| assertion.claims["iss"] = issuer).await;
        assert_refused(answer, 400, "invalid_grant", "Invalid grant: account not found").await;
    }
}

#[tokio::test]
async fn a_subject_other_than_the_issuer_is_unauthorized() {
    let google = emulator().await;
    for subject in [json!("someone@example.com"), json!("100000000000000000001"), json!(null)] {
        let answer = exchanged(&google, |assertion| assertion.claims["sub"] = subject).await;
        let description = "Client is unauthorized to retrieve access tokens using this method, or client not authorized \
                           for any of the scopes requested.";
        assert_refused(answer, 401, "unauthorized_client", description).await;
    }
}

#[tokio::test]
async fn an_audience_other_than_the_token_endpoint_is_refused() {
    let google = emulator().await;
    let uri = token_uri(&google);
    for audience in [
        json!("https://oauth2.googleapis.com/token/"),
        json!("http://oauth2.googleapis.com/token"),
        json!("https://accounts.google.com/o/oauth2/token"),
        json!(format!("{uri}/")),
        json!([uri]),
        json!(null),
    ] {
        let answer = exchanged(&google, |assertion| assertion.claims["aud"] = audience).await;
        let description = format!("Invalid JWT: Failed audience check. The right audience is {uri}");
        assert_refused(answer, 400, "invalid_grant", &description).await;
    }
}

#[tokio::test]
async fn googles_own_token_endpoint_is_a_right_audience_since_its_library_for_python_always_writes_it() {
    let google = emulator().await;
    let audience = json!("https://oauth2.googleapis.com/token");
    assert_eq!(exchanged(&google, |assertion| assertion.claims["aud"] = audience).await.status(), 200);
}

#[tokio::test]
async fn without_a_target_audience_google_asks_for_a_scope() {
    let google = emulator().await;
    for audience in [json!(""), json!([AUDIENCE]), json!(null)] {
        let answer = exchanged(&google, |assertion| assertion.claims["target_audience"] = audience).await;
        let description = "Invalid OAuth scope or ID token audience provided.";
        assert_refused(answer, 400, "invalid_scope", description).await;
    }
}

#[tokio::test]
async fn garbage_in_the_place_of_the_assertion_is_refused() {
    let google = emulator().await;
    let genuine = Assertion::of(&google, "login-service").sign();
    let (signing_input, _) = genuine.rsplit_once('.').unwrap();
    for garbage in ["", "garbage", "a.b.c", "..", "W10.W10.W10", signing_input, &format!("{genuine}."), "%FF"] {
        assert_refused(exchange(&google, garbage).await, 400, "invalid_grant", "Bad Request").await;
    }
}
