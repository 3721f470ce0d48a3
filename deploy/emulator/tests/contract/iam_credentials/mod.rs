//! IAM Credentials, compared with
//! <https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts>.

mod access_tokens;
mod bodies;
mod callers;
mod id_tokens;
mod permissions;

use google_emulator::Emulator;
use reqwest::Response;
use serde_json::{Value, json};

use crate::{
    AUDIENCE,
    access_tokens::{CLOUD_PLATFORM, access_token},
    client, header, json as json_of, member,
};

/// The caller and the account of most of these tests.
const CALLER: &str = "login-service";
const TARGET: &str = "profile-service";

fn url(google: &Emulator, account: &str, method: &str) -> String {
    let file = google.impersonated(json!({}), TARGET, &[]);
    let (accounts, _) = member(&file, "service_account_impersonation_url").rsplit_once('/').expect("it has a path");
    format!("{accounts}/{account}:{method}")
}

fn email(google: &Emulator, name: &str) -> String {
    google.identities().iter().find(|identity| identity.name == name).expect("the emulator knows it").email.clone()
}

async fn post(url: &str, token: &str, body: impl Into<String>) -> Response {
    let request = client().post(url).header("content-type", "application/json").body(body.into());
    request.header("authorization", format!("Bearer {token}")).send().await.expect("the emulator answers")
}

/// The caller, who may act as the target, asks with this body for an ID token.
async fn ask_for_id_token(google: &Emulator, body: Value) -> Response {
    ask(google, "generateIdToken", body).await
}

async fn ask_for_access_token(google: &Emulator, body: Value) -> Response {
    ask(google, "generateAccessToken", body).await
}

async fn ask(google: &Emulator, method: &str, body: Value) -> Response {
    google.allow_impersonation(CALLER, TARGET);
    let token = access_token(google, CALLER).await;
    post(&url(google, &email(google, TARGET), method), &token, body.to_string()).await
}

/// The whole answer, but for the message.
async fn assert_refused(answer: Response, code: u16, status: &str, message: &str) {
    assert_eq!(answer.status(), code);
    assert_eq!(header(&answer, "content-type"), "application/json; charset=UTF-8");
    let body = json_of(answer).await;
    let said = body.pointer("/error/message").and_then(Value::as_str).expect("the refusal has a message");
    assert_eq!(body, json!({ "error": { "code": code, "status": status, "message": said } }));
    assert!(said.contains(message), "{body}");
}

fn audience() -> Value {
    json!({ "audience": AUDIENCE })
}

fn scope() -> Value {
    json!({ "scope": [CLOUD_PLATFORM] })
}
