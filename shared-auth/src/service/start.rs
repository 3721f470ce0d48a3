//! Why a service did not start or stopped with an error, and the exit code that says so.

use std::{io, net::SocketAddr, process::ExitCode};

use axum::BoxError;

use super::{ConfigError, environment::with_causes};

/// Ends a `main`.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The environment is not usable; starting again will not help.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The port is taken, or is not ours to take.
    #[error("cannot listen on {address}")]
    Listen {
        /// Where the service was told to listen.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// The listening socket or the signals failed.
    #[error("cannot serve")]
    Serve(#[from] io::Error),
    /// A part of the service could not be built, for want of TLS for example.
    #[error("cannot build the service")]
    Build(#[from] BoxError),
}

impl StartError {
    /// Writes the error to standard error and returns the code to exit with: 64 when the configuration is to
    /// blame, else 1.
    pub fn report(&self, service: &str) -> ExitCode {
        eprintln!("{service}: {}", with_causes(self));
        match self {
            Self::Config(_) => ExitCode::from(64),
            _ => ExitCode::FAILURE,
        }
    }
}
