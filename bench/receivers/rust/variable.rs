//! What a receiver of the benchmark is told.

use std::env;

/// A variable that the benchmark sets.
pub(crate) fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("{name} is not set"))
}
