//! Whom the emulated Google knows: the service accounts of the demo.
//!
//! Each has its own metadata server, as each Cloud Run service has. `stranger` lives in another project: Google signs
//! its tokens all the same, and only a receiver's policy keeps it out.

use crate::person;

/// A service account: for whom a token speaks.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Identity {
    /// The short name, which chooses an identity in this crate.
    pub name: &'static str,
    /// The `email` claim: `NAME@PROJECT.iam.gserviceaccount.com`.
    pub email: String,
    /// The `sub` claim: 21 digits, and never given to another account, not even to a later one with this e-mail.
    pub unique_id: &'static str,
    /// The project that owns the account.
    pub project: &'static str,
}

impl Identity {
    /// The number by which Google knows the project.
    pub(crate) fn project_number(&self) -> u64 {
        let known = PROJECTS.iter().find(|(name, _)| *name == self.project).map(|(_, number)| *number);
        known.unwrap_or_else(|| 100_000_000_000 + person::number(self.project) % 900_000_000_000)
    }

    pub(crate) fn all() -> Vec<Self> {
        let named = |&(name, project, unique_id): &(&'static str, &'static str, &'static str)| Self {
            name,
            email: format!("{name}@{project}.iam.gserviceaccount.com"),
            unique_id,
            project,
        };
        KNOWN.iter().map(named).collect()
    }
}

const KNOWN: [(&str, &str, &str); 5] = [
    ("login-service", "demo-project", "100000000000000000001"),
    ("profile-service", "demo-project", "100000000000000000002"),
    ("search-service", "demo-project", "100000000000000000003"),
    ("frontend", "demo-project", "100000000000000000004"),
    ("stranger", "other-project", "200000000000000000001"),
];

const PROJECTS: [(&str, u64); 2] = [("demo-project", 123_456_789_012), ("other-project", 210_987_654_321)];
