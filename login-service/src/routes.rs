//! The routes of login-service. Users come with a password; profile-service is called with an ID token.

use std::{sync::Arc, time::Duration};

use axum::{BoxError, Json, Router, extract::State, http::StatusCode, routing::post};
use serde::Deserialize;
use serde_json::{Value, json};
use shared_auth::{
    JsonObject, Problem,
    caller::{AuthenticatedClient, Error},
    service::health_routes,
};
use tracing::error;

use crate::{
    config::Config,
    store::{CheckError, Users},
};

pub(crate) fn build(config: Config) -> Result<Router, BoxError> {
    let profiles = config.profiles.build()?;
    let state = Login { users: Arc::new(config.users), profiles: profiles.clone() };
    let public = Router::new().route("/login", post(login)).with_state(state);
    let ready = move || {
        let profiles = profiles.clone();
        async move { profiles.check_token().await.map_err(|_| "no ID token to call profile-service with") }
    };
    Ok(public.merge(health_routes(ready)))
}

#[derive(Clone)]
struct Login {
    users: Arc<Users>,
    profiles: AuthenticatedClient,
}

/// No `Debug`: a password must not be printed by accident.
#[derive(Deserialize)]
struct Credentials {
    username: String,
    password: String,
}

async fn login(
    State(login): State<Login>,
    Json(JsonObject(credentials)): Json<JsonObject<Credentials>>,
) -> Result<Json<Value>, Problem> {
    let Credentials { username, password } = credentials;
    let checked = login.users.check(username.clone(), password).await.map_err(|error| {
        error!(%error, "no login");
        match error {
            CheckError::Busy => Problem::unavailable("too many logins at once", RETRY_AFTER),
            CheckError::Failed => Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "the password cannot be checked"),
        }
    })?;
    if !checked {
        // No `WWW-Authenticate`: there is no scheme for a password in JSON, and `Basic` would make browsers ask for one.
        return Err(Problem::new(StatusCode::UNAUTHORIZED, "wrong user or password"));
    }
    let profile: Value = read_profile(&login.profiles, &username).await.map_err(|error| {
        error!(error = &error as &dyn std::error::Error, hint = error.hint(), "no profile");
        match error {
            error if error.is_transient() => {
                Problem::unavailable("the profile cannot be read right now", error.retry_after().unwrap_or(RETRY_AFTER))
            }
            Error::Answer(_) => Problem::new(StatusCode::BAD_GATEWAY, NONSENSE),
            _ => Problem::new(StatusCode::BAD_GATEWAY, "profile-service did not give the profile"),
        }
    })?;
    if profile.get("username").and_then(Value::as_str) != Some(&username) {
        error!("profile-service answered with something other than the user's profile");
        return Err(Problem::new(StatusCode::BAD_GATEWAY, NONSENSE));
    }
    Ok(Json(json!({ "profile": profile })))
}

async fn read_profile(profiles: &AuthenticatedClient, username: &str) -> Result<Value, Error> {
    profiles.get_segments(&["profiles", username]).send().await?.json().await
}

const NONSENSE: &str = "profile-service answered nonsense";
const RETRY_AFTER: Duration = Duration::from_secs(5);
