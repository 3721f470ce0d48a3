//! How the servers come up: each on its own port, and all of them with the same keys, clock and access tokens.

use std::{collections::HashMap, io, sync::Arc};

use super::Emulator;
use crate::{
    access_tokens::AccessTokens,
    certs,
    developer::Developer,
    discovery,
    front_door::FrontDoor,
    iam_credentials::{IamCredentials, Permissions},
    iap::{self, Iap},
    identity::Identity,
    issuer::Issuer,
    key_life::KeyLife,
    listener::Listener,
    metadata,
    outside_provider::{self, OutsideProvider},
    ports::Ports,
    service_account_key::ServiceAccountKey,
    state::State,
    sts::Sts,
    token_endpoint::{self, TokenEndpoint},
};

impl Emulator {
    /// Makes the keys and listens, on ports that the system chooses.
    ///
    /// # Errors
    /// When the system has no port left on 127.0.0.1.
    pub async fn start() -> io::Result<Self> {
        Self::start_with(Identity::all(), KeyLife::default(), &Ports::default()).await
    }

    /// The same, with the identities and the ports of a state file, and with its permissions to act as one of them. Front
    /// doors are opened apart from it, by [`front_doors`](Self::front_doors).
    ///
    /// # Errors
    /// When a port is taken, or the system has none left on 127.0.0.1.
    pub async fn start_from(state: &State) -> io::Result<Self> {
        let google = Self::start_with(state.identities(), state.keys, &state.ports).await?;
        for binding in &state.impersonation {
            google.allow_impersonation(&binding.principal, &binding.target);
        }
        Ok(google)
    }

    /// Opens every front door of a state file from which the emulator was started.
    ///
    /// # Errors
    /// When an `upstream` is no base URL, or a port is taken.
    ///
    /// # Panics
    /// When the emulator was started from another file, and does not know an invoker.
    pub async fn front_doors(&self, state: &State) -> io::Result<Vec<FrontDoor>> {
        let mut doors = Vec::new();
        for known in &state.front_doors {
            let door = FrontDoor::open(self, &known.service, &known.upstream, known.port).await?;
            known.audiences.iter().for_each(|audience| door.accept_audience(audience));
            known.invokers.iter().for_each(|invoker| door.allow_invoker(invoker));
            door.check_invoker(!known.public);
            doors.push(door);
        }
        Ok(doors)
    }

    async fn start_with(identities: Vec<Identity>, key_life: KeyLife, ports: &Ports) -> io::Result<Self> {
        let issuer = Arc::new(Issuer::new(key_life));
        let access_tokens = Arc::new(AccessTokens::new(Arc::clone(&issuer)));
        let routes = |_, endpoint| certs::routes(Arc::clone(&issuer), endpoint);
        let certs = Listener::start_on(ports.certs, routes).await?;

        let mut metadata = HashMap::new();
        for identity in &identities {
            let (issuer, access_tokens) = (Arc::clone(&issuer), Arc::clone(&access_tokens));
            let routes = |_, endpoint| metadata::routes(identity.clone(), issuer, access_tokens, endpoint);
            let port = ports.metadata.get(identity.name).copied().unwrap_or_default();
            metadata.insert(identity.name, Listener::start_on(port, routes).await?);
        }

        let keys: Arc<Vec<_>> = Arc::new(identities.iter().cloned().map(ServiceAccountKey::new).collect());
        let developer = Arc::new(Developer::new());
        let token_endpoint = Listener::start(|address, endpoint| {
            let (keys, developer) = (Arc::clone(&keys), Arc::clone(&developer));
            let (issuer, access_tokens) = (Arc::clone(&issuer), Arc::clone(&access_tokens));
            TokenEndpoint { uri: token_endpoint::uri(address), keys, developer, issuer, access_tokens }.routes(endpoint)
        });
        let token_endpoint = token_endpoint.await?;

        let jwks_uri = format!("http://{}{}", certs.address, certs::PATH);
        let document = discovery::document(&jwks_uri, &token_endpoint::uri(token_endpoint.address));
        let discovery = Listener::start(|_, endpoint| discovery::routes(document, endpoint)).await?;

        let permissions = Arc::<Permissions>::default();
        let iam_credentials = Listener::start(|_, endpoint| {
            let (identities, permissions) = (identities.clone(), Arc::clone(&permissions));
            let (issuer, access_tokens) = (Arc::clone(&issuer), Arc::clone(&access_tokens));
            IamCredentials { identities, permissions, issuer, access_tokens }.routes(endpoint)
        });
        let iam_credentials = iam_credentials.await?;

        let provider = OutsideProvider::new();
        let routes = |_, endpoint| outside_provider::routes(provider.clone(), Arc::clone(&issuer), endpoint);
        let subject_tokens = Listener::start(routes).await?;
        let sts = Sts { provider: provider.clone(), issuer: Arc::clone(&issuer), access_tokens };
        let sts = Listener::start(|_, endpoint| sts.routes(endpoint)).await?;

        let iap = Iap::new();
        let iap_certs = Listener::start(|_, endpoint| iap::routes(iap.clone(), endpoint)).await?;
        Ok(Self {
            issuer,
            identities,
            certs,
            discovery,
            metadata,
            keys,
            developer,
            token_endpoint,
            permissions,
            iam_credentials,
            provider,
            subject_tokens,
            sts,
            iap,
            iap_certs,
        })
    }
}
