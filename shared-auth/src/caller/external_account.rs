//! Workload identity federation: the token of an outside identity provider is exchanged for an access token of Google's
//! (RFC 8693, <https://cloud.google.com/iam/docs/workload-identity-federation>). An ID token is one step further: a
//! service account must be impersonated with it.

use std::{future::Future, pin::Pin, time::Duration};

use serde::{Deserialize, de::IgnoredAny};

use super::{
    AccessToken, AccessTokenSource, CredentialError, Error, Step,
    access_token::CLOUD_PLATFORM,
    credential_file::parse,
    endpoint::Endpoint,
    subject_token::{CredentialSource, SubjectToken},
};
use crate::{SecureUrl, outbound};

/// An identity of an outside provider.
#[derive(Debug, Clone)]
pub struct ExternalAccount {
    audience: String,
    subject_token_type: String,
    token_url: SecureUrl,
    subject_token: SubjectToken,
    endpoint: Endpoint,
}

/// The members of the file, as `gcloud iam workload-identity-pools create-cred-config` writes it.
#[derive(Deserialize)]
struct Federation {
    audience: String,
    subject_token_type: String,
    token_url: String,
    credential_source: CredentialSource,
    workforce_pool_user_project: Option<IgnoredAny>,
    client_id: Option<IgnoredAny>,
}

impl ExternalAccount {
    /// Reads the JSON of a file of type `external_account` whose `credential_source` is a file or a URL. The account
    /// that the file may name is not impersonated here.
    ///
    /// # Errors
    /// It is not such a file, or a URL in it cannot be used.
    pub fn from_json(json: &[u8]) -> Result<Self, CredentialError> {
        let federation: Federation = parse(json, "external_account")?;
        if federation.workforce_pool_user_project.is_some() || federation.client_id.is_some() {
            return Err(CredentialError::Federation("pool of a workforce"));
        }
        let Federation { audience, subject_token_type, token_url, credential_source, .. } = federation;
        let token_url = token_url.parse().map_err(|error| CredentialError::Url("token_url", error))?;
        let subject_token = SubjectToken::new(credential_source)?;
        let endpoint = Endpoint { step: Step::SecurityTokenService, http: outbound::client(EXCHANGE_LIMIT)? };
        Ok(Self { audience, subject_token_type, token_url, subject_token, endpoint })
    }
}

impl AccessTokenSource for ExternalAccount {
    fn access_token(&self) -> Pin<Box<dyn Future<Output = Result<AccessToken, Error>> + Send + '_>> {
        Box::pin(async {
            let subject_token = self.subject_token.read().await?;
            let form = [
                ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
                ("requested_token_type", "urn:ietf:params:oauth:token-type:access_token"),
                ("audience", &self.audience),
                ("scope", CLOUD_PLATFORM),
                ("subject_token_type", &self.subject_token_type),
                ("subject_token", &subject_token),
            ];
            self.endpoint.access_token(&self.token_url, &form).await
        })
    }
}

const EXCHANGE_LIMIT: Duration = Duration::from_secs(5);
