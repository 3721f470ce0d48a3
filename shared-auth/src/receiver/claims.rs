//! The claims of an ID token: typed, and checked one by one. Only what is used is read.

use std::ops::Range;

use serde::Deserialize;

use super::{AcceptedAudiences, VerifyError, issuer::Issuer};
use crate::{Audience, json_object::not_null};

/// The payload of a token whose signature was right, and whose claims were not looked at yet. A claim that is
/// of the wrong type or occurs twice is a refusal.
#[derive(Deserialize)]
pub(super) struct UncheckedClaims {
    iss: String,
    aud: String,
    exp: u64,
    iat: u64,
    #[serde(default, deserialize_with = "not_null")]
    nbf: Option<u64>,
    sub: String,
    #[serde(default, deserialize_with = "not_null")]
    email: Option<String>,
    #[serde(default, deserialize_with = "not_null")]
    email_verified: Option<bool>,
}

/// Claims that passed every check.
pub(super) struct CheckedClaims {
    pub(super) sub: String,
    pub(super) email: Option<String>,
    pub(super) audience: Audience,
    pub(super) exp: u64,
    /// From when until before when they hold, in Unix seconds, skew included.
    pub(super) valid: Range<u64>,
}

impl UncheckedClaims {
    /// Checks the claims at `now`, in Unix seconds, with `skew` seconds of tolerance for clocks that differ.
    pub(super) fn check(
        self,
        issuer: &Issuer,
        audiences: &AcceptedAudiences,
        now: u64,
        skew: u64,
    ) -> Result<CheckedClaims, VerifyError> {
        if !issuer.spellings.contains(&self.iss.as_str()) {
            return Err(VerifyError::Issuer);
        }
        let Some(audience) = audiences.find(&self.aud) else {
            return Err(VerifyError::Audience { got: self.aud.chars().take(LONGEST_LOGGED).collect() });
        };
        // RFC 7519 section 4.1.4: the time must be before `exp`.
        let end = self.exp.saturating_add(skew);
        if now >= end {
            return Err(VerifyError::Expired);
        }
        let issued = self.iat.saturating_sub(skew);
        if now < issued {
            return Err(VerifyError::IssuedInTheFuture);
        }
        let start = self.nbf.unwrap_or_default().saturating_sub(skew);
        if now < start {
            return Err(VerifyError::NotYetValid);
        }
        if self.exp.checked_sub(self.iat).is_none_or(|lifetime| lifetime > issuer.longest_lifetime) {
            return Err(VerifyError::Lifetime);
        }
        let sub = self.sub.strip_prefix(issuer.subject_prefix).filter(|id| !id.is_empty());
        let sub = sub.ok_or(VerifyError::Subject)?.to_owned();
        let email = self.email.filter(|_| self.email_verified.unwrap_or(issuer.verifies_emails));
        let valid = issued.max(start)..end;
        Ok(CheckedClaims { sub, email, audience: audience.clone(), exp: self.exp, valid })
    }
}

/// In characters. Whoever has a token made chooses its audience, and it goes into the log.
const LONGEST_LOGGED: usize = 200;
