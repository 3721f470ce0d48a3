//! The receiver: a gRPC service behind the layer that HTTP services have, on one router with their health routes. It is
//! served as they are, with `shared_auth::service::serve`, which speaks HTTP/2.

use std::future::ready;

use axum::{Router, middleware::map_response};
use shared_auth::{
    receiver::{KeySet, RequireCaller},
    service::health_routes,
};
use tonic::{Request, Response, Status, async_trait, server::NamedService};
use tracing::info;

use crate::{
    profiles::{
        Profile, ShowRequest,
        profiles_server::{Profiles, ProfilesServer},
    },
    status::{caller_of, in_grpc},
};

/// Every method requires a caller, health does not.
pub fn routes(keys: KeySet, require_caller: RequireCaller) -> Router {
    // The last layer is the outermost.
    let protected = unprotected_routes().route_layer(require_caller).route_layer(map_response(in_grpc));
    protected.merge(health_routes(move || ready(keys.ready())))
}

/// The methods without the layer, where each answers `INTERNAL`.
pub fn unprotected_routes() -> Router {
    let path = format!("/{}/{{*method}}", ProfilesServer::<ProfileStore>::NAME);
    Router::new().route_service(&path, ProfilesServer::new(ProfileStore))
}

struct ProfileStore;

#[async_trait]
impl Profiles for ProfileStore {
    async fn show(&self, request: Request<ShowRequest>) -> Result<Response<Profile>, Status> {
        let caller = caller_of(&request)?;
        let shown_to = caller.email().unwrap_or(caller.subject()).to_owned();
        let ShowRequest { username } = request.into_inner();
        info!(caller = shown_to, username, "profile shown");
        Ok(Response::new(Profile { username, shown_to }))
    }
}
