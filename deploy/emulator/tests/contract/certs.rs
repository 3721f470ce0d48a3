//! `/oauth2/v3/certs`, compared with <https://www.googleapis.com/oauth2/v3/certs>.

use serde_json::Value;

use crate::{AUDIENCE, client, emulator, fetch, header, text, verified};

pub(crate) async fn published(url: &str) -> Value {
    serde_json::from_str(&text(fetch(url).await).await).expect("the certs are JSON")
}

#[tokio::test]
async fn the_certs_are_signing_keys_of_2048_bits_with_googles_members() {
    let google = emulator().await;
    let certs = published(&google.certs_url()).await;
    let key = &certs["keys"][0];
    assert_eq!(key["kty"], "RSA");
    assert_eq!(key["alg"], "RS256");
    assert_eq!(key["use"], "sig");
    assert_eq!(key["e"], "AQAB");
    let kid = key["kid"].as_str().unwrap();
    assert!(kid.len() == 40 && kid.bytes().all(|byte| byte.is_ascii_hexdigit()), "{kid}");
    let modulus = key["n"].as_str().unwrap();
    assert_eq!(modulus.len(), 342, "256 bytes in base64url without padding, RFC 7518 §6.3.1.1");
}

#[tokio::test]
async fn the_certs_say_how_long_they_may_be_kept_and_how_old_they_are() {
    let google = emulator().await;
    let answer = fetch(&google.certs_url()).await;
    assert_eq!(header(&answer, "cache-control"), "public, max-age=21155, must-revalidate");
    assert!(header(&answer, "age").parse::<u32>().unwrap() < 21155);
    assert_eq!(header(&answer, "content-type"), "application/json; charset=UTF-8");
}

#[tokio::test]
async fn the_certs_are_at_one_path_and_for_reading_only() {
    let google = emulator().await;
    let elsewhere = google.certs_url().replace("v3", "v4");
    assert_eq!(fetch(&elsewhere).await.status(), 404);
    assert_eq!(client().post(google.certs_url()).send().await.unwrap().status(), 405);
}

#[tokio::test]
async fn after_a_rotation_the_new_key_signs_and_the_previous_one_stays_published() {
    let google = emulator().await;
    let before = google.token("frontend", AUDIENCE).sign();
    let old = google.jwks();
    google.rotate_keys();
    let after = google.token("frontend", AUDIENCE).sign();

    let certs = published(&google.certs_url()).await;
    assert_eq!(certs, google.jwks());
    assert_eq!(certs["keys"].as_array().unwrap().len(), 2);
    assert!(verified(&before, &certs).is_some());
    assert!(verified(&after, &certs).is_some());
    assert!(verified(&after, &old).is_none(), "the new token is signed by the new key");
}

#[tokio::test]
async fn a_retired_key_leaves_the_set_and_its_tokens_are_genuine_no_more() {
    let google = emulator().await;
    let before = google.token("frontend", AUDIENCE).sign();
    google.rotate_keys();
    google.retire_old_keys();
    let after = google.token("frontend", AUDIENCE).sign();

    let certs = published(&google.certs_url()).await;
    assert_eq!(certs["keys"].as_array().unwrap().len(), 1);
    assert!(verified(&before, &certs).is_none());
    assert!(verified(&after, &certs).is_some());
}
