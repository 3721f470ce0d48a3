//! Signatures that Google would not make: by another algorithm, by another key, by a function of the test.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use google_emulator::SigningKey;
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey,
    crypto::{sign, verify},
};
use serde_json::{Value, json};

use crate::{AUDIENCE, certs::published, emulator, segment, verified, verified_as};

fn header_of(token: &str) -> Value {
    serde_json::from_slice(&segment(token, 0)).expect("the header is JSON")
}

#[tokio::test]
async fn googles_key_signs_by_every_algorithm_of_rsa() {
    let google = emulator().await;
    for (name, algorithm) in [
        ("RS256", Algorithm::RS256),
        ("RS384", Algorithm::RS384),
        ("RS512", Algorithm::RS512),
        ("PS256", Algorithm::PS256),
        ("PS384", Algorithm::PS384),
        ("PS512", Algorithm::PS512),
    ] {
        let token = google.token("frontend", AUDIENCE).signed_as(name).sign();
        assert_eq!(header_of(&token)["alg"], name);
        assert!(verified_as(algorithm, &token, &google.jwks()).is_some(), "{name}");
        let other = if algorithm == Algorithm::RS512 { Algorithm::RS384 } else { Algorithm::RS512 };
        assert!(verified_as(other, &token, &google.jwks()).is_none(), "{name}");
    }
}

#[tokio::test]
async fn a_key_of_the_test_signs_what_its_own_jwk_verifies() {
    let google = emulator().await;
    for (key, algorithm) in [
        (SigningKey::rsa(), Algorithm::RS256),
        (SigningKey::p256(), Algorithm::ES256),
        (SigningKey::p384(), Algorithm::ES384),
    ] {
        let token = google.token("frontend", AUDIENCE).claim("azp", "another").signed_by(&key).sign();
        assert_eq!(header_of(&token), json!({ "alg": key.algorithm(), "kid": key.id(), "typ": "JWT" }));
        let keys = json!({ "keys": [key.jwk()] });
        assert_eq!(verified_as(algorithm, &token, &keys).unwrap()["azp"], "another");
        assert!(verified(&token, &google.jwks()).is_none());

        let jwk = serde_json::from_value(key.jwk()).unwrap();
        let decoding = DecodingKey::from_jwk(&jwk).unwrap();
        let signature = BASE64_URL_SAFE_NO_PAD.encode(key.sign(b"any bytes"));
        assert!(verify(&signature, b"any bytes", &decoding, algorithm).unwrap());
    }
}

#[tokio::test]
async fn a_function_signs_exactly_what_is_sent() {
    let google = emulator().await;
    let secret = b"a secret that both sides know";
    let token = google.token("frontend", AUDIENCE).header("alg", "HS256").signed_with(|message| {
        let key = EncodingKey::from_secret(secret);
        let signature = sign(message, &key, Algorithm::HS256).expect("HMAC takes any secret");
        BASE64_URL_SAFE_NO_PAD.decode(signature).expect("it is base64url")
    });
    let token = token.sign();
    let (message, signature) = token.rsplit_once('.').unwrap();
    let key = DecodingKey::from_secret(secret);
    assert!(verify(signature, message.as_bytes(), &key, Algorithm::HS256).unwrap());
}

#[tokio::test]
async fn another_spelling_of_the_segments_is_what_google_signs() {
    let google = emulator().await;
    let token = google.token("frontend", AUDIENCE).respelled(|message| message.replacen('.', "=.", 1)).sign();
    let (message, signature) = token.rsplit_once('.').unwrap();
    assert!(message.contains("=."));
    let key = serde_json::from_value(google.jwks()["keys"][0].clone()).unwrap();
    let key = DecodingKey::from_jwk(&key).unwrap();
    assert!(verify(signature, message.as_bytes(), &key, Algorithm::RS256).unwrap());
}

#[tokio::test]
async fn a_key_that_the_test_publishes_stands_beside_googles_until_it_is_retired() {
    let google = emulator().await;
    let key = SigningKey::rsa();
    let token = google.token("frontend", AUDIENCE).signed_by(&key).sign();
    assert!(verified(&token, &google.jwks()).is_none());

    google.publish(key.jwk());
    assert!(verified(&token, &google.jwks()).is_some());
    google.rotate_keys();
    assert!(verified(&token, &google.jwks()).is_some());
    assert!(verified(&google.token("frontend", AUDIENCE).sign(), &google.jwks()).is_some());
    google.retire_old_keys();
    assert!(verified(&token, &google.jwks()).is_none());
}

#[tokio::test]
async fn a_published_key_need_not_be_a_key() {
    let google = emulator().await;
    for nonsense in [json!({ "kty": "oct", "k": "AA" }), json!(7), json!({ "kid": "x" })] {
        google.publish(nonsense.clone());
        assert_eq!(google.jwks()["keys"].as_array().unwrap().last(), Some(&nonsense));
    }
    assert_eq!(published(&google.certs_url()).await, google.jwks());
}

#[tokio::test]
#[should_panic(expected = "an RSA key does not sign \"ES256\"")]
async fn an_algorithm_that_the_key_does_not_have_is_a_mistake_in_the_test() {
    _ = emulator().await.token("frontend", AUDIENCE).signed_as("ES256").sign();
}
