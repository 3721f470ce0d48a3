//! What the emulator promises, over real sockets: each rule of each endpoint, with the source of the rule.

mod access_tokens;
mod certs;
mod control;
mod credential_files;
mod discovery;
mod faults;
mod forgeries;
mod front_door;
mod iam_credentials;
mod iap;
mod life;
mod metadata;
mod metadata_tree;
mod pem_certs;
mod program;
mod state;
mod sts;
mod token_endpoint;
mod tokens;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use google_emulator::Emulator;
use jsonwebtoken::{Algorithm, DecodingKey, crypto::verify, jwk::JwkSet};
use reqwest::{Client, Response, redirect::Policy};
use serde_json::Value;

const AUDIENCE: &str = "https://profile-service.example";

async fn emulator() -> Emulator {
    Emulator::start().await.expect("ports are left on loopback")
}

/// Goes straight to where it is sent: no proxy of the machine, no redirect.
fn client() -> Client {
    Client::builder().no_proxy().redirect(Policy::none()).build().expect("the client needs nothing from outside")
}

async fn fetch(url: &str) -> Response {
    client().get(url).send().await.expect("the emulator answers")
}

async fn text(response: Response) -> String {
    response.text().await.expect("the answer is text")
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().expect("the header is ASCII"))
}

async fn json(response: Response) -> Value {
    serde_json::from_str(&text(response).await).expect("the answer is JSON")
}

/// A member that is text.
fn member<'a>(object: &'a Value, name: &str) -> &'a str {
    object.get(name).and_then(Value::as_str).expect("the object has that member, and it is text")
}

/// The claims, if a published key made the signature. Nothing else is checked.
fn verified(token: &str, published: &Value) -> Option<Value> {
    verified_as(Algorithm::RS256, token, published)
}

/// The same for another algorithm.
fn verified_as(algorithm: Algorithm, token: &str, published: &Value) -> Option<Value> {
    let keys: JwkSet = serde_json::from_value(published.clone()).expect("the published keys are a JWK set");
    let header: Value = serde_json::from_slice(&segment(token, 0)).expect("the header is JSON");
    let key = keys.find(header.get("kid")?.as_str()?)?;
    let key = DecodingKey::from_jwk(key).expect("the key is usable");
    let (signed, signature) = token.rsplit_once('.')?;
    let genuine = verify(signature, signed.as_bytes(), &key, algorithm).ok()?;
    genuine.then(|| serde_json::from_slice(&segment(token, 1)).expect("the payload is JSON"))
}

fn segment(token: &str, index: usize) -> Vec<u8> {
    let encoded = token.split('.').nth(index).expect("the token has that segment");
    BASE64_URL_SAFE_NO_PAD.decode(encoded).expect("the segment is base64url")
}
