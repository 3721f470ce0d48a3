//! How long receivers may keep the published keys: what the certs say of themselves, as Google's do.

use serde::Deserialize;

/// In seconds. A receiver keeps the keys for `max_age` less `age`.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyLife {
    /// `max-age` in `Cache-Control`.
    pub(crate) max_age: u64,
    /// `Age`: how long the answer has been in a cache of Google's.
    pub(crate) age: u64,
}

impl Default for KeyLife {
    /// As seen at `www.googleapis.com`.
    fn default() -> Self {
        Self { max_age: 21_155, age: 7_200 }
    }
}
