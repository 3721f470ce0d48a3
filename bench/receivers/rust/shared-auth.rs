//! A receiver with the layer of shared-auth on axum, and nothing else.

mod greeting;
mod variable;

use axum::{Router, routing::get};
use shared_auth::receiver::{Issuer, KeySet, RequireCaller, Verifier};
use tokio::net::TcpListener;

use crate::{greeting::greet, variable::variable};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let keys = KeySet::builder(Issuer::GOOGLE_ACCOUNTS).certs_url(variable("CERTS_URL").parse()?).build()?;
    let verifier = Verifier::new(keys, variable("AUDIENCE").parse()?);
    let require_caller = RequireCaller::new("bench", verifier, variable("ALLOWED_CALLER").parse()?)?;
    let routes = Router::new().route("/protected", get(greet)).route_layer(require_caller).route("/open", get(greet));
    let listener = TcpListener::bind(format!("127.0.0.1:{}", variable("PORT"))).await?;
    Ok(axum::serve(listener, routes).await?)
}
