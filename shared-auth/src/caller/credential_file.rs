//! Credential files, each kind by its `type`: what can give an ID token becomes a token source, and what cannot says what
//! to do instead.

use std::sync::Arc;

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use super::{
    AccessTokenSource, AuthorizedUser, ExternalAccount, ImpersonatedSource, ImpersonationError, ServiceAccountKey,
    ServiceAccountSource, TokenSource,
};
use crate::{JsonObject, TlsError, UrlError};

/// The credentials of a file, ready to be asked.
#[derive(Debug)]
pub struct CredentialFile {
    /// What they are, for a log: the kind, and the account whose tokens they give.
    pub(super) description: String,
    source: Arc<dyn TokenSource>,
}

impl CredentialFile {
    /// Reads the JSON of a file, as gcloud writes it: of type `service_account`, `impersonated_service_account`, or
    /// `external_account` with an account to impersonate.
    ///
    /// The file decides where secrets are sent: do not take it from a stranger
    /// (<https://cloud.google.com/docs/authentication/external/externally-sourced-credentials>).
    ///
    /// # Errors
    /// It is not such a file, or its kind cannot give an ID token.
    pub fn from_json(json: &[u8]) -> Result<Self, CredentialError> {
        let kind = kind_of(json)?;
        let (account, source): (String, Arc<dyn TokenSource>) = match kind.as_str() {
            "service_account" => {
                let key = ServiceAccountKey::from_json(json)?;
                (key.email().to_owned(), Arc::new(ServiceAccountSource::new(key)?))
            }
            "impersonated_service_account" => {
                let Impersonation { source_credentials, service_account_impersonation_url, delegates } =
                    parse(json, &kind)?;
                let base = base_of_impersonation(source_credentials.to_string().as_bytes())?;
                let source = ImpersonatedSource::at(&service_account_impersonation_url, base, delegates)?;
                (source.account().to_owned(), Arc::new(source))
            }
            "external_account" => {
                let Federation { service_account_impersonation_url } = parse(json, &kind)?;
                let url = service_account_impersonation_url.ok_or(CredentialError::FederationAlone)?;
                let source = ImpersonatedSource::at(&url, ExternalAccount::from_json(json)?, Vec::new())?;
                (source.account().to_owned(), Arc::new(source))
            }
            "authorized_user" => return Err(CredentialError::LoginAlone),
            _ => return Err(CredentialError::Kind(kind)),
        };
        Ok(Self { description: format!("{account}, by credentials of type {kind}"), source })
    }

    /// The credentials as a token source.
    pub fn into_source(self) -> Arc<dyn TokenSource> {
        self.source
    }
}

/// A file of type `impersonated_service_account`.
#[derive(Deserialize)]
struct Impersonation {
    source_credentials: Value,
    service_account_impersonation_url: String,
    #[serde(default)]
    delegates: Vec<String>,
}

/// A file of type `external_account`, as far as it matters here.
#[derive(Deserialize)]
struct Federation {
    service_account_impersonation_url: Option<String>,
}

/// Why a credential file cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CredentialError {
    /// It is not JSON, or it lacks something. The parser's own messages could quote the file.
    #[error("it is not a credential file, or a member is missing or of a wrong type")]
    Json,
    /// A login of a person.
    #[error(
        "a person's login gives no ID token for a service: name a service account to impersonate, with `gcloud auth \
         application-default login --impersonate-service-account=ACCOUNT`"
    )]
    LoginAlone,
    /// Federation without a service account.
    #[error(
        "federation alone gives no ID token: name a service account to impersonate, with `gcloud iam \
         workload-identity-pools create-cred-config … --service-account=ACCOUNT`"
    )]
    FederationAlone,
    /// An impersonation within another.
    #[error("an impersonation within another is not supported: name the accounts in between as delegates")]
    Nested,
    /// Another kind of file.
    #[error(
        "credentials of type {:?} are not supported, but a service account's key, impersonation and federation are",
        .0.chars().take(LONGEST_SHOWN).collect::<String>()
    )]
    Kind(String),
    /// A federation that wants what this crate does not have.
    #[error(
        "its {0} is not supported: let a program write the subject token to a file, and name credential_source.file"
    )]
    Federation(&'static str),
    /// The private key is not an RSA key in PEM.
    #[error("its private key is not an RSA key in PKCS#8 PEM form")]
    PrivateKey,
    /// A URL that may not be told who we are.
    #[error("its {0} cannot be used")]
    Url(&'static str, #[source] UrlError),
    /// The account to impersonate.
    #[error(transparent)]
    Impersonation(#[from] ImpersonationError),
    /// No TLS, so no tokens.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

/// Whose access tokens ask for the ID token of another account.
fn base_of_impersonation(json: &[u8]) -> Result<Arc<dyn AccessTokenSource>, CredentialError> {
    let kind = kind_of(json)?;
    Ok(match kind.as_str() {
        "authorized_user" => Arc::new(AuthorizedUser::from_json(json)?),
        "external_account" => {
            let Federation { service_account_impersonation_url } = parse(json, &kind)?;
            if service_account_impersonation_url.is_some() {
                return Err(CredentialError::Nested);
            }
            Arc::new(ExternalAccount::from_json(json)?)
        }
        "impersonated_service_account" => return Err(CredentialError::Nested),
        "service_account" => Arc::new(ServiceAccountSource::new(ServiceAccountKey::from_json(json)?)?),
        _ => return Err(CredentialError::Kind(kind)),
    })
}

/// The members of a file of this `type`.
pub(super) fn parse<T: DeserializeOwned>(json: &[u8], r#type: &str) -> Result<T, CredentialError> {
    let kind = kind_of(json)?;
    if kind != r#type {
        return Err(CredentialError::Kind(kind));
    }
    serde_json::from_slice(json).map(|JsonObject(members)| members).map_err(|_| CredentialError::Json)
}

/// In characters, of a file that could be anything.
const LONGEST_SHOWN: usize = 40;

fn kind_of(json: &[u8]) -> Result<String, CredentialError> {
    #[derive(Deserialize)]
    struct Kind {
        r#type: String,
    }
    let kind = serde_json::from_slice(json).map(|JsonObject(Kind { r#type })| r#type);
    kind.map_err(|_| CredentialError::Json)
}
