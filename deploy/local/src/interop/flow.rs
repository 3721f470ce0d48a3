//! What each client is asked to do: the columns of the table.

use std::fmt;

/// A way to a token and to profile-service, or a token to verify.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// A token of the metadata server, as login-service.
    Metadata,
    /// The same as search-service, which is not on the list.
    OtherCaller,
    /// The same as login-service, for another audience.
    OtherAudience,
    /// The same as login-service, through Cloud Run's front door.
    FrontDoor,
    /// With the key of a service account, from a file.
    Key,
    /// A developer who acts as login-service.
    Impersonation,
    /// A workload outside of Google Cloud that acts as login-service.
    Federation,
    /// The library's verifier is given a token that a Rust caller obtained.
    Genuine,
    /// A token with the right key id, and a signature by another key.
    Forged,
    /// A token of two hours ago.
    Expired,
}

/// What a program has to report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// profile-service answered with this status.
    Status(u16),
    /// The verifier accepted the token of login-service.
    Accepted,
    /// The verifier refused the token, and could have accepted another.
    Refused,
}

impl Flow {
    /// All, as they stand in the table.
    pub const ALL: [Self; 10] = [
        Self::Metadata,
        Self::OtherCaller,
        Self::OtherAudience,
        Self::FrontDoor,
        Self::Key,
        Self::Impersonation,
        Self::Federation,
        Self::Genuine,
        Self::Forged,
        Self::Expired,
    ];

    /// The head of the column, in two lines.
    pub fn head(self) -> (&'static str, &'static str) {
        match self {
            Self::Metadata => ("metadata", "200"),
            Self::OtherCaller => ("as search", "403"),
            Self::OtherAudience => ("audience", "401"),
            Self::FrontDoor => ("front door", "200"),
            Self::Key => ("key file", "200"),
            Self::Impersonation => ("imperson.", "200"),
            Self::Federation => ("federation", "200"),
            Self::Genuine => ("verifies", "genuine"),
            Self::Forged => ("refuses", "forged"),
            Self::Expired => ("refuses", "expired"),
        }
    }

    /// What the program is told to do. The first five differ in their environment alone: that is what it is for.
    pub fn argument(self) -> &'static str {
        match self {
            Self::Metadata | Self::OtherCaller | Self::OtherAudience | Self::FrontDoor | Self::Key => "call",
            Self::Impersonation => "impersonated",
            Self::Federation => "federated",
            Self::Genuine | Self::Forged | Self::Expired => "verify",
        }
    }

    /// What the program has to report.
    pub fn expected(self) -> Expected {
        match self {
            Self::Metadata | Self::FrontDoor | Self::Key | Self::Impersonation | Self::Federation => {
                Expected::Status(200)
            }
            Self::OtherCaller => Expected::Status(403),
            Self::OtherAudience => Expected::Status(401),
            Self::Genuine => Expected::Accepted,
            Self::Forged | Self::Expired => Expected::Refused,
        }
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => write!(f, "status {status}"),
            Self::Accepted => f.write_str("accepted"),
            Self::Refused => f.write_str("refused"),
        }
    }
}
