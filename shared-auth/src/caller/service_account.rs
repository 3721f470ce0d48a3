//! ID tokens with the key of a service account, for code that runs outside of Google Cloud: a JWT that the key signs is
//! exchanged for one that Google signs (RFC 7523, <https://developers.google.com/identity/protocols/oauth2/service-account>).
//!
//! Our own request, and not google-cloud-auth's: that one ignores the key file's `token_uri`.

use std::{fmt, future::Future, pin::Pin, sync::Arc, time::Duration};

use aws_lc_rs::{rand::SystemRandom, rsa::KeyPair, signature::RSA_PKCS1_SHA256};
use axum::http::header::CONTENT_TYPE;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rustls_pki_types::{PrivatePkcs8KeyDer, pem::PemObject};
use serde::Deserialize;
use serde_json::json;
use url::form_urlencoded::Serializer;

use super::{Error, IdToken, TokenSource, source::answer_of};
use crate::{Audience, Clock, SecureUrl, TlsError, UrlError, outbound};

/// A service account's key as a token source.
#[derive(Debug, Clone)]
pub struct ServiceAccountSource {
    key: Arc<ServiceAccountKey>,
    http: reqwest::Client,
    clock: Clock,
}

/// The content of a key file.
pub struct ServiceAccountKey {
    email: String,
    key_id: String,
    private_key: KeyPair,
    token_uri: SecureUrl,
}

impl ServiceAccountKey {
    /// Reads the JSON of a key file, as `gcloud iam service-accounts keys create` writes it.
    ///
    /// # Errors
    /// It is not such a file, or not one whose key or `token_uri` can be used.
    pub fn from_json(json: &[u8]) -> Result<Self, KeyFileError> {
        #[derive(Deserialize)]
        struct Kind {
            r#type: String,
        }
        #[derive(Deserialize)]
        struct KeyFile {
            client_email: String,
            private_key_id: String,
            private_key: String,
            token_uri: String,
        }
        // The parser's own messages could quote the file.
        let Kind { r#type } = serde_json::from_slice(json).map_err(|_| KeyFileError::Json)?;
        if r#type != "service_account" {
            return Err(KeyFileError::Kind(r#type));
        }
        let file: KeyFile = serde_json::from_slice(json).map_err(|_| KeyFileError::Json)?;
        Ok(Self {
            email: file.client_email,
            key_id: file.private_key_id,
            private_key: parse_private_key(&file.private_key).ok_or(KeyFileError::PrivateKey)?,
            token_uri: file.token_uri.parse().map_err(KeyFileError::TokenUri)?,
        })
    }

    /// Whose key it is.
    pub fn email(&self) -> &str {
        &self.email
    }

    /// A JWT that says who asks and for which audience, good for an hour, as Google wants it.
    fn assertion(&self, audience: &Audience, now: u64) -> Option<String> {
        let header = json!({ "alg": "RS256", "typ": "JWT", "kid": self.key_id });
        let claims = json!({
            "iss": self.email,
            "sub": self.email,
            "aud": self.token_uri.to_string(),
            "iat": now,
            "exp": now + ASSERTION_LIFETIME,
            "target_audience": audience.as_str(),
        });
        let encode = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", encode(header), encode(claims));
        let mut signature = vec![0; self.private_key.public_modulus_len()];
        let random = SystemRandom::new();
        self.private_key.sign(&RSA_PKCS1_SHA256, &random, message.as_bytes(), &mut signature).ok()?;
        Some(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

impl ServiceAccountSource {
    /// Asks the key's own token endpoint.
    ///
    /// # Errors
    /// TLS could not be set up.
    pub fn new(key: ServiceAccountKey) -> Result<Self, TlsError> {
        Ok(Self { key: Arc::new(key), http: outbound::client(EXCHANGE_LIMIT)?, clock: Clock::system() })
    }

    async fn exchange(&self, audience: &Audience) -> Result<IdToken, Error> {
        #[derive(Deserialize)]
        struct Answer {
            id_token: String,
        }
        let assertion = self.key.assertion(audience, self.clock.unix_seconds());
        let assertion = assertion.ok_or(Error::SourceAnswer("the private key cannot sign"))?;
        let form = Serializer::new(String::new())
            .append_pair("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer")
            .append_pair("assertion", &assertion)
            .finish();
        let request = self.http.post(self.key.token_uri.as_url().clone());
        let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(form);
        let body = answer_of(request).await?;
        let Answer { id_token } =
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

/// Shows whose key it is, and not the key.
impl fmt::Debug for ServiceAccountKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceAccountKey").field("email", &self.email).finish_non_exhaustive()
    }
}

fn parse_private_key(pem: &str) -> Option<KeyPair> {
    let der = PrivatePkcs8KeyDer::from_pem_slice(pem.as_bytes()).ok()?;
    KeyPair::from_pkcs8(der.secret_pkcs8_der()).ok()
}

/// Why a key file cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyFileError {
    /// It is not JSON, or it lacks something.
    #[error("it is not a credential file with all that belongs into one")]
    Json,
    /// It is another kind of credential.
    #[error(
        "credentials of type {0:?} are not supported yet: use a service account's key, or unset it on Google Cloud"
    )]
    Kind(String),
    /// The private key is not an RSA key in PEM.
    #[error("its private key is not an RSA key in PKCS#8 PEM form")]
    PrivateKey,
    /// Its token endpoint is not one that may be told who we are.
    #[error("its token_uri cannot be used")]
    TokenUri(#[source] UrlError),
}

/// In seconds; the longest that Google accepts.
const ASSERTION_LIFETIME: u64 = 60 * 60;
const EXCHANGE_LIMIT: Duration = Duration::from_secs(5);
