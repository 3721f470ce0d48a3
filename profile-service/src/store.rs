//! The profiles, read once from a file. A real service would keep them in a database.

use std::{collections::HashMap, fs, io};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Whose profile it is, and whatever else the file says about them.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Profile {
    username: String,
    #[serde(flatten)]
    details: Map<String, Value>,
}

/// All profiles, by user name.
pub(crate) struct Profiles(HashMap<String, Profile>);

impl Profiles {
    /// Reads a JSON list of profiles.
    pub(crate) fn load(path: &str) -> Result<Self, StoreError> {
        Self::parse(&fs::read(path)?)
    }

    pub(crate) fn find(&self, username: &str) -> Option<&Profile> {
        self.0.get(username)
    }

    fn parse(json: &[u8]) -> Result<Self, StoreError> {
        let mut profiles = HashMap::new();
        for profile in serde_json::from_slice::<Vec<Profile>>(json)? {
            if let Some(double) = profiles.insert(profile.username.clone(), profile) {
                return Err(StoreError::Twice(double.username));
            }
        }
        Ok(Self(profiles))
    }
}

/// Why there are no profiles.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    #[error("the file cannot be read")]
    Read(#[from] io::Error),
    #[error("the file is not a JSON list of profiles")]
    Json(#[from] serde_json::Error),
    #[error("{0:?} is listed twice")]
    Twice(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_keeps_what_the_file_says_and_needs_a_user_name() {
        let profiles = Profiles::parse(br#"[{"username":"ada","born":1815}]"#).unwrap();
        let ada = serde_json::to_value(profiles.find("ada").unwrap()).unwrap();
        assert_eq!(ada, serde_json::json!({ "username": "ada", "born": 1815 }));
        assert!(profiles.find("Ada").is_none());
        assert!(matches!(Profiles::parse(br#"[{"born":1815}]"#), Err(StoreError::Json(_))));
    }

    #[test]
    fn a_user_name_that_is_listed_twice_is_a_mistake() {
        let twice = Profiles::parse(br#"[{"username":"ada"},{"username":"ada"}]"#);
        assert!(matches!(twice, Err(StoreError::Twice(_))));
    }
}
