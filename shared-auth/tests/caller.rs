//! The calling half: where its tokens come from, and where they go. Nothing here waits for time to pass.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, UNIX_EPOCH},
};

use axum::{
    http::{Method, StatusCode, header::LOCATION},
    response::{IntoResponse, Response},
};
use google_emulator::{Emulator, Fault};
use local::stand_in::StandIn;
use serde_json::{Value, json};
use shared_auth::{
    Clock,
    caller::{AuthenticatedClient, Error, MetadataSource, ServiceUrl, TokenCache},
};
use tokio::{net::TcpListener, runtime::Runtime};

/// A client for which time does not pass, so that a back-off does not end by itself.
fn client(emulator: &Emulator, service: &str) -> AuthenticatedClient {
    let host = emulator.metadata_host("login-service").parse().expect("a host");
    let now = UNIX_EPOCH + Duration::from_secs(u64::try_from(emulator.now()).expect("after 1970"));
    let source = MetadataSource::new(host).expect("TLS");
    let tokens = TokenCache::with_clock(source, Clock::from_fn(move || now));
    let url: ServiceUrl = service.parse().expect("a URL");
    let url = url.with_audience("https://profile-service.example".parse().expect("an audience"));
    AuthenticatedClient::with_cache(url, Arc::new(tokens)).expect("TLS")
}

/// Calls a service that answers so, and returns what the client makes of it.
async fn call(answer: impl Fn() -> Response + Send + Sync + 'static) -> Result<Value, Error> {
    let emulator = Emulator::start().await.expect("the emulator starts");
    let service = StandIn::start(answer).await.expect("a port");
    client(&emulator, service.url()).get("/profiles/ada").send().await?.json().await
}

#[tokio::test]
async fn a_request_carries_a_genuine_token_with_an_e_mail_in_both_headers() {
    let emulator = Emulator::start().await.unwrap();
    let service = StandIn::start(|| "{}".into_response()).await.expect("a port");
    let client = client(&emulator, service.url());
    for _ in 0..10 {
        let mut request = client.post("/profiles").json(&json!({ "username": "ada" }));
        for name in ["authorization", "x-serverless-authorization", "host"] {
            request = request.header(name, "of-the-caller");
        }
        request.send().await.unwrap();
    }
    assert_eq!(emulator.metadata("login-service").requests(), 1, "the token is kept");
    let heads = service.heads();
    let head = heads.first().unwrap();
    assert_eq!(head["authorization"], head["x-serverless-authorization"]);
    assert_eq!(head["content-type"], "application/json");
    assert_eq!(head["host"], service.url().strip_prefix("http://").unwrap());
    let token = head["authorization"].to_str().unwrap().strip_prefix("Bearer ").unwrap();
    let claims = claims(token);
    assert_eq!(claims["aud"], "https://profile-service.example");
    assert_eq!(claims["email"], "login-service@demo-project.iam.gserviceaccount.com");
}

#[tokio::test]
async fn a_request_has_any_method_header_query_and_body_and_a_mistake_in_it_is_told_before_it_is_sent() {
    let emulator = Emulator::start().await.unwrap();
    let service = StandIn::start(|| "{}".into_response()).await.expect("a port");
    let client = client(&emulator, service.url());
    let request = client.request(Method::PUT, "/profiles?a=1").query(&[("q", "a&b c")]).header("X-Name", "ada");
    request.body("hello").send().await.unwrap();
    client.get("/profiles").query(&[("", ""); 0]).send().await.unwrap();
    let heads = service.heads();
    assert_eq!((&heads[0]["x-name"], &heads[0]["content-length"]), (&"ada".parse().unwrap(), &"5".parse().unwrap()));
    assert_eq!(service.targets(), ["PUT /profiles?a=1&q=a%26b+c", "GET /profiles"]);
    for request in [
        client.get("/").header("two words", "x"),
        client.get("/").header("X-Name", "two\nlines"),
        client.get("/").query(&"no pairs"),
        client.post("/").json(&std::collections::HashMap::from([(vec![1], 2)])),
    ] {
        let error = request.send().await.unwrap_err();
        assert!(matches!(error, Error::Request(_)) && !error.is_transient(), "{error:?}");
    }
    assert_eq!(service.heads().len(), 2);
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_takes_no_token_along() {
    let emulator = Emulator::start().await.unwrap();
    let elsewhere = StandIn::start(|| "{}".into_response()).await.expect("a port");
    for status in [301, 302, 303, 307, 308] {
        let location = format!("{}/profiles/ada", elsewhere.url());
        let service = StandIn::start(move || {
            (StatusCode::from_u16(status).unwrap(), [(LOCATION, location.clone())]).into_response()
        })
        .await
        .expect("a port");
        let refused = client(&emulator, service.url()).get("/profiles/ada").send().await;
        let error = refused.unwrap_err();
        assert!(matches!(error, Error::Refused { status: got, .. } if got == status), "{error:?}");
        assert!(error.hint().unwrap().contains("redirect"));
    }
    assert!(elsewhere.heads().is_empty());
}

#[tokio::test]
async fn a_path_cannot_lead_to_another_host_or_out_of_the_base() {
    let emulator = Emulator::start().await.unwrap();
    let elsewhere = StandIn::start(|| "{}".into_response()).await.expect("a port");
    let service = StandIn::start(|| "{}".into_response()).await.expect("a port");
    let host = elsewhere.url().strip_prefix("http://").unwrap();
    let paths = [format!("@{host}/"), format!("//{host}/"), elsewhere.url().to_owned(), format!("/..//{host}/")];
    for path in &paths {
        client(&emulator, service.url()).get(path).send().await.unwrap();
    }
    assert_eq!((service.heads().len(), elsewhere.heads().len()), (paths.len(), 0));

    let below = client(&emulator, &format!("{}/base", service.url()));
    assert!(matches!(below.get("/../profiles").send().await, Err(Error::OutsideBase)));
}

#[tokio::test]
async fn an_answer_that_is_not_a_success_is_an_error_that_says_whether_to_try_again() {
    for (status, transient) in [
        (400, false),
        (401, false),
        (403, false),
        (404, false),
        (500, false),
        (429, true),
        (502, true),
        (503, true),
        (504, true),
    ] {
        let code = StatusCode::from_u16(status).unwrap();
        let error = call(move || (code, [("Retry-After", "7")], "{}").into_response()).await.unwrap_err();
        assert!(matches!(error, Error::Refused { status, .. } if status == code), "{error}");
        assert_eq!((error.is_transient(), error.retry_after()), (transient, Some(Duration::from_secs(7))), "{status}");
    }
    let patience = call(|| (StatusCode::SERVICE_UNAVAILABLE, [("Retry-After", "99999999999")]).into_response()).await;
    assert_eq!(patience.unwrap_err().retry_after(), Some(Duration::from_secs(3600)));
}

#[tokio::test]
async fn an_answer_that_is_not_json_or_far_too_large_is_an_error() {
    assert!(matches!(call(|| "<html>".into_response()).await, Err(Error::Answer(_))));
    let large = call(|| format!("\"{}\"", "x".repeat(30 * 1024 * 1024)).into_response()).await;
    assert!(matches!(large, Err(Error::Answer(_))), "{large:?}");
}

#[tokio::test]
async fn a_service_that_is_not_there_or_hangs_up_is_unreachable() {
    let emulator = Emulator::start().await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let client = client(&emulator, &url);
    let hang_up = tokio::spawn(async move { drop(listener.accept().await) });
    for _ in 0..2 {
        let error = client.get("/").send().await.unwrap_err();
        assert!(matches!(error, Error::Unreachable(_)) && error.is_transient(), "{error:?}");
    }
    hang_up.await.unwrap();
}

#[tokio::test]
async fn a_token_source_that_fails_is_an_error_and_nothing_is_sent() {
    let page = |text: &str| Fault::Body { content_type: "text/html".to_owned(), body: text.into() };
    let genuine = Emulator::start().await.unwrap().token("login-service", "https://profile-service.example");
    for fault in [
        Fault::Status(404),
        Fault::Status(403),
        Fault::Status(429),
        Fault::Status(500),
        Fault::Redirect("http://127.0.0.1:1/".to_owned()),
        Fault::Hang,
        page(""),
        page("<html>"),
        page("e30.e30.c2ln"),
        page("e30.eyJleHAiOjF9.c2ln"),
        page(&format!("{}{}", genuine.sign(), " ".repeat(1024 * 1024))),
    ] {
        let emulator = Emulator::start().await.unwrap();
        let service = StandIn::start(|| "{}".into_response()).await.expect("a port");
        let client = client(&emulator, service.url());
        emulator.metadata("login-service").fail(fault.clone());
        let error = client.get("/").send().await.unwrap_err();
        assert!(error.is_transient(), "{error}");
        assert!(client.check_token().await.is_err());
        assert!(service.heads().is_empty(), "{fault:?}");
        let asked = if matches!(fault, Fault::Status(429 | 500)) { 3 } else { 1 };
        assert_eq!(emulator.metadata("login-service").requests(), asked, "it is not asked again at once: {fault:?}");
    }
}

#[tokio::test]
async fn a_token_in_an_answer_that_is_not_a_success_is_not_used() {
    let emulator = Emulator::start().await.unwrap();
    for status in [201, 404, 500] {
        let token = emulator.token("login-service", "https://profile-service.example").sign();
        let code = StatusCode::from_u16(status).unwrap();
        let metadata = StandIn::start(move || (code, token.clone()).into_response()).await.unwrap();
        let host = metadata.url().strip_prefix("http://").unwrap().parse().unwrap();
        let url = "https://profile-service.example".parse().unwrap();
        let client = AuthenticatedClient::new(url, MetadataSource::new(host).unwrap()).unwrap();
        assert!(matches!(client.check_token().await, Err(Error::SourceRefused { status, .. }) if status == code));
    }
}

#[tokio::test]
async fn a_metadata_server_that_is_busy_for_a_moment_is_asked_again() {
    let emulator = Emulator::start().await.unwrap();
    let token = emulator.token("login-service", "https://profile-service.example").sign();
    let asked = AtomicUsize::new(0);
    let metadata = StandIn::start(move || match asked.fetch_add(1, Ordering::SeqCst) {
        0 | 1 => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        _ => token.clone().into_response(),
    });
    let metadata = metadata.await.unwrap();
    let host = metadata.url().strip_prefix("http://").unwrap().parse().unwrap();
    let url = "https://profile-service.example".parse().unwrap();
    let client = AuthenticatedClient::new(url, MetadataSource::new(host).unwrap()).unwrap();
    client.check_token().await.unwrap();
    assert_eq!(metadata.heads().len(), 3);
}

#[tokio::test]
async fn an_invalid_token_is_replaced_once_and_no_other_refusal_is_repeated() {
    let refusal =
        |status: StatusCode, challenge: &'static str| (status, [("WWW-Authenticate", challenge)]).into_response();
    let (invalid, no_token) = (r#"Bearer error="invalid_token""#, r#"Bearer realm="profile-service""#);
    for (status, challenge, refusals, calls, works) in [
        (StatusCode::UNAUTHORIZED, invalid, 1, 2, true),
        (StatusCode::UNAUTHORIZED, invalid, usize::MAX, 2, false),
        (StatusCode::UNAUTHORIZED, no_token, usize::MAX, 1, false),
        (StatusCode::FORBIDDEN, invalid, usize::MAX, 1, false),
    ] {
        let fetches = if calls == 2 { 2 } else { 1 };
        let emulator = Emulator::start().await.unwrap();
        let called = AtomicUsize::new(0);
        let service = StandIn::start(move || match called.fetch_add(1, Ordering::SeqCst) {
            number if number < refusals => refusal(status, challenge),
            _ => "{}".into_response(),
        });
        let service = service.await.unwrap();
        let client = client(&emulator, service.url());
        let sent = client.post("/").json(&json!({ "a": 1 })).send().await;
        assert_eq!((sent.is_ok(), service.heads().len()), (works, calls), "{challenge}");
        assert_eq!(emulator.metadata("login-service").requests(), fetches, "{challenge}");
        // A receiver that refuses everything costs a call for each request from here on, and no fetch.
        let _ = client.get("/").send().await;
        assert_eq!(service.heads().len(), calls + 1, "{challenge}");
        assert_eq!(emulator.metadata("login-service").requests(), fetches, "{challenge}");
    }
}

#[tokio::test]
async fn everyone_whose_token_was_refused_at_once_gets_a_fresh_one() {
    let emulator = Emulator::start().await.unwrap();
    let refused = AtomicUsize::new(0);
    let service = StandIn::start(move || match refused.fetch_add(1, Ordering::SeqCst) {
        0..20 => (StatusCode::UNAUTHORIZED, [("WWW-Authenticate", r#"Bearer error="invalid_token""#)]).into_response(),
        _ => "{}".into_response(),
    });
    let service = service.await.unwrap();
    let client = client(&emulator, service.url());
    client.check_token().await.unwrap();
    // All are refused before the first fresh token is there.
    emulator.metadata("login-service").fail(Fault::Hang);
    let requests: Vec<_> = (0..20).map(|_| tokio::spawn(client.get("/").send())).collect();
    while service.heads().len() < 20 || emulator.metadata("login-service").requests() < 2 {
        tokio::task::yield_now().await;
    }
    emulator.metadata("login-service").heal();
    for request in requests {
        request.await.unwrap().unwrap();
    }
    assert_eq!(emulator.metadata("login-service").requests(), 2, "one fresh token for all");
}

#[tokio::test]
async fn a_refused_token_serves_again_while_no_other_can_be_had_and_the_refusal_is_told() {
    let emulator = Emulator::start().await.unwrap();
    let refused = AtomicUsize::new(0);
    let service = StandIn::start(move || match refused.fetch_add(1, Ordering::SeqCst) {
        0 => (StatusCode::UNAUTHORIZED, [("WWW-Authenticate", r#"Bearer error="invalid_token""#)]).into_response(),
        _ => "{}".into_response(),
    });
    let service = service.await.unwrap();
    let client = client(&emulator, service.url());
    client.check_token().await.unwrap();
    emulator.metadata("login-service").fail(Fault::Status(404));
    client.get("/").send().await.expect("the receiver was wrong, and the token good");
    client.get("/").send().await.unwrap();
    assert_eq!(service.heads().len(), 3);
}

#[tokio::test]
async fn a_body_that_is_a_stream_is_sent_once() {
    let emulator = Emulator::start().await.unwrap();
    let refusal = (StatusCode::UNAUTHORIZED, [("WWW-Authenticate", r#"Bearer error="invalid_token""#)]);
    let service = StandIn::start(move || refusal.into_response()).await.unwrap();
    let client = client(&emulator, service.url());
    let stream = reqwest::Body::wrap("a text".to_owned());
    let error = client.post("/").body(stream).send().await.unwrap_err();
    assert!(matches!(error, Error::Refused { .. }) && service.heads().len() == 1, "{error}");
    client.post("/").body("a text").send().await.unwrap_err();
    assert_eq!(service.heads().len(), 3, "a text is sent again");
}

#[tokio::test]
async fn a_slow_token_source_is_not_told_as_a_slow_service() {
    let emulator = Emulator::start().await.unwrap();
    let service = StandIn::start(|| "{}".into_response()).await.unwrap();
    #[derive(Debug)]
    struct Silent;
    impl shared_auth::caller::TokenSource for Silent {
        fn id_token<'a>(
            &'a self,
            _: &'a shared_auth::Audience,
        ) -> std::pin::Pin<Box<dyn Future<Output = Result<shared_auth::caller::IdToken, Error>> + Send + 'a>> {
            Box::pin(std::future::pending())
        }
    }
    let client = AuthenticatedClient::new(service.url().parse().unwrap(), Silent).unwrap();
    let error = client.get("/").send().await.unwrap_err();
    assert!(matches!(error, Error::SourceUnreachable { .. }) && service.heads().is_empty(), "{error:?}");
    drop(emulator);
}

#[tokio::test]
async fn an_answer_that_repeats_the_token_does_not_bring_it_into_an_error() {
    let secret = "eyJhbGciOiJSUzI1NiJ9";
    let error = call(move || format!(r#"{{"seen":"Bearer {secret}"}}"#).into_response()).await.unwrap();
    assert_eq!(error["seen"], format!("Bearer {secret}"));
    let emulator = Emulator::start().await.unwrap();
    let service = StandIn::start(move || format!(r#"{{"seen":"Bearer {secret}"}}"#).into_response()).await.unwrap();
    #[derive(Debug, serde::Deserialize)]
    struct Seen {
        #[expect(dead_code, reason = "it is never there")]
        seen: u64,
    }
    let response = client(&emulator, service.url()).get("/").send().await.unwrap();
    let shown = format!("{response:?}");
    let error = response.json::<Seen>().await.unwrap_err();
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(!format!("{shown} {error} {error:?} {source}").contains(secret), "{error:?}");
    assert!(source.contains("line 1"), "{source}");
}

#[tokio::test]
async fn no_error_and_no_debug_output_holds_a_token() {
    let emulator = Emulator::start().await.unwrap();
    let service = StandIn::start(|| (StatusCode::FORBIDDEN, "no").into_response()).await.expect("a port");
    let client = client(&emulator, service.url());
    let request = client.get("/?key=of-the-caller").header("Cookie", "of-the-caller");
    let shown = format!("{request:?}");
    assert!(shown.contains("GET") && !shown.contains("of-the-caller"), "{shown}");
    let error = request.send().await.unwrap_err();
    let shown = format!("{shown} {client:?} {error:?} {error}");
    let head = service.heads().remove(0);
    let token = head["authorization"].to_str().unwrap().strip_prefix("Bearer ").unwrap();
    for segment in token.split('.') {
        assert!(!shown.contains(segment), "{shown}");
    }
}

#[test]
fn a_client_works_on_whichever_runtime_calls_it_and_outlives_each() {
    let serving = Runtime::new().unwrap();
    let (emulator, service) = serving.block_on(async {
        let service = StandIn::start(|| "{}".into_response()).await.unwrap();
        (Emulator::start().await.unwrap(), service)
    });
    let client = client(&emulator, service.url());
    for _ in 0..3 {
        let calling = Runtime::new().unwrap();
        calling.block_on(client.get("/").send()).unwrap();
    }
    assert_eq!((service.heads().len(), emulator.metadata("login-service").requests()), (3, 1));

    // A runtime that ends takes the fetch along that it was doing, and the next one fetches anew.
    let cold = self::client(&emulator, service.url());
    emulator.metadata("login-service").fail(Fault::Hang);
    let calling = Runtime::new().unwrap();
    let waiting = cold.clone();
    calling.spawn(async move { waiting.check_token().await });
    while emulator.metadata("login-service").requests() < 2 {
        std::thread::yield_now();
    }
    calling.shutdown_background();
    emulator.metadata("login-service").heal();
    Runtime::new().unwrap().block_on(cold.check_token()).unwrap();
}

fn claims(token: &str) -> Value {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let payload = token.split('.').nth(1).expect("three segments");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).expect("base64url")).expect("JSON")
}
