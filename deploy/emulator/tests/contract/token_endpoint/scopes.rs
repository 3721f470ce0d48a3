//! An assertion with a scope in the place of the target audience, which is exchanged for an access token.

use serde_json::{Value, json};

use super::{Assertion, assert_refused, exchanged};
use crate::{
    AUDIENCE,
    access_tokens::{CLOUD_PLATFORM, assert_bearer},
    emulator, json as json_of,
};

fn ask_for(scope: Value) -> impl FnOnce(&mut Assertion) {
    move |assertion| {
        let claims = assertion.claims.as_object_mut().expect("the claims are an object");
        claims.remove("target_audience");
        claims.insert("scope".to_owned(), scope);
    }
}

#[tokio::test]
async fn a_scope_is_answered_with_an_access_token_and_nothing_else() {
    let google = emulator().await;
    let answer = exchanged(&google, ask_for(json!(CLOUD_PLATFORM))).await;
    assert_eq!(answer.status(), 200);
    let answer = json_of(answer).await;
    assert_eq!(answer.as_object().unwrap().len(), 3, "{answer}");
    assert_bearer(&answer);
}

#[tokio::test]
async fn every_exchange_makes_a_new_token() {
    let google = emulator().await;
    let first = json_of(exchanged(&google, ask_for(json!(CLOUD_PLATFORM))).await).await;
    let second = json_of(exchanged(&google, ask_for(json!(CLOUD_PLATFORM))).await).await;
    assert_ne!(first["access_token"], second["access_token"]);
}

#[tokio::test]
async fn with_both_a_scope_and_an_audience_the_answer_is_an_id_token() {
    let google = emulator().await;
    let both = |assertion: &mut Assertion| assertion.claims["scope"] = json!(CLOUD_PLATFORM);
    let answer = json_of(exchanged(&google, both).await).await;
    assert!(answer.get("id_token").is_some() && answer.get("access_token").is_none(), "{answer}");
}

#[tokio::test]
async fn a_scope_that_is_empty_or_no_text_is_refused() {
    let google = emulator().await;
    for scope in [json!(""), json!(" "), json!([CLOUD_PLATFORM]), json!(null)] {
        let description = "Invalid OAuth scope or ID token audience provided.";
        assert_refused(exchanged(&google, ask_for(scope)).await, 400, "invalid_scope", description).await;
    }
}

#[tokio::test]
async fn the_other_rules_hold_for_it_as_well() {
    let google = emulator().await;
    let elsewhere = |assertion: &mut Assertion| {
        ask_for(json!(CLOUD_PLATFORM))(assertion);
        assertion.claims["aud"] = json!(AUDIENCE);
    };
    let answer = exchanged(&google, elsewhere).await;
    assert_eq!(json_of(answer).await["error"], "invalid_grant");
}
