//! What a program reported: the last line it printed, a word and what belongs to it.

use std::fmt;

use crate::foreign::Ended;

/// A report. Whatever is not one of three well-formed lines is a failure, so that a silent program never passes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Got {
    /// `status 200`
    Status(u16),
    /// `accepted EMAIL`
    Accepted(String),
    /// `refused REASON`
    Refused(String),
    /// The program failed, was too slow, or said something else.
    Broken(String),
}

impl Got {
    /// Reads what is left of a program that has ended.
    pub(super) fn read(ended: &Ended) -> Self {
        match ended {
            Ended::Well { output } => Self::parse(output),
            Ended::Badly { reason } => Self::Broken(reason.clone()),
        }
    }

    /// Reads the last line.
    pub fn parse(output: &str) -> Self {
        let line = output.trim_end().lines().last().unwrap_or_default();
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let report = match (word, rest.trim()) {
            ("status", rest) => rest.parse().ok().map(Self::Status),
            ("accepted", rest) if !rest.is_empty() => Some(Self::Accepted(rest.to_owned())),
            ("refused", rest) if !rest.is_empty() => Some(Self::Refused(rest.to_owned())),
            _ => None,
        };
        report.unwrap_or_else(|| Self::Broken(format!("the program ended without a report: {line:?}")))
    }
}

impl fmt::Display for Got {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => write!(f, "status {status}"),
            Self::Accepted(email) => write!(f, "accepted {email}"),
            Self::Refused(reason) => write!(f, "refused {reason}"),
            Self::Broken(reason) => f.write_str(reason),
        }
    }
}
