//! The invoker check: an ID token of someone who holds `roles/run.invoker` on the service.
//!
//! The container gets the token without its signature, so that it cannot be sent on to another service as if it were
//! still whole. Nor can the container tell then whether it was genuine.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header::AUTHORIZATION};

use super::{refusal::Refusal, service::Rules};
use crate::{
    issuer::{ISSUERS, Issuer, LIFETIME_SECONDS},
    unverified::Unverified,
};

/// Whoever passes has lost the signature of the token that was checked.
///
/// Of a token in `Authorization` alone, reports differ on whether Cloud Run takes the signature of a service account's.
/// Here it is taken: a service that needs it must be sent both headers.
pub(super) fn check(headers: &mut HeaderMap, rules: &Rules, issuer: &Issuer) -> Result<(), Refusal> {
    let name = if headers.contains_key(&SERVERLESS) { SERVERLESS } else { AUTHORIZATION };
    let mut sent = headers.get_all(&name).iter();
    let value = match (sent.next(), sent.next()) {
        (None, _) => return Err(Refusal::Forbidden),
        (Some(value), None) => value.to_str().map_err(|_| Refusal::Unverified)?,
        (Some(_), Some(_)) => return Err(Refusal::Unverified),
    };
    let (scheme, token) = value.split_once(' ').ok_or(Refusal::Unverified)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Refusal::Unverified);
    }
    let token = Unverified::parse(token).ok_or(Refusal::Unverified)?;
    if !is_genuine(&token, rules, issuer) {
        return Err(Refusal::Unverified);
    }
    if !token.text("sub").is_some_and(|subject| rules.invokers.contains(subject)) {
        return Err(Refusal::Forbidden);
    }
    let stripped = format!("{scheme} {}.{REMOVED_SIGNATURE}", token.signing_input);
    let stripped = HeaderValue::try_from(stripped).map_err(|_| Refusal::Unverified)?;
    headers.insert(name, stripped);
    Ok(())
}

fn is_genuine(token: &Unverified<'_>, rules: &Rules, issuer: &Issuer) -> bool {
    issuer.signed(token)
        && token.text("iss").is_some_and(|name| ISSUERS.contains(&name))
        && token.text("aud").is_some_and(|audience| rules.audiences.contains(audience))
        && token.is_current(issuer.now(), LIFETIME_SECONDS)
}

/// When it is there, it alone is checked, and `Authorization` is the service's own affair.
const SERVERLESS: HeaderName = HeaderName::from_static("x-serverless-authorization");

const REMOVED_SIGNATURE: &str = "SIGNATURE_REMOVED_BY_GOOGLE";
