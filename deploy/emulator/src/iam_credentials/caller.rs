//! Who asks: an access token in the `Authorization` header, issued here, not expired, and good for this API.

use axum::http::{HeaderMap, header::AUTHORIZATION};

use super::Refusal;
use crate::access_tokens::{AccessTokens, Bearer, CLOUD_PLATFORM};

pub(super) async fn authenticated(headers: &HeaderMap, access_tokens: &AccessTokens) -> Result<Bearer, Refusal> {
    let mut sent = headers.get_all(AUTHORIZATION).iter();
    let (Some(value), None) = (sent.next(), sent.next()) else { return Err(Refusal::no_credential()) };
    let (scheme, token) = value.to_str().ok().and_then(|value| value.split_once(' ')).unwrap_or_default();
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Refusal::no_credential());
    }
    let bearer = access_tokens.bearer(token).await.ok_or_else(Refusal::invalid_credential)?;
    if !bearer.scopes.iter().any(|scope| [CLOUD_PLATFORM, IAM].contains(&scope.as_str())) {
        return Err(Refusal::insufficient_scope());
    }
    Ok(bearer)
}

/// The narrower of the two scopes that suffice here.
const IAM: &str = "https://www.googleapis.com/auth/iam";
