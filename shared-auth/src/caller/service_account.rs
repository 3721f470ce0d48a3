//! ID tokens with the key of a service account, for code that runs outside of Google Cloud: a JWT that the key signs is
//! exchanged for one that Google signs (RFC 7523, <https://developers.google.com/identity/protocols/oauth2/service-account>).

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use axum::http::header::CONTENT_TYPE;
use serde::Deserialize;
use url::form_urlencoded::Serializer;

use super::{Error, IdToken, ServiceAccountKey, TokenSource, source::answer_of};
use crate::{Audience, Clock, JsonObject, TlsError, outbound};

/// A service account's key as a token source.
#[derive(Debug, Clone)]
pub struct ServiceAccountSource {
    key: Arc<ServiceAccountKey>,
    http: reqwest::Client,
}

impl ServiceAccountSource {
    /// Asks the key's own token endpoint.
    ///
    /// # Errors
    /// TLS could not be set up.
    pub fn new(key: ServiceAccountKey) -> Result<Self, TlsError> {
        Ok(Self { key: Arc::new(key), http: outbound::client(EXCHANGE_LIMIT)? })
    }

    async fn exchange(&self, audience: &Audience) -> Result<IdToken, Error> {
        #[derive(Deserialize)]
        struct Answer {
            id_token: String,
        }
        let assertion = self.key.assertion(audience, Clock::system().unix_seconds());
        let assertion = assertion.ok_or(Error::Signing)?;
        let form = Serializer::new(String::new())
            .append_pair("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer")
            .append_pair("assertion", &assertion)
            .finish();
        let request = self.http.post(self.key.token_uri.as_url().clone());
        let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(form);
        let body = answer_of(request).await?;
        let JsonObject(Answer { id_token }) =
            serde_json::from_slice(&body).map_err(|_| Error::SourceAnswer("it holds no ID token"))?;
        IdToken::from_compact(&id_token).ok_or(Error::SourceAnswer("it is not a token that expires"))
    }
}

impl TokenSource for ServiceAccountSource {
    fn id_token<'a>(
        &'a self,
        audience: &'a Audience,
    ) -> Pin<Box<dyn Future<Output = Result<IdToken, Error>> + Send + 'a>> {
        Box::pin(self.exchange(audience))
    }
}

/// For the whole exchange.
const EXCHANGE_LIMIT: Duration = Duration::from_secs(5);
