//! A developer's own login: RFC 6749 §6, and the errors of
//! <https://developers.google.com/identity/protocols/oauth2/web-server#offline>.

use google_emulator::Emulator;
use reqwest::Response;

use super::assert_refused;
use crate::{access_tokens::assert_bearer, client, emulator, header, json, member, verified};

const PARAMETERS: [&str; 3] = ["client_id", "client_secret", "refresh_token"];

/// What a client makes of the file, with these parameters replaced, added, or left out when empty.
async fn refresh(google: &Emulator, changes: &[(&str, &str)]) -> Response {
    let file = google.authorized_user();
    let mut form = vec![("grant_type", "refresh_token")];
    form.extend(PARAMETERS.map(|name| (name, member(&file, name))));
    form.retain(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
    form.extend(changes.iter().filter(|(_, value)| !value.is_empty()));
    // The values are letters, digits and marks that a form does not escape, but for spaces and colons.
    let body = form.iter().map(|(name, value)| format!("{name}={}", value.replace(' ', "+"))).collect::<Vec<_>>();
    let request = client().post(member(&file, "token_uri")).body(body.join("&"));
    request.header("content-type", "application/x-www-form-urlencoded").send().await.expect("the emulator answers")
}

#[tokio::test]
async fn a_login_brings_an_access_token_and_says_what_for() {
    let google = emulator().await;
    let answer = refresh(&google, &[]).await;
    assert_eq!(answer.status(), 200);
    assert!(header(&answer, "cache-control").contains("no-store"));
    let answer = json(answer).await;
    assert_bearer(&answer);
    assert!(member(&answer, "scope").contains("https://www.googleapis.com/auth/cloud-platform"), "{answer}");
}

#[tokio::test]
async fn its_id_token_is_for_the_oauth_client_and_for_no_service() {
    let google = emulator().await;
    let answer = json(refresh(&google, &[]).await).await;
    let claims = verified(member(&answer, "id_token"), &google.jwks()).unwrap();
    let client_id = google.authorized_user()["client_id"].clone();
    assert_eq!((&claims["aud"], &claims["azp"]), (&client_id, &client_id));
    assert_eq!(claims["email"], "developer@example.com");
    assert_eq!(member(&claims, "sub").len(), 21);
}

#[tokio::test]
async fn less_may_be_asked_for_than_was_granted_and_not_more() {
    let google = emulator().await;
    let scope = "https://www.googleapis.com/auth/cloud-platform";
    let answer = json(refresh(&google, &[("scope", scope)]).await).await;
    assert_eq!(answer["scope"], scope);
    assert!(answer.get("id_token").is_none(), "without openid there is no ID token: {answer}");
    let more = refresh(&google, &[("scope", "openid https://www.googleapis.com/auth/drive")]).await;
    assert_refused(more, 400, "invalid_scope", "Invalid OAuth scope or ID token audience provided.").await;
}

#[tokio::test]
async fn a_parameter_that_is_missing_is_named() {
    let google = emulator().await;
    for (name, description) in [
        ("client_id", "Could not determine client ID from request."),
        ("client_secret", "client_secret is missing."),
        ("refresh_token", "Missing required parameter: refresh_token"),
    ] {
        assert_refused(refresh(&google, &[(name, "")]).await, 400, "invalid_request", description).await;
    }
}

#[tokio::test]
async fn another_client_secret_or_refresh_token_is_refused() {
    let google = emulator().await;
    let other = emulator().await.authorized_user();
    let secret = ("client_secret", member(&other, "client_secret"));
    let token = ("refresh_token", member(&other, "refresh_token"));
    for (change, status, error, description) in [
        (("client_id", "other"), 401, "invalid_client", "The OAuth client was not found."),
        (secret, 401, "invalid_client", "The provided client secret is invalid."),
        (token, 400, "invalid_grant", "Bad Request"),
    ] {
        assert_refused(refresh(&google, &[change]).await, status, error, description).await;
    }
}
