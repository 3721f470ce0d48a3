//! What a front door knows of its service, and the way of a request through it: checked, counted, sent on.

use std::{
    collections::BTreeSet,
    io,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use arc_swap::ArcSwap;
use axum::{
    body::Body,
    extract::{Request, State},
    http::uri::Authority,
    response::{IntoResponse, Response},
};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};

use super::{audience, forward, invoker};
use crate::{
    emulator::{Emulator, no_such},
    identity::Identity,
    issuer::Issuer,
};

pub(super) struct Service {
    pub(super) name: String,
    pub(super) upstream: Authority,
    pub(super) client: Client<HttpConnector, Body>,
    /// Requests that were sent on to the service.
    pub(super) reached: AtomicU64,
    issuer: Arc<Issuer>,
    identities: Vec<Identity>,
    rules: ArcSwap<Rules>,
}

#[derive(Clone)]
pub(super) struct Rules {
    pub(super) checks_invoker: bool,
    pub(super) audiences: BTreeSet<String>,
    /// By their unique ids, as IAM keeps them: a token without an e-mail is good enough.
    pub(super) invokers: BTreeSet<&'static str>,
}

impl Service {
    pub(super) fn new(google: &Emulator, name: &str, upstream: &str) -> io::Result<Self> {
        let audiences = audience::run_app_urls(name).into();
        Ok(Self {
            name: name.to_owned(),
            upstream: forward::authority(upstream)?,
            client: Client::builder(TokioExecutor::new()).build_http(),
            reached: AtomicU64::new(0),
            issuer: google.issuer(),
            identities: google.identities().to_vec(),
            rules: ArcSwap::from_pointee(Rules { checks_invoker: true, audiences, invokers: BTreeSet::new() }),
        })
    }

    pub(super) fn change(&self, change: impl Fn(&mut Rules)) {
        self.rules.rcu(|rules| {
            let mut rules = Rules::clone(rules);
            change(&mut rules);
            rules
        });
    }

    pub(super) fn unique_id(&self, name: &str) -> &'static str {
        self.identities.iter().find(|known| known.name == name).unwrap_or_else(|| no_such(name)).unique_id
    }
}

pub(super) async fn enter(State(service): State<Arc<Service>>, mut request: Request) -> Response {
    let rules = service.rules.load_full();
    if rules.checks_invoker
        && let Err(refusal) = invoker::check(request.headers_mut(), &rules, &service.issuer)
    {
        return refusal.about(request.uri().path());
    }
    service.reached.fetch_add(1, Ordering::SeqCst);
    forward::forward(&service, request).await.unwrap_or_else(IntoResponse::into_response)
}
