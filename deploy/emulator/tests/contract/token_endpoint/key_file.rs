//! Key files, compared with <https://cloud.google.com/iam/docs/keys-create-delete>.

use aws_lc_rs::rsa::KeyPair;
use serde_json::json;

use super::pkcs8;
use crate::emulator;

#[tokio::test]
async fn a_key_file_is_as_google_writes_it() {
    let google = emulator().await;
    let file = google.service_account_key("login-service");
    let token_uri = file["token_uri"].as_str().unwrap();
    assert!(token_uri.starts_with("http://127.0.0.1:") && token_uri.ends_with("/token"), "{token_uri}");
    let key_id = file["private_key_id"].as_str().unwrap();
    assert!(key_id.len() == 40 && key_id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{key_id}");
    let expected = json!({
        "type": "service_account",
        "project_id": "demo-project",
        "private_key_id": key_id,
        "private_key": file["private_key"],
        "client_email": "login-service@demo-project.iam.gserviceaccount.com",
        "client_id": "100000000000000000001",
        "auth_uri": "https://accounts.google.com/o/oauth2/auth",
        "token_uri": token_uri,
        "auth_provider_x509_cert_url": "https://www.googleapis.com/oauth2/v1/certs",
        "client_x509_cert_url": "https://www.googleapis.com/robot/v1/metadata/x509/\
                                 login-service%40demo-project.iam.gserviceaccount.com",
        "universe_domain": "googleapis.com",
    });
    assert_eq!(file, expected);
}

#[tokio::test]
async fn the_private_key_is_pem_of_64_characters_a_line_and_2048_bits() {
    let file = emulator().await.service_account_key("login-service");
    let pem = file["private_key"].as_str().unwrap();
    let lines: Vec<&str> = pem.lines().collect();
    let [first, body @ .., last] = lines.as_slice() else { panic!("the key has lines") };
    let marker = |word| ["-----", word, " PRIVATE", " KEY", "-----"].concat();
    assert_eq!((*first, *last), (marker("BEGIN").as_str(), marker("END").as_str()));
    let (rest, full) = body.split_last().unwrap();
    assert!(full.iter().all(|line| line.len() == 64) && (1..=64).contains(&rest.len()));
    assert!(pem.ends_with('\n'));
    assert_eq!(KeyPair::from_pkcs8(&pkcs8(&file)).unwrap().public_modulus_len(), 256);
}

#[tokio::test]
async fn each_account_has_one_key_and_google_does_not_publish_it() {
    let google = emulator().await;
    let file = google.service_account_key("login-service");
    assert_eq!(google.service_account_key("login-service"), file);
    assert_ne!(google.service_account_key("frontend")["private_key"], file["private_key"]);
    assert_eq!(google.service_account_key("stranger")["project_id"], "other-project");
    assert!(!google.jwks().to_string().contains(file["private_key_id"].as_str().unwrap()));
}

#[tokio::test]
#[should_panic(expected = "no identity named \"nobody\"")]
async fn there_is_no_key_file_of_an_unknown_identity() {
    _ = emulator().await.service_account_key("nobody");
}
