//! Whatever the bytes from outside are, they end in an answer, and not in a panic or in a caller.

use axum::{
    Router,
    body::Body,
    http::{HeaderValue, Request, header::AUTHORIZATION},
    routing::get,
};
use google_emulator::Emulator;
use proptest::prelude::*;
use shared_auth::{
    Audience, SecureUrl,
    caller::{IdToken, MetadataHost, ServiceAccountKey, ServiceUrl},
    receiver::{AcceptedAudiences, Issuer, KeySet, Policy, RequireCaller, Verifier},
};
use tokio::runtime::Runtime;
use tower::ServiceExt;

const AUDIENCE: &str = "https://profile-service.example";

/// A verifier that holds its keys, a genuine token for it, and the runtime that both need.
fn genuine() -> (Runtime, Emulator, Verifier, String) {
    let runtime = Runtime::new().expect("a runtime");
    let (emulator, verifier, token) = runtime.block_on(async {
        let emulator = Emulator::start().await.expect("the emulator starts");
        let certs_url = emulator.certs_url().parse().expect("a loopback URL");
        let keys = KeySet::builder(Issuer::GOOGLE_ACCOUNTS).certs_url(certs_url).build().expect("TLS");
        let verifier = Verifier::new(keys, AUDIENCE.parse().expect("an audience"));
        let token = emulator.token("login-service", AUDIENCE).sign();
        assert!(verifier.verify(&token).await.is_ok());
        (emulator, verifier, token)
    });
    (runtime, emulator, verifier, token)
}

#[test]
fn any_change_of_one_byte_of_a_genuine_token_is_refused() {
    let (runtime, _emulator, verifier, token) = genuine();
    for position in 0..token.len() {
        for other in 0..128 {
            let mut bytes = token.clone().into_bytes();
            if std::mem::replace(&mut bytes[position], other) != other {
                let changed = String::from_utf8(bytes).unwrap();
                assert!(runtime.block_on(verifier.verify(&changed)).is_err(), "byte {position} as {:?}", other as char);
            }
        }
    }
}

#[test]
fn any_beginning_and_any_end_of_a_genuine_token_is_refused() {
    let (runtime, _emulator, verifier, token) = genuine();
    for position in 1..token.len() {
        let (beginning, end) = token.split_at(position);
        for part in [beginning, end] {
            assert!(runtime.block_on(verifier.verify(part)).is_err(), "{part}");
        }
    }
}

#[test]
fn any_text_as_a_token_is_refused() {
    let (runtime, _emulator, verifier, token) = genuine();
    let (header, _) = token.split_once('.').unwrap();
    proptest!(|(text: String, header_text: String, payload: Vec<u8>, signature in "[A-Za-z0-9_-]{0,400}")| {
        let encode = |bytes: &[u8]| base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, bytes);
        let tokens = [
            text,
            format!("{}.{}.{signature}", encode(header_text.as_bytes()), encode(&payload)),
            format!("{header}.{}.{signature}", encode(&payload)),
        ];
        for token in tokens {
            prop_assert!(runtime.block_on(verifier.verify(&token)).is_err(), "{}", token);
        }
    });
}

#[test]
fn any_headers_end_in_a_refusal() {
    let (runtime, _emulator, verifier, token) = genuine();
    let policy = "login-service@demo-project.iam.gserviceaccount.com".parse().unwrap();
    let routes = Router::new().route("/", get(async || ()));
    let routes = routes.layer(RequireCaller::new("profile-service", verifier, policy).unwrap());
    let status = |values: &[Vec<u8>]| {
        let mut request = Request::get("/").body(Body::empty()).unwrap();
        for value in values.iter().filter_map(|bytes| HeaderValue::from_bytes(bytes).ok()) {
            request.headers_mut().append(AUTHORIZATION, value);
        }
        runtime.block_on(routes.clone().oneshot(request)).unwrap().status().as_u16()
    };
    assert_eq!(status(&[format!("Bearer {token}").into_bytes()]), 200);
    proptest!(|(values: Vec<Vec<u8>>, scheme in "(?i)bearer ?", text: Vec<u8>, byte: u8, position in 0..token.len())| {
        prop_assert!([400, 401].contains(&status(&values)), "{:?}", values);
        let value = [scheme.as_bytes(), &text].concat();
        prop_assert!([400, 401].contains(&status(&[value])), "{:?}", text);
        let mut changed = token.clone().into_bytes();
        changed[position] ^= byte.max(1);
        let value = [b"Bearer ", changed.as_slice()].concat();
        prop_assert!([400, 401].contains(&status(&[value])), "byte {} changed by {}", position, byte.max(1));
    });
}

proptest! {
    #[test]
    fn any_text_can_be_asked_whether_it_is_configuration(text: String) {
        let _ = (text.parse::<SecureUrl>(), text.parse::<ServiceUrl>(), text.parse::<MetadataHost>());
        let _ = (text.parse::<AcceptedAudiences>(), text.parse::<Policy>(), IdToken::from_compact(&text));
        let _ = text.parse::<Audience>().map(|audience| audience.suspicions());
        let _ = ServiceAccountKey::from_json(text.as_bytes());
    }
}
