//! Serves HTTP/1.1 and cleartext HTTP/2 on one port (<https://cloud.google.com/run/docs/configuring/http2>), with
//! limits on connections, heads and silence. After the signal to stop, requests in flight have until shortly before
//! Cloud Run kills the container.
//!
//! A client that keeps its connections busy is not disconnected. On Cloud Run only Google's front end connects to the
//! container; elsewhere, put a proxy in front.

use std::{
    future::{Future, pending},
    net::SocketAddr,
    sync::Arc,
    time::Duration,
};

use axum::Router;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto::Builder, graceful::GracefulShutdown},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    select,
    signal::unix::{SignalKind, signal},
    sync::{Notify, OwnedSemaphorePermit, Semaphore},
    time::{sleep, timeout},
};
use tower::ServiceExt;
use tracing::{debug, info, warn};

use super::{StartError, limits::with_limits};

/// Listens at `address`; port 0 takes a free one, which the log names.
///
/// # Errors
/// The port is taken, or is not ours to take.
pub async fn listen(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address).await.map_err(|source| StartError::Listen { address, source })
}

/// Serves `routes` on `listener` until SIGTERM or Ctrl-C, then gives the requests in flight some seconds to finish.
///
/// # Errors
/// The signals cannot be listened to.
pub async fn serve(listener: TcpListener, routes: Router) -> Result<(), StartError> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    info!(address = %listener.local_addr()?, "listening");
    let stop = async {
        select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
    };
    serve_until(stop, listener, with_limits(routes)).await;
    Ok(())
}

async fn serve_until(stop: impl Future<Output = ()>, listener: TcpListener, routes: Router) {
    let http = http();
    let (permits, graceful) = (Arc::new(Semaphore::new(MOST_CONNECTIONS)), GracefulShutdown::new());
    let mut stop = std::pin::pin!(stop);
    loop {
        let (stream, permit) = select! {
            () = &mut stop => break,
            accepted = accept(&listener, &permits) => accepted,
        };
        let first_request = Arc::new(Notify::new());
        let announce = first_request.clone();
        let service = routes.clone().map_request(move |request| {
            announce.notify_one();
            request
        });
        let connection = http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
        let connection = graceful.watch(connection.into_owned());
        tokio::spawn(async move {
            select! {
                biased;
                ended = connection => if let Err(error) = ended { debug!(error, "a connection broke") },
                () = is_late(&first_request) => debug!("a connection sent no request in time"),
            }
            drop(permit);
        });
    }
    drop(listener);
    info!("stopping");
    if timeout(STOP_LIMIT, graceful.shutdown()).await.is_err() {
        warn!(limit = ?STOP_LIMIT, "stopped before every request had finished");
    }
}

/// Waits for a permit before it accepts: other clients wait in the system's queue, which is bounded, too.
async fn accept(listener: &TcpListener, permits: &Arc<Semaphore>) -> (TcpStream, Option<OwnedSemaphorePermit>) {
    // The semaphore is never closed, so there is always a permit in the end.
    let permit = permits.clone().acquire_owned().await.ok();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return (stream, permit),
            // Out of file descriptors, most likely: one that closes will help, trying again at once will not.
            Err(error) => {
                warn!(%error, "a connection cannot be accepted");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// Ends when the first request is late, and never when it came. hyper's own limits start with the first line of
/// HTTP/1, but a connection is of neither version before it has sent a few bytes.
async fn is_late(first_request: &Notify) {
    if timeout(HEAD_LIMIT, first_request.notified()).await.is_ok() {
        pending::<()>().await;
    }
}

fn http() -> Builder<TokioExecutor> {
    let mut http = Builder::new(TokioExecutor::new());
    http.http1().timer(TokioTimer::new()).header_read_timeout(HEAD_LIMIT).max_buf_size(LARGEST_HEAD);
    http.http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(MOST_STREAMS)
        .max_header_list_size(LARGEST_HEAD as u32)
        .keep_alive_interval(HEAD_LIMIT)
        .keep_alive_timeout(HEAD_LIMIT);
    http
}

const MOST_CONNECTIONS: usize = 1024;
/// Requests at once on one connection of HTTP/2.
const MOST_STREAMS: u32 = 100;
/// In bytes; room for a few tokens.
const LARGEST_HEAD: usize = 64 * 1024;
/// For a request's head to arrive, and for a kept connection to be used again.
const HEAD_LIMIT: Duration = Duration::from_secs(30);
/// Cloud Run kills ten seconds after SIGTERM (<https://cloud.google.com/run/docs/container-contract#instance-shutdown>).
const STOP_LIMIT: Duration = Duration::from_secs(8);
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

#[cfg(test)]
mod tests;
