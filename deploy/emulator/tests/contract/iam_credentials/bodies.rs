//! Bodies and names that are wrong: 400, or 404 for what does not exist.

use google_emulator::Fault;
use serde_json::json;

use super::{CALLER, TARGET, ask_for_access_token, ask_for_id_token, assert_refused, audience, email, post, url};
use crate::{AUDIENCE, access_tokens::access_token, client, emulator, json as json_of, member, verified};

#[tokio::test]
async fn an_audience_is_required() {
    let google = emulator().await;
    for body in [json!({}), json!({ "audience": "" }), json!({ "audience": null, "includeEmail": true })] {
        assert_refused(ask_for_id_token(&google, body).await, 400, "INVALID_ARGUMENT", "").await;
    }
}

#[tokio::test]
async fn a_field_of_another_type_is_refused_and_named() {
    let google = emulator().await;
    for (field, value) in [
        ("audience", json!([AUDIENCE])),
        ("includeEmail", json!("true")),
        ("delegates", json!("projects/-/serviceAccounts/100000000000000000002")),
        ("delegates", json!([1])),
    ] {
        let mut body = audience();
        body[field] = value;
        assert_refused(ask_for_id_token(&google, body).await, 400, "INVALID_ARGUMENT", field).await;
    }
    let body = json!({ "scope": "https://www.googleapis.com/auth/iam" });
    assert_refused(ask_for_access_token(&google, body).await, 400, "INVALID_ARGUMENT", "scope").await;
}

#[tokio::test]
async fn a_field_may_be_written_in_snake_case_as_googles_json_allows() {
    let google = emulator().await;
    let body = json!({ "audience": AUDIENCE, "include_email": true, "use_email_azp": true, "delegates": null });
    let answer = ask_for_id_token(&google, body).await;
    assert_eq!(answer.status(), 200);
    let claims = verified(member(&json_of(answer).await, "token"), &google.jwks()).unwrap();
    assert_eq!(claims["email"], email(&google, TARGET));
    assert_eq!(claims["azp"], claims["email"]);

    for (name, value) in [("includeemail", json!(true)), ("Include_Email", json!(true)), ("_audience", json!("a"))] {
        let mut body = audience();
        body[name] = value;
        assert_refused(ask_for_id_token(&google, body).await, 400, "INVALID_ARGUMENT", name).await;
    }
    let body = json!({ "audience": AUDIENCE, "include_email": "true" });
    assert_refused(ask_for_id_token(&google, body).await, 400, "INVALID_ARGUMENT", "includeEmail").await;
}

#[tokio::test]
async fn an_unknown_field_is_refused_and_named() {
    let google = emulator().await;
    let body = json!({ "audience": AUDIENCE, "scope": [] });
    assert_refused(ask_for_id_token(&google, body).await, 400, "INVALID_ARGUMENT", "\"scope\": Cannot find field")
        .await;
    let body = json!({ "scope": ["iam"], "audience": AUDIENCE });
    assert_refused(ask_for_access_token(&google, body).await, 400, "INVALID_ARGUMENT", "\"audience\"").await;
}

#[tokio::test]
async fn a_body_that_is_no_json_object_or_too_large_is_refused() {
    let google = emulator().await;
    google.allow_impersonation(CALLER, TARGET);
    let token = access_token(&google, CALLER).await;
    let url = url(&google, &email(&google, TARGET), "generateIdToken");
    let too_large = format!("{}{}", audience(), " ".repeat(64 * 1024));
    for body in ["", "audience=a", "[]", "{\"audience\":", &too_large] {
        assert_refused(post(&url, &token, body).await, 400, "INVALID_ARGUMENT", "").await;
    }
}

#[tokio::test]
async fn an_account_that_does_not_exist_is_not_found() {
    let google = emulator().await;
    let token = access_token(&google, CALLER).await;
    for account in ["nobody@demo-project.iam.gserviceaccount.com", "profile-service", "999", "developer@example.com"] {
        let answer = post(&url(&google, account, "generateIdToken"), &token, audience().to_string()).await;
        let message = format!("Not found; Gaia id not found for email {account}");
        assert_refused(answer, 404, "NOT_FOUND", &message).await;
        let delegates = [format!("projects/-/serviceAccounts/{account}")];
        let answer = ask_for_id_token(&google, json!({ "audience": AUDIENCE, "delegates": delegates })).await;
        assert_refused(answer, 404, "NOT_FOUND", &message).await;
    }
}

#[tokio::test]
async fn a_project_may_not_stand_in_the_place_of_the_hyphen() {
    let google = emulator().await;
    google.allow_impersonation(CALLER, TARGET);
    let email = email(&google, TARGET);
    let token = access_token(&google, CALLER).await;
    let url = url(&google, &email, "generateIdToken").replace("/projects/-/", "/projects/demo-project/");
    assert_refused(post(&url, &token, audience().to_string()).await, 400, "INVALID_ARGUMENT", "demo-project").await;
    for delegate in [email.clone(), format!("projects/demo-project/serviceAccounts/{email}"), String::new()] {
        let answer = ask_for_id_token(&google, json!({ "audience": AUDIENCE, "delegates": [delegate] })).await;
        assert_refused(answer, 400, "INVALID_ARGUMENT", &delegate).await;
    }
}

#[tokio::test]
async fn there_is_no_other_method_and_it_fails_on_demand() {
    let google = emulator().await;
    let (token, email) = (access_token(&google, CALLER).await, email(&google, TARGET));
    for method in ["signJwt", "generateidtoken", ""] {
        let answer = post(&url(&google, &email, method), &token, audience().to_string()).await;
        assert_refused(answer, 404, "NOT_FOUND", "").await;
    }
    let url = url(&google, &email, "generateIdToken");
    assert_eq!(client().get(&url).send().await.unwrap().status(), 405);
    google.iam_credentials().fail(Fault::Status(503));
    assert_eq!(post(&url, &token, audience().to_string()).await.status(), 503);
    assert_eq!(google.iam_credentials().requests(), 5);
}
