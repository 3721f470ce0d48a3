//! The metadata server of an identity.
//!
//! Sources: <https://cloud.google.com/compute/docs/metadata/querying-metadata> for the headers,
//! <https://cloud.google.com/compute/docs/instances/verifying-instance-identity> for the parameters, and for the statuses
//! the emulator <https://github.com/salrashid123/gce_metadata_server>.

use std::collections::HashSet;

use google_emulator::Emulator;
use reqwest::{
    Response,
    header::{HeaderMap, HeaderName, HeaderValue},
};

use crate::{AUDIENCE, client, emulator, fetch, header, text, verified};

/// Asks the metadata server of `login-service`.
async fn ask(google: &Emulator, path: &str) -> Response {
    ask_with(google, path, &[("metadata-flavor", "Google")]).await
}

async fn ask_with(google: &Emulator, path: &str, headers: &[(&'static str, &'static str)]) -> Response {
    let named = |&(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value));
    let headers: HeaderMap = headers.iter().map(named).collect();
    let url = format!("http://{}{path}", google.metadata_host("login-service"));
    client().get(url).headers(headers).send().await.expect("the emulator answers")
}

async fn token(google: &Emulator, query: &str) -> String {
    let answer = ask(google, &format!("{DEFAULT}/identity?{query}")).await;
    assert_eq!(answer.status(), 200);
    text(answer).await
}

const DEFAULT: &str = "/computeMetadata/v1/instance/service-accounts/default";
const FULL: &str = "/computeMetadata/v1/instance/service-accounts/default/identity?audience=a&format=full";

#[tokio::test]
async fn a_token_is_the_whole_answer_and_is_genuine() {
    let google = emulator().await;
    let answer = ask(&google, &format!("{DEFAULT}/identity?audience={AUDIENCE}&format=full")).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(header(&answer, "content-type"), "text/html");
    let claims = verified(&text(answer).await, &google.jwks()).unwrap();
    assert_eq!(claims["aud"], AUDIENCE);
    assert_eq!(claims["email"], "login-service@demo-project.iam.gserviceaccount.com");
    assert_eq!(claims["email_verified"], true);
}

#[tokio::test]
async fn without_format_full_the_token_has_no_email() {
    let google = emulator().await;
    for query in ["audience=a", "audience=a&format=standard"] {
        let claims = verified(&token(&google, query).await, &google.jwks()).unwrap();
        assert!(claims.get("email").is_none() && claims.get("email_verified").is_none(), "{query}: {claims}");
        assert_eq!(claims["sub"], "100000000000000000001");
    }
}

#[tokio::test]
async fn an_unknown_format_is_refused() {
    let google = emulator().await;
    assert_eq!(ask(&google, &format!("{DEFAULT}/identity?audience=a&format=jwt")).await.status(), 400);
}

#[tokio::test]
async fn a_missing_or_empty_audience_is_refused() {
    let google = emulator().await;
    for query in ["", "?", "?audience", "?audience=", "?format=full"] {
        assert_eq!(ask(&google, &format!("{DEFAULT}/identity{query}")).await.status(), 400, "{query:?}");
    }
}

#[tokio::test]
async fn an_audience_may_be_url_encoded_or_not() {
    let google = emulator().await;
    // The second line is what Google's client for Node sends, the third what gcloud adds.
    for query in [
        "audience=https%3A%2F%2Fa.example%2Fpath%3Fb&format=full",
        "format=full&audience=https://a.example/path?b",
        "audience=https://a.example/path?b&format=full&licenses=FALSE",
        "audience=https://a.example/path?b&format=full&licenses=TRUE",
    ] {
        let claims = verified(&token(&google, query).await, &google.jwks()).unwrap();
        assert_eq!(claims["aud"], "https://a.example/path?b", "{query}");
        assert!(claims.get("email").is_some(), "{query}");
    }
}

#[tokio::test]
async fn a_request_without_the_flavor_header_is_forbidden() {
    assert_eq!(ask_with(&emulator().await, FULL, &[]).await.status(), 403);
}

#[tokio::test]
async fn a_request_with_another_flavor_finds_nothing() {
    assert_eq!(ask_with(&emulator().await, FULL, &[("metadata-flavor", "google")]).await.status(), 404);
}

#[tokio::test]
async fn a_forwarded_request_is_forbidden() {
    let forwarded = [("metadata-flavor", "Google"), ("x-forwarded-for", "192.0.2.1")];
    for path in ["/", FULL] {
        assert_eq!(ask_with(&emulator().await, path, &forwarded).await.status(), 403, "{path}");
    }
}

#[tokio::test]
async fn an_account_is_called_default_or_by_its_email_and_there_is_no_other() {
    let google = emulator().await;
    let accounts = "/computeMetadata/v1/instance/service-accounts";
    for (account, status) in [
        ("default", 200),
        ("login-service@demo-project.iam.gserviceaccount.com", 200),
        ("login-service%40demo-project.iam.gserviceaccount.com", 200),
        ("search-service@demo-project.iam.gserviceaccount.com", 404),
        ("login-service", 404),
    ] {
        for what in ["identity?audience=a", "email"] {
            let answer = ask(&google, &format!("{accounts}/{account}/{what}")).await;
            assert_eq!(answer.status(), status, "{account}/{what}");
        }
    }
}

#[tokio::test]
async fn the_email_of_the_account_can_be_asked_for() {
    let google = emulator().await;
    let answer = ask(&google, &format!("{DEFAULT}/email")).await;
    assert_eq!(text(answer).await, "login-service@demo-project.iam.gserviceaccount.com");
}

#[tokio::test]
async fn the_root_tells_anyone_that_this_is_a_metadata_server() {
    let google = emulator().await;
    assert_eq!(ask_with(&google, "/", &[]).await.status(), 200);
}

#[tokio::test]
async fn every_answer_carries_the_flavor_header() {
    let google = emulator().await;
    for path in ["/", FULL, "/nowhere", "/computeMetadata/v1/instance/service-accounts/default/identity"] {
        assert_eq!(header(&ask(&google, path).await, "metadata-flavor"), "Google", "{path}");
        assert_eq!(header(&ask_with(&google, path, &[]).await, "metadata-flavor"), "Google", "{path}");
    }
    let certs = fetch(&google.certs_url()).await;
    assert_eq!(header(&certs, "metadata-flavor"), "", "the certs come from another server");
}

#[tokio::test]
async fn the_same_token_is_handed_out_until_four_minutes_before_its_expiry() {
    let google = emulator().await;
    let first = token(&google, "audience=a&format=full").await;
    google.move_clock(3600 - 4 * 60 - 30);
    assert_eq!(token(&google, "audience=a&format=full").await, first);
    google.move_clock(30);
    let second = token(&google, "audience=a&format=full").await;
    assert_ne!(second, first);
    assert_eq!(token(&google, "audience=a&format=full").await, second);
}

#[tokio::test]
async fn another_audience_or_format_is_another_token() {
    let google = emulator().await;
    let first = token(&google, "audience=a&format=full").await;
    assert_ne!(token(&google, "audience=b&format=full").await, first);
    assert_ne!(token(&google, "audience=a").await, first);
}

#[tokio::test]
async fn after_a_rotation_a_new_token_is_handed_out() {
    let google = emulator().await;
    let first = token(&google, "audience=a").await;
    google.rotate_keys();
    google.retire_old_keys();
    let second = token(&google, "audience=a").await;
    assert_ne!(second, first);
    assert!(verified(&second, &google.jwks()).is_some());
}

#[tokio::test]
async fn each_identity_has_its_own_server_and_its_own_name() {
    let google = emulator().await;
    for identity in google.identities() {
        let url = format!("http://{}{FULL}", google.metadata_host(identity.name));
        let answer = client().get(url).header("Metadata-Flavor", "Google").send().await.unwrap();
        let claims = verified(&text(answer).await, &google.jwks()).unwrap();
        assert_eq!(claims["email"], format!("{}@{}.iam.gserviceaccount.com", identity.name, identity.project));
        assert_eq!(claims["sub"], identity.unique_id);
        assert_eq!(identity.unique_id.len(), 21);
        assert_eq!(identity.project == "demo-project", identity.name != "stranger");
    }
    let ids: HashSet<_> = google.identities().iter().map(|identity| identity.unique_id).collect();
    assert_eq!(ids.len(), 5);
}
