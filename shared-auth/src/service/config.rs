//! What every service reads from its environment.

use std::{
    convert::Infallible,
    net::{AddrParseError, IpAddr, Ipv4Addr, SocketAddr},
};

use tracing_subscriber::EnvFilter;

use super::{Environment, telemetry::LogFormat};

/// `PORT`, `LISTEN_HOST`, `LOG_FORMAT`, `RUST_LOG` and `GOOGLE_CLOUD_PROJECT`.
#[derive(Debug)]
pub struct ServiceConfig {
    /// Where to listen; port 0 asks the system for a free one. On Cloud Run it must be all addresses
    /// (<https://cloud.google.com/run/docs/container-contract#port>).
    pub listen: SocketAddr,
    pub(super) log_format: LogFormat,
    pub(super) log_filter: EnvFilter,
    pub(super) project: Option<String>,
}

impl ServiceConfig {
    /// Reads the variables; `None` when one of them is wrong, which `environment` remembers.
    pub fn read(environment: &mut Environment<'_>) -> Option<Self> {
        let port = environment.with_default("PORT", "8080", str::parse);
        let host = environment.with_default("LISTEN_HOST", "0.0.0.0", parse_host);
        let default_format = if environment.is_set("K_SERVICE") { "json" } else { "text" };
        let log_format = environment.with_default("LOG_FORMAT", default_format, str::parse);
        let log_filter = environment.with_default("RUST_LOG", "info", str::parse);
        let project = environment.optional("GOOGLE_CLOUD_PROJECT", |text| Ok::<_, Infallible>(text.to_owned()));
        Some(Self {
            listen: SocketAddr::new(host?, port?),
            log_format: log_format?,
            log_filter: log_filter?,
            project: project?,
        })
    }
}

/// An address, or `localhost`; other names would have to be looked up.
fn parse_host(text: &str) -> Result<IpAddr, AddrParseError> {
    if text == "localhost" { Ok(Ipv4Addr::LOCALHOST.into()) } else { text.parse() }
}
