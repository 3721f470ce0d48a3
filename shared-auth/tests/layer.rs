//! The layer and the extractor over a real socket: each row of the table of rejections, and what is let through.

use std::{
    convert::Infallible,
    future::{Ready, ready},
    sync::Arc,
    task::{Context, Poll},
};

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request, Response},
    routing::get,
};
use google_emulator::{Emulator, Fault, TokenBuilder};
use reqwest::header::HeaderValue;
use serde_json::Value;
use shared_auth::receiver::{Caller, Issuer, KeySet, RequireCaller, Verifier};
use tokio::net::TcpListener;
use tower::{Layer, Service, ServiceExt};

const AUDIENCE: &str = "https://profile-service.example";
const ALLOWED: &str = "login-service@demo-project.iam.gserviceaccount.com";
const SEARCH: &str = "search-service@demo-project.iam.gserviceaccount.com";

struct Fixture {
    emulator: Emulator,
    url: String,
    http: reqwest::Client,
}

impl Fixture {
    /// `/protected` is behind the layer, `/protected/twice` behind one more that lets in search-service, `/search`
    /// behind that one alone; `/forgotten` asks for the caller and is behind none.
    async fn start(allowed: &str) -> Self {
        let emulator = Emulator::start().await.expect("the emulator starts");
        let verifier = verifier(&emulator.certs_url());
        let policy = allowed.parse().expect("a list of callers");
        let require_caller = RequireCaller::new("profile-service", verifier, policy).expect("a realm");
        let for_search = require_caller.with_policy(SEARCH.parse().expect("a list of callers"));
        let show = async |caller: Caller| caller.email().unwrap_or(caller.subject()).to_owned();
        let headers = async |_: Caller, headers: HeaderMap| format!("{:?}", headers.keys().collect::<Vec<_>>());
        let routes = Router::new()
            .route("/protected", get(show))
            .route("/headers", get(headers))
            .route("/protected/twice", get(show).layer(for_search.clone()))
            .route_layer(require_caller)
            .merge(Router::new().route("/search", get(show)).route_layer(for_search))
            .route("/forgotten", get(async |caller: Caller| caller.subject().to_owned()));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        tokio::spawn(async { axum::serve(listener, routes).await });
        let http = reqwest::Client::builder().no_proxy().build().expect("TLS");
        Self { emulator, url, http }
    }

    fn token(&self) -> TokenBuilder {
        self.emulator.token("login-service", AUDIENCE)
    }

    async fn call(&self, path: &str, authorization: &[&[u8]]) -> reqwest::Response {
        let mut request = self.http.get(format!("{}{path}", self.url));
        for value in authorization {
            request = request.header("Authorization", HeaderValue::from_bytes(value).expect("a header value"));
        }
        request.send().await.expect("an answer")
    }

    async fn call_with(&self, token: TokenBuilder) -> reqwest::Response {
        self.call("/protected", &[format!("Bearer {}", token.sign()).as_bytes()]).await
    }
}

/// Checks the form that every refusal has, and returns its status and challenge.
async fn refusal(response: reqwest::Response) -> (u16, Option<String>) {
    let header = |name: &str| response.headers().get(name).map(|value| value.to_str().expect("ASCII").to_owned());
    let (status, challenge) = (response.status().as_u16(), header("WWW-Authenticate"));
    assert_eq!(header("Content-Type").as_deref(), Some("application/problem+json"));
    assert_eq!(header("Cache-Control").as_deref(), Some("no-store"));
    let retry_after: Option<u64> = header("Retry-After").map(|seconds| seconds.parse().expect("seconds"));
    assert_eq!(retry_after.is_some_and(|seconds| seconds > 0), status == 503, "{retry_after:?}");
    let body: Value = response.json().await.expect("JSON");
    assert_eq!(body.get("status"), Some(&status.into()));
    assert_eq!(body.get("type"), Some(&"about:blank".into()));
    assert!(body.get("title").is_some_and(Value::is_string) && body.get("detail").is_some_and(Value::is_string));
    (status, challenge)
}

fn with_challenge(status: u16, challenge: &str) -> (u16, Option<String>) {
    (status, Some(challenge.to_owned()))
}

#[tokio::test]
async fn a_caller_on_the_list_is_let_in_by_e_mail_or_by_unique_id() {
    for allowed in [ALLOWED, "100000000000000000001", &format!("7, {ALLOWED}")] {
        let fixture = Fixture::start(allowed).await;
        let response = fixture.call_with(fixture.token()).await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.text().await.unwrap(), ALLOWED);
    }
}

#[tokio::test]
async fn the_scheme_is_read_without_case() {
    let fixture = Fixture::start(ALLOWED).await;
    for scheme in ["bearer", "BEARER", "Bearer "] {
        let header = format!("{scheme} {}", fixture.token().sign());
        assert_eq!(fixture.call("/protected", &[header.as_bytes()]).await.status(), 200, "{scheme:?}");
    }
}

#[tokio::test]
async fn no_header_or_another_scheme_is_401_with_the_realm_and_no_error_code() {
    let fixture = Fixture::start(ALLOWED).await;
    let expected = with_challenge(401, r#"Bearer realm="profile-service""#);
    assert_eq!(refusal(fixture.call("/protected", &[]).await).await, expected);
    for header in ["Basic dTpw", "Bearer2 abc", "Token abc", "abc", "Negotiate"] {
        assert_eq!(refusal(fixture.call("/protected", &[header.as_bytes()]).await).await, expected, "{header}");
    }
}

#[tokio::test]
async fn a_header_that_is_not_one_token_is_400() {
    let fixture = Fixture::start(ALLOWED).await;
    let expected = with_challenge(400, r#"Bearer error="invalid_request""#);
    let genuine = format!("Bearer {}", fixture.token().sign());
    let too_large = format!("Bearer {}", fixture.token().claim("padding", "x".repeat(8000)).sign());
    let repeated = [genuine.as_bytes(), genuine.as_bytes()];
    assert_eq!(refusal(fixture.call("/protected", &repeated).await).await, expected, "repeated");
    let twice_in_one = format!("{genuine}, {genuine}");
    for header in [
        &b""[..],
        b"Bearer",
        b"Bearer ",
        b"Bearer \xff",
        b"Bearer a b",
        b"Bearer\ta",
        b"Basic a\tb",
        b"Bearer a\tb",
        twice_in_one.as_bytes(),
        too_large.as_bytes(),
    ] {
        let answer = refusal(fixture.call("/protected", &[header]).await).await;
        assert_eq!(answer, expected, "{}", String::from_utf8_lossy(header));
    }
}

#[tokio::test]
async fn every_failed_check_of_a_token_is_the_same_401() {
    let fixture = Fixture::start(ALLOWED).await;
    let mut bodies = Vec::new();
    for token in [
        fixture.token().signed_by_unpublished_key(),
        fixture.token().issued_at(fixture.emulator.now() - 7200),
        fixture.token().claim("aud", "https://search-service.example"),
        fixture.token().claim("iss", "https://evil.example"),
        fixture.token().header("alg", "none").with_signature(""),
        fixture.token().header("kid", "unknown"),
        fixture.token().with_signature("SIGNATURE_REMOVED_BY_GOOGLE"),
        fixture.token().raw_payload("{}"),
    ] {
        let response = fixture.call_with(token).await;
        assert_eq!(response.headers()["WWW-Authenticate"], r#"Bearer error="invalid_token""#);
        assert_eq!(response.status(), 401);
        bodies.push(response.text().await.unwrap());
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "{bodies:?}");
    let garbage = fixture.call("/protected", &[b"Bearer garbage"]).await;
    assert_eq!(refusal(garbage).await, with_challenge(401, r#"Bearer error="invalid_token""#));
}

#[tokio::test]
async fn a_genuine_caller_who_is_not_on_the_list_is_403() {
    let fixture = Fixture::start(ALLOWED).await;
    let expected = with_challenge(403, r#"Bearer error="insufficient_scope""#);
    for identity in ["search-service", "stranger"] {
        let response = fixture.call_with(fixture.emulator.token(identity, AUDIENCE)).await;
        assert_eq!(refusal(response).await, expected, "{identity}");
    }
}

#[tokio::test]
async fn each_route_has_its_own_list_and_a_route_behind_two_lists_is_for_those_on_both() {
    let expected = [
        (ALLOWED, "login-service", [200, 403, 403]),
        (ALLOWED, "search-service", [403, 200, 403]),
        (&format!("{ALLOWED},{SEARCH}"), "search-service", [200, 200, 200]),
        (&format!("{ALLOWED},{SEARCH}"), "login-service", [200, 403, 403]),
        (SEARCH, "stranger", [403, 403, 403]),
    ];
    for (allowed, identity, statuses) in expected {
        let fixture = Fixture::start(allowed).await;
        let bearer = format!("Bearer {}", fixture.emulator.token(identity, AUDIENCE).sign());
        for (path, status) in ["/protected", "/search", "/protected/twice"].iter().zip(statuses) {
            let response = fixture.call(path, &[bearer.as_bytes()]).await;
            assert_eq!(response.status(), status, "{identity} at {path}, where {allowed} may enter");
        }
        assert_eq!(fixture.call("/protected/twice", &[]).await.status(), 401);
    }
}

#[tokio::test]
async fn an_e_mail_that_is_not_verified_or_only_looks_alike_is_403() {
    let fixture = Fixture::start(ALLOWED).await;
    let stranger = || fixture.emulator.token("stranger", AUDIENCE);
    for token in [
        stranger().claim("email", ALLOWED).claim("email_verified", false),
        stranger().claim("email", ALLOWED).without_claim("email_verified"),
        stranger().claim("email", ALLOWED.to_uppercase()),
        stranger().claim("email", format!("{ALLOWED}.evil.example")),
        stranger().claim("email", format!(" {ALLOWED}")),
        stranger().claim("email", "*"),
        stranger().claim("sub", ALLOWED),
        stranger().claim("azp", ALLOWED),
    ] {
        assert_eq!(fixture.call_with(token).await.status(), 403);
    }
}

#[tokio::test]
async fn a_unique_id_in_the_place_of_an_e_mail_is_403() {
    let fixture = Fixture::start("100000000000000000001").await;
    let token = fixture.emulator.token("stranger", AUDIENCE).claim("email", "100000000000000000001");
    assert_eq!(fixture.call_with(token).await.status(), 403);
}

#[tokio::test]
async fn keys_that_cannot_be_fetched_are_503_without_a_challenge() {
    let fixture = Fixture::start(ALLOWED).await;
    fixture.emulator.certs().fail(Fault::Status(500));
    assert_eq!(refusal(fixture.call_with(fixture.token()).await).await, (503, None));
}

#[tokio::test]
async fn a_handler_that_asks_for_the_caller_without_the_layer_is_500_even_with_a_genuine_token() {
    let fixture = Fixture::start(ALLOWED).await;
    let genuine = format!("Bearer {}", fixture.token().sign());
    assert_eq!(refusal(fixture.call("/forgotten", &[genuine.as_bytes()]).await).await, (500, None));
}

#[tokio::test]
async fn an_unknown_path_is_404_without_a_token() {
    let fixture = Fixture::start(ALLOWED).await;
    assert_eq!(fixture.call("/nothing", &[]).await.status(), 404);
}

#[tokio::test]
async fn a_token_in_another_place_is_no_token() {
    let fixture = Fixture::start(ALLOWED).await;
    let bearer = format!("Bearer {}", fixture.token().sign());
    let url = format!("{}/protected", fixture.url);
    for name in ["X-Serverless-Authorization", "X-Forwarded-Authorization", "Proxy-Authorization", "Cookie"] {
        let response = fixture.http.get(&url).header(name, &bearer).send().await.unwrap();
        assert_eq!(response.status(), 401, "{name}");
    }
    let query = format!("{url}?access_token={}", fixture.token().sign());
    assert_eq!(fixture.http.get(query).send().await.unwrap().status(), 401);
}

#[tokio::test]
async fn a_handler_behind_the_layer_does_not_see_the_token() {
    let fixture = Fixture::start(ALLOWED).await;
    let bearer = format!("Bearer {}", fixture.token().sign());
    let request = fixture.http.get(format!("{}/headers", fixture.url)).header("Authorization", &bearer);
    let response = request.header("X-Serverless-Authorization", &bearer).header("X-Other", "1").send().await.unwrap();
    assert_eq!(response.status(), 200);
    let seen = response.text().await.unwrap();
    assert!(seen.contains("x-other") && !seen.contains("authorization"), "{seen}");
}

/// A service that has a permit from when it is ready until it is called, and none when it is cloned.
struct Permitted {
    permit: Option<Arc<()>>,
    permits: Arc<()>,
}

impl Clone for Permitted {
    fn clone(&self) -> Self {
        Self { permit: None, permits: self.permits.clone() }
    }
}

impl Service<Request<Body>> for Permitted {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Ready<Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.permit = Some(self.permits.clone());
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<Body>) -> Self::Future {
        assert!(self.permit.take().is_some(), "it is called without having been ready");
        ready(Ok(Response::default()))
    }
}

#[tokio::test]
async fn the_service_that_was_ready_is_called_and_a_refusal_gives_back_what_it_has_reserved() {
    let emulator = Emulator::start().await.unwrap();
    let require_caller = RequireCaller::new("test", verifier(&emulator.certs_url()), ALLOWED.parse().unwrap()).unwrap();
    let genuine = format!("Bearer {}", emulator.token("login-service", AUDIENCE).sign());
    let elsewhere = format!("Bearer {}", emulator.token("search-service", AUDIENCE).sign());
    let permits = Arc::new(());
    let mut service = require_caller.layer(Permitted { permit: None, permits: permits.clone() });
    let idle = Arc::strong_count(&permits);
    // The second time, the token is remembered.
    for (header, status) in
        [(&genuine, 200), (&genuine, 200), (&elsewhere, 403), (&elsewhere, 403), (&"Bearer a b".to_owned(), 400)]
    {
        let request = Request::builder().header("Authorization", header).body(Body::empty()).unwrap();
        let response = service.ready().await.unwrap().call(request).await.unwrap();
        assert_eq!(response.status(), status);
        assert_eq!(Arc::strong_count(&permits), idle, "after {status}");
    }
}

#[test]
fn a_realm_that_would_end_its_own_quotation_cannot_be_made() {
    for realm in ["", "a\"b", "a\\b", "a b", "\u{e9}", "a\r\nb"] {
        let verifier = verifier("http://127.0.0.1:1/");
        assert!(RequireCaller::new(realm, verifier, ALLOWED.parse().unwrap()).is_err(), "{realm:?}");
    }
}

fn verifier(certs_url: &str) -> Verifier {
    let keys = KeySet::builder(Issuer::GOOGLE_ACCOUNTS).certs_url(certs_url.parse().expect("a loopback URL")).build();
    Verifier::new(keys.expect("TLS"), AUDIENCE.parse().expect("an audience"))
}
