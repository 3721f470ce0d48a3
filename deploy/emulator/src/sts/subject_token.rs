//! The token of the outside provider, and what Google checks before it believes a word of it.
//!
//! The rules are those of
//! <https://cloud.google.com/iam/docs/workload-identity-federation-with-other-providers#oidc-requirements>.

use crate::{
    oauth_refusal::Refusal,
    outside_provider::{AUDIENCE, ISSUER, OutsideProvider},
    unverified::Unverified,
};

/// The subject that the token speaks for, if everything is right.
pub(super) fn check(compact: &str, provider: &OutsideProvider, now: i64) -> Result<String, Refusal> {
    let refuse = Refusal::invalid_grant;
    let token = Unverified::parse(compact).ok_or_else(|| refuse("Unable to parse the ID Token."))?;
    let key = provider.key();
    let named = |parameter, expected| token.parameter(parameter).is_some_and(|value| value == expected);
    // The key decides how it is used, never the header: RFC 8725 §3.1.
    let right_key = named("kid", key.id()) && named("alg", key.algorithm());
    if !right_key || !key.verifies(token.signing_input, &token.signature) {
        return Err(refuse("Invalid signature of the ID Token."));
    }
    if token.text("iss") != Some(ISSUER) {
        return Err(refuse("The issuer in ID Token does not match the expected ones."));
    }
    // The name of the provider, with `https:` before it or without.
    if token.text("aud").is_none_or(|audience| audience.strip_prefix("https:").unwrap_or(audience) != AUDIENCE) {
        return Err(refuse("The audience in ID Token does not match the expected audience."));
    }
    if !token.is_current(now, LONGEST_LIFETIME_SECONDS) {
        return Err(refuse("The ID Token is expired, lives too long, or comes from the future."));
    }
    let subject = token.text("sub").filter(|subject| (1..=LONGEST_SUBJECT_BYTES).contains(&subject.len()));
    subject.map(str::to_owned).ok_or_else(|| refuse("The mapped attribute google.subject is missing or too long."))
}

const LONGEST_LIFETIME_SECONDS: i64 = 24 * 3600;

const LONGEST_SUBJECT_BYTES: usize = 127;
