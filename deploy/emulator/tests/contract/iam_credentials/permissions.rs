//! Permission: each in the chain may act as the next, or the answer is 403.

use google_emulator::Emulator;
use reqwest::Response;
use serde_json::{Value, json};

use super::{CALLER, TARGET, assert_refused, audience, email, post, scope, url};
use crate::{AUDIENCE, access_tokens::access_token, emulator};

async fn ask(google: &Emulator, caller: &str, method: &str, body: Value) -> Response {
    let token = access_token(google, caller).await;
    post(&url(google, &email(google, TARGET), method), &token, body.to_string()).await
}

async fn ask_through(google: &Emulator, delegates: &[&str]) -> Response {
    let named = |name: &&str| format!("projects/-/serviceAccounts/{}", email(google, name));
    let delegates: Vec<_> = delegates.iter().map(named).collect();
    ask(google, CALLER, "generateIdToken", json!({ "audience": AUDIENCE, "delegates": delegates })).await
}

const DENIED: &str = "Permission 'iam.serviceAccounts.getOpenIdToken' denied";

#[tokio::test]
async fn nobody_may_act_as_an_account_before_it_was_allowed() {
    let google = emulator().await;
    for caller in [CALLER, TARGET, "stranger"] {
        let answer = ask(&google, caller, "generateIdToken", audience()).await;
        assert_refused(answer, 403, "PERMISSION_DENIED", DENIED).await;
        let answer = ask(&google, caller, "generateAccessToken", scope()).await;
        let message = "Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist).";
        assert_refused(answer, 403, "PERMISSION_DENIED", message).await;
    }
}

#[tokio::test]
async fn the_permission_is_for_one_caller_one_target_and_one_direction() {
    let google = emulator().await;
    google.allow_impersonation(CALLER, TARGET);
    assert_eq!(ask(&google, CALLER, "generateIdToken", audience()).await.status(), 200);
    assert_eq!(ask(&google, "frontend", "generateIdToken", audience()).await.status(), 403);
    let token = access_token(&google, CALLER).await;
    let other = url(&google, &email(&google, "search-service"), "generateIdToken");
    assert_eq!(post(&other, &token, audience().to_string()).await.status(), 403);
    let token = access_token(&google, TARGET).await;
    let back = url(&google, &email(&google, CALLER), "generateIdToken");
    assert_eq!(post(&back, &token, audience().to_string()).await.status(), 403);
}

#[tokio::test]
async fn a_chain_of_delegates_holds_when_each_may_act_as_the_next() {
    let google = emulator().await;
    google.allow_impersonation(CALLER, "frontend");
    google.allow_impersonation("frontend", "stranger");
    google.allow_impersonation("stranger", TARGET);
    assert_eq!(ask_through(&google, &["frontend", "stranger"]).await.status(), 200);
    for broken in [&["stranger", "frontend"][..], &["frontend"], &["stranger"], &[]] {
        assert_refused(ask_through(&google, broken).await, 403, "PERMISSION_DENIED", DENIED).await;
    }
}

#[tokio::test]
async fn a_chain_breaks_at_each_link_that_was_not_allowed() {
    let links = [(CALLER, "frontend"), ("frontend", "stranger"), ("stranger", TARGET)];
    for missing in links {
        let google = emulator().await;
        for (principal, target) in links.into_iter().filter(|link| *link != missing) {
            google.allow_impersonation(principal, target);
        }
        let answer = ask_through(&google, &["frontend", "stranger"]).await;
        assert_refused(answer, 403, "PERMISSION_DENIED", DENIED).await;
    }
}

#[tokio::test]
#[should_panic(expected = "no principal named \"nobody\"")]
async fn an_unknown_principal_is_a_mistake_in_the_test() {
    emulator().await.allow_impersonation("nobody", TARGET);
}

#[tokio::test]
#[should_panic(expected = "no identity named \"developer@example.com\"")]
async fn nobody_can_act_as_a_person() {
    emulator().await.allow_impersonation(CALLER, "developer@example.com");
}
