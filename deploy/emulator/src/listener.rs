//! One emulated host: a port on loopback, and what answers there.
//!
//! Starting fails when the system has no port left. Dropping closes the port, and ends the requests that a fault holds.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};

use axum::Router;
use tokio::{net::TcpListener, task::JoinHandle};

use crate::endpoint::Endpoint;

pub(crate) struct Listener {
    pub(crate) address: SocketAddr,
    pub(crate) endpoint: Arc<Endpoint>,
    task: JoinHandle<()>,
}

impl Listener {
    /// `routes` places the endpoint among its layers. It may name its own address, which is not known before.
    pub(crate) async fn start(routes: impl FnOnce(SocketAddr, Arc<Endpoint>) -> Router) -> io::Result<Self> {
        Self::start_on(0, routes).await
    }

    /// The same on a port that was chosen before; 0 means any.
    pub(crate) async fn start_on(
        port: u16,
        routes: impl FnOnce(SocketAddr, Arc<Endpoint>) -> Router,
    ) -> io::Result<Self> {
        // Never another address: whoever reaches this port is handed tokens.
        let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let address = socket.local_addr()?;
        let endpoint = Arc::<Endpoint>::default();
        let routes = routes(address, Arc::clone(&endpoint));
        let task = tokio::spawn(async move {
            // Does not return: errors of single connections are axum's to handle.
            _ = axum::serve(socket, routes).await;
        });
        Ok(Self { address, endpoint, task })
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.task.abort();
        // Aborting closes the port and idle connections; a connection whose request is held closes after its answer.
        self.endpoint.heal();
    }
}
