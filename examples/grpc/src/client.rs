//! The caller: tonic's channel with the layer that puts an ID token on every call.

use std::{sync::Arc, time::Duration};

use shared_auth::caller::{IdTokenLayer, IdTokenService, ServiceUrl, TokenCache};
use tonic::transport::{Channel, ClientTlsConfig, Endpoint, Error};
use tower::Layer;

use crate::profiles::ProfilesClient;

/// A client of the service that sends a token with every call.
pub type Client = ProfilesClient<IdTokenService<Channel>>;

/// A client for `service`, which need not be up yet. The channel's address and the layer's audience come from one
/// value, so that the two cannot disagree. Call it within a Tokio runtime.
///
/// A call without a token is not sent: its status is `UNKNOWN`, and its source the `shared_auth::caller::Error`.
///
/// # Errors
/// TLS could not be set up.
pub fn connect(service: ServiceUrl, tokens: Arc<TokenCache>) -> Result<Client, Error> {
    let origin = service.origin();
    let mut endpoint = Endpoint::from_shared(origin.clone())?.connect_timeout(CONNECT_LIMIT);
    // Without this tonic refuses `https`; without its features for TLS it would send the token in clear text.
    if origin.starts_with("https:") {
        endpoint = endpoint.tls_config(ClientTlsConfig::new().with_native_roots())?;
    }
    let channel = endpoint.connect_lazy();
    Ok(ProfilesClient::new(IdTokenLayer::new(service, tokens).layer(channel)))
}

const CONNECT_LIMIT: Duration = Duration::from_secs(2);
