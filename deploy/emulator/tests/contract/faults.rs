//! Faults and counters: what a test may do to an endpoint.

use std::time::{Duration, Instant};

use google_emulator::Fault;
use tokio::time::timeout;

use crate::{client, emulator, fetch, header, text};

#[tokio::test]
async fn a_status_is_answered_until_healed() {
    let google = emulator().await;
    google.certs().fail(Fault::Status(503));
    assert_eq!(fetch(&google.certs_url()).await.status(), 503);
    assert_eq!(fetch(&google.certs_url()).await.status(), 503);
    google.certs().heal();
    assert_eq!(fetch(&google.certs_url()).await.status(), 200);
}

#[tokio::test]
async fn a_slow_endpoint_answers_right_and_late() {
    let google = emulator().await;
    let delay = Duration::from_millis(50);
    google.certs().fail(Fault::Slow(delay));
    let started = Instant::now();
    assert_eq!(fetch(&google.certs_url()).await.status(), 200);
    assert!(started.elapsed() >= delay);
}

#[tokio::test]
async fn a_hanging_endpoint_answers_only_when_the_fault_changes() {
    let google = emulator().await;
    for (end, status) in [(None, 200), (Some(Fault::Status(500)), 500)] {
        google.certs().fail(Fault::Hang);
        let url = google.certs_url();
        let mut request = tokio::spawn(async move { fetch(&url).await.status() });
        assert!(timeout(Duration::from_millis(50), &mut request).await.is_err());
        match end {
            None => google.certs().heal(),
            Some(fault) => google.certs().fail(fault),
        }
        let answered = timeout(Duration::from_secs(10), request).await.expect("the request ends");
        assert_eq!(answered.unwrap(), status);
    }
    assert_eq!(google.certs().requests(), 2);
}

#[tokio::test]
async fn any_body_can_be_served_in_the_place_of_the_right_one() {
    let google = emulator().await;
    google.certs().fail(Fault::Body { content_type: "text/plain".to_owned(), body: b"\xffgarbage".to_vec() });
    let answer = fetch(&google.certs_url()).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(header(&answer, "content-type"), "text/plain");
    assert_eq!(answer.bytes().await.unwrap(), b"\xffgarbage".as_slice());

    google.certs().fail(Fault::Body { content_type: "application/json".to_owned(), body: Vec::new() });
    assert_eq!(text(fetch(&google.certs_url()).await).await, "");
}

#[tokio::test]
async fn a_key_set_can_say_how_long_it_may_be_kept() {
    let google = emulator().await;
    let headers =
        [("Cache-Control", "max-age=300"), ("Age", "299"), ("Content-Type", "application/json"), ("no name", "")];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    google.certs().fail(Fault::Answer { headers, body: google.jwks().to_string().into_bytes() });
    let answer = fetch(&google.certs_url()).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(header(&answer, "cache-control"), "max-age=300");
    assert_eq!(header(&answer, "age"), "299");
    assert_eq!(header(&answer, "content-type"), "application/json");
    assert_eq!(text(answer).await, google.jwks().to_string());

    google.certs().fail(Fault::Answer { headers: Vec::new(), body: Vec::new() });
    assert_eq!(header(&fetch(&google.certs_url()).await, "content-type"), "");
}

#[tokio::test]
async fn a_redirect_names_where_to_go() {
    let google = emulator().await;
    google.certs().fail(Fault::Redirect("http://192.0.2.1/".to_owned()));
    let answer = fetch(&google.certs_url()).await;
    assert_eq!(answer.status(), 302);
    assert_eq!(header(&answer, "location"), "http://192.0.2.1/");
}

#[tokio::test]
async fn every_request_counts_and_each_endpoint_counts_its_own() {
    let google = emulator().await;
    fetch(&google.certs_url()).await;
    fetch(&google.certs_url().replace("v3", "v4")).await;
    google.certs().fail(Fault::Status(500));
    fetch(&google.certs_url()).await;
    fetch(&format!("http://{}/", google.metadata_host("frontend"))).await;
    assert_eq!(google.certs().requests(), 3);
    assert_eq!(google.metadata("frontend").requests(), 1);
    assert_eq!(google.metadata("stranger").requests(), 0);
}

#[tokio::test]
async fn the_latest_requests_are_noted_and_neither_their_queries_nor_those_long_ago() {
    let google = emulator().await;
    let root = format!("http://{}", google.metadata_host("frontend"));
    for number in 0..=100 {
        fetch(&format!("{root}/{number}?secret=1")).await;
    }
    let expected: Vec<_> = (1..=100).map(|number| format!("GET /{number}")).collect();
    assert_eq!(google.metadata("frontend").latest(), expected);
    assert!(!google.certs().fails());
}

#[tokio::test]
async fn a_failing_metadata_server_fails_for_one_identity_and_is_still_known_by_its_header() {
    let google = emulator().await;
    google.metadata("frontend").fail(Fault::Status(503));
    let root = |identity| client().get(format!("http://{}/", google.metadata_host(identity))).send();
    let failing = root("frontend").await.unwrap();
    assert_eq!(failing.status(), 503);
    assert_eq!(header(&failing, "metadata-flavor"), "Google");
    assert_eq!(root("stranger").await.unwrap().status(), 200);
}
