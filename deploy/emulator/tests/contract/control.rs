//! The control port: each of its commands, and what it says to one that is wrong.

use std::sync::Arc;

use google_emulator::{ControlPort, Emulator, HELP, State};
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::{AUDIENCE, client, fetch, header, json as json_of, text, verified};

/// The demo's, with its front doors.
async fn controlled() -> (Arc<Emulator>, ControlPort) {
    let state = State::default();
    let google = Arc::new(Emulator::start_from(&state).await.expect("ports are left on loopback"));
    let doors = google.front_doors(&state).await.expect("their ports are any that are free");
    let control = ControlPort::open(Arc::clone(&google), doors, 0).await.expect("a port is left");
    (google, control)
}

async fn ask(control: &ControlPort, method: Method, path: &str, body: &str) -> Response {
    let request = client().request(method, format!("{}{path}", control.url())).body(body.to_owned());
    request.send().await.expect("the control port answers")
}

async fn done(control: &ControlPort, method: Method, path: &str, body: &str) -> Value {
    let answer = ask(control, method, path, body).await;
    assert_eq!((answer.status().as_u16(), header(&answer, "content-type")), (200, "application/json; charset=UTF-8"));
    json_of(answer).await
}

#[tokio::test]
async fn its_first_page_is_the_help_of_the_program() {
    let (_google, control) = controlled().await;
    let page = fetch(&format!("{}/", control.url())).await;
    assert_eq!(header(&page, "content-type"), "text/plain; charset=utf-8");
    assert_eq!(text(page).await, HELP);
}

#[tokio::test]
async fn every_endpoint_tells_where_it_is_and_what_it_was_asked() {
    let (google, control) = controlled().await;
    fetch(&format!("{}?secret=1", google.pem_certs_url())).await;
    let all = done(&control, Method::GET, "/requests", "").await;
    assert_eq!(all.as_object().unwrap().len(), 7 + 5 + 2, "{all}");
    assert_eq!(all["certs"], json!({ "url": google.certs_url(), "requests": 1, "fails": false }));
    assert_eq!(all["token-endpoint"]["url"], google.service_account_key("frontend")["token_uri"]);
    assert_eq!(all["front-door:profile-service"]["reached"], 0);
    for (name, about) in all.as_object().unwrap() {
        fetch(about["url"].as_str().unwrap()).await;
        let asked = done(&control, Method::GET, &format!("/requests/{name}"), "").await;
        assert_eq!(asked["requests"], if name == "certs" { 2 } else { 1 }, "{name}: {asked}");
    }
    let asked = done(&control, Method::GET, "/requests/certs", "").await;
    assert_eq!(asked["latest"], json!(["GET /oauth2/v1/certs", "GET /oauth2/v3/certs"]));
}

#[tokio::test]
async fn an_endpoint_breaks_in_each_way_and_is_mended() {
    let (google, control) = controlled().await;
    let path = "/faults/certs";
    done(&control, Method::PUT, path, r#"{"kind": "status", "status": 503}"#).await;
    assert_eq!(fetch(&google.certs_url()).await.status(), 503);
    assert_eq!(done(&control, Method::GET, "/requests", "").await["certs"]["fails"], true);
    done(&control, Method::PUT, path, r#"{"kind": "redirect", "location": "http://192.0.2.1/"}"#).await;
    assert_eq!(header(&fetch(&google.certs_url()).await, "location"), "http://192.0.2.1/");
    done(&control, Method::PUT, path, r#"{"kind": "body", "content_type": "text/plain", "body": "garbage"}"#).await;
    assert_eq!(text(fetch(&google.certs_url()).await).await, "garbage");
    done(&control, Method::PUT, path, r#"{"kind": "slow", "milliseconds": 1}"#).await;
    assert_eq!(fetch(&google.certs_url()).await.status(), 200);

    done(&control, Method::PUT, path, r#"{"kind": "hang"}"#).await;
    let url = google.certs_url();
    let held = tokio::spawn(async move { fetch(&url).await.status() });
    while google.certs().requests() < 5 {
        tokio::task::yield_now().await;
    }
    done(&control, Method::DELETE, path, "").await;
    assert_eq!(held.await.unwrap(), 200);
    let door = "/faults/front-door:search-service";
    done(&control, Method::PUT, door, r#"{"kind": "status", "status": 502}"#).await;
}

#[tokio::test]
async fn keys_are_rotated_and_retired() {
    let (google, control) = controlled().await;
    let before = google.token("frontend", AUDIENCE).sign();
    let rotated = done(&control, Method::POST, "/keys/rotate", "").await;
    assert!(verified(&before, &rotated["certs"]).is_some());
    let retired = done(&control, Method::POST, "/keys/retire", "").await;
    assert!(verified(&before, &retired["certs"]).is_none());
    assert!(verified(&google.token("frontend", AUDIENCE).sign(), &retired["certs"]).is_some());
}

#[tokio::test]
async fn the_clock_is_moved_ahead_and_back() {
    let (google, control) = controlled().await;
    let start = done(&control, Method::GET, "/clock", "").await["now"].as_i64().unwrap();
    for (seconds, away) in [(7200, 7200), (-10_000, -2800)] {
        let moved = done(&control, Method::POST, "/clock", &json!({ "seconds": seconds }).to_string()).await;
        let now = moved["now"].as_i64().unwrap();
        assert!((0..60).contains(&(now - start - away)), "{moved}");
        assert!((google.now() - now) < 60);
    }
}

#[tokio::test]
async fn an_invoker_is_allowed_and_forbidden() {
    let (google, control) = controlled().await;
    let url = done(&control, Method::GET, "/requests", "").await["front-door:profile-service"]["url"].clone();
    let audience = "https://profile-service-123456789012.europe-west1.run.app";
    let status = async |identity: &str| {
        let request = client().get(url.as_str().unwrap()).bearer_auth(google.token(identity, audience).sign());
        request.send().await.unwrap().status().as_u16()
    };
    // 503: let in, and no service is there.
    assert_eq!((status("login-service").await, status("frontend").await), (503, 403));
    done(&control, Method::PUT, "/invokers/profile-service/frontend", "").await;
    assert_eq!(status("frontend").await, 503);
    done(&control, Method::DELETE, "/invokers/profile-service/frontend", "").await;
    assert_eq!(status("frontend").await, 403);
}

#[tokio::test]
async fn a_command_that_is_wrong_is_refused_in_googles_json() {
    let (_google, control) = controlled().await;
    for (method, path, body, code, status) in [
        (Method::GET, "/nowhere", "", 404, "NOT_FOUND"),
        (Method::GET, "/keys/rotate", "", 404, "NOT_FOUND"),
        (Method::GET, "/requests/nobody", "", 404, "NOT_FOUND"),
        (Method::DELETE, "/faults/metadata:nobody", "", 404, "NOT_FOUND"),
        (Method::PUT, "/faults/nobody", r#"{"kind": "hang"}"#, 404, "NOT_FOUND"),
        (Method::PUT, "/faults/certs", "", 400, "INVALID_ARGUMENT"),
        (Method::PUT, "/faults/certs", r#"{"kind": "explode"}"#, 400, "INVALID_ARGUMENT"),
        (Method::PUT, "/faults/certs", r#"{"kind": "hang", "seconds": 1}"#, 400, "INVALID_ARGUMENT"),
        (Method::PUT, "/faults/certs", r#"{"kind": "status", "status": 99999}"#, 400, "INVALID_ARGUMENT"),
        (Method::POST, "/clock", r#"{"seconds": "1"}"#, 400, "INVALID_ARGUMENT"),
        (Method::PUT, "/invokers/nobody/frontend", "", 404, "NOT_FOUND"),
        (Method::PUT, "/invokers/profile-service/nobody", "", 404, "NOT_FOUND"),
    ] {
        let answer = ask(&control, method, path, body).await;
        assert_eq!(header(&answer, "content-type"), "application/json; charset=UTF-8", "{path}");
        assert_eq!(answer.status(), code, "{path} {body}");
        let refusal = json_of(answer).await;
        assert_eq!((&refusal["error"]["code"], &refusal["error"]["status"]), (&json!(code), &json!(status)), "{path}");
        assert!(refusal["error"]["message"].is_string(), "{path}");
    }
    assert_eq!(done(&control, Method::GET, "/requests", "").await["certs"]["fails"], false);
}
