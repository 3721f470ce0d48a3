//! What to do about an error: for the log, where whoever reads it can act on it.

use axum::http::StatusCode;

use super::{Error, Step, cache::EXPIRED};

impl Error {
    /// What most likely helps, where the error says enough to tell.
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::SourceUnreachable { step: Step::Metadata, .. } => {
                "outside of Google Cloud there is no metadata server: let GOOGLE_APPLICATION_CREDENTIALS name a \
                 credential file"
            }
            Self::SourceRefused { step: Step::Metadata, status: StatusCode::NOT_FOUND, .. } => {
                "does this workload run as a service account?"
            }
            Self::SourceRefused { code: Some(code), step, .. } => return hint_of_code(*step, code),
            Self::SourceAnswer { step: Step::Source, problem: EXPIRED } => "is this machine's clock right?",
            Self::SubjectTokenFile(_) => "does the platform write the file that credential_source names?",
            Self::SourceBackingOff { source, .. } => return source.hint(),
            Self::Refused { status, .. } => return hint_of_status(*status),
            _ => return None,
        })
    }
}

fn hint_of_code(step: Step, code: &str) -> Option<&'static str> {
    Some(match (step, code) {
        (Step::IamCredentials, "PERMISSION_DENIED") => {
            "is iamcredentials.googleapis.com enabled, and has whoever impersonates the account \
             roles/iam.serviceAccountOpenIdTokenCreator on it? With delegates it takes \
             roles/iam.serviceAccountTokenCreator on each next account of the chain. A grant takes some minutes"
        }
        (Step::IamCredentials, "NOT_FOUND") => "does the account to impersonate exist?",
        (Step::TokenEndpoint, "invalid_grant") => {
            "is this machine's clock right, and is the key or the login still valid? A login is made anew with `gcloud \
             auth application-default login`"
        }
        (Step::TokenEndpoint, "invalid_client") => "is the credential file whole, and is its client still in use?",
        (Step::SecurityTokenService, "invalid_grant") => {
            "do the issuer and the audience of the provider in the workload identity pool match the subject token, and \
             has that not expired?"
        }
        (Step::SecurityTokenService, "unauthorized_client") => {
            "does the subject token meet the attribute condition of the provider in the workload identity pool?"
        }
        (Step::SecurityTokenService, "invalid_target") => {
            "does the audience in the credential file name a provider of a workload identity pool?"
        }
        _ => return None,
    })
}

fn hint_of_status(status: StatusCode) -> Option<&'static str> {
    Some(match status {
        StatusCode::UNAUTHORIZED => "does the service expect another audience?",
        StatusCode::FORBIDDEN => "is this account on the service's list, and has it roles/run.invoker there?",
        StatusCode::NOT_FOUND => "is the URL that of the service, and does its ingress let this network in?",
        StatusCode::MOVED_PERMANENTLY
        | StatusCode::FOUND
        | StatusCode::SEE_OTHER
        | StatusCode::TEMPORARY_REDIRECT
        | StatusCode::PERMANENT_REDIRECT => "is the URL the service's own, with https? A redirect is not followed",
        _ => return None,
    })
}
