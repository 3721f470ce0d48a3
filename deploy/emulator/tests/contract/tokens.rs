//! Tokens: a genuine one is as Google's, and a spoilt one is wrong in one place.
//!
//! Source of the claims: <https://cloud.google.com/docs/authentication/token-types#id>.

use google_emulator::TokenBuilder;
use serde_json::{Value, json};

use crate::{AUDIENCE, emulator, segment, verified};

#[tokio::test]
async fn a_genuine_token_says_what_googles_say_and_the_published_key_verifies_it() {
    let google = emulator().await;
    let token = google.token("login-service", AUDIENCE).sign();

    let header: Value = serde_json::from_slice(&segment(&token, 0)).unwrap();
    assert_eq!(header, json!({ "alg": "RS256", "kid": google.jwks()["keys"][0]["kid"], "typ": "JWT" }));

    let claims = verified(&token, &google.jwks()).unwrap();
    let issued_at = claims["iat"].as_i64().unwrap();
    assert!((google.now() - issued_at) < 60);
    let expected = json!({
        "iss": "https://accounts.google.com",
        "aud": AUDIENCE,
        "azp": "100000000000000000001",
        "sub": "100000000000000000001",
        "email": "login-service@demo-project.iam.gserviceaccount.com",
        "email_verified": true,
        "iat": issued_at,
        "exp": issued_at + 3600,
    });
    assert_eq!(claims, expected);
}

#[tokio::test]
async fn the_signature_covers_whatever_was_changed() {
    type Change = fn(TokenBuilder) -> TokenBuilder;
    let changes: [(Change, &str, Value); 6] = [
        (|token| token.claim("aud", vec!["one", "two"]), "aud", json!(["one", "two"])),
        (|token| token.claim("email_verified", "true"), "email_verified", json!("true")),
        (|token| token.without_claim("exp"), "exp", Value::Null),
        (|token| token.issued_at(1_000), "exp", json!(4_600)),
        (|token| token.header("crit", vec!["exp"]).without_header("typ"), "aud", json!(AUDIENCE)),
        (|token| token.raw_payload(r#"{"sub":"one","sub":"two"}"#), "sub", json!("two")),
    ];
    let google = emulator().await;
    for (change, name, expected) in changes {
        let token = change(google.token("frontend", AUDIENCE)).sign();
        let claims = verified(&token, &google.jwks()).unwrap();
        assert_eq!(claims[name], expected, "{name} of {claims}");
    }
}

#[tokio::test]
async fn header_parameters_and_raw_segments_arrive_as_they_were_given() {
    let google = emulator().await;
    let genuine = google.token("frontend", AUDIENCE);

    let header = segment(&genuine.clone().header("alg", "HS256").without_header("kid").sign(), 0);
    assert_eq!(header, br#"{"alg":"HS256","typ":"JWT"}"#);
    assert_eq!(segment(&genuine.clone().raw_header(r#"{"alg":1,"alg":2}"#).sign(), 0), br#"{"alg":1,"alg":2}"#);
    assert_eq!(segment(&genuine.raw_payload(b"\xff").sign(), 1), b"\xff");
}

#[tokio::test]
async fn a_forgery_names_the_published_key_and_does_not_verify() {
    let google = emulator().await;
    let genuine = google.token("frontend", AUDIENCE);
    let forged = genuine.clone().signed_by_unpublished_key().sign();
    let stripped = genuine.clone().with_signature("SIGNATURE_REMOVED_BY_GOOGLE").sign();
    let genuine = genuine.sign();

    for spoilt in [&forged, &stripped] {
        assert_eq!(segment(spoilt, 0), segment(&genuine, 0));
        assert_eq!(segment(spoilt, 1), segment(&genuine, 1));
        assert!(verified(spoilt, &google.jwks()).is_none());
    }
    assert_eq!(segment(&forged, 2).len(), segment(&genuine, 2).len());
    assert!(stripped.ends_with(".SIGNATURE_REMOVED_BY_GOOGLE"));
}

#[tokio::test]
async fn tokens_are_dated_by_a_clock_that_can_be_moved() {
    let google = emulator().await;
    let before = google.now();
    google.move_clock(-7200);
    let token = google.token("frontend", AUDIENCE).sign();
    let issued_at = verified(&token, &google.jwks()).unwrap()["iat"].as_i64().unwrap();
    assert!((before - 7200..before - 7100).contains(&issued_at));
}

#[tokio::test]
#[should_panic(expected = "no identity named \"nobody\"")]
async fn an_unknown_identity_is_a_mistake_in_the_test() {
    _ = emulator().await.token("nobody", AUDIENCE);
}
