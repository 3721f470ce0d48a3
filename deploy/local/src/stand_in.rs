//! A service that stands in for another in a test: it answers as it is told, and remembers what it was sent.

use std::{
    io,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Router,
    extract::{Request, State},
    http::HeaderMap,
    response::Response,
};
use tokio::{net::TcpListener, task::JoinHandle};

/// The stand-in; it ends when the value is dropped.
pub struct StandIn {
    url: String,
    state: Arc<Told>,
    task: JoinHandle<io::Result<()>>,
}

struct Told {
    answer: Box<dyn Fn() -> Response + Send + Sync>,
    heads: Mutex<Vec<(String, HeaderMap)>>,
}

impl StandIn {
    /// Answers every request with what `answer` returns.
    ///
    /// # Errors
    /// There is no free port.
    pub async fn start(answer: impl Fn() -> Response + Send + Sync + 'static) -> io::Result<Self> {
        let state = Arc::new(Told { answer: Box::new(answer), heads: Mutex::default() });
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let routes = Router::new().fallback(remember).with_state(state.clone());
        Ok(Self { url, state, task: tokio::spawn(async { axum::serve(listener, routes).await }) })
    }

    /// Where it is, without a trailing slash.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The headers of every request so far.
    pub fn heads(&self) -> Vec<HeaderMap> {
        self.state.remembered().into_iter().map(|(_, headers)| headers).collect()
    }

    /// The method and the path with its query of every request so far.
    pub fn targets(&self) -> Vec<String> {
        self.state.remembered().into_iter().map(|(target, _)| target).collect()
    }
}

impl Told {
    fn remembered(&self) -> Vec<(String, HeaderMap)> {
        self.heads.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn remember(State(told): State<Arc<Told>>, request: Request) -> Response {
    let head = (format!("{} {}", request.method(), request.uri()), request.headers().clone());
    told.heads.lock().unwrap_or_else(PoisonError::into_inner).push(head);
    (told.answer)()
}
