//! A verdict: what a client was expected to report, and what it did report.

use super::{Expected, Got};
use crate::foreign::NotReady;

/// A cell of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// As expected.
    Pass,
    /// Otherwise, with what was reported in its place.
    Fail(String),
    /// The library does not offer it, or not with an endpoint of one's own; for this reason.
    Cannot(&'static str),
    /// The language is not on this machine, or its libraries cannot be fetched; for this reason.
    Skipped(String),
}

impl Cell {
    /// Compares.
    pub fn judge(expected: Expected, got: &Got) -> Self {
        match (expected, got) {
            (Expected::Status(expected), Got::Status(got)) if expected == *got => Self::Pass,
            (Expected::Accepted, Got::Accepted(email)) if email == EMAIL => Self::Pass,
            (Expected::Refused, Got::Refused(_)) => Self::Pass,
            (expected, got) => Self::Fail(format!("expected {expected}, got {got}")),
        }
    }

    /// Where there is nothing to run.
    pub(super) fn not_ready(reason: &NotReady) -> Self {
        match reason {
            NotReady::Missing(reason) => Self::Skipped(reason.clone()),
            NotReady::Broken(reason) => Self::Fail(reason.clone()),
        }
    }

    /// A refusal counts beside a token that is accepted alone: a verifier without certs refuses whatever it is given.
    #[must_use]
    pub fn beside(self, genuine: &Self) -> Self {
        match (self, genuine) {
            (Self::Pass, Self::Fail(_)) => Self::Fail("the genuine token was not accepted either".to_owned()),
            (cell, _) => cell,
        }
    }

    /// In one word.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail(_) => "FAIL",
            Self::Cannot(_) => "cannot",
            Self::Skipped(_) => "skipped",
        }
    }

    /// What is to be said below the table, if anything.
    pub fn note(&self) -> Option<&str> {
        match self {
            Self::Pass => None,
            Self::Fail(note) | Self::Skipped(note) => Some(note),
            Self::Cannot(note) => Some(note),
        }
    }
}

/// The account whose token is verified.
const EMAIL: &str = "login-service@demo-project.iam.gserviceaccount.com";
