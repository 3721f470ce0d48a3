//! The routes of search-service. It is both: a receiver that requires a caller, and a caller that another receiver refuses.

use std::{future::ready, sync::Arc};

use axum::{
    BoxError, Json, Router,
    extract::{Query, State},
    http::StatusCode,
    routing::get,
};
use futures_util::future::join_all;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use shared_auth::{
    caller::{AuthenticatedClient, Error},
    receiver::Caller,
    service::health_routes,
};
use tracing::{info, warn};

use crate::{config::Config, store::Index};

pub(crate) fn build(config: Config) -> Result<Router, BoxError> {
    let (keys, require_caller) = config.receiver.build(env!("CARGO_PKG_NAME"))?;
    keys.prefetch();
    let state = Search { index: Arc::new(Index::of_demo()?), profiles: config.profiles.build()? };
    let protected = Router::new()
        .route("/search", get(search))
        .route("/whoami", get(whoami))
        .route_layer(require_caller)
        .with_state(state);
    Ok(protected.merge(health_routes(move || ready(keys.ready()))))
}

#[derive(Clone)]
struct Search {
    index: Arc<Index>,
    profiles: AuthenticatedClient,
}

#[derive(Deserialize)]
struct SearchQuery {
    q: String,
}

#[derive(Serialize)]
struct Hits {
    hits: Vec<Hit>,
}

/// A user who was found: with a profile, or with the reason why there is none.
#[derive(Serialize)]
struct Hit {
    username: String,
    profile: Option<Value>,
    profile_error: Option<&'static str>,
}

async fn search(caller: Caller, State(search): State<Search>, Query(query): Query<SearchQuery>) -> Json<Hits> {
    let usernames = search.index.search(&query.q);
    info!(email = caller.email(), subject = caller.subject(), hits = usernames.len(), "search done");
    let hits = usernames.into_iter().map(|username| search.hit(username));
    Json(Hits { hits: join_all(hits).await })
}

impl Search {
    /// A hit is worth something without its profile, so a refusal is a part of the answer and not the answer.
    async fn hit(&self, username: &str) -> Hit {
        let (profile, profile_error) = match read_profile(&self.profiles, username).await {
            Ok(profile) if profile.get("username").and_then(Value::as_str) == Some(username) => (Some(profile), None),
            Ok(_) => {
                warn!(username, "profile-service answered with something other than this user's profile");
                (None, Some("invalid_answer"))
            }
            Err(error) => {
                warn!(error = &error as &dyn std::error::Error, hint = error.hint(), username, "no profile");
                (None, Some(reason(&error)))
            }
        };
        Hit { username: username.to_owned(), profile, profile_error }
    }
}

async fn read_profile(profiles: &AuthenticatedClient, username: &str) -> Result<Value, Error> {
    profiles.get_segments(&["profiles", username]).send().await?.json().await
}

fn reason(error: &Error) -> &'static str {
    match error {
        Error::Refused { status: StatusCode::FORBIDDEN, .. } => "forbidden",
        Error::Refused { status: StatusCode::UNAUTHORIZED, .. } => "unauthorized",
        Error::Refused { status: StatusCode::NOT_FOUND, .. } => "not_found",
        error if error.is_transient() => "unavailable",
        _ => "invalid_answer",
    }
}

/// The caller as this service sees it.
async fn whoami(caller: Caller) -> Json<Caller> {
    Json(caller)
}
