//! The token endpoint: what goes in, and what comes out.
//!
//! Sources: <https://developers.google.com/identity/protocols/oauth2/service-account> for the rules and the error codes,
//! and RFC 7523. The descriptions of the errors are as Google's users report them.

mod assertions;
mod dates;
mod key_file;
mod login;
mod scopes;

use aws_lc_rs::{rand::SystemRandom, rsa::KeyPair, signature::RSA_PKCS1_SHA256};
use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use google_emulator::{Emulator, Fault};
use reqwest::{Response, header::CONTENT_TYPE};
use serde_json::{Value, json};

use crate::{AUDIENCE, client, emulator, header, member, text, verified};

/// What a client makes of a key file; genuine until a test changes it.
struct Assertion {
    key: KeyPair,
    header: Value,
    claims: Value,
}

impl Assertion {
    fn of(google: &Emulator, identity: &str) -> Self {
        let file = google.service_account_key(identity);
        let (email, now) = (member(&file, "client_email"), google.now());
        Self {
            key: KeyPair::from_pkcs8(&pkcs8(&file)).expect("the key is in PKCS#8"),
            header: json!({ "alg": "RS256", "typ": "JWT", "kid": member(&file, "private_key_id") }),
            claims: json!({
                "iss": email,
                "sub": email,
                "aud": member(&file, "token_uri"),
                "iat": now,
                "exp": now + 3600,
                "target_audience": AUDIENCE,
            }),
        }
    }

    /// Signed last, and so over whatever was changed.
    fn sign(self) -> String {
        let encode = |value: Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", encode(self.header), encode(self.claims));
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature)
            .expect("the key signs");
        format!("{message}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
    }
}

fn pkcs8(file: &Value) -> Vec<u8> {
    let body: String = member(file, "private_key").lines().filter(|line| !line.starts_with('-')).collect();
    BASE64_STANDARD.decode(body).expect("the key is base64")
}

fn token_uri(google: &Emulator) -> String {
    member(&google.service_account_key("login-service"), "token_uri").to_owned()
}

async fn post(google: &Emulator, body: String) -> Response {
    let request = client().post(token_uri(google)).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    request.body(body).send().await.expect("the emulator answers")
}

async fn exchange(google: &Emulator, assertion: &str) -> Response {
    post(google, format!("{JWT_BEARER}&assertion={assertion}")).await
}

/// The answer to an assertion of `login-service` that is genuine but for this change.
async fn exchanged(google: &Emulator, change: impl FnOnce(&mut Assertion)) -> Response {
    let mut assertion = Assertion::of(google, "login-service");
    change(&mut assertion);
    exchange(google, &assertion.sign()).await
}

async fn refusal(answer: Response) -> (u16, String, String) {
    let status = answer.status().as_u16();
    assert_eq!(header(&answer, "content-type"), "application/json; charset=utf-8");
    let body: Value = serde_json::from_str(&text(answer).await).expect("the answer is JSON");
    (status, member(&body, "error").to_owned(), member(&body, "error_description").to_owned())
}

async fn assert_refused(answer: Response, status: u16, error: &str, description: &str) {
    assert_eq!(refusal(answer).await, (status, error.to_owned(), description.to_owned()));
}

const JWT_BEARER: &str = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer";

#[tokio::test]
async fn an_assertion_is_exchanged_for_a_token_that_google_signed() {
    let google = emulator().await;
    for identity in google.identities() {
        let answer = exchange(&google, &Assertion::of(&google, identity.name).sign()).await;
        assert_eq!(answer.status(), 200);
        assert_eq!(header(&answer, "content-type"), "application/json; charset=utf-8");
        assert!(header(&answer, "cache-control").contains("no-store"));
        let body: Value = serde_json::from_str(&text(answer).await).unwrap();
        assert_eq!(body.as_object().unwrap().len(), 1, "{body}");
        let claims = verified(body["id_token"].as_str().unwrap(), &google.jwks()).unwrap();
        assert_eq!(claims["iss"], "https://accounts.google.com");
        assert_eq!(claims["aud"], AUDIENCE);
        assert_eq!(claims["sub"], identity.unique_id);
        assert_eq!(claims["email"], identity.email);
        assert_eq!(claims["email_verified"], true);
        assert!((google.now() - claims["iat"].as_i64().unwrap()) < 60);
        assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 3600);
    }
}

#[tokio::test]
async fn another_grant_type_is_refused() {
    let google = emulator().await;
    let assertion = Assertion::of(&google, "login-service").sign();
    for (parameter, name) in [("grant_type=password", "password"), ("grant_type=", ""), ("scope=a", "")] {
        let answer = post(&google, format!("{parameter}&assertion={assertion}")).await;
        assert_refused(answer, 400, "unsupported_grant_type", &format!("Invalid grant_type: {name}")).await;
    }
}

#[tokio::test]
async fn a_request_without_an_assertion_is_refused() {
    let answer = post(&emulator().await, JWT_BEARER.to_owned()).await;
    assert_refused(answer, 400, "invalid_request", "Missing required parameter: assertion").await;
}

#[tokio::test]
async fn a_body_that_is_no_form_is_refused() {
    let google = emulator().await;
    let body = format!("{JWT_BEARER}&assertion={}", Assertion::of(&google, "login-service").sign());
    for content_type in ["application/json", "text/plain", ""] {
        let request = client().post(token_uri(&google)).header(CONTENT_TYPE, content_type).body(body.clone());
        let description = "Required parameter is missing: grant_type";
        assert_refused(request.send().await.unwrap(), 400, "invalid_request", description).await;
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused() {
    let google = emulator().await;
    let genuine = format!("{JWT_BEARER}&assertion={}&padding=", Assertion::of(&google, "login-service").sign());
    let padded = |length: usize| format!("{genuine}{}", "a".repeat(length - genuine.len()));
    assert_eq!(post(&google, padded(64 * 1024)).await.status(), 200);
    let (status, error, _) = refusal(post(&google, padded(64 * 1024 + 1)).await).await;
    assert_eq!((status, error.as_str()), (413, "invalid_request"));
}

#[tokio::test]
async fn the_endpoint_is_at_one_path_and_for_posting_only() {
    let google = emulator().await;
    let uri = token_uri(&google);
    let query = format!("{uri}?{JWT_BEARER}&assertion={}", Assertion::of(&google, "login-service").sign());
    assert_eq!(client().get(query).send().await.unwrap().status(), 405);
    assert_eq!(client().put(&uri).send().await.unwrap().status(), 405);
    assert_eq!(client().post(format!("{uri}s")).send().await.unwrap().status(), 404);
}

#[tokio::test]
async fn it_fails_on_demand_and_counts_its_own_requests() {
    let google = emulator().await;
    google.token_endpoint().fail(Fault::Status(503));
    assert_eq!(exchanged(&google, |_| ()).await.status(), 503);
    google.token_endpoint().heal();
    assert_eq!(exchanged(&google, |_| ()).await.status(), 200);
    assert_eq!(exchanged(&google, |assertion| assertion.claims["aud"] = json!("a")).await.status(), 400);
    assert_eq!(google.token_endpoint().requests(), 3);
    assert_eq!(google.certs().requests() + google.metadata("login-service").requests(), 0);
}
