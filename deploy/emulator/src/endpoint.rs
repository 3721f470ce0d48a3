//! What a test may do to an emulated endpoint: count its requests, and let it fail.
//!
//! Both happen in one axum middleware in front of all routes of a listener, so that requests for a wrong path count too.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{
        HeaderMap, StatusCode,
        header::{CONTENT_TYPE, LOCATION},
    },
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
};
use tokio::{sync::watch, time::timeout};

/// The fault knob and the counter of one listener.
#[derive(Debug, Default)]
pub struct Endpoint {
    requests: AtomicU64,
    /// The oldest first.
    latest: Mutex<VecDeque<String>>,
    fault: watch::Sender<Option<Fault>>,
}

/// How an endpoint fails.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Fault {
    /// Answers with this status, and 500 if there is no such status.
    Status(u16),
    /// Answers what it should, so much later.
    Slow(Duration),
    /// Takes the request and stays silent.
    Hang,
    /// Answers 200 with this in the place of the right answer: garbage, nothing, another key set.
    Body {
        /// The `Content-Type` header.
        content_type: String,
        /// The content.
        body: Vec<u8>,
    },
    /// The same, and with these headers alone, so that a key set can say how long it may be kept. A header or a value
    /// that HTTP does not allow is left out.
    Answer {
        /// Names and values.
        headers: Vec<(String, String)>,
        /// The content.
        body: Vec<u8>,
    },
    /// Answers 302 with this `Location`.
    Redirect(String),
}

impl Endpoint {
    /// Fails from now on, in the place of any earlier fault. A request that is being held meets the new fault.
    pub fn fail(&self, fault: Fault) {
        self.fault.send_replace(Some(fault));
    }

    /// Answers as it should from now on, to requests that are being held too.
    pub fn heal(&self) {
        self.fault.send_replace(None);
    }

    /// Requests that have arrived since the start, answered or not.
    pub fn requests(&self) -> u64 {
        self.requests.load(Ordering::SeqCst)
    }

    /// Method and path of the latest requests, the oldest first, and no more than a hundred. What stands in a query or a
    /// body may be secret, and is not kept.
    pub fn latest(&self) -> Vec<String> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    /// Whether a fault is set.
    pub fn fails(&self) -> bool {
        self.fault.borrow().is_some()
    }

    fn note(&self, request: &Request) {
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        if latest.len() >= MOST_NOTED {
            latest.pop_front();
        }
        latest.push_back(format!("{} {}", request.method(), request.uri().path()));
        self.requests.fetch_add(1, Ordering::SeqCst);
    }

    pub(crate) fn in_front_of(self: Arc<Self>, routes: Router) -> Router {
        routes.layer(from_fn_with_state(self, count_and_fail))
    }
}

async fn count_and_fail(State(endpoint): State<Arc<Endpoint>>, request: Request, next: Next) -> Response {
    endpoint.note(&request);
    let mut faults = endpoint.fault.subscribe();
    loop {
        let fault = faults.borrow_and_update().clone();
        match fault {
            None => return next.run(request).await,
            Some(Fault::Slow(delay)) => {
                if timeout(delay, faults.changed()).await.is_err() {
                    return next.run(request).await;
                }
            }
            Some(Fault::Hang) => {
                // An error would mean that the sender is gone, and `endpoint` holds it.
                _ = faults.changed().await;
            }
            Some(Fault::Status(code)) => {
                return StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR).into_response();
            }
            Some(Fault::Body { content_type, body }) => return ([(CONTENT_TYPE, content_type)], body).into_response(),
            Some(Fault::Answer { headers, body }) => {
                let headers =
                    headers.iter().filter_map(|(name, value)| Some((name.parse().ok()?, value.parse().ok()?)));
                return (HeaderMap::from_iter(headers), Body::from(body)).into_response();
            }
            Some(Fault::Redirect(location)) => return (StatusCode::FOUND, [(LOCATION, location)]).into_response(),
        }
    }
}

const MOST_NOTED: usize = 100;
