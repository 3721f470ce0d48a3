//! The layer for a client of another make, here hyper-util's: what it sends, and what it does not.

use std::{
    sync::Arc,
    time::{Duration, UNIX_EPOCH},
};

use axum::{
    BoxError,
    body::Body,
    http::{Request, StatusCode},
    response::{IntoResponse, Response},
};
use google_emulator::{Emulator, Fault};
use hyper_util::{
    client::legacy::{self, Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use local::stand_in::StandIn;
use shared_auth::{
    Clock,
    caller::{Error, IdTokenLayer, IdTokenService, MetadataSource, ServiceUrl, TokenCache},
};
use tokio::net::TcpListener;
use tower::{Layer, ServiceExt};

struct Fixture {
    emulator: Emulator,
    service: StandIn,
    layer: IdTokenLayer,
    client: IdTokenService<Client<HttpConnector, Body>>,
}

impl Fixture {
    /// A client, and the service that it is for.
    async fn start(answer: impl Fn() -> Response + Send + Sync + 'static) -> Self {
        let emulator = Emulator::start().await.expect("the emulator starts");
        let service = StandIn::start(answer).await.expect("a port");
        let layer = IdTokenLayer::new(service.url().parse().expect("a URL"), Arc::new(tokens(&emulator)));
        let client = layer.layer(http());
        Self { emulator, service, layer, client }
    }

    async fn send(&self, request: Request<Body>) -> Result<StatusCode, BoxError> {
        Ok(self.client.clone().oneshot(request).await?.status())
    }

    async fn get(&self, url: &str) -> Result<StatusCode, BoxError> {
        self.send(Request::get(url).body(Body::empty()).expect("a request")).await
    }

    fn token_fetches(&self) -> u64 {
        self.emulator.metadata("login-service").requests()
    }
}

fn http() -> Client<HttpConnector, Body> {
    Client::builder(TokioExecutor::new()).build_http()
}

/// Tokens for which time does not pass, so that a pause does not end by itself.
fn tokens(emulator: &Emulator) -> TokenCache {
    let source = MetadataSource::new(emulator.metadata_host("login-service").parse().expect("a host"));
    let now = UNIX_EPOCH + Duration::from_secs(u64::try_from(emulator.now()).expect("after 1970"));
    TokenCache::with_clock(source.expect("TLS"), Clock::from_fn(move || now))
}

fn cause(error: &BoxError) -> &Error {
    error.downcast_ref().expect("an error of this crate")
}

#[tokio::test]
async fn a_request_carries_the_token_in_both_headers_in_the_place_of_what_was_there() {
    let fixture = Fixture::start(|| "{}".into_response()).await;
    for _ in 0..10 {
        let mut request = Request::post(format!("{}/profiles", fixture.service.url()));
        for name in ["authorization", "x-serverless-authorization"] {
            request = request.header(name, "of-the-caller").header(name, "and another");
        }
        assert_eq!(fixture.send(request.body("body".into()).unwrap()).await.unwrap(), 200);
    }
    assert_eq!(fixture.token_fetches(), 1, "the token is kept");
    for head in fixture.service.heads() {
        for name in ["authorization", "x-serverless-authorization"] {
            let values: Vec<_> = head.get_all(name).iter().collect();
            assert!(matches!(values.as_slice(), [one] if one.as_bytes().starts_with(b"Bearer ey")), "{name}");
        }
        assert_eq!(head["authorization"], head["x-serverless-authorization"]);
    }
}

#[tokio::test]
async fn a_request_to_another_origin_is_refused_and_not_sent() {
    let fixture = Fixture::start(|| "{}".into_response()).await;
    let elsewhere = StandIn::start(|| "{}".into_response()).await.expect("a port");
    let port = fixture.service.url().rsplit(':').next().unwrap();
    let by_another_name = format!("http://localhost:{port}/");
    for url in [elsewhere.url(), &by_another_name, &fixture.service.url().replace("http:", "https:")] {
        let error = fixture.get(url).await.unwrap_err();
        assert!(matches!(cause(&error), Error::OtherOrigin) && !cause(&error).is_transient(), "{url}: {error}");
    }
    let other_host = Request::get(fixture.service.url()).header("Host", "evil.example").body(Body::empty());
    assert!(matches!(cause(&fixture.send(other_host.unwrap()).await.unwrap_err()), Error::OtherOrigin));
    assert_eq!((elsewhere.heads().len(), fixture.service.heads().len()), (0, 0));
    assert_eq!(fixture.token_fetches(), 0, "not even a token is fetched for it");
}

#[tokio::test]
async fn without_a_token_there_is_an_error_and_nothing_is_sent() {
    let fixture = Fixture::start(|| "{}".into_response()).await;
    fixture.emulator.metadata("login-service").fail(Fault::Status(404));
    let error = fixture.get(fixture.service.url()).await.unwrap_err();
    assert!(matches!(cause(&error), Error::SourceRefused { status: StatusCode::NOT_FOUND, .. }), "{error}");
    assert!(fixture.service.heads().is_empty());
}

#[tokio::test]
async fn a_refused_request_is_not_repeated_and_the_next_one_has_a_fresh_token() {
    let invalid = r#"Bearer error="invalid_token""#;
    for (status, header, value, fetches) in [
        (401, "www-authenticate", invalid, 2),
        (401, "www-authenticate", r#"Bearer realm="profile-service""#, 1),
        (403, "www-authenticate", invalid, 1),
        (200, "grpc-status", "16", 2),
        (200, "grpc-status", "7", 1),
        (200, "grpc-status", "0", 1),
    ] {
        let status = StatusCode::from_u16(status).unwrap();
        let fixture = Fixture::start(move || (status, [(header, value)]).into_response()).await;
        let url = fixture.service.url();
        assert_eq!(fixture.get(url).await.unwrap(), status, "the caller gets the answer");
        assert_eq!((fixture.service.heads().len(), fixture.token_fetches()), (1, 1), "{header}: {value}");
        // A receiver that refuses everything costs one fetch more, and not one with every request.
        for _ in 0..5 {
            fixture.get(url).await.unwrap();
            assert_eq!(fixture.token_fetches(), fetches, "{status} {header}: {value}");
        }
    }
}

#[tokio::test]
async fn the_token_and_the_answer_have_a_time_limit() {
    let emulator = Emulator::start().await.unwrap();
    // Connections wait in its queue, and nobody takes them.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let (service, tokens): (ServiceUrl, _) = (url.parse().unwrap(), Arc::new(tokens(&emulator)));
    let layer = IdTokenLayer::new(service.clone(), tokens.clone()).time_limit(Duration::from_millis(1));
    let client = layer.layer(http());

    emulator.metadata("login-service").fail(Fault::Hang);
    let request = || Request::get(&url).body(Body::empty()).unwrap();
    let error = client.clone().oneshot(request()).await.unwrap_err();
    assert!(matches!(cause(&error), Error::SourceUnreachable { .. }), "no token: {error}");

    emulator.metadata("login-service").heal();
    tokens.token(service.audience()).await.unwrap();
    let error = client.oneshot(request()).await.unwrap_err();
    assert!(matches!(cause(&error), Error::Unreachable(_)), "no answer: {error}");
}

#[tokio::test]
async fn an_error_of_the_inner_client_comes_through_as_it_is() {
    let emulator = Emulator::start().await.unwrap();
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let url = format!("http://{nobody}");
    let layer = IdTokenLayer::new(url.parse().unwrap(), Arc::new(tokens(&emulator)));
    let request = Request::get(url).body(Body::empty()).unwrap();
    let error = layer.layer(http()).oneshot(request).await.unwrap_err();
    assert!(error.is::<legacy::Error>(), "{error}");
}

#[tokio::test]
async fn neither_the_layer_nor_an_error_shows_a_token() {
    let fixture = Fixture::start(|| "{}".into_response()).await;
    fixture.get(fixture.service.url()).await.unwrap();
    let error = fixture.get("http://evil.example").await.unwrap_err();
    let shown = format!("{:?} {:?} {error:?} {error}", fixture.layer, fixture.client);
    let head = fixture.service.heads().remove(0);
    let token = head["authorization"].to_str().unwrap().strip_prefix("Bearer ").unwrap();
    assert!(token.split('.').all(|segment| !shown.contains(segment)), "{shown}");
}
