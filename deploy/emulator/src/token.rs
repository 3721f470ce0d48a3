//! Tokens: the issuer's own, and each way to spoil one.
//!
//! A builder starts genuine, so that a test changes one thing and knows what its receiver refused. Whatever is changed,
//! the signature is made last and covers it: a token fails the check it was made for, and no other.

use std::sync::Arc;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Map, Value};

use crate::signing_key::SigningKey;

/// A token in the making; [`sign`](Self::sign) ends it.
#[derive(Clone)]
#[must_use = "a token exists only after `sign`"]
pub struct TokenBuilder {
    key: SigningKey,
    lifetime: i64,
    header: Map<String, Value>,
    claims: Map<String, Value>,
    raw_header: Option<Vec<u8>>,
    raw_payload: Option<Vec<u8>>,
    respell: Arc<dyn Fn(&str) -> String + Send + Sync>,
    signer: Signer,
}

/// What makes the signature segment out of the bytes that it covers.
type Signer = Arc<dyn Fn(&[u8]) -> String + Send + Sync>;

impl TokenBuilder {
    /// Signed with the issuer's `key`, and without a claim so far. `lifetime` is in seconds.
    pub(crate) fn new(key: SigningKey, lifetime: i64) -> Self {
        let empty = Self {
            key: key.clone(),
            lifetime,
            header: Map::new(),
            claims: Map::new(),
            raw_header: None,
            raw_payload: None,
            respell: Arc::new(str::to_owned),
            signer: Arc::new(|_| String::new()),
        };
        empty.signed_by(&key).header("typ", "JWT")
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

    /// Sets `iat` to this Unix time in seconds, and `exp` as much later as the issuer does: Google an hour, IAP ten
    /// minutes.
    pub fn issued_at(self, unix_seconds: i64) -> Self {
        let lifetime = self.lifetime;
        self.claim("iat", unix_seconds).claim("exp", unix_seconds + lifetime)
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

    /// Changes the text of the first two segments, with the dot between them, before it is signed: for spellings of
    /// base64url that a receiver must refuse although their signature is right.
    pub fn respelled(mut self, change: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        self.respell = Arc::new(change);
        self
    }

    /// A forgery: the `kid` names Google's key, and a key made for this token alone signs.
    pub fn signed_by_unpublished_key(self) -> Self {
        let key = SigningKey::rsa();
        self.signed_with(move |message| key.sign(message))
    }

    /// Signed by this key in the place of the issuer's: `kid` and `alg` say so.
    pub fn signed_by(self, key: &SigningKey) -> Self {
        let signing = key.clone();
        let named = self.header("kid", key.id()).header("alg", key.algorithm());
        named.signed_with(move |message| signing.sign(message))
    }

    /// Signed by the issuer's key with another algorithm of RSA, such as `PS256`: `alg` says so.
    ///
    /// # Panics
    /// On [`sign`](Self::sign), when the issuer's key has no such algorithm.
    pub fn signed_as(self, algorithm: &'static str) -> Self {
        let key = self.key.clone();
        self.header("alg", algorithm).signed_with(move |message| key.sign_as(algorithm, message))
    }

    /// Signed by a function, which is given the bytes to sign and returns those of the signature. The header stays.
    pub fn signed_with(mut self, sign: impl Fn(&[u8]) -> Vec<u8> + Send + Sync + 'static) -> Self {
        self.signer = Arc::new(move |message| BASE64_URL_SAFE_NO_PAD.encode(sign(message)));
        self
    }

    /// Puts this text in the place of the signature, such as Cloud Run's `SIGNATURE_REMOVED_BY_GOOGLE`.
    pub fn with_signature(mut self, segment: &str) -> Self {
        let segment = segment.to_owned();
        self.signer = Arc::new(move |_| segment.clone());
        self
    }

    /// The token, as it goes into an `Authorization` header.
    pub fn sign(self) -> String {
        let encode = |raw: Option<Vec<u8>>, json| {
            BASE64_URL_SAFE_NO_PAD.encode(raw.unwrap_or_else(|| Value::Object(json).to_string().into_bytes()))
        };
        let header = encode(self.raw_header, self.header);
        let payload = encode(self.raw_payload, self.claims);
        let signing_input = (self.respell)(&format!("{header}.{payload}"));
        let signature = (self.signer)(signing_input.as_bytes());
        format!("{signing_input}.{signature}")
    }
}
