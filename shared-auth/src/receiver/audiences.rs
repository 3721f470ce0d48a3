//! The audiences a receiver answers to. A list, because a Cloud Run service has two URLs and may have custom
//! audiences (<https://cloud.google.com/run/docs/configuring/custom-audiences>). Never empty.

use std::str::FromStr;

use crate::{Audience, AudienceError, ListError, list};

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

/// Reads a comma-separated list.
impl FromStr for AcceptedAudiences {
    type Err = ListError<AudienceError>;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        list::parse(text).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_without_an_audience_or_with_an_empty_one_cannot_be_made() {
        for (list, positions) in [("", vec![1]), (",", vec![1, 2]), ("https://a,", vec![2]), ("a, ,b,", vec![2, 4])] {
            let wrong = positions.into_iter().map(|position| (position, AudienceError::Empty)).collect();
            assert_eq!(list.parse::<AcceptedAudiences>().unwrap_err(), ListError { wrong }, "{list:?}");
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
