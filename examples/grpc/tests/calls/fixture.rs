//! A gRPC receiver on a port of its own, clients for it, and the emulator that both rely on.

use std::{
    future::ready,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{
    Router,
    extract::Request,
    http::{Response, request::Builder},
    middleware::map_request,
};
use google_emulator::{Emulator, TokenBuilder};
use grpc_example::{
    client::{self, Client},
    profiles::{Profile, ProfilesClient},
    server,
};
use shared_auth::{
    caller::{MetadataSource, ServiceUrl, TokenCache},
    receiver::{Issuer, KeySet, RequireCaller, Verifier},
    service::serve,
};
use tokio::net::TcpListener;
use tonic::{
    Status,
    body::Body,
    metadata::MetadataValue,
    transport::{Channel, Endpoint},
};
use tower::ServiceExt;

use crate::show_ada;

pub(crate) const AUDIENCE: &str = "https://profile-service.example";
pub(crate) const LOGIN: &str = "login-service@demo-project.iam.gserviceaccount.com";

pub(crate) struct Fixture {
    pub(crate) emulator: Emulator,
    pub(crate) url: ServiceUrl,
    /// Requests that have arrived.
    pub(crate) received: Arc<AtomicUsize>,
}

impl Fixture {
    /// A receiver that lets login-service in.
    pub(crate) async fn start() -> Self {
        let emulator = Emulator::start().await.expect("the emulator starts");
        let certs_url = emulator.certs_url().parse().expect("a loopback URL");
        let keys = KeySet::builder(Issuer::GOOGLE_ACCOUNTS).certs_url(certs_url).build().expect("TLS");
        let verifier = Verifier::new(keys.clone(), AUDIENCE.parse().expect("an audience"));
        let require_caller = RequireCaller::new("profile-service", verifier, LOGIN.parse().expect("a list of callers"));
        Self::serve(emulator, server::routes(keys, require_caller.expect("a realm"))).await
    }

    /// The same of other routes.
    pub(crate) async fn serve(emulator: Emulator, routes: Router) -> Self {
        let received = Arc::new(AtomicUsize::new(0));
        let counter = received.clone();
        let counted = routes.layer(map_request(move |request: Request| {
            counter.fetch_add(1, Ordering::SeqCst);
            ready(request)
        }));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url: ServiceUrl = format!("http://{}", listener.local_addr().expect("an address")).parse().expect("a URL");
        tokio::spawn(serve(listener, counted));
        Self { emulator, url: url.with_audience(AUDIENCE.parse().expect("an audience")), received }
    }

    /// A client that runs as `identity`.
    pub(crate) fn client(&self, identity: &str, service: ServiceUrl) -> Client {
        let source = MetadataSource::new(self.emulator.metadata_host(identity).parse().expect("a host"));
        client::connect(service, Arc::new(TokenCache::new(source.expect("TLS")))).expect("a URL")
    }

    /// A call with these `authorization` values, through a client that has no layer.
    pub(crate) async fn call_with(&self, authorization: &[&str]) -> Result<Profile, Status> {
        let mut request = show_ada();
        for value in authorization {
            request.metadata_mut().append("authorization", MetadataValue::try_from(*value).expect("a header value"));
        }
        ProfilesClient::new(self.channel()).show(request).await.map(tonic::Response::into_inner)
    }

    /// The status for a token. Nothing in it is of the token.
    pub(crate) async fn refusal_of(&self, token: TokenBuilder) -> Status {
        let token = token.sign();
        let status = self.call_with(&[&format!("Bearer {token}")]).await.expect_err("a refusal");
        let shown = format!("{status} {status:?}");
        assert!(token.split('.').all(|segment| !shown.contains(segment)), "{shown}");
        status
    }

    /// What the receiver answers to any request.
    pub(crate) async fn answer(&self, request: Builder) -> Response<Body> {
        self.channel().oneshot(request.body(Body::default()).expect("a request")).await.expect("an answer")
    }

    /// A connection without the layer.
    fn channel(&self) -> Channel {
        Endpoint::from_shared(self.url.origin()).expect("a URL").connect_lazy()
    }

    /// A token that gets in.
    pub(crate) fn genuine(&self) -> TokenBuilder {
        self.emulator.token("login-service", AUDIENCE)
    }
}
