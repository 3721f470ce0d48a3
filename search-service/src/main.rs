//! search-service: finds users for the callers on its list, and asks profile-service for their profiles. It may not read
//! them, and degrades instead of failing.

mod config;
mod routes;
mod store;

use std::process::ExitCode;

use shared_auth::service::{Environment, StartError, listen, run, serve, telemetry};

use crate::config::Config;

fn main() -> ExitCode {
    run(env!("CARGO_PKG_NAME"), start())
}

async fn start() -> Result<(), StartError> {
    let config = Environment::of_process(Config::read)?;
    telemetry::start(&config.service);
    let listener = listen(config.service.listen).await?;
    let routes = routes::build(config)?;
    serve(listener, routes).await
}
