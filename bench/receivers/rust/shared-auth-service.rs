//! The same receiver as the services are deployed: with a line in the log for each request, limits, and probes.

mod greeting;

use std::process::ExitCode;

use axum::{BoxError, Router, routing::get};
use shared_auth::{
    receiver::ReceiverConfig,
    service::{Environment, ServiceConfig, StartError, listen, run, serve, telemetry},
};

use crate::greeting::greet;

fn main() -> ExitCode {
    run("bench", start())
}

async fn start() -> Result<(), StartError> {
    let (service, receiver) = Environment::of_process(|environment| {
        Some((ServiceConfig::read(environment)?, ReceiverConfig::read(environment)?))
    })?;
    telemetry::start(&service);
    let listener = listen(service.listen).await?;
    let (_, require_caller) = receiver.build("bench").map_err(BoxError::from)?;
    let routes = Router::new().route("/protected", get(greet)).route_layer(require_caller).route("/open", get(greet));
    serve(listener, routes).await
}
