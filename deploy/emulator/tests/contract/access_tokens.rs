//! The access token of a metadata server, compared with
//! <https://cloud.google.com/compute/docs/access/authenticate-workloads#applications>.

use google_emulator::Emulator;
use reqwest::Response;
use serde_json::Value;

use crate::{client, emulator, header, json, member};

pub(crate) const CLOUD_PLATFORM: &str = "https://www.googleapis.com/auth/cloud-platform";

/// Asks the metadata server of an identity; `query` begins with a question mark or is empty.
async fn ask(google: &Emulator, identity: &str, query: &str) -> Response {
    let path = "computeMetadata/v1/instance/service-accounts/default/token";
    let url = format!("http://{}/{path}{query}", google.metadata_host(identity));
    client().get(url).header("metadata-flavor", "Google").send().await.expect("the emulator answers")
}

/// An access token of that identity.
pub(crate) async fn access_token(google: &Emulator, identity: &str) -> String {
    token_with(google, identity, "").await
}

pub(crate) async fn token_with(google: &Emulator, identity: &str, query: &str) -> String {
    member(&json(ask(google, identity, query).await).await, "access_token").to_owned()
}

/// Whether that is an answer of RFC 6749 §5.1, good for an hour.
pub(crate) fn assert_bearer(answer: &Value) {
    assert!(member(answer, "access_token").starts_with("ya29."), "{answer}");
    assert_eq!(answer["token_type"], "Bearer");
    let lifetime = answer["expires_in"].as_i64();
    assert!(lifetime.is_some_and(|seconds| (3500..=3600).contains(&seconds)), "{answer}");
}

#[tokio::test]
async fn a_token_comes_with_its_type_and_the_seconds_that_it_lives() {
    let google = emulator().await;
    let answer = ask(&google, "login-service", "").await;
    assert_eq!((answer.status().as_u16(), header(&answer, "content-type")), (200, "application/json"));
    assert_eq!(header(&answer, "metadata-flavor"), "Google");
    let answer = json(answer).await;
    assert_eq!(answer.as_object().unwrap().len(), 3, "{answer}");
    assert_bearer(&answer);
}

#[tokio::test]
async fn the_same_token_is_handed_out_until_four_minutes_before_its_expiry() {
    let google = emulator().await;
    let first = access_token(&google, "login-service").await;
    google.move_clock(3600 - 4 * 60 - 30);
    let again = json(ask(&google, "login-service", "").await).await;
    assert_eq!(member(&again, "access_token"), first);
    assert!(again["expires_in"].as_i64().unwrap() <= 270, "{again}");
    google.move_clock(30);
    assert_ne!(access_token(&google, "login-service").await, first);
}

#[tokio::test]
async fn another_identity_or_another_scope_is_another_token() {
    let google = emulator().await;
    let first = access_token(&google, "login-service").await;
    assert_ne!(access_token(&google, "frontend").await, first);
    assert_ne!(token_with(&google, "login-service", "?scopes=one,two").await, first);
    for same in ["?scopes=", &format!("?scopes={CLOUD_PLATFORM}")] {
        assert_eq!(token_with(&google, "login-service", same).await, first, "{same}");
    }
}

#[tokio::test]
async fn whoever_may_not_have_an_id_token_may_not_have_an_access_token() {
    let google = emulator().await;
    let accounts =
        format!("http://{}/computeMetadata/v1/instance/service-accounts", google.metadata_host("login-service"));
    let genuine = client().get(format!("{accounts}/default/token"));
    let with_flavor =
        |account: &str| client().get(format!("{accounts}/{account}/token")).header("metadata-flavor", "Google");
    for (request, status) in [
        (genuine.try_clone().unwrap(), 403),
        (genuine.header("metadata-flavor", "google"), 404),
        (with_flavor("default").header("x-forwarded-for", "192.0.2.1"), 403),
        (with_flavor("frontend@demo-project.iam.gserviceaccount.com"), 404),
        (with_flavor("login-service@demo-project.iam.gserviceaccount.com"), 200),
    ] {
        assert_eq!(request.send().await.unwrap().status(), status);
    }
}
