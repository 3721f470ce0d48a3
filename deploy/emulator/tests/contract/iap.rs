//! Identity-Aware Proxy, compared with <https://cloud.google.com/iap/docs/signed-headers-howto> and with
//! <https://www.gstatic.com/iap/verify/public_key-jwk>.

use google_emulator::Fault;
use jsonwebtoken::Algorithm;
use serde_json::{Value, json};

use crate::{AUDIENCE, client, emulator, fetch, header, member, segment, text, verified, verified_as};

const BACKEND: &str = "/projects/123456789012/global/backendServices/4242";

#[tokio::test]
async fn the_key_is_on_p_256_with_iaps_members() {
    let google = emulator().await;
    let answer = fetch(&google.iap_certs_url()).await;
    assert_eq!(header(&answer, "content-type"), "application/json");
    assert!(header(&answer, "cache-control").contains("max-age="));
    let certs: Value = serde_json::from_str(&text(answer).await).unwrap();
    assert_eq!(certs, google.iap_jwks());

    let key = &certs["keys"][0];
    for (name, expected) in [("kty", "EC"), ("alg", "ES256"), ("use", "sig"), ("crv", "P-256")] {
        assert_eq!(key[name], expected);
    }
    assert_eq!(member(key, "kid").len(), 6);
    for coordinate in ["x", "y"] {
        assert_eq!(member(key, coordinate).len(), 43, "32 bytes, RFC 7518 §6.2.1.2");
    }
}

#[tokio::test]
async fn a_token_says_what_iaps_say_and_the_published_key_verifies_it() {
    let google = emulator().await;
    let token = google.iap_token("ada@example.com", BACKEND).sign();

    let header: Value = serde_json::from_slice(&segment(&token, 0)).unwrap();
    assert_eq!(header, json!({ "alg": "ES256", "kid": google.iap_jwks()["keys"][0]["kid"], "typ": "JWT" }));
    assert_eq!(segment(&token, 2).len(), 64, "RFC 7518 §3.4");

    let claims = verified_as(Algorithm::ES256, &token, &google.iap_jwks()).unwrap();
    let issued_at = claims["iat"].as_i64().unwrap();
    assert!((google.now() - issued_at) < 60);
    let expected = json!({
        "iss": "https://cloud.google.com/iap",
        "aud": BACKEND,
        "sub": claims["sub"],
        "email": "ada@example.com",
        "iat": issued_at,
        "exp": issued_at + 600,
    });
    assert_eq!(claims, expected);
}

#[tokio::test]
async fn a_person_has_one_id_of_21_digits_and_nobody_else_has_it() {
    let google = emulator().await;
    let subject = |email: &str| {
        let claims = verified_as(Algorithm::ES256, &google.iap_token(email, BACKEND).sign(), &google.iap_jwks());
        member(&claims.expect("the token is genuine"), "sub").to_owned()
    };
    let ada = subject("ada@example.com");
    let digits = ada.strip_prefix("accounts.google.com:").unwrap();
    assert!(digits.len() == 21 && digits.bytes().all(|byte| byte.is_ascii_digit()), "{ada}");
    assert_eq!(subject("ada@example.com"), ada);
    assert_ne!(subject("grace@example.com"), ada);
}

#[tokio::test]
async fn the_claims_and_dates_of_a_token_can_be_changed_and_its_key_signs_the_change() {
    let google = emulator().await;
    let token = google.iap_token("ada@example.com", BACKEND).claim("hd", "example.com").issued_at(1_000).sign();
    let claims = verified_as(Algorithm::ES256, &token, &google.iap_jwks()).unwrap();
    assert_eq!(claims["hd"], "example.com");
    assert_eq!(claims["exp"], 1_600);
}

#[tokio::test]
async fn neither_issuer_knows_the_others_key() {
    let google = emulator().await;
    let iap = google.iap_token("ada@example.com", BACKEND).sign();
    assert!(verified_as(Algorithm::ES256, &iap, &google.jwks()).is_none());
    assert!(verified(&google.token("frontend", AUDIENCE).sign(), &google.iap_jwks()).is_none());
}

#[tokio::test]
async fn the_key_is_at_one_path_for_reading_only_and_fails_on_demand_alone() {
    let google = emulator().await;
    let url = google.iap_certs_url();
    assert!(url.ends_with("/iap/verify/public_key-jwk"), "{url}");
    assert_eq!(fetch(&format!("{url}s")).await.status(), 404);
    assert_eq!(client().post(&url).send().await.unwrap().status(), 405);
    google.iap_certs().fail(Fault::Status(503));
    assert_eq!(fetch(&url).await.status(), 503);
    assert_eq!(fetch(&google.certs_url()).await.status(), 200);
    assert_eq!((google.iap_certs().requests(), google.certs().requests()), (3, 1));
}
