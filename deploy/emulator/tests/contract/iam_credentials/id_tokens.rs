//! `generateIdToken`: the token that comes out.

use serde_json::json;

use super::{CALLER, TARGET, ask_for_id_token, audience, post, url};
use crate::{AUDIENCE, access_tokens::access_token, emulator, json as json_of, member, verified};

#[tokio::test]
async fn whoever_may_act_as_an_account_is_given_its_token_without_an_email() {
    let google = emulator().await;
    let answer = ask_for_id_token(&google, audience()).await;
    assert_eq!(answer.status(), 200);
    let answer = json_of(answer).await;
    assert_eq!(answer.as_object().unwrap().len(), 1, "{answer}");
    let claims = verified(member(&answer, "token"), &google.jwks()).unwrap();
    let issued_at = claims["iat"].as_i64().unwrap();
    assert!((google.now() - issued_at) < 60);
    let expected = json!({
        "iss": "https://accounts.google.com",
        "aud": AUDIENCE,
        "azp": "100000000000000000002",
        "sub": "100000000000000000002",
        "iat": issued_at,
        "exp": issued_at + 3600,
    });
    assert_eq!(claims, expected);
}

#[tokio::test]
async fn with_include_email_the_token_says_whose_it_is() {
    let google = emulator().await;
    let body = json!({ "audience": AUDIENCE, "includeEmail": true, "useEmailAzp": true, "delegates": [] });
    let answer = json_of(ask_for_id_token(&google, body).await).await;
    let claims = verified(member(&answer, "token"), &google.jwks()).unwrap();
    assert_eq!(claims["email"], "profile-service@demo-project.iam.gserviceaccount.com");
    assert_eq!(claims["email_verified"], true);
    assert_eq!(claims["azp"], claims["email"]);
}

#[tokio::test]
async fn what_is_null_or_false_counts_as_absent() {
    let google = emulator().await;
    let body = json!({ "audience": AUDIENCE, "includeEmail": false, "useEmailAzp": null, "delegates": null });
    let answer = json_of(ask_for_id_token(&google, body).await).await;
    let claims = verified(member(&answer, "token"), &google.jwks()).unwrap();
    assert!(claims.get("email").is_none() && claims.get("email_verified").is_none(), "{claims}");
}

#[tokio::test]
async fn an_account_may_be_named_by_its_unique_id() {
    let google = emulator().await;
    google.allow_impersonation(CALLER, TARGET);
    let token = access_token(&google, CALLER).await;
    let url = url(&google, "100000000000000000002", "generateIdToken");
    assert_eq!(post(&url, &token, audience().to_string()).await.status(), 200);
}
