//! The steps on the way to an ID token, by the names that errors call them.

use std::fmt;

/// Whoever is asked on the way to an ID token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// The metadata server of the machine.
    Metadata,
    /// The outside identity provider that federation starts with.
    SubjectToken,
    /// OAuth's token endpoint, for keys and logins.
    TokenEndpoint,
    /// The Security Token Service, for federation.
    SecurityTokenService,
    /// IAM Credentials, for impersonation.
    IamCredentials,
    /// The token source as a whole, whatever it is.
    Source,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Metadata => "the metadata server",
            Self::SubjectToken => "the provider of the subject token",
            Self::TokenEndpoint => "the token endpoint",
            Self::SecurityTokenService => "the Security Token Service",
            Self::IamCredentials => "IAM Credentials",
            Self::Source => "the token source",
        })
    }
}
