//! ID tokens: Google's own, and each way to spoil one.
//!
//! A builder starts genuine, so that a test changes one thing and knows what its receiver refused. Whatever is changed,
//! the signature is made last and covers it: a token fails the check it was made for, and no other.

use std::sync::Arc;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Map, Value};

use crate::{identity::Identity, signing_key::SigningKey};

/// A token in the making; [`sign`](Self::sign) ends it.
#[derive(Clone)]
#[must_use = "a token exists only after `sign`"]
pub struct TokenBuilder {
    key: Arc<SigningKey>,
    header: Map<String, Value>,
    claims: Map<String, Value>,
    raw_header: Option<Vec<u8>>,
    raw_payload: Option<Vec<u8>>,
    signature: Option<String>,
}

impl TokenBuilder {
    pub(crate) fn genuine(key: Arc<SigningKey>, identity: &Identity, audience: &str, now: i64) -> Self {
        let id = key.id().to_owned();
        let empty =
            Self { key, header: Map::new(), claims: Map::new(), raw_header: None, raw_payload: None, signature: None };
        empty
            .header("alg", "RS256")
            .header("kid", id)
            .header("typ", "JWT")
            .claim("iss", "https://accounts.google.com")
            .claim("aud", audience)
            .claim("azp", identity.unique_id)
            .claim("sub", identity.unique_id)
            .claim("email", identity.email.as_str())
            .claim("email_verified", true)
            .issued_at(now)
    }

    /// Sets or replaces a claim.
    pub fn claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.claims.insert(name.to_owned(), value.into());
        self
    }

    /// Leaves a claim out.
    pub fn without_claim(mut self, name: &str) -> Self {
        self.claims.remove(name);
        self
    }

    /// Sets `iat` to this Unix time in seconds, and `exp` an hour later as Google does.
    pub fn issued_at(self, unix_seconds: i64) -> Self {
        self.claim("iat", unix_seconds).claim("exp", unix_seconds + LIFETIME_SECONDS)
    }

    /// Sets or replaces a header parameter.
    pub fn header(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.header.insert(name.to_owned(), value.into());
        self
    }

    /// Leaves a header parameter out.
    pub fn without_header(mut self, name: &str) -> Self {
        self.header.remove(name);
        self
    }

    /// Replaces the whole header by these bytes, which need not be JSON.
    pub fn raw_header(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.raw_header = Some(bytes.into());
        self
    }

    /// Replaces the whole payload by these bytes, such as JSON that names a claim twice.
    pub fn raw_payload(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.raw_payload = Some(bytes.into());
        self
    }

    /// A forgery: the `kid` names Google's key, and a key made for this token alone signs.
    pub fn signed_by_unpublished_key(mut self) -> Self {
        self.key = Arc::new(SigningKey::generate());
        self
    }

    /// Puts this text in the place of the signature, such as Cloud Run's `SIGNATURE_REMOVED_BY_GOOGLE`.
    pub fn with_signature(mut self, segment: &str) -> Self {
        self.signature = Some(segment.to_owned());
        self
    }

    /// The token, as it goes into an `Authorization` header.
    pub fn sign(self) -> String {
        let encode = |raw: Option<Vec<u8>>, json| {
            BASE64_URL_SAFE_NO_PAD.encode(raw.unwrap_or_else(|| Value::Object(json).to_string().into_bytes()))
        };
        let header = encode(self.raw_header, self.header);
        let payload = encode(self.raw_payload, self.claims);
        let signing_input = format!("{header}.{payload}");
        let signature = self.signature.unwrap_or_else(|| self.key.sign(&signing_input));
        format!("{signing_input}.{signature}")
    }
}

/// From `iat` to `exp`, in every ID token that Google issues to a service account.
pub(crate) const LIFETIME_SECONDS: i64 = 3600;
