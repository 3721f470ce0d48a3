//! State files: other identities than the demo's, and what they may do from the start.

use std::net::TcpListener;

use google_emulator::{Emulator, State};
use serde_json::{Value, json};

use crate::{AUDIENCE, access_tokens::access_token, client, fetch, header, json as json_of, member, verified};

fn state() -> State {
    let state = json!({
        "identities": [{ "name": "web", "project": "shop" }, { "name": "stock", "project": "shop" }],
        "impersonation": [{ "principal": "web", "target": "stock" }],
        "front_doors": [
            { "service": "stock", "upstream": "http://127.0.0.1:9", "audiences": [AUDIENCE], "invokers": ["web"] },
            { "service": "shop", "upstream": "http://127.0.0.1:9", "public": true },
        ],
    });
    State::parse(&state.to_string()).expect("the state is right")
}

#[tokio::test]
async fn its_identities_have_tokens_and_a_metadata_server() {
    let google = Emulator::start_from(&state()).await.unwrap();
    let names: Vec<_> = google.identities().iter().map(|identity| identity.name).collect();
    assert_eq!(names, ["web", "stock"]);
    let claims = verified(&google.token("web", AUDIENCE).sign(), &google.jwks()).unwrap();
    assert_eq!(claims["email"], "web@shop.iam.gserviceaccount.com");
    let url = format!("http://{}/computeMetadata/v1/project/?recursive=true", google.metadata_host("web"));
    let answer = client().get(url).header("metadata-flavor", "Google").send().await.unwrap();
    let project: Value = json_of(answer).await;
    assert_eq!(project["projectId"], "shop");
    assert_eq!(project["numericProjectId"].as_u64().unwrap().to_string().len(), 12);
}

#[tokio::test]
async fn whoever_may_act_as_another_may_do_so_from_the_start_and_has_a_file_for_it() {
    let google = Emulator::start_from(&state()).await.unwrap();
    let files = google.impersonating_files(&state());
    let [(name, file)] = files.as_slice() else { panic!("there is one permission") };
    assert_eq!(name, "web-as-stock.impersonated_service_account.json");
    let url = member(file, "service_account_impersonation_url").replace("generateAccessToken", "generateIdToken");
    let request = client().post(url).bearer_auth(access_token(&google, "web").await);
    let answer = request.json(&json!({ "audience": AUDIENCE })).send().await.unwrap();
    assert_eq!(answer.status(), 200);
}

#[tokio::test]
async fn its_front_doors_are_open_to_its_invokers_and_its_audiences() {
    let google = Emulator::start_from(&state()).await.unwrap();
    let doors = google.front_doors(&state()).await.unwrap();
    let [stock, shop] = doors.as_slice() else { panic!("there are two front doors") };
    let status = async |identity: &str| {
        let token = google.token(identity, AUDIENCE).sign();
        client().get(stock.url()).bearer_auth(token).send().await.unwrap().status().as_u16()
    };
    // 503: let in, and no service is there.
    assert_eq!((status("web").await, status("stock").await), (503, 403));
    assert_eq!(client().get(shop.url()).send().await.unwrap().status(), 503);
}

#[tokio::test]
async fn its_ports_are_those_of_certs_and_metadata_servers() {
    let free = || TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a port").port();
    let (certs, metadata) = (free(), free());
    let identities = json!([{ "name": "web", "project": "shop" }, { "name": "stock", "project": "shop" }]);
    let state = json!({ "identities": identities, "ports": { "certs": certs, "metadata": { "stock": metadata } } });
    let google = Emulator::start_from(&State::parse(&state.to_string()).unwrap()).await.unwrap();
    assert_eq!(google.certs_url(), format!("http://127.0.0.1:{certs}/oauth2/v3/certs"));
    assert_eq!(google.metadata_host("stock"), format!("127.0.0.1:{metadata}"));
    assert_ne!(google.metadata_host("web"), google.metadata_host("stock"));
}

#[tokio::test]
async fn how_long_keys_may_be_kept_is_what_the_file_says_or_what_google_does() {
    for (keys, cache_control, age) in [
        (json!({ "max_age": 60, "age": 5 }), "public, max-age=60, must-revalidate", "5"),
        (json!(null), "public, max-age=21155, must-revalidate", "7200"),
    ] {
        let mut file = json!({ "identities": [], "keys": keys });
        file.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        let google = Emulator::start_from(&State::parse(&file.to_string()).unwrap()).await.unwrap();
        for url in [google.certs_url(), google.pem_certs_url()] {
            let answer = fetch(&url).await;
            assert_eq!((header(&answer, "cache-control"), header(&answer, "age")), (cache_control, age));
        }
    }
    assert!(State::parse(r#"{ "identities": [], "keys": { "max_age": -1, "age": 0 } }"#).is_err());
}
