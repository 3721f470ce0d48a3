//! Cloud Run's front door, before a container that tells what has reached it.
//!
//! Sources: <https://cloud.google.com/run/docs/authenticating/service-to-service> for the headers and
//! <https://cloud.google.com/run/docs/troubleshooting> for the statuses. The challenge is as users report it.

mod audiences;
mod bindings;
mod forwarding;
mod headers;
mod refusals;

use axum::{Json, Router, extract::Request, routing::any};
use google_emulator::{Emulator, FrontDoor};
use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};

use crate::{client, emulator, header, json as json_of, text};

/// A service that `login-service` may invoke, and nobody else.
struct Private {
    google: Emulator,
    door: FrontDoor,
    container: JoinHandle<()>,
}

impl Private {
    async fn start() -> Self {
        let container = Router::new().fallback(any(mirror));
        let socket = TcpListener::bind("127.0.0.1:0").await.expect("ports are left on loopback");
        let upstream = format!("http://{}", socket.local_addr().expect("the socket is bound"));
        let container = tokio::spawn(async move { _ = axum::serve(socket, container).await });
        let google = emulator().await;
        let door = google.front_door("profile-service", &upstream).await.expect("the URL is right");
        door.allow_invoker("login-service");
        Self { google, door, container }
    }

    fn get(&self) -> RequestBuilder {
        client().get(format!("{}/profiles/ada?full=true", self.door.url()))
    }

    /// Genuine, for this service.
    fn token(&self, identity: &str) -> String {
        self.google.token(identity, &self.door.run_app_urls()[0]).sign()
    }

    async fn with(&self, headers: &[(&str, &str)]) -> Response {
        let request = headers.iter().fold(self.get(), |request, (name, value)| request.header(*name, *value));
        request.send().await.expect("the front door answers")
    }

    async fn with_bearer(&self, token: &str) -> Response {
        self.with(&[("authorization", &format!("Bearer {token}"))]).await
    }
}

impl Drop for Private {
    fn drop(&mut self) {
        self.container.abort();
    }
}

/// Answers with the request; a header that was sent twice is a list of two.
async fn mirror(request: Request) -> Json<Value> {
    let (head, body) = request.into_parts();
    let (method, uri) = (head.method.to_string(), head.uri.to_string());
    let values = |name| {
        let values = head.headers.get_all(name).iter();
        json!(values.map(|value| value.to_str().expect("the header is ASCII")).collect::<Vec<_>>())
    };
    let headers = head.headers.keys().map(|name| (name.to_string(), values(name)));
    let headers = Value::Object(headers.collect());
    let body = axum::body::to_bytes(body, usize::MAX).await.expect("the body ends");
    Json(json!({ "method": method, "uri": uri, "headers": headers, "length": body.len() }))
}

/// The headers that reached the container.
async fn reached(answer: Response) -> Value {
    assert_eq!(answer.status(), 200);
    json_of(answer).await.get("headers").expect("the container answers with them").clone()
}

async fn assert_forbidden(answer: Response) {
    assert_eq!((answer.status().as_u16(), header(&answer, "content-type")), (403, "text/html; charset=UTF-8"));
    assert_eq!(header(&answer, "www-authenticate"), "");
    let page = text(answer).await;
    assert!(page.contains("<title>403 Forbidden</title>") && page.contains("<code>/profiles/ada</code>"), "{page}");
}

async fn assert_unverified(answer: Response) {
    assert_eq!((answer.status().as_u16(), header(&answer, "content-type")), (401, "text/html; charset=UTF-8"));
    let challenge = "Bearer error=\"invalid_token\" error_description=\"The access token could not be verified\"";
    assert_eq!(header(&answer, "www-authenticate"), challenge);
    let page = text(answer).await;
    assert!(page.contains("<title>401 Unauthorized</title>"), "{page}");
}
