//! STS, compared with <https://cloud.google.com/iam/docs/reference/sts/rest/v1/TopLevel/token> and RFC 8693.

mod subject_tokens;

use google_emulator::{Emulator, Fault};
use reqwest::Response;
use serde_json::{Value, json};

use crate::{
    access_tokens::{CLOUD_PLATFORM, assert_bearer},
    client, emulator, header, json as json_of, member,
};

/// What a client makes of a credential file; genuine until a test changes it.
fn request(google: &Emulator, subject_token: &str) -> Value {
    let file = google.external_account(None, json!({}));
    json!({
        "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
        "audience": member(&file, "audience"),
        "requested_token_type": "urn:ietf:params:oauth:token-type:access_token",
        "subject_token": subject_token,
        "subject_token_type": member(&file, "subject_token_type"),
        "scope": CLOUD_PLATFORM,
    })
}

async fn post(google: &Emulator, content_type: &str, body: String) -> Response {
    let file = google.external_account(None, json!({}));
    let request = client().post(member(&file, "token_url")).header("content-type", content_type).body(body);
    request.send().await.expect("the emulator answers")
}

async fn exchange(google: &Emulator, subject_token: &str) -> Response {
    post(google, "application/json", request(google, subject_token).to_string()).await
}

async fn changed(google: &Emulator, parameter: &str, value: Value) -> Response {
    let mut request = request(google, &google.subject_token("build-7").sign());
    _ = request.as_object_mut().and_then(|parameters| parameters.insert(parameter.to_owned(), value));
    post(google, "application/json", request.to_string()).await
}

async fn assert_refused(answer: Response, error: &str, description: &str) {
    assert_eq!(answer.status(), 400);
    assert!(header(&answer, "cache-control").contains("no-store"));
    let body = json_of(answer).await;
    assert_eq!(member(&body, "error"), error, "{body}");
    assert!(member(&body, "error_description").contains(description), "{body}");
}

#[tokio::test]
async fn a_token_of_the_outside_provider_is_exchanged_for_an_access_token() {
    let google = emulator().await;
    let answer = exchange(&google, &google.subject_token("build-7").sign()).await;
    assert_eq!(answer.status(), 200);
    let answer = json_of(answer).await;
    assert_eq!(answer.as_object().unwrap().len(), 4, "{answer}");
    assert_eq!(answer["issued_token_type"], "urn:ietf:params:oauth:token-type:access_token");
    assert_bearer(&answer);
}

#[tokio::test]
async fn the_request_may_be_a_form() {
    let google = emulator().await;
    let request = request(&google, &google.subject_token("build-7").sign());
    let parameters = request.as_object().unwrap().iter();
    let form: Vec<String> = parameters.map(|(name, value)| format!("{name}={}", value.as_str().unwrap())).collect();
    assert_eq!(post(&google, "application/x-www-form-urlencoded", form.join("&")).await.status(), 200);
}

#[tokio::test]
async fn in_json_the_names_may_be_those_of_googles_other_apis() {
    let google = emulator().await;
    let genuine = request(&google, &google.subject_token("build-7").sign());
    let request = json!({
        "grantType": genuine["grant_type"],
        "audience": genuine["audience"],
        "requestedTokenType": genuine["requested_token_type"],
        "subjectToken": genuine["subject_token"],
        "subjectTokenType": genuine["subject_token_type"],
        "scope": genuine["scope"],
    });
    assert_eq!(post(&google, "application/json; charset=utf-8", request.to_string()).await.status(), 200);
}

#[tokio::test]
async fn a_body_of_another_kind_or_too_large_is_refused() {
    let google = emulator().await;
    let genuine = request(&google, &google.subject_token("build-7").sign()).to_string();
    for (content_type, body) in [
        ("text/plain", genuine.as_str()),
        ("application/json", "grant_type=a"),
        ("application/json", "{\"grant_type\":1}"),
        ("application/json", ""),
    ] {
        assert_refused(post(&google, content_type, body.to_owned()).await, "invalid_request", "").await;
    }
    let too_large = genuine + &" ".repeat(64 * 1024);
    assert_eq!(post(&google, "application/json", too_large).await.status(), 413);
}

#[tokio::test]
async fn each_parameter_is_required() {
    let google = emulator().await;
    for name in request(&google, "").as_object().unwrap().keys() {
        let answer = changed(&google, name, json!("")).await;
        assert_refused(answer, "invalid_request", &format!("Missing required parameter: {name}")).await;
    }
}

#[tokio::test]
async fn another_grant_or_token_type_is_refused() {
    let google = emulator().await;
    let jwt_bearer = json!("urn:ietf:params:oauth:grant-type:jwt-bearer");
    assert_refused(changed(&google, "grant_type", jwt_bearer).await, "unsupported_grant_type", "jwt-bearer").await;
    for (name, kind) in [("requested_token_type", "id_token"), ("subject_token_type", "access_token")] {
        let kind = json!(format!("urn:ietf:params:oauth:token-type:{kind}"));
        assert_refused(changed(&google, name, kind).await, "invalid_request", name).await;
    }
    let id_token = json!("urn:ietf:params:oauth:token-type:id_token");
    assert_eq!(changed(&google, "subject_token_type", id_token).await.status(), 200);
}

#[tokio::test]
async fn an_audience_that_is_no_provider_differs_from_a_provider_that_does_not_exist() {
    let google = emulator().await;
    let genuine = member(&google.external_account(None, json!({})), "audience").to_owned();
    for audience in [
        "https://sts.googleapis.com".to_owned(),
        format!("https:{genuine}"),
        genuine.trim_start_matches('/').to_owned(),
        genuine.replace("/providers/demo-provider", ""),
    ] {
        let answer = changed(&google, "audience", json!(audience)).await;
        assert_refused(answer, "invalid_request", "full resource name of the Identity Provider").await;
    }
    for (from, to) in [("123456789012", "1"), ("demo-pool", "other"), ("demo-provider", "other")] {
        let answer = changed(&google, "audience", json!(genuine.replace(from, to))).await;
        assert_refused(answer, "invalid_target", "pool or provider is disabled or deleted").await;
    }
}

#[tokio::test]
async fn it_is_for_posting_only_and_fails_on_demand() {
    let google = emulator().await;
    let file = google.external_account(None, json!({}));
    assert_eq!(client().get(member(&file, "token_url")).send().await.unwrap().status(), 405);
    google.sts().fail(Fault::Status(503));
    assert_eq!(exchange(&google, "a").await.status(), 503);
    google.sts().heal();
    assert_eq!(exchange(&google, &google.subject_token("build-7").sign()).await.status(), 200);
    assert_eq!(google.sts().requests(), 3);
}
