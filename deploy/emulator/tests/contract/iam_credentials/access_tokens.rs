//! `generateAccessToken`: the token that comes out.

use serde_json::json;

use super::{CALLER, TARGET, ask_for_access_token, assert_refused, audience, email, post, scope, url};
use crate::{
    access_tokens::{CLOUD_PLATFORM, access_token},
    emulator, json as json_of, member,
};

#[tokio::test]
async fn the_token_speaks_for_the_target_until_it_expires() {
    let google = emulator().await;
    google.allow_impersonation(TARGET, "search-service");
    let body = json!({ "scope": [CLOUD_PLATFORM], "lifetime": "300s" });
    let answer = json_of(ask_for_access_token(&google, body).await).await;
    let token = member(&answer, "accessToken");
    let further = url(&google, &email(&google, "search-service"), "generateIdToken");
    assert_eq!(post(&further, token, audience().to_string()).await.status(), 200);
    // The caller may not: it has to act as the target first.
    let own = access_token(&google, CALLER).await;
    assert_eq!(post(&further, &own, audience().to_string()).await.status(), 403);
    google.move_clock(300);
    assert_refused(post(&further, token, audience().to_string()).await, 401, "UNAUTHENTICATED", "").await;
}

#[tokio::test]
async fn the_answer_tells_the_date_of_expiry() {
    let google = emulator().await;
    // Any clock will do whose reading can be written here: the first second of 2100, within a minute.
    google.move_clock(4_102_444_800 - google.now());
    for (body, begin) in [
        (json!({ "scope": [CLOUD_PLATFORM], "lifetime": "3600s" }), "2100-01-01T01:00:"),
        (json!({ "scope": [CLOUD_PLATFORM], "lifetime": "60s", "delegates": null }), "2100-01-01T00:01:"),
        (scope(), "2100-01-01T01:00:"),
    ] {
        let answer = json_of(ask_for_access_token(&google, body).await).await;
        let date = member(&answer, "expireTime");
        assert!(date.starts_with(begin) && date.ends_with('Z') && date.len() == 20, "{date}");
        assert_eq!(answer.as_object().unwrap().len(), 2, "{answer}");
    }
}

#[tokio::test]
async fn it_lives_for_a_second_at_least_and_an_hour_at_most() {
    let google = emulator().await;
    for lifetime in ["3601s", "0s", "-1s", "3600", "1h", "", "s"] {
        let body = json!({ "scope": [CLOUD_PLATFORM], "lifetime": lifetime });
        assert_refused(ask_for_access_token(&google, body).await, 400, "INVALID_ARGUMENT", "").await;
    }
}

#[tokio::test]
async fn a_scope_is_required() {
    let google = emulator().await;
    for body in [json!({}), json!({ "scope": [] }), json!({ "scope": [""] }), json!({ "scope": null })] {
        assert_refused(ask_for_access_token(&google, body).await, 400, "INVALID_ARGUMENT", "Scope required.").await;
    }
}

#[tokio::test]
async fn the_token_is_good_for_its_scopes_only() {
    let google = emulator().await;
    google.allow_impersonation(TARGET, "search-service");
    let further = url(&google, &email(&google, "search-service"), "generateIdToken");
    for (scope, status) in [("drive", 403), ("iam", 200)] {
        let body = json!({ "scope": [format!("https://www.googleapis.com/auth/{scope}")] });
        let answer = json_of(ask_for_access_token(&google, body).await).await;
        let answer = post(&further, member(&answer, "accessToken"), audience().to_string()).await;
        assert_eq!(answer.status(), status, "{scope}");
    }
}
