//! Ports that a state file chooses, for services whose environment is written down before the emulator starts.

use std::collections::HashMap;

use serde::Deserialize;

/// What is left out, or 0, is any that is free.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ports {
    /// Of the certs.
    #[serde(default)]
    pub(crate) certs: u16,
    /// Of metadata servers, by the name of the identity.
    #[serde(default)]
    pub(crate) metadata: HashMap<String, u16>,
}
