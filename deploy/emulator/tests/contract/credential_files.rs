//! Credential files: their form, compared with <https://google.aip.dev/auth/4110> and the pages that it names, and the
//! ways that they lead to an ID token.

use reqwest::Response;
use serde_json::{Value, json};

use crate::{
    AUDIENCE, access_tokens::CLOUD_PLATFORM, client, emulator, header, json as json_of, member, segment, text, verified,
};

async fn id_token(file: &Value, access_token: &str) -> Response {
    let url = member(file, "service_account_impersonation_url").replace(":generateAccessToken", ":generateIdToken");
    let body = json!({ "audience": AUDIENCE, "includeEmail": true, "delegates": file["delegates"] });
    client().post(url).bearer_auth(access_token).body(body.to_string()).send().await.expect("the emulator answers")
}

/// The access token of the developer's login.
async fn logged_in(file: &Value) -> String {
    let parameter = |name| format!("&{name}={}", member(file, name));
    let body = ["client_id", "client_secret", "refresh_token"].map(parameter).concat();
    let request = client().post(member(file, "token_uri")).header("content-type", "application/x-www-form-urlencoded");
    let answer = request.body(format!("grant_type=refresh_token{body}")).send().await.expect("the emulator answers");
    member(&json_of(answer).await, "access_token").to_owned()
}

/// The access token that STS gives for a subject token.
async fn federated(file: &Value, subject_token: &str) -> String {
    let request = json!({
        "grantType": "urn:ietf:params:oauth:grant-type:token-exchange",
        "audience": file["audience"],
        "requestedTokenType": "urn:ietf:params:oauth:token-type:access_token",
        "subjectToken": subject_token,
        "subjectTokenType": file["subject_token_type"],
        "scope": CLOUD_PLATFORM,
    });
    let request = client().post(member(file, "token_url")).json(&request);
    let answer = request.send().await.expect("the emulator answers");
    member(&json_of(answer).await, "access_token").to_owned()
}

async fn fetch_subject_token(source: &Value) -> Response {
    let request = client().get(member(source, "url")).header("Metadata", member(&source["headers"], "Metadata"));
    request.send().await.expect("the emulator answers")
}

#[tokio::test]
async fn a_login_is_as_gcloud_writes_it_and_names_the_endpoint() {
    let google = emulator().await;
    let file = google.authorized_user();
    assert_eq!(file["type"], "authorized_user");
    assert!(member(&file, "client_id").ends_with(".apps.googleusercontent.com"));
    assert!(member(&file, "refresh_token").starts_with("1//"));
    assert_eq!(file["token_uri"], google.service_account_key("frontend")["token_uri"]);
    assert_eq!(google.authorized_user(), file);
    assert_ne!(emulator().await.authorized_user()["refresh_token"], file["refresh_token"]);
}

#[tokio::test]
async fn a_developer_has_an_id_token_of_a_service_account_that_allows_it() {
    let google = emulator().await;
    let file = google.impersonated(google.authorized_user(), "login-service", &[]);
    assert_eq!((&file["type"], &file["delegates"]), (&json!("impersonated_service_account"), &json!([])));
    let access_token = logged_in(&file["source_credentials"]).await;
    assert_eq!(id_token(&file, &access_token).await.status(), 403);
    google.allow_impersonation("developer@example.com", "login-service");
    let answer = json_of(id_token(&file, &access_token).await).await;
    let claims = verified(member(&answer, "token"), &google.jwks()).unwrap();
    assert_eq!(claims["email"], "login-service@demo-project.iam.gserviceaccount.com");
}

#[tokio::test]
async fn delegates_are_named_in_the_order_of_the_chain() {
    let google = emulator().await;
    let file = google.impersonated(google.authorized_user(), "login-service", &["frontend", "stranger"]);
    let expected = [
        "projects/-/serviceAccounts/frontend@demo-project.iam.gserviceaccount.com",
        "projects/-/serviceAccounts/stranger@other-project.iam.gserviceaccount.com",
    ];
    assert_eq!(file["delegates"], json!(expected));
    google.allow_impersonation("developer@example.com", "frontend");
    google.allow_impersonation("frontend", "stranger");
    google.allow_impersonation("stranger", "login-service");
    let access_token = logged_in(&file["source_credentials"]).await;
    assert_eq!(id_token(&file, &access_token).await.status(), 200);
}

#[tokio::test]
async fn a_workload_elsewhere_has_an_id_token_of_a_service_account_that_allows_it() {
    let google = emulator().await;
    let subject = "repo:demo/site:ref:refs/heads/main";
    let file = google.external_account(Some("login-service"), google.subject_token_as_text(subject));
    let subject_token = text(fetch_subject_token(&file["credential_source"]).await).await;
    let access_token = federated(&file, &subject_token).await;
    assert_eq!(id_token(&file, &access_token).await.status(), 403);
    google.allow_impersonation(&google.federated_principal("another"), "login-service");
    assert_eq!(id_token(&file, &access_token).await.status(), 403);
    google.allow_impersonation(&google.federated_principal(subject), "login-service");
    let answer = json_of(id_token(&file, &access_token).await).await;
    assert!(verified(member(&answer, "token"), &google.jwks()).is_some());
}

#[tokio::test]
async fn an_external_account_is_as_gcloud_writes_it() {
    let google = emulator().await;
    let file = google.external_account(None, json!({ "file": "/var/run/token" }));
    let provider = "projects/123456789012/locations/global/workloadIdentityPools/demo-pool/providers/demo-provider";
    let expected = json!({
        "type": "external_account",
        "audience": format!("//iam.googleapis.com/{provider}"),
        "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        "token_url": file["token_url"],
        "credential_source": { "file": "/var/run/token" },
        "universe_domain": "googleapis.com",
    });
    assert_eq!(file, expected);
    assert_eq!(
        google.federated_principal("a"),
        "principal://iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/demo-pool/subject/a"
    );
}

#[tokio::test]
async fn a_subject_token_comes_as_text_or_as_a_member_of_json() {
    let google = emulator().await;
    let subject = |token: &str| {
        let payload: Value = serde_json::from_slice(&segment(token, 1)).expect("the payload is JSON");
        member(&payload, "sub").to_owned()
    };

    let source = google.subject_token_as_text("build&7");
    assert_eq!(source["format"], json!({ "type": "text" }));
    let answer = fetch_subject_token(&source).await;
    assert_eq!(header(&answer, "content-type"), "text/plain");
    assert_eq!(subject(&text(answer).await), "build&7");

    let source = google.subject_token_as_json("build&7");
    assert_eq!(source["format"]["type"], "json");
    let answer = fetch_subject_token(&source).await;
    assert_eq!(header(&answer, "content-type"), "application/json");
    let answer = json_of(answer).await;
    assert_eq!(subject(member(&answer, member(&source["format"], "subject_token_field_name"))), "build&7");
}

#[tokio::test]
async fn a_subject_token_is_for_whoever_sends_the_header() {
    let google = emulator().await;
    let source = google.subject_token_as_text("a");
    let url = member(&source, "url");
    for request in [client().get(url), client().get(url).header("Metadata", "False")] {
        assert_eq!(request.send().await.unwrap().status(), 400);
    }
    assert_eq!(fetch_subject_token(&source).await.status(), 200);
    assert_eq!(google.subject_tokens().requests(), 3);
}
