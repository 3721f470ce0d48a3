//! A receiver behind Identity-Aware Proxy: its own header, algorithm, keys and issuer, and the user it has signed in.

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request},
    routing::get,
};
use google_emulator::{Emulator, SigningKey, TokenBuilder};
use local::stand_in::StandIn;
use reqwest::Response;
use shared_auth::receiver::{Caller, Issuer, KeySet, RequireCaller, Verifier, VerifyError};
use tower::ServiceExt;

const AUDIENCE: &str = "/projects/1/global/backendServices/2";
const USER: &str = "ada@example.com";
const HEADER: &str = "X-Goog-IAP-JWT-Assertion";

struct Fixture {
    emulator: Emulator,
    verifier: Verifier,
}

impl Fixture {
    async fn start() -> Self {
        let emulator = Emulator::start().await.expect("the emulator starts");
        let verifier = verifier(Issuer::IAP, &emulator.iap_certs_url());
        Self { emulator, verifier }
    }

    fn token(&self) -> TokenBuilder {
        self.emulator.iap_token(USER, AUDIENCE)
    }

    async fn refusal(&self, token: TokenBuilder) -> VerifyError {
        self.verifier.verify(&token.sign()).await.expect_err("the token is refused")
    }

    /// A service that lets the user in, and answers with the user and the headers that its handler sees.
    async fn serve(&self, allowed: &str) -> (String, reqwest::Client) {
        let policy = allowed.parse().expect("a list of callers");
        let require_caller = RequireCaller::new("site", self.verifier.clone(), policy).expect("a realm");
        let show = async |caller: Caller, headers: HeaderMap| {
            format!("{} {} {:?}", caller.email().unwrap_or("nobody"), caller.subject(), headers.keys())
        };
        let routes = Router::new().route("/", get(show)).route_layer(require_caller);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        tokio::spawn(async { axum::serve(listener, routes).await });
        (url, reqwest::Client::builder().no_proxy().build().expect("TLS"))
    }
}

fn verifier(issuer: &'static Issuer, certs_url: &str) -> Verifier {
    let keys = KeySet::builder(issuer).certs_url(certs_url.parse().expect("a loopback URL")).build();
    Verifier::new(keys.expect("TLS"), AUDIENCE.parse().expect("an audience"))
}

async fn call(http: &reqwest::Client, url: &str, header: &str, values: &[&str]) -> Response {
    let request = values.iter().fold(http.get(url), |request, value| request.header(header, *value));
    request.send().await.expect("an answer")
}

#[tokio::test]
async fn the_user_whom_it_has_signed_in_is_let_in_by_e_mail_or_by_unique_id() {
    let fixture = Fixture::start().await;
    let caller = fixture.verifier.verify(&fixture.token().sign()).await.unwrap();
    let id = caller.subject().to_owned();
    assert!(id.len() == 21 && id.bytes().all(|byte| byte.is_ascii_digit()), "without its prefix: {id}");
    for allowed in [USER, &id] {
        let (url, http) = fixture.serve(allowed).await;
        let response = call(&http, &url, HEADER, &[&fixture.token().sign()]).await;
        assert_eq!(response.status(), 200);
        let seen = response.text().await.unwrap();
        assert!(seen.starts_with(&format!("{USER} {id} ")) && !seen.contains("jwt-assertion"), "{seen}");
    }
    let (url, http) = fixture.serve("eve@example.com").await;
    assert_eq!(call(&http, &url, HEADER, &[&fixture.token().sign()]).await.status(), 403);
}

#[tokio::test]
async fn its_token_counts_in_its_own_header_only_and_once() {
    let fixture = Fixture::start().await;
    let (url, http) = fixture.serve(USER).await;
    let (token, bearer) = (fixture.token().sign(), format!("Bearer {}", fixture.token().sign()));
    assert_eq!(call(&http, &url, "Authorization", &[&bearer]).await.status(), 401);
    assert_eq!(call(&http, &url, "X-Goog-Authenticated-User-Email", &[USER]).await.status(), 401, "it is not signed");
    assert_eq!(call(&http, &url, HEADER, &[&token, &token]).await.status(), 400);
    assert_eq!(call(&http, &url, HEADER, &[&bearer]).await.status(), 400, "there is no scheme before it");
    assert_eq!(call(&http, &url, HEADER, &[""]).await.status(), 400);
}

#[tokio::test]
async fn a_token_of_the_one_issuer_is_none_of_the_other() {
    let fixture = Fixture::start().await;
    let google = fixture.emulator.token("login-service", AUDIENCE);
    assert_eq!(fixture.refusal(google).await, VerifyError::Algorithm);
    let accounts = verifier(Issuer::GOOGLE_ACCOUNTS, &fixture.emulator.certs_url());
    let refused = accounts.verify(&fixture.token().sign()).await;
    assert_eq!(refused, Err(VerifyError::Algorithm));
    let accounts = fixture.token().claim("iss", "https://accounts.google.com");
    assert_eq!(fixture.refusal(accounts).await, VerifyError::Issuer);
}

#[tokio::test]
async fn the_checks_are_the_same_as_those_of_an_id_token() {
    let fixture = Fixture::start().await;
    let now = fixture.emulator.now();
    assert_eq!(fixture.refusal(fixture.token().issued_at(now - 700)).await, VerifyError::Expired);
    assert_eq!(fixture.refusal(fixture.token().issued_at(now + 90)).await, VerifyError::IssuedInTheFuture);
    let key = SigningKey::p256();
    assert_eq!(fixture.refusal(fixture.token().signed_by(&key)).await, VerifyError::UnknownKey);
    let forged = fixture.token().signed_with(move |message| key.sign(message));
    assert_eq!(fixture.refusal(forged).await, VerifyError::Signature);
    let elsewhere = fixture.token().claim("aud", "/projects/1/global/backendServices/3");
    assert!(matches!(fixture.refusal(elsewhere).await, VerifyError::Audience { .. }));
}

#[tokio::test]
async fn its_tokens_live_for_eleven_minutes_at_most() {
    let fixture = Fixture::start().await;
    let now = fixture.emulator.now();
    let living = |seconds: i64| fixture.token().claim("iat", now).claim("exp", now + seconds);
    assert!(fixture.verifier.verify(&living(660).sign()).await.is_ok());
    assert_eq!(fixture.refusal(living(661)).await, VerifyError::Lifetime);
}

#[tokio::test]
async fn a_user_who_is_no_google_account_is_refused() {
    let fixture = Fixture::start().await;
    for subject in ["securetoken.google.com/project:1", "accounts.google.com:", "100000000000000000001", ""] {
        assert_eq!(fixture.refusal(fixture.token().claim("sub", subject)).await, VerifyError::Subject, "{subject:?}");
    }
}

#[tokio::test]
async fn an_e_mail_that_it_says_is_not_verified_does_not_count() {
    let fixture = Fixture::start().await;
    let caller = fixture.verifier.verify(&fixture.token().claim("email_verified", false).sign()).await.unwrap();
    assert_eq!(caller.email(), None);
}

#[tokio::test]
async fn a_key_of_another_curve_or_type_is_not_one_of_its_keys() {
    let fixture = Fixture::start().await;
    for key in [SigningKey::p384(), SigningKey::rsa()] {
        let set = serde_json::json!({ "keys": [key.jwk(), fixture.emulator.iap_jwks()["keys"][0]] });
        let certs = StandIn::start(move || axum::response::IntoResponse::into_response(axum::Json(set.clone())));
        let certs = certs.await.unwrap();
        let verifier = verifier(Issuer::IAP, certs.url());
        assert!(verifier.verify(&fixture.token().sign()).await.is_ok());
        let forged = fixture.token().signed_by(&key);
        let (with_its_algorithm, with_the_issuers) = (forged.clone().sign(), forged.header("alg", "ES256").sign());
        assert_eq!(verifier.verify(&with_its_algorithm).await, Err(VerifyError::Algorithm));
        assert_eq!(verifier.verify(&with_the_issuers).await, Err(VerifyError::UnknownKey));
    }
}

#[tokio::test]
async fn a_route_can_ask_for_a_user_and_for_a_service_and_neither_stands_in_for_the_other() {
    let fixture = Fixture::start().await;
    let accounts = verifier(Issuer::GOOGLE_ACCOUNTS, &fixture.emulator.certs_url());
    let service = "login-service@demo-project.iam.gserviceaccount.com";
    let layers = [(accounts, service), (fixture.verifier.clone(), USER)];
    let [services, users] =
        layers.map(|(verifier, allowed)| RequireCaller::new("site", verifier, allowed.parse().unwrap()).unwrap());
    let bearer = format!("Bearer {}", fixture.emulator.token("login-service", AUDIENCE).sign());
    let assertion = fixture.token().sign();
    for routes in [
        Router::new().route("/", get(async || ())).layer(services.clone()).layer(users.clone()),
        Router::new().route("/", get(async || ())).layer(users).layer(services),
    ] {
        let answer = async |service: Option<&String>, user: Option<&String>| {
            let request = Request::get("/");
            let request = service.iter().fold(request, |request, bearer| request.header("Authorization", *bearer));
            let request = user.iter().fold(request, |request, assertion| request.header(HEADER, *assertion));
            let response = routes.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
            let challenge = response.headers().get("WWW-Authenticate").map(|value| value.to_str().unwrap().to_owned());
            (response.status().as_u16(), challenge)
        };
        assert_eq!(answer(Some(&bearer), Some(&assertion)).await, (200, None));
        let no_token = (401, Some(r#"Bearer realm="site""#.to_owned()));
        assert_eq!(answer(Some(&bearer), None).await, no_token);
        assert_eq!(answer(None, Some(&assertion)).await, no_token);
    }
}
