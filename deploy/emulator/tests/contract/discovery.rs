//! The discovery document, compared with <https://accounts.google.com/.well-known/openid-configuration>.

use google_emulator::Fault;

use crate::{emulator, fetch, header, json, member};

#[tokio::test]
async fn it_names_googles_issuer_and_the_emulators_endpoints() {
    let google = emulator().await;
    let answer = fetch(&google.discovery_url()).await;
    assert_eq!((answer.status().as_u16(), header(&answer, "content-type")), (200, "application/json"));
    assert_eq!(header(&answer, "cache-control"), "public, max-age=3600");
    let document = json(answer).await;
    assert_eq!(member(&document, "issuer"), "https://accounts.google.com");
    assert_eq!(member(&document, "jwks_uri"), google.certs_url());
    assert_eq!(document["token_endpoint"], google.service_account_key("frontend")["token_uri"]);
    assert_eq!(document["id_token_signing_alg_values_supported"], serde_json::json!(["RS256"]));
}

#[tokio::test]
async fn it_is_at_one_path_and_fails_on_demand_without_the_others() {
    let google = emulator().await;
    assert_eq!(fetch(&google.discovery_url().replace("openid", "oauth")).await.status(), 404);
    google.discovery().fail(Fault::Status(503));
    assert_eq!(fetch(&google.discovery_url()).await.status(), 503);
    assert_eq!(fetch(&google.certs_url()).await.status(), 200);
    assert_eq!(google.discovery().requests(), 2);
}
