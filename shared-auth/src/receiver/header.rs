//! The JOSE header of a token, and the three segments of its compact form (RFC 7515 section 7.1).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{
    Deserialize,
    de::{DeserializeOwned, IgnoredAny},
};

use super::{VerifyError, issuer::Issuer};
use crate::{JsonObject, json_object::not_null};

/// A token cut into its parts; nothing in it has been verified.
pub(super) struct UnverifiedToken<'a> {
    pub(super) header: UnverifiedHeader,
    /// What the signature signs: header and payload as they were sent.
    pub(super) message: &'a str,
    pub(super) payload: &'a str,
    pub(super) signature: Vec<u8>,
}

/// The members that are read. `jku`, `jwk`, `x5u` and `x5c` are not: a token does not choose the key it is checked with.
#[derive(Deserialize)]
pub(super) struct UnverifiedHeader {
    alg: String,
    #[serde(default, deserialize_with = "not_null")]
    kid: Option<String>,
    #[serde(default, deserialize_with = "not_null")]
    typ: Option<String>,
    #[serde(default, deserialize_with = "not_null")]
    crit: Option<IgnoredAny>,
}

impl<'a> UnverifiedToken<'a> {
    pub(super) fn parse(token: &'a str) -> Result<Self, VerifyError> {
        let malformed = || VerifyError::Malformed("a token has three segments");
        let (message, signature) = token.rsplit_once('.').ok_or_else(malformed)?;
        let (header, payload) = message.split_once('.').ok_or_else(malformed)?;
        if payload.contains('.') {
            return Err(malformed());
        }
        // What Cloud Run leaves of a signature it has checked. Anybody can write this marker, so it proves nothing
        // (https://cloud.google.com/run/docs/troubleshooting#signature-removed).
        if signature == "SIGNATURE_REMOVED_BY_GOOGLE" {
            return Err(VerifyError::SignatureRemoved);
        }
        let header = decode_json(header, "the header is not a JOSE header")?;
        let signature = decode(signature, "the signature is not base64url")?;
        Ok(Self { header, message, payload, signature })
    }
}

impl UnverifiedHeader {
    /// Checks all that a header can fail, and returns the id of the key to check the signature with.
    pub(super) fn check(&self, issuer: &Issuer) -> Result<&str, VerifyError> {
        if self.alg != issuer.algorithm_name {
            return Err(VerifyError::Algorithm);
        }
        // RFC 7515 section 4.1.11: an extension that is not understood must be refused, and none is understood.
        if self.crit.is_some() {
            return Err(VerifyError::CriticalExtension);
        }
        // RFC 8725 section 3.11: a token of another kind, signed with the same key, is not an ID token.
        if self.typ.as_deref().is_some_and(|typ| typ != "JWT") {
            return Err(VerifyError::Type);
        }
        self.kid.as_deref().ok_or(VerifyError::NoKeyId)
    }
}

/// Decodes a segment that holds a JSON object.
pub(super) fn decode_json<T: DeserializeOwned>(segment: &str, what: &'static str) -> Result<T, VerifyError> {
    // The whole of it is UTF-8 (RFC 7515 section 5.2), what nobody reads included.
    let text = String::from_utf8(decode(segment, what)?).map_err(|_| VerifyError::Malformed(what))?;
    let parsed = serde_json::from_str(&text);
    parsed.map(|JsonObject(value)| value).map_err(|_| VerifyError::Malformed(what))
}

fn decode(segment: &str, what: &'static str) -> Result<Vec<u8>, VerifyError> {
    URL_SAFE_NO_PAD.decode(segment).map_err(|_| VerifyError::Malformed(what))
}
