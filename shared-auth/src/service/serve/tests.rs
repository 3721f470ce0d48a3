use axum::{
    Json,
    http::StatusCode,
    routing::{get, post},
};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    sync::oneshot,
    task::JoinHandle,
};

use super::*;

struct Server {
    address: SocketAddr,
    url: String,
    /// One permit lets one request to `/slow` be answered.
    gate: Arc<Semaphore>,
    entered: Arc<Notify>,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<()>,
}

impl Server {
    async fn start() -> Self {
        let listener = listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (gate, entered) = (Arc::new(Semaphore::new(0)), Arc::new(Notify::new()));
        let slow = {
            let (gate, entered) = (gate.clone(), entered.clone());
            async move || {
                entered.notify_one();
                gate.acquire().await.unwrap().forget();
                "answered"
            }
        };
        let routes =
            Router::new().route("/slow", get(slow)).route("/json", post(async |Json(value): Json<Value>| Json(value)));
        let (stop, stopped) = oneshot::channel();
        let stop_asked = async { drop(stopped.await) };
        let ended = tokio::spawn(serve_until(stop_asked, listener, with_limits(routes)));
        Self { address, url: format!("http://{address}"), gate, entered, stop, ended }
    }

    async fn post(&self, content_type: &str, body: impl Into<reqwest::Body>) -> reqwest::Response {
        let request = client().post(format!("{}/json", self.url)).header("Content-Type", content_type);
        request.body(body).send().await.unwrap()
    }
}

fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

#[tokio::test]
async fn both_versions_of_http_are_served_on_one_port() {
    let server = Server::start().await;
    let http2 = reqwest::Client::builder().no_proxy().http2_prior_knowledge().build().unwrap();
    for (client, version) in [(client(), reqwest::Version::HTTP_11), (http2, reqwest::Version::HTTP_2)] {
        let response = client.get(&server.url).send().await.unwrap();
        assert_eq!((response.version(), response.status()), (version, StatusCode::NOT_FOUND));
    }
}

#[tokio::test]
async fn a_refusal_of_the_frameworks_own_has_the_form_of_all_the_others() {
    let server = Server::start().await;
    let too_large = format!("\"{}\"", "x".repeat(20 * 1024));
    let answers = [
        (client().get(format!("{}/nothing", server.url)).send().await.unwrap(), 404),
        (client().get(format!("{}/json", server.url)).send().await.unwrap(), 405),
        (server.post("application/json", "{").await, 400),
        (server.post("text/plain", "{}").await, 415),
        (server.post("application/json", too_large).await, 413),
    ];
    for (response, status) in answers {
        assert_eq!(response.status(), status);
        assert_eq!(response.headers()["Content-Type"], "application/problem+json", "{status}");
        assert_eq!(response.headers()["Cache-Control"], "no-store");
        assert_eq!(response.headers().contains_key("Allow"), status == 405);
        assert_eq!(response.json::<Value>().await.unwrap()["status"], status);
    }
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused() {
    let server = Server::start().await;
    let header = |size: usize| client().get(&server.url).header("X-Large", "x".repeat(size)).send();
    assert_eq!(header(30 * 1024).await.unwrap().status(), 404, "there is room for a large token");
    assert_eq!(header(100 * 1024).await.unwrap().status(), 431);
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_sends_no_request_is_closed() {
    let server = Server::start().await;
    for sent in [&b""[..], b"P", b"PRI * HTTP/2.0\r\n", b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: "] {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(sent).await.unwrap();
        let closed = timeout(HEAD_LIMIT * 3, stream.read_to_end(&mut Vec::new())).await;
        assert!(closed.is_ok(), "{:?} is waited for without a limit", String::from_utf8_lossy(sent));
    }
}

#[tokio::test]
async fn a_request_in_flight_is_answered_after_the_stop_and_nobody_else_is() {
    let server = Server::start().await;
    let in_flight = tokio::spawn(client().get(format!("{}/slow", server.url)).send());
    server.entered.notified().await;
    server.stop.send(()).unwrap();
    let refuses = async {
        while TcpStream::connect(server.address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(10), refuses).await.expect("no new connections");
    assert!(!server.ended.is_finished());
    server.gate.add_permits(1);
    assert_eq!(in_flight.await.unwrap().unwrap().text().await.unwrap(), "answered");
    server.ended.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_request_that_takes_too_long_is_503_and_does_not_delay_the_stop_for_ever() {
    let server = Server::start().await;
    let url = format!("{}/slow", server.url);
    let late = client().get(&url).send().await.unwrap();
    assert_eq!((late.status(), late.headers().contains_key("Retry-After")), (StatusCode::SERVICE_UNAVAILABLE, true));

    server.entered.notified().await;
    let in_flight = tokio::spawn(client().get(url).send());
    server.entered.notified().await;
    let stopped = tokio::time::Instant::now();
    server.stop.send(()).unwrap();
    server.ended.await.unwrap();
    assert!(stopped.elapsed() < Duration::from_secs(10), "Cloud Run would have killed it");
    in_flight.abort();
}

#[tokio::test]
async fn a_port_that_is_taken_is_an_error_that_names_it() {
    let server = Server::start().await;
    let error = listen(server.address).await.unwrap_err();
    assert!(matches!(error, StartError::Listen { address, .. } if address == server.address));
}
