//! The assertion: a JWT in which a service account says who it is and for which audience it wants a token.
//!
//! The rules are those of <https://developers.google.com/identity/protocols/oauth2/service-account#authorizingrequests>,
//! with `target_audience` in the place of `scope`.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Map, Value};

use super::Refusal;
use crate::service_account_key::ServiceAccountKey;

pub(super) struct Assertion<'a> {
    signing_input: &'a str,
    header: Map<String, Value>,
    claims: Map<String, Value>,
    signature: Vec<u8>,
}

impl<'a> Assertion<'a> {
    /// Takes it apart. Nothing is checked yet, not even the signature.
    pub(super) fn parse(compact: &'a str) -> Option<Self> {
        let (signing_input, signature) = compact.rsplit_once('.')?;
        let (header, claims) = signing_input.split_once('.')?;
        let decode = |segment| BASE64_URL_SAFE_NO_PAD.decode(segment).ok();
        let object = |segment| serde_json::from_slice(&decode(segment)?).ok();
        Some(Self { signing_input, header: object(header)?, claims: object(claims)?, signature: decode(signature)? })
    }

    /// The account that it claims to come from, by which its key is found.
    pub(super) fn issuer(&self) -> Option<&str> {
        self.text("iss")
    }

    /// The audience of the token to give, if everything is right.
    pub(super) fn check(&self, key: &ServiceAccountKey, token_uri: &str, now: i64) -> Result<&str, Refusal> {
        // The key decides how it is used, never the header: RFC 8725 §3.1.
        let rs256 = self.header.get("alg").is_some_and(|algorithm| algorithm == "RS256");
        if !rs256 || !key.verifies(self.header.get("kid"), self.signing_input, &self.signature) {
            return Err(Refusal::invalid_grant("Invalid JWT Signature."));
        }
        // Optional, and not every client sends it.
        if self.claims.get("sub").is_some_and(|subject| subject != key.identity().email.as_str()) {
            return Err(Refusal::unauthorized_client());
        }
        if self.text("aud") != Some(token_uri) {
            let description = format!("Invalid JWT: Failed audience check. The right audience is {token_uri}");
            return Err(Refusal::invalid_grant(&description));
        }
        if !self.is_current(now) {
            let description = "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. \
                               Check your iat and exp values in the JWT claim.";
            return Err(Refusal::invalid_grant(description));
        }
        self.text("target_audience").filter(|audience| !audience.is_empty()).ok_or_else(Refusal::invalid_scope)
    }

    fn is_current(&self, now: i64) -> bool {
        let seconds = |name| self.claims.get(name).and_then(Value::as_i64);
        let (Some(issued_at), Some(expires_at)) = (seconds("iat"), seconds("exp")) else { return false };
        issued_at <= now.saturating_add(CLOCK_SKEW_SECONDS)
            && now < expires_at
            && expires_at.saturating_sub(issued_at) <= LONGEST_LIFETIME_SECONDS
    }

    fn text(&self, claim: &str) -> Option<&str> {
        self.claims.get(claim).and_then(Value::as_str)
    }
}

/// By how much the client's clock may be ahead. Google does not say; a client that needs more would be at its mercy.
const CLOCK_SKEW_SECONDS: i64 = 60;

const LONGEST_LIFETIME_SECONDS: i64 = 3600;
