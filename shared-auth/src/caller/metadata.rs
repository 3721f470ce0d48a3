//! ID tokens of the service account that this code runs as, from the metadata server of Cloud Run, Compute Engine or
//! GKE (<https://cloud.google.com/run/docs/securing/service-identity#fetching_identity_and_access_tokens>).
//!
//! Our own request, and not google-cloud-auth's: after one 404 that library gives no token until a restart, and it waits
//! without a limit for a server that does not answer.

use std::{fmt, future::Future, pin::Pin, str::FromStr, time::Duration};

use axum::http::StatusCode;
use tokio::time::sleep;
use url::Url;

use super::{
    AccessToken, AccessTokenSource, Error, IdToken, Step, TokenSource, access_token::CLOUD_PLATFORM, endpoint::Endpoint,
};
use crate::{Audience, TlsError, outbound};

/// The metadata server as a token source.
#[derive(Debug, Clone)]
pub struct MetadataSource {
    account: Url,
    endpoint: Endpoint,
}

impl MetadataSource {
    /// The name under which the metadata server is reached where there is one.
    pub const DEFAULT_HOST: &'static str = "metadata.google.internal";

    /// Asks the server at `host`.
    ///
    /// # Errors
    /// TLS could not be set up.
    pub fn new(host: MetadataHost) -> Result<Self, TlsError> {
        let endpoint = Endpoint { step: Step::Metadata, http: outbound::client(FETCH_LIMIT)? };
        Ok(Self { account: host.0, endpoint })
    }

    async fn fetch(&self, audience: &Audience) -> Result<IdToken, Error> {
        // Without `format=full` the e-mail can be missing, and a receiver that lists e-mails refuses the token.
        let query = [("audience", audience.as_str()), ("format", "full")];
        let body = self.ask("identity", &query).await?;
        let text = str::from_utf8(&body).map_err(|_| self.endpoint.unusable("it is not text"))?;
        self.endpoint.id_token(text.trim_ascii())
    }

    /// Asks for something of the service account, a few times while the server is busy.
    async fn ask(&self, what: &str, query: &[(&str, &str)]) -> Result<Vec<u8>, Error> {
        let mut url = self.account.clone();
        url.set_path(&format!("{}{what}", url.path()));
        url.query_pairs_mut().extend_pairs(query);
        let ask = || self.endpoint.answer(self.endpoint.http.get(url.clone()).header("Metadata-Flavor", "Google"));
        let mut answer = ask().await;
        for pause in RETRY_PAUSES {
            if !answer.as_ref().is_err_and(is_momentary) {
                break;
            }
            sleep(pause).await;
            answer = ask().await;
        }
        answer
    }
}

impl TokenSource for MetadataSource {
    fn id_token<'a>(
        &'a self,
        audience: &'a Audience,
    ) -> Pin<Box<dyn Future<Output = Result<IdToken, Error>> + Send + 'a>> {
        Box::pin(self.fetch(audience))
    }
}

/// On Google Cloud, too, one service account may impersonate another.
impl AccessTokenSource for MetadataSource {
    fn access_token(&self) -> Pin<Box<dyn Future<Output = Result<AccessToken, Error>> + Send + '_>> {
        Box::pin(async {
            let body = self.ask("token", &[("scopes", CLOUD_PLATFORM)]).await?;
            self.endpoint.access_token_in(&body)
        })
    }
}

/// A host, with a port where it is not 80: the form of `GCE_METADATA_HOST`.
#[derive(Debug, Clone)]
pub struct MetadataHost(Url);

impl FromStr for MetadataHost {
    type Err = MetadataHostError;

    fn from_str(host: &str) -> Result<Self, MetadataHostError> {
        let root = Url::parse(&format!("http://{host}/")).map_err(|_| MetadataHostError)?;
        let is_host_only = root.path() == "/" && root.query().is_none() && root.fragment().is_none();
        if !is_host_only || !root.username().is_empty() || root.password().is_some() {
            return Err(MetadataHostError);
        }
        root.join(ACCOUNT_PATH).map(Self).map_err(|_| MetadataHostError)
    }
}

impl fmt::Display for MetadataHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.authority())
    }
}

/// The text is not a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is not a host, or host:port")]
pub struct MetadataHostError;

/// Whether a server that starts or is busy answers so. A connection that fails is left to the cache's back-off.
fn is_momentary(error: &Error) -> bool {
    matches!(error, Error::SourceRefused { status, .. } if status.is_server_error() || *status == StatusCode::TOO_MANY_REQUESTS)
}

const ACCOUNT_PATH: &str = "/computeMetadata/v1/instance/service-accounts/default/";
const RETRY_PAUSES: [Duration; 2] = [Duration::from_millis(100), Duration::from_millis(400)];
/// For one question. The server is on the same machine, and answers in milliseconds.
const FETCH_LIMIT: Duration = Duration::from_secs(3);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_a_host_and_not_a_url() {
        for host in ["metadata.google.internal", "169.254.169.254", "127.0.0.1:8080", "[::1]:80"] {
            assert!(host.parse::<MetadataHost>().is_ok(), "{host}");
        }
        for host in ["", "http://169.254.169.254", "a/b", "a?b", "a#b", "user@a", "a:b", "a b"] {
            assert!(host.parse::<MetadataHost>().is_err(), "{host:?}");
        }
    }
}
