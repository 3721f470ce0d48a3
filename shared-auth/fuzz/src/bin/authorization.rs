//! Any list of headers in a request: whoever is not let in gets one of four answers, the same to the last byte. So there
//! is always a challenge, and nothing of a token is ever in an answer.
//!
//! An input is lines of headers. A line that names none of the two that carry tokens is a value of `Authorization`.

#![no_main]

use std::{collections::HashSet, convert::Infallible, sync::LazyLock};

use axum::{
    body::{Body, to_bytes},
    http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode, header::AUTHORIZATION},
    response::{IntoResponse, Response},
};
use libfuzzer_sys::fuzz_target;
use shared_auth::receiver::{Caller, RequireCaller};
use shared_auth_fuzz::RECEIVER;
use tower::{Layer, ServiceExt, service_fn};

/// Everything that a client can read.
#[derive(PartialEq, Eq, Hash, Debug)]
struct Answer {
    status: StatusCode,
    head: String,
    body: Vec<u8>,
}

static REFUSALS: LazyLock<HashSet<Answer>> = LazyLock::new(|| {
    let known = ["", "Bearer", "Bearer forged", "Bearer $STRANGER"].map(|head| (head, ask(&headers(head))));
    for ((head, answer), status) in known.iter().zip([401, 400, 401, 403]) {
        assert_eq!(answer.status, status, "{head}");
        assert!(answer.head.contains("www-authenticate"), "{head}");
    }
    assert_eq!(ask(&headers("Bearer $TOKEN")).status, StatusCode::OK);
    known.map(|(_, answer)| answer).into()
});

fuzz_target!(|bytes: &[u8]| {
    let headers = headers(&String::from_utf8_lossy(bytes));
    let answer = ask(&headers);
    let sent: Vec<_> = headers.get_all(AUTHORIZATION).iter().collect();
    let is_sent = |token: &str| match sent.as_slice() {
        [one] => one.to_str().is_ok_and(|value| {
            let words: Vec<_> = value.split(' ').filter(|word| !word.is_empty()).collect();
            matches!(words.as_slice(), [scheme, sent] if scheme.eq_ignore_ascii_case("Bearer") && *sent == token)
        }),
        _ => false,
    };
    if answer.status == StatusCode::OK {
        assert!(is_sent(&RECEIVER.token), "{headers:?} was let in");
    } else {
        assert!(REFUSALS.contains(&answer), "{answer:?}");
        assert_eq!(answer.status == StatusCode::FORBIDDEN, is_sent(&RECEIVER.stranger), "403 is for the genuine");
    }
});

fn ask(headers: &HeaderMap) -> Answer {
    static REQUIRE_CALLER: LazyLock<RequireCaller> = LazyLock::new(|| {
        let policy = "login-service@demo-project.iam.gserviceaccount.com".parse().expect("a list of callers");
        RequireCaller::new("fuzz", RECEIVER.verifier.clone(), policy).expect("a realm")
    });
    let behind = service_fn(async |request: Request<Body>| {
        assert!(request.extensions().get::<Caller>().is_some(), "the layer says who it is");
        assert!(!request.headers().contains_key(AUTHORIZATION), "and takes the token away");
        Ok::<Response, Infallible>(StatusCode::OK.into_response())
    });
    let mut request = Request::new(Body::empty());
    *request.headers_mut() = headers.clone();
    RECEIVER.block_on(async {
        let Ok(response) = REQUIRE_CALLER.layer(behind).oneshot(request).await;
        let (status, head) = (response.status(), format!("{:?}", response.headers()));
        let body = to_bytes(response.into_body(), usize::MAX).await.expect("a body that is here already");
        Answer { status, head, body: body.to_vec() }
    })
}

/// What a header cannot hold is dropped.
fn headers(text: &str) -> HeaderMap {
    let serverless = HeaderName::from_static("x-serverless-authorization");
    let mut headers = HeaderMap::new();
    for line in RECEIVER.fill(text).lines() {
        let (name, value) = match line.split_once(": ") {
            Some((name, value)) if name == serverless => (serverless.clone(), value),
            Some((name, value)) if name == AUTHORIZATION => (AUTHORIZATION, value),
            _ => (AUTHORIZATION, line),
        };
        let allowed: Vec<u8> =
            value.bytes().filter(|byte| *byte == b'\t' || (*byte >= b' ' && *byte != 0x7f)).collect();
        // HTTP takes the space around a value away (RFC 9110 section 5.5).
        headers.append(name, HeaderValue::from_bytes(allowed.trim_ascii()).expect("only what may be in one"));
    }
    headers
}
