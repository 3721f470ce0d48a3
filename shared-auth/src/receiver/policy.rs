//! May this caller enter? A list of callers, which is never empty. A Google signature and the right audience do not say who is
//! calling: any service account of any project can obtain a token for any audience.

use std::str::FromStr;

use super::Caller;
use crate::{ListError, list};

/// The callers that may enter. Anyone else is refused.
#[derive(Debug, Clone)]
pub struct Policy {
    allowed: Vec<AllowedCaller>,
}

/// One entry of the list: an account's e-mail or its unique id, compared exactly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedCaller(Name);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Name {
    /// Readable, but an account can be deleted and its e-mail made again by somebody else of the same project.
    Email(String),
    /// The `sub`: stronger, since Google never gives it to another account.
    UniqueId(String),
}

impl Policy {
    /// Lets these callers in and nobody else.
    ///
    /// # Errors
    /// The list is empty.
    pub fn allow(callers: impl IntoIterator<Item = AllowedCaller>) -> Result<Self, PolicyError> {
        let allowed: Vec<_> = callers.into_iter().collect();
        if allowed.is_empty() { Err(PolicyError::Empty) } else { Ok(Self { allowed }) }
    }

    /// Whether `caller` is on the list, by e-mail or by unique id.
    pub fn admits(&self, caller: &Caller) -> bool {
        self.allowed.iter().any(|AllowedCaller(name)| match name {
            Name::Email(email) => caller.email() == Some(email),
            Name::UniqueId(id) => caller.subject() == id,
        })
    }
}

/// Reads a comma-separated list.
impl FromStr for Policy {
    type Err = PolicyError;

    fn from_str(list: &str) -> Result<Self, PolicyError> {
        if list.trim().is_empty() {
            return Err(PolicyError::Empty);
        }
        Self::allow(list::parse(list)?)
    }
}

/// An entry with `@` is an e-mail, one of digits only a unique id; nothing else, in particular no pattern.
impl FromStr for AllowedCaller {
    type Err = AllowedCallerError;

    fn from_str(entry: &str) -> Result<Self, AllowedCallerError> {
        let is_name = |part: &str| {
            !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_+'".contains(&byte))
        };
        if !entry.is_empty() && entry.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(Self(Name::UniqueId(entry.to_owned())));
        }
        match entry.split_once('@') {
            Some((name, domain)) if is_name(name) && is_name(domain) => Ok(Self(Name::Email(entry.to_owned()))),
            _ => Err(AllowedCallerError),
        }
    }
}

/// Why there is no policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// Nobody is on the list. That refuses everyone, so it is a mistake and not a policy.
    #[error("the list of callers is empty")]
    Empty,
    /// Some entries are not callers.
    #[error(transparent)]
    Entries(#[from] ListError<AllowedCallerError>),
}

/// The entry is neither an e-mail nor a unique id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is neither an account's e-mail nor its unique id (digits only); patterns are not supported")]
pub struct AllowedCallerError;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_list_is_not_a_policy() {
        for list in ["", " ", "\t"] {
            assert_eq!(list.parse::<Policy>().unwrap_err(), PolicyError::Empty, "{list:?}");
        }
        assert_eq!(Policy::allow([]).unwrap_err(), PolicyError::Empty);
    }

    #[test]
    fn an_entry_of_an_unknown_kind_spoils_the_list() {
        for entry in
            ["", "*", "*@demo.iam.gserviceaccount.com", "allUsers", "serviceAccount:a@b.c", "a@", "@b", "a@b@c", "1 2"]
        {
            let error = format!("ok@example.com,{entry}").parse::<Policy>().unwrap_err();
            let wrong = vec![(2, AllowedCallerError)];
            assert_eq!(error, PolicyError::Entries(ListError { wrong }), "{entry:?}");
        }
    }

    #[test]
    fn e_mails_and_unique_ids_are_told_apart_and_spaces_around_them_do_not_count() {
        let policy: Policy = " a@b.iam.gserviceaccount.com , 123456789012345678901".parse().unwrap();
        let email = Name::Email("a@b.iam.gserviceaccount.com".to_owned());
        let id = Name::UniqueId("123456789012345678901".to_owned());
        assert_eq!(policy.allowed, [AllowedCaller(email), AllowedCaller(id)]);
    }
}
