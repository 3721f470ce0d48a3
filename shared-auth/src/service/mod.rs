//! What a service on Cloud Run needs besides authentication: its configuration, its logs, and a server.

mod config;
mod environment;
mod health;
mod limits;
mod log_format;
mod request_log;
mod serve;
mod start;
pub mod telemetry;
#[cfg(test)]
mod written;

pub use config::ServiceConfig;
pub use environment::{ConfigError, Environment};
pub use health::health_routes;
pub use serve::{listen, serve};
pub use start::{StartError, run};
