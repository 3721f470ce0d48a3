//! What can go wrong on the calling side, by cause. No error holds a token.

use std::{sync::Arc, time::Duration};

use axum::http::StatusCode;

use super::Step;

/// Why there is no answer from the other service.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A step on the way to an ID token got no answer.
    #[error("{step} cannot be reached")]
    SourceUnreachable {
        /// Which one.
        step: Step,
        /// Why not.
        source: Arc<dyn std::error::Error + Send + Sync>,
    },
    /// A step on the way to an ID token got an answer without a token.
    #[error("{step} answered with status {}{}", .status.as_u16(), .code.as_ref().map(|code| format!(", {code}")).unwrap_or_default())]
    SourceRefused {
        /// Which one.
        step: Step,
        /// What it answered.
        status: StatusCode,
        /// The code of the error, if the answer named one.
        code: Option<String>,
    },
    /// A step on the way to an ID token got something that was not asked for, or a token that has expired already.
    #[error("{step} sent nothing that can be used: {problem}")]
    SourceAnswer {
        /// Which one.
        step: Step,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The token of the outside identity provider, which federation starts with, cannot be read.
    #[error("the subject token cannot be read from its file")]
    SubjectTokenFile(#[source] Arc<std::io::Error>),
    /// The service account's key cannot sign.
    #[error("the service account's key cannot sign")]
    Signing,
    /// The token source failed a moment ago and is not asked again yet.
    #[error("the token source is not asked again yet")]
    SourceBackingOff {
        /// When it will be.
        retry_after: Duration,
        /// What went wrong the last time.
        source: Arc<Error>,
    },
    /// The path climbs out of the service's base URL, with `..`, or a segment of it cannot be written.
    #[error("the path leads out of the service's base URL, or a segment of it cannot be written")]
    OutsideBase,
    /// The request of another client names another scheme, host or port than the service's.
    #[error("the request is for another origin than the service's")]
    OtherOrigin,
    /// A header, the query or the body of the request cannot be written.
    #[error("the request cannot be written")]
    Request(#[source] Arc<dyn std::error::Error + Send + Sync>),
    /// The service did not answer, or the connection broke.
    #[error("the service cannot be reached")]
    Unreachable(#[source] Arc<dyn std::error::Error + Send + Sync>),
    /// The service answered with something other than a success. A redirect counts: it is not followed.
    #[error("the service answered with status {}", .status.as_u16())]
    Refused {
        /// What it answered.
        status: StatusCode,
        /// When it wants to be asked again, if it says so.
        retry_after: Option<Duration>,
    },
    /// The service's answer is not what was asked for.
    #[error("the service's answer cannot be read")]
    Answer(#[source] Arc<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// Whether the same request may work a little later. It does not say that repeating it does no harm.
    pub fn is_transient(&self) -> bool {
        match self {
            // Whatever keeps a source from giving a token may pass, and the request was never sent.
            Self::SourceUnreachable { .. }
            | Self::SourceRefused { .. }
            | Self::SourceAnswer { .. }
            | Self::SubjectTokenFile(_)
            | Self::SourceBackingOff { .. } => true,
            // The request may have arrived.
            Self::Unreachable(_) => true,
            Self::Refused { status, .. } => matches!(
                *status,
                StatusCode::TOO_MANY_REQUESTS
                    | StatusCode::BAD_GATEWAY
                    | StatusCode::SERVICE_UNAVAILABLE
                    | StatusCode::GATEWAY_TIMEOUT
            ),
            Self::Signing | Self::OutsideBase | Self::OtherOrigin | Self::Request(_) | Self::Answer(_) => false,
        }
    }

    /// When to try again, if the other side or the back-off says so.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::SourceBackingOff { retry_after, .. } => Some(*retry_after),
            Self::Refused { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}
