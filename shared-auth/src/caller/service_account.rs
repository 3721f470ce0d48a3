//! Tokens with the key of a service account, for code that runs outside of Google Cloud: a JWT that the key signs is
//! exchanged for one that Google signs (RFC 7523, <https://developers.google.com/identity/protocols/oauth2/service-account>).

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    AccessToken, AccessTokenSource, Error, IdToken, ServiceAccountKey, Step, TokenSource, access_token::CLOUD_PLATFORM,
    endpoint::Endpoint,
};
use crate::{Audience, Clock, TlsError, outbound};

/// A service account's key as a token source.
#[derive(Debug, Clone)]
pub struct ServiceAccountSource {
    key: Arc<ServiceAccountKey>,
    endpoint: Endpoint,
}

impl ServiceAccountSource {
    /// Asks the key's own token endpoint.
    ///
    /// # Errors
    /// TLS could not be set up.
    pub fn new(key: ServiceAccountKey) -> Result<Self, TlsError> {
        let endpoint = Endpoint { step: Step::TokenEndpoint, http: outbound::client(EXCHANGE_LIMIT)? };
        Ok(Self { key: Arc::new(key), endpoint })
    }

    /// Exchanges an assertion that asks for `wanted`, and returns the answer.
    async fn exchange(&self, wanted: (&str, Value)) -> Result<Vec<u8>, Error> {
        let assertion = self.key.assertion(wanted, Clock::system().unix_seconds()).ok_or(Error::Signing)?;
        let form = [("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"), ("assertion", &assertion)];
        self.endpoint.answer(self.endpoint.form(&self.key.token_uri, &form)).await
    }

    async fn exchange_for_id_token(&self, audience: &Audience) -> Result<IdToken, Error> {
        #[derive(Deserialize)]
        struct Answer {
            id_token: String,
        }
        let answer = self.exchange(("target_audience", json!(audience.as_str()))).await?;
        let Answer { id_token } = self.endpoint.parse(&answer)?;
        self.endpoint.id_token(&id_token)
    }
}

impl TokenSource for ServiceAccountSource {
    fn id_token<'a>(
        &'a self,
        audience: &'a Audience,
    ) -> Pin<Box<dyn Future<Output = Result<IdToken, Error>> + Send + 'a>> {
        Box::pin(self.exchange_for_id_token(audience))
    }
}

impl AccessTokenSource for ServiceAccountSource {
    fn access_token(&self) -> Pin<Box<dyn Future<Output = Result<AccessToken, Error>> + Send + '_>> {
        Box::pin(async {
            let answer = self.exchange(("scope", json!(CLOUD_PLATFORM))).await?;
            self.endpoint.access_token_in(&answer)
        })
    }
}

/// For the whole exchange.
const EXCHANGE_LIMIT: Duration = Duration::from_secs(5);
