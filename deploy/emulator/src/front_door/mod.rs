//! The front door of a Cloud Run service: what stands between a caller and the container, and lets only invokers in.
//!
//! Who relies on it has to know what the platform checks, what it leaves to the service, and what reaches the container.
//! See <https://cloud.google.com/run/docs/authenticating/service-to-service>.

mod audience;
mod forward;
mod invoker;
mod refusal;
mod service;
mod trace;

use std::{
    io,
    sync::{Arc, atomic::Ordering},
};

use axum::Router;
use service::{Service, enter};

pub(crate) use self::forward::authority;
use crate::{emulator::Emulator, endpoint::Endpoint, listener::Listener};

/// One service behind Cloud Run's front door. Dropping it closes the door, and leaves the service as it is.
pub struct FrontDoor {
    service: Arc<Service>,
    listener: Listener,
}

impl FrontDoor {
    /// Where callers find the service, on a port of the front door's own, or on any that is free when it is 0.
    pub(crate) async fn open(google: &Emulator, name: &str, upstream: &str, port: u16) -> io::Result<Self> {
        let service = Arc::new(Service::new(google, name, upstream)?);
        let routes = Router::new().fallback(enter).with_state(Arc::clone(&service));
        let listener = Listener::start_on(port, |_, endpoint| endpoint.in_front_of(routes)).await?;
        Ok(Self { service, listener })
    }

    /// The name of the service.
    pub fn name(&self) -> &str {
        &self.service.name
    }

    /// Where the front door listens: a base URL without a slash at its end. It is not among the accepted audiences.
    pub fn url(&self) -> String {
        format!("http://{}", self.listener.address)
    }

    /// The two `run.app` URLs of the service, both accepted as audiences from the start: the one that is known before
    /// the first deployment, and the one with a hash.
    pub fn run_app_urls(&self) -> [String; 2] {
        audience::run_app_urls(&self.service.name)
    }

    /// Accepts one more audience, as `--add-custom-audiences` does. It has to match exactly.
    pub fn accept_audience(&self, audience: &str) {
        self.service.change(|rules| _ = rules.audiences.insert(audience.to_owned()));
    }

    /// Lets an identity in, as a binding of `roles/run.invoker` does, and at once. On Google Cloud it takes minutes.
    ///
    /// # Panics
    /// When there is no such identity.
    pub fn allow_invoker(&self, identity: &str) {
        let id = self.service.unique_id(identity);
        self.service.change(|rules| _ = rules.invokers.insert(id));
    }

    /// Takes the binding away again.
    ///
    /// # Panics
    /// When there is no such identity.
    pub fn forbid_invoker(&self, identity: &str) {
        let id = self.service.unique_id(identity);
        self.service.change(|rules| _ = rules.invokers.remove(id));
    }

    /// Whether the front door checks who calls, as it does from the start. With `--no-invoker-iam-check` it does not:
    /// the service is public, and whatever the headers say, nobody has looked at it.
    pub fn check_invoker(&self, check: bool) {
        self.service.change(|rules| rules.checks_invoker = check);
    }

    /// Requests that were let in and sent on to the service, answered or not.
    pub fn reached(&self) -> u64 {
        self.service.reached.load(Ordering::SeqCst)
    }

    /// Faults of the front door, and the counter of requests that came to it.
    pub fn endpoint(&self) -> &Endpoint {
        &self.listener.endpoint
    }
}
