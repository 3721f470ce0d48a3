//! The routes of profile-service. Everything but health requires a caller.

use std::{future::ready, sync::Arc};

use axum::{
    BoxError, Json, Router,
    extract::{Path, State},
    http::StatusCode,
    routing::get,
};
use shared_auth::{Problem, receiver::Caller, service::health_routes};
use tracing::info;

use crate::{
    config::Config,
    store::{Profile, Profiles},
};

pub(crate) fn build(config: Config) -> Result<Router, BoxError> {
    let (keys, require_caller) = config.receiver.build(env!("CARGO_PKG_NAME"))?;
    keys.prefetch();
    let protected = Router::new()
        .route("/profiles/{username}", get(show))
        .route("/whoami", get(whoami))
        .route_layer(require_caller)
        .with_state(Arc::new(config.profiles));
    Ok(protected.merge(health_routes(move || ready(keys.ready()))))
}

async fn show(
    caller: Caller,
    State(profiles): State<Arc<Profiles>>,
    Path(username): Path<String>,
) -> Result<Json<Profile>, Problem> {
    let profile =
        profiles.find(&username).ok_or_else(|| Problem::new(StatusCode::NOT_FOUND, "there is no such profile"))?;
    info!(email = caller.email(), subject = caller.subject(), username, "profile shown");
    Ok(Json(profile.clone()))
}

/// The caller as this service sees it.
async fn whoami(caller: Caller) -> Json<Caller> {
    Json(caller)
}
