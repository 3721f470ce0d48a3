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
    heads: Mutex<Vec<HeaderMap>>,
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
        self.state.heads.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn remember(State(told): State<Arc<Told>>, request: Request) -> Response {
    told.heads.lock().unwrap_or_else(PoisonError::into_inner).push(request.headers().clone());
    (told.answer)()
}
