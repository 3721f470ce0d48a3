//! The key file of a service account, and the JWT that it signs to say who asks.
//!
//! `google-cloud-auth` is not used: it ignores the file's `token_uri`.

use std::fmt;

use aws_lc_rs::{rand::SystemRandom, rsa::KeyPair, signature::RSA_PKCS1_SHA256};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rustls_pki_types::{PrivatePkcs8KeyDer, pem::PemObject};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{CredentialError, credential_file::parse};
use crate::SecureUrl;

/// The content of a key file.
pub struct ServiceAccountKey {
    email: String,
    key_id: String,
    private_key: KeyPair,
    pub(super) token_uri: SecureUrl,
}

impl ServiceAccountKey {
    /// Reads the JSON of a key file, as `gcloud iam service-accounts keys create` writes it.
    ///
    /// # Errors
    /// It is not such a file, or not one whose key or `token_uri` can be used.
    pub fn from_json(json: &[u8]) -> Result<Self, CredentialError> {
        #[derive(Deserialize)]
        struct KeyFile {
            client_email: String,
            private_key_id: String,
            private_key: String,
            token_uri: String,
        }
        let file: KeyFile = parse(json, "service_account")?;
        Ok(Self {
            email: file.client_email,
            key_id: file.private_key_id,
            private_key: parse_private_key(&file.private_key).ok_or(CredentialError::PrivateKey)?,
            token_uri: file.token_uri.parse().map_err(|error| CredentialError::Url("token_uri", error))?,
        })
    }

    /// Whose key it is.
    pub fn email(&self) -> &str {
        &self.email
    }

    /// A JWT that says who asks, and for what in one more claim; good for an hour, as Google wants it.
    pub(super) fn assertion(&self, (wanted, value): (&str, Value), now: u64) -> Option<String> {
        let header = json!({ "alg": "RS256", "typ": "JWT", "kid": self.key_id });
        let claims = json!({
            "iss": self.email,
            "sub": self.email,
            "aud": self.token_uri.to_string(),
            "iat": now,
            "exp": now + ASSERTION_LIFETIME,
            wanted: value,
        });
        let encode = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", encode(header), encode(claims));
        let mut signature = vec![0; self.private_key.public_modulus_len()];
        let random = SystemRandom::new();
        self.private_key.sign(&RSA_PKCS1_SHA256, &random, message.as_bytes(), &mut signature).ok()?;
        Some(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
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

/// In seconds; the longest that Google accepts.
const ASSERTION_LIFETIME: u64 = 60 * 60;
