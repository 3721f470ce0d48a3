//! The audiences a receiver answers to. A list, because a Cloud Run service has two URLs and may have custom
//! audiences (<https://cloud.google.com/run/docs/configuring/custom-audiences>). Never empty.

use std::str::FromStr;

use crate::{Audience, AudienceError};

/// One or more audiences, each matched exactly.
#[derive(Debug, Clone)]
pub struct AcceptedAudiences(Vec<Audience>);

impl AcceptedAudiences {
    /// The audience on the list that equals `aud`, if one does.
    pub fn find(&self, aud: &str) -> Option<&Audience> {
        self.0.iter().find(|audience| audience.as_str() == aud)
    }

    /// The audiences, in the order they were given.
    pub fn iter(&self) -> impl Iterator<Item = &Audience> {
        self.0.iter()
    }
}

impl From<Audience> for AcceptedAudiences {
    fn from(audience: Audience) -> Self {
        Self(vec![audience])
    }
}

/// Reads a comma-separated list; spaces around an entry do not count.
impl FromStr for AcceptedAudiences {
    type Err = AcceptedAudiencesError;

    fn from_str(list: &str) -> Result<Self, AcceptedAudiencesError> {
        let parse = |(index, entry): (usize, &str)| {
            let position = index + 1;
            entry.trim().parse().map_err(|source| AcceptedAudiencesError { position, source })
        };
        list.split(',').enumerate().map(parse).collect::<Result<_, _>>().map(Self)
    }
}

/// An entry of the list is not an audience.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("entry {position} of the list is wrong")]
pub struct AcceptedAudiencesError {
    /// Counted from one.
    pub position: usize,
    /// What is wrong with it.
    pub source: AudienceError,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_without_an_audience_or_with_an_empty_one_cannot_be_made() {
        for (list, position) in [("", 1), (",", 1), ("https://a,", 2), ("https://a, ,https://b", 2)] {
            let error = list.parse::<AcceptedAudiences>().unwrap_err();
            assert_eq!(error, AcceptedAudiencesError { position, source: AudienceError::Empty }, "{list:?}");
        }
    }

    #[test]
    fn an_audience_matches_whole_or_not_at_all() {
        let accepted: AcceptedAudiences = "https://a.run.app, custom".parse().unwrap();
        assert!(accepted.find("https://a.run.app").is_some() && accepted.find("custom").is_some());
        for aud in ["", "https://a.run.app/", "https://a.run.ap", "HTTPS://A.RUN.APP", "https://a.run.app, custom"] {
            assert!(accepted.find(aud).is_none(), "{aud:?}");
        }
    }
}
