//! Runs a service to its end, and turns what ended it into an exit code.

use std::{env, future::Future, io, net::SocketAddr, process::ExitCode, thread::available_parallelism};

use axum::BoxError;
use serde_json::json;
use tokio::runtime::{Builder, Runtime};

use super::ConfigError;
use crate::causes::with_causes;

/// Runs `service` on a runtime of its own. The exit code is 64 when the configuration is to blame, else 1 for an error.
///
/// With one CPU, the runtime has one thread, which accepts, answers and stops: a handler must not block it, and
/// `block_in_place` panics on it. `spawn_blocking` has threads of its own, whatever the number of CPUs.
///
/// When the service has ended nothing is waited for: a thread that still looks up a name or computes a hash would hold
/// the process beyond the time that Cloud Run gives it.
pub fn run(name: &str, service: impl Future<Output = Result<(), StartError>>) -> ExitCode {
    let ended = runtime(cpus()).map_err(StartError::Serve).and_then(|runtime| {
        let ended = runtime.block_on(service);
        runtime.shutdown_background();
        ended
    });
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => error.report(name),
    }
}

/// On one vCPU, which is what Cloud Run gives unless it is told otherwise, a thread for the accepting and another for the
/// answering would only hand each other the work.
fn runtime(cpus: usize) -> io::Result<Runtime> {
    let mut builder = if cpus == 1 { Builder::new_current_thread() } else { Builder::new_multi_thread() };
    builder.enable_all().build()
}

fn cpus() -> usize {
    available_parallelism().map_or(1, usize::from)
}

/// Why a service did not start, or stopped.
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
    /// The runtime or the signals failed.
    #[error("cannot serve")]
    Serve(#[from] io::Error),
    /// A part of the service could not be built, for example because TLS could not be set up.
    #[error("cannot build the service")]
    Build(#[from] BoxError),
}

impl StartError {
    /// Writes the error to standard error. Logging may not have started, and on Cloud Run a line is an entry.
    fn report(&self, name: &str) -> ExitCode {
        let message = format!("{name}: {}", with_causes(self));
        if env::var_os("K_SERVICE").is_some_and(|value| !value.is_empty()) {
            eprintln!("{}", json!({ "severity": "CRITICAL", "message": message }));
        } else {
            eprintln!("{message}");
        }
        match self {
            Self::Config(_) => ExitCode::from(64),
            _ => ExitCode::FAILURE,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use tokio::runtime::RuntimeFlavor;

    use super::*;

    #[test]
    fn one_cpu_gets_one_thread() {
        for (cpus, flavor) in [(1, RuntimeFlavor::CurrentThread), (2, RuntimeFlavor::MultiThread)] {
            assert_eq!(runtime(cpus).unwrap().handle().runtime_flavor(), flavor);
        }
    }

    #[test]
    fn a_thread_that_is_busy_does_not_hold_the_process() {
        let (_held, held_by_a_thread) = mpsc::channel::<()>();
        let code = run("test", async {
            tokio::task::spawn_blocking(move || held_by_a_thread.recv());
            Ok(())
        });
        assert_eq!(code, ExitCode::SUCCESS);
    }
}
