//! A JWT that someone from outside sent, taken apart: a service account's assertion, another provider's token, or an ID
//! token for a service.
//!
//! Nothing in it may be believed before its signature was checked, and the key for that is found by what it says.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Map, Value};

pub(crate) struct Unverified<'a> {
    /// The bytes that the signature covers.
    pub(crate) signing_input: &'a str,
    pub(crate) signature: Vec<u8>,
    header: Map<String, Value>,
    claims: Map<String, Value>,
}

impl<'a> Unverified<'a> {
    /// Takes it apart. Nothing is checked, not even that the claims have a date.
    pub(crate) fn parse(compact: &'a str) -> Option<Self> {
        let (signing_input, signature) = compact.rsplit_once('.')?;
        let (header, claims) = signing_input.split_once('.')?;
        let decode = |segment| BASE64_URL_SAFE_NO_PAD.decode(segment).ok();
        let object = |segment| serde_json::from_slice(&decode(segment)?).ok();
        Some(Self { signing_input, signature: decode(signature)?, header: object(header)?, claims: object(claims)? })
    }

    /// A parameter of the header.
    pub(crate) fn parameter(&self, name: &str) -> Option<&Value> {
        self.header.get(name)
    }

    pub(crate) fn claim(&self, name: &str) -> Option<&Value> {
        self.claims.get(name)
    }

    /// A claim that is text.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.claim(name).and_then(Value::as_str)
    }

    /// Whether it was issued, is not yet expired, and lives no longer than so many seconds.
    pub(crate) fn is_current(&self, now: i64, longest_lifetime: i64) -> bool {
        let seconds = |name| self.claim(name).and_then(Value::as_i64);
        let (Some(issued_at), Some(expires_at)) = (seconds("iat"), seconds("exp")) else { return false };
        issued_at <= now.saturating_add(CLOCK_SKEW_SECONDS)
            && now < expires_at
            && expires_at.saturating_sub(issued_at) <= longest_lifetime
    }
}

/// By how much the sender's clock may be ahead. Google does not say; a client that needs more would be at its mercy.
const CLOCK_SKEW_SECONDS: i64 = 60;
