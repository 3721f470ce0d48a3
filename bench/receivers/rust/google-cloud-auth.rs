//! A receiver with Google's verifier for Rust on axum. Google has no layer for axum, so the middleware is ours.

mod greeting;
mod variable;

use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    http::{StatusCode, header::AUTHORIZATION},
    middleware::{Next, from_fn_with_state},
    response::Response,
    routing::get,
};
use google_cloud_auth::credentials::idtoken::verifier::{Builder, Verifier};
use serde_json::Value;
use tokio::net::TcpListener;

use crate::{greeting::greet, variable::variable};

struct Requirement {
    verifier: Verifier,
    allowed: String,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Its own check of the e-mail panics when a token has no `email_verified`, so the middleware asks for both.
    let verifier = Builder::new([variable("AUDIENCE")]).with_jwks_url(variable("CERTS_URL")).build();
    let requirement = Arc::new(Requirement { verifier, allowed: variable("ALLOWED_CALLER") });
    let protected = Router::new().route("/protected", get(greet));
    let protected = protected.route_layer(from_fn_with_state(requirement, require_caller));
    let listener = TcpListener::bind(format!("127.0.0.1:{}", variable("PORT"))).await?;
    Ok(axum::serve(listener, protected.route("/open", get(greet))).await?)
}

async fn require_caller(
    State(requirement): State<Arc<Requirement>>,
    request: Request,
    next: Next,
) -> Result<Response, StatusCode> {
    let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = header.and_then(|value| value.strip_prefix("Bearer ")).ok_or(StatusCode::UNAUTHORIZED)?;
    let claims = requirement.verifier.verify(token).await.map_err(|_| StatusCode::UNAUTHORIZED)?;
    let email = claims.get("email").and_then(Value::as_str);
    if claims.get("email_verified") == Some(&Value::Bool(true)) && email == Some(requirement.allowed.as_str()) {
        Ok(next.run(request).await)
    } else {
        Err(StatusCode::FORBIDDEN)
    }
}
