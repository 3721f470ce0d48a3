//! What an emulated Google knows at its start, as a file that people read and write: who there is, and who may do what.
//!
//! Read by the program; a test starts with the demo's identities and allows what it needs. A mistake in the file is found
//! before anything listens, and the message names it.

mod check;

use std::io;

use serde::Deserialize;

use crate::{identity::Identity, key_life::KeyLife, person, ports::Ports};

/// Identities, how long keys may be kept, ports, who may act as whom, and the services behind a front door.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    identities: Vec<KnownIdentity>,
    #[serde(default)]
    pub(crate) keys: KeyLife,
    #[serde(default)]
    pub(crate) ports: Ports,
    #[serde(default)]
    pub(crate) impersonation: Vec<Impersonation>,
    #[serde(default)]
    pub(crate) front_doors: Vec<Door>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct KnownIdentity {
    name: String,
    project: String,
    /// Left out, it follows from the e-mail.
    unique_id: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Impersonation {
    pub(crate) principal: String,
    pub(crate) target: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Door {
    pub(crate) service: String,
    pub(crate) upstream: String,
    /// 0 is any that is free.
    #[serde(default)]
    pub(crate) port: u16,
    #[serde(default)]
    pub(crate) audiences: Vec<String>,
    #[serde(default)]
    pub(crate) invokers: Vec<String>,
    #[serde(default)]
    pub(crate) public: bool,
}

impl State {
    /// Reads the JSON of a state file.
    ///
    /// # Errors
    /// When it is no such JSON, or names someone whom it does not introduce.
    pub fn parse(json: &str) -> io::Result<Self> {
        let state: Self = serde_json::from_str(json).map_err(|error| mistake(&error.to_string()))?;
        check::check(&state)?;
        Ok(state)
    }

    /// The text lives as long as the program, as that of the identities known from the start.
    pub(crate) fn identities(&self) -> Vec<Identity> {
        let known = self.identities.iter().map(|identity| {
            let email = format!("{}@{}.iam.gserviceaccount.com", identity.name, identity.project);
            let unique_id = identity.unique_id.clone().unwrap_or_else(|| person::unique_id(&email));
            Identity {
                name: identity.name.clone().leak(),
                project: identity.project.clone().leak(),
                unique_id: unique_id.leak(),
                email,
            }
        });
        known.collect()
    }
}

impl Default for State {
    /// The demo's.
    fn default() -> Self {
        Self::parse(DEMO).expect("the file is part of the crate, and a test reads it")
    }
}

fn mistake(message: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message.to_owned())
}

const DEMO: &str = include_str!("../../state.json");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demos_file_has_the_identities_that_tests_start_with() {
        let parts = |identity: &Identity| (identity.name, identity.email.clone(), identity.unique_id, identity.project);
        let from_file: Vec<_> = State::default().identities().iter().map(parts).collect();
        assert_eq!(from_file, Identity::all().iter().map(parts).collect::<Vec<_>>());
    }

    #[test]
    fn a_unique_id_that_is_left_out_has_21_digits() {
        let state = State::parse(r#"{ "identities": [{ "name": "a", "project": "p" }] }"#).unwrap();
        let identity = state.identities().remove(0);
        assert_eq!((identity.unique_id.len(), identity.email.as_str()), (21, "a@p.iam.gserviceaccount.com"));
    }
}
