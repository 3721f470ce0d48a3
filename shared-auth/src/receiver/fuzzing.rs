//! Opened for the fuzzer alone (`shared-auth/fuzz`): what a service reaches only behind a fetch or a right signature.

use std::time::Duration;

use axum::http::HeaderMap;

use super::{
    AcceptedAudiences, Caller, Issuer, VerifyError, claims::UncheckedClaims, header, key_document::KeyDocument,
};

/// The ids of the keys in an answer of a certs endpoint, and how long they are fresh.
pub fn key_set(headers: &HeaderMap, body: &[u8]) -> Option<(Vec<String>, Duration)> {
    let document = KeyDocument::parse(headers, body, Issuer::GOOGLE_ACCOUNTS)?;
    Some((document.keys.into_keys().collect(), document.lifetime))
}

/// What becomes of the payload, in base64url, of a token whose signature was right.
///
/// # Errors
/// The reason why it is refused.
pub fn claims(payload: &str, audiences: &AcceptedAudiences, now: u64, skew: u64) -> Result<Caller, VerifyError> {
    let claims: UncheckedClaims = header::decode_json(payload, "the claims are not an ID token's")?;
    claims.check(Issuer::GOOGLE_ACCOUNTS, audiences, now, skew).map(Caller::new)
}
