//! What the platform does to a request on its way to the container, and to the answer on its way back.

use google_emulator::Fault;
use serde_json::{Value, json};

use super::{Private, reached};
use crate::{client, header, json as json_of, text};

/// The answer to a request of an invoker with these headers too.
async fn headers_with(service: &Private, headers: &[(&str, &str)]) -> Value {
    let bearer = format!("Bearer {}", service.token("login-service"));
    let all: Vec<_> = headers.iter().copied().chain([("authorization", bearer.as_str())]).collect();
    reached(service.with(&all).await).await
}

fn one<'a>(headers: &'a Value, name: &str) -> &'a str {
    headers.get(name).and_then(|values| values.get(0)?.as_str()).expect("the header has arrived")
}

#[tokio::test]
async fn method_path_query_and_body_arrive_and_the_answer_comes_back() {
    let service = Private::start().await;
    let body = vec![b'a'; 3_000_000];
    let url = format!("{}/a%20b/?c=%2F&d", service.door.url());
    let request = client().put(url).bearer_auth(service.token("login-service")).body(body);
    let answer = request.send().await.unwrap();
    assert_eq!((answer.status().as_u16(), header(&answer, "content-type")), (200, "application/json"));
    let seen = json_of(answer).await;
    assert_eq!(seen["method"], "PUT");
    assert_eq!(seen["uri"], "/a%20b/?c=%2F&d");
    assert_eq!(seen["length"], 3_000_000);
}

#[tokio::test]
async fn the_callers_address_is_added_to_those_that_it_claims_and_the_scheme_is_https() {
    let service = Private::start().await;
    let headers = headers_with(&service, &[]).await;
    assert_eq!(headers["x-forwarded-for"], json!(["127.0.0.1"]));
    assert_eq!(headers["x-forwarded-proto"], json!(["https"]));
    let claimed = [("x-forwarded-for", "192.0.2.1"), ("x-forwarded-for", "192.0.2.2"), ("x-forwarded-proto", "http")];
    let headers = headers_with(&service, &claimed).await;
    assert_eq!(headers["x-forwarded-for"], json!(["192.0.2.1, 192.0.2.2, 127.0.0.1"]));
    assert_eq!(headers["x-forwarded-proto"], json!(["https"]));
}

#[tokio::test]
async fn both_headers_of_the_trace_name_the_same_one_and_a_new_one_for_each_request() {
    let service = Private::start().await;
    let mut traces = Vec::new();
    for _ in 0..2 {
        let headers = headers_with(&service, &[]).await;
        let trace = one(&headers, "traceparent").split('-').nth(1).unwrap().to_owned();
        assert_eq!(trace.len(), 32);
        assert!(one(&headers, "x-cloud-trace-context").starts_with(&format!("{trace}/")), "{headers}");
        traces.push(trace);
    }
    assert_ne!(traces[0], traces[1]);
}

#[tokio::test]
async fn a_trace_that_the_caller_sends_goes_on_and_one_that_is_none_does_not() {
    let service = Private::start().await;
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let parent = format!("00-{trace}-00f067aa0ba902b7-01");
    let context = format!("{trace}/7;o=1");
    for (name, value) in [("traceparent", &parent), ("x-cloud-trace-context", &context)] {
        let headers = headers_with(&service, &[(name, value)]).await;
        assert_eq!(one(&headers, name), value);
        assert!(one(&headers, "traceparent").contains(trace) && one(&headers, "x-cloud-trace-context").contains(trace));
    }
    let headers = headers_with(&service, &[("traceparent", "garbage"), ("x-cloud-trace-context", "garbage")]).await;
    assert!(!headers.to_string().contains("garbage"), "{headers}");
}

#[tokio::test]
async fn headers_of_the_connection_alone_stay_behind() {
    let service = Private::start().await;
    let sent = [
        ("connection", "x-mine, keep-alive"),
        ("x-mine", "1"),
        ("keep-alive", "timeout=5"),
        ("te", "trailers"),
        ("proxy-authorization", "Basic YTpi"),
        ("upgrade", "websocket"),
        ("x-other", "2"),
    ];
    let headers = headers_with(&service, &sent).await;
    for (name, _) in &sent[1..6] {
        assert!(headers.get(name).is_none(), "{name} of {headers}");
    }
    assert_eq!(headers["x-other"], json!(["2"]));
}

#[tokio::test]
async fn a_service_that_is_not_there_is_unavailable() {
    let service = Private::start().await;
    let closed = service.google.front_door("search-service", "http://127.0.0.1:9").await.unwrap();
    closed.check_invoker(false);
    let answer = client().get(closed.url()).send().await.unwrap();
    assert_eq!((answer.status().as_u16(), header(&answer, "content-type")), (503, "text/html; charset=UTF-8"));
    assert!(text(answer).await.contains("503"));
}

#[tokio::test]
async fn an_upstream_that_is_no_base_url_is_refused() {
    let google = crate::emulator().await;
    for upstream in
        ["", "127.0.0.1:80", "https://a.example", "http://a.example/path", "http://a.example?b", "http://a@b"]
    {
        assert!(google.front_door("search-service", upstream).await.is_err(), "{upstream:?}");
    }
}

#[tokio::test]
async fn it_fails_on_demand_and_closes_when_it_is_dropped() {
    let service = Private::start().await;
    service.door.endpoint().fail(Fault::Status(502));
    assert_eq!(service.with_bearer(&service.token("login-service")).await.status(), 502);
    assert_eq!(service.door.reached(), 0);
    service.door.endpoint().heal();
    headers_with(&service, &[]).await;

    let other = service.google.front_door("search-service", "http://127.0.0.1:9").await.unwrap();
    let url = other.url();
    drop(other);
    while tokio::net::TcpStream::connect(url.trim_start_matches("http://")).await.is_ok() {
        tokio::task::yield_now().await;
    }
}
