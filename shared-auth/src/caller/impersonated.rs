//! ID tokens of another service account, which this one, or a developer, may impersonate
//! (<https://cloud.google.com/iam/docs/create-short-lived-credentials-direct#sa-credentials-oidc>).
//!
//! `google-cloud-auth` is not used, here and in the sources of access tokens: it remembers the first refusal for good,
//! waits without a limit, and each of its credentials leaves a task behind that does not end.

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use axum::http::header::AUTHORIZATION;
use serde::Deserialize;
use serde_json::json;

use super::{AccessTokenSource, Error, IdToken, Step, TokenSource, endpoint::Endpoint};
use crate::{Audience, SecureUrl, TlsError, UrlError, outbound};

/// A service account that someone else may speak for, as a token source.
#[derive(Debug, Clone)]
pub struct ImpersonatedSource {
    base: Arc<dyn AccessTokenSource>,
    url: SecureUrl,
    delegates: Vec<String>,
    endpoint: Endpoint,
}

impl ImpersonatedSource {
    /// ID tokens of the account with the e-mail or unique id `account`, asked for with the access tokens of `base`. Each
    /// of `delegates`, e-mails, may impersonate the next one, and the last one the account; mostly there are none.
    ///
    /// `base` needs the role `roles/iam.serviceAccountOpenIdTokenCreator` on the account; with delegates it takes
    /// `roles/iam.serviceAccountTokenCreator` on each next account of the chain.
    ///
    /// # Errors
    /// `account` cannot stand in a URL, or TLS could not be set up.
    pub fn new(
        base: impl AccessTokenSource,
        account: &str,
        delegates: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Result<Self, ImpersonationError> {
        let url = format!("{IAM_CREDENTIALS}/v1/{RESOURCE}{account}{ID_TOKEN}");
        let delegates = delegates.into_iter().map(|delegate| delegate.as_ref().to_owned());
        Self::at(&url, base, delegates.collect())
    }

    /// The same, at the URL that a credential file names: it ends in `:generateAccessToken`, or in `:generateIdToken`.
    ///
    /// # Errors
    /// The URL is not one that may be sent a token, or does not name an account; or TLS could not be set up.
    pub fn at(url: &str, base: impl AccessTokenSource, delegates: Vec<String>) -> Result<Self, ImpersonationError> {
        let account = url.strip_suffix(":generateAccessToken").or_else(|| url.strip_suffix(ID_TOKEN));
        let url: SecureUrl = format!("{}{ID_TOKEN}", account.ok_or(ImpersonationError::Account)?).parse()?;
        let segments = url.as_url().path_segments().map(Iterator::collect::<Vec<_>>).unwrap_or_default();
        let ["v1", "projects", "-", "serviceAccounts", name] = segments.as_slice() else {
            return Err(ImpersonationError::Account);
        };
        if url.as_url().query().is_some() || name.starts_with(':') {
            return Err(ImpersonationError::Account);
        }
        // Files hold e-mails, or whole resource names.
        let full = |delegate: String| format!("{RESOURCE}{}", delegate.strip_prefix(RESOURCE).unwrap_or(&delegate));
        let delegates = delegates.into_iter().map(full).collect();
        let endpoint = Endpoint { step: Step::IamCredentials, http: outbound::client(LIMIT)? };
        Ok(Self { base: Arc::new(base), url, delegates, endpoint })
    }

    /// Whose tokens they are: an e-mail, or a unique id.
    pub fn account(&self) -> &str {
        let name = self.url.as_url().path_segments().and_then(|mut segments| segments.next_back()).unwrap_or_default();
        name.strip_suffix(ID_TOKEN).unwrap_or(name)
    }

    async fn generate(&self, audience: &Audience) -> Result<IdToken, Error> {
        #[derive(Deserialize)]
        struct Answer {
            token: String,
        }
        let access_token = self.base.access_token().await?;
        let request = self.endpoint.http.post(self.url.as_url().clone()).header(AUTHORIZATION, access_token.bearer());
        // Without `includeEmail` a receiver that lists e-mails refuses the token.
        let body = json!({ "audience": audience.as_str(), "includeEmail": true, "delegates": self.delegates });
        let Answer { token } = self.endpoint.parse(&self.endpoint.answer(request.json(&body)).await?)?;
        self.endpoint.id_token(&token)
    }
}

impl TokenSource for ImpersonatedSource {
    fn id_token<'a>(
        &'a self,
        audience: &'a Audience,
    ) -> Pin<Box<dyn Future<Output = Result<IdToken, Error>> + Send + 'a>> {
        Box::pin(self.generate(audience))
    }
}

/// Why an account cannot be impersonated.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImpersonationError {
    /// The URL does not name an account.
    #[error("the URL of the impersonation does not end in projects/-/serviceAccounts/ACCOUNT:generateAccessToken")]
    Account,
    /// The URL is not one that may be sent a token.
    #[error("the URL of the impersonation cannot be used")]
    Url(#[from] UrlError),
    /// No TLS, so no tokens.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

const IAM_CREDENTIALS: &str = "https://iamcredentials.googleapis.com";
const ID_TOKEN: &str = ":generateIdToken";
const RESOURCE: &str = "projects/-/serviceAccounts/";
/// For IAM Credentials alone.
const LIMIT: Duration = Duration::from_secs(5);
