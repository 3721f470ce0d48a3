//! Is this ID token genuine, and was it made for this service? From a token to a [`Caller`], or to the reason why not.
//!
//! The signature comes before the claims: nothing in a payload is looked at before Google's key has vouched for it.
//! Whether the caller may enter is not asked here but in the policy.

use std::{sync::Arc, time::Duration};

use super::{
    AcceptedAudiences, Caller, Issuer, KeySet,
    claims::UncheckedClaims,
    header::{self, UnverifiedToken},
    key_set::NoKey,
    remembered::{RememberedTokens, Verified},
};

/// Verifies ID tokens of the key set's issuer for a list of audiences.
#[derive(Clone)]
pub struct Verifier {
    keys: KeySet,
    audiences: AcceptedAudiences,
    skew: Duration,
    remembered: Arc<RememberedTokens>,
}

impl Verifier {
    /// The size of the largest token that is looked at, in bytes. Google's ID tokens have about a thousand.
    pub const LARGEST_TOKEN: usize = 8 * 1024;
    /// How far clocks may differ unless [`clock_skew`](Self::clock_skew) says otherwise.
    pub const DEFAULT_SKEW: Duration = Duration::from_secs(30);
    /// The most that [`clock_skew`](Self::clock_skew) accepts.
    pub const LARGEST_SKEW: Duration = Duration::from_secs(300);

    /// Accepts tokens made for one of `audiences` and signed with one of `keys`.
    pub fn new(keys: KeySet, audiences: AcceptedAudiences) -> Self {
        Self { keys, audiences, skew: Self::DEFAULT_SKEW, remembered: Arc::default() }
    }

    /// Tolerates clocks that differ by `skew`, at most by [`LARGEST_SKEW`](Self::LARGEST_SKEW).
    #[must_use]
    pub fn clock_skew(self, skew: Duration) -> Self {
        Self { skew: skew.min(Self::LARGEST_SKEW), remembered: Arc::default(), ..self }
    }

    /// Verifies an ID token in its compact form (RFC 7515 section 7.1). Whether this caller may enter is for
    /// [`Policy::admits`](super::Policy::admits) to say.
    ///
    /// A key that is not known is waited for, two fetches at most.
    ///
    /// # Errors
    /// The reason.
    ///
    /// # Panics
    /// Outside of a Tokio runtime, which every fetch needs.
    pub async fn verify(&self, token: &str) -> Result<Caller, VerifyError> {
        match self.remembered(token.as_bytes()) {
            Some(caller) => Ok(caller),
            None => self.verify_and_remember(token).await,
        }
    }

    /// For a token that is not [`remembered`](Self::remembered).
    pub(super) async fn verify_and_remember(&self, token: &str) -> Result<Caller, VerifyError> {
        if token.len() > Self::LARGEST_TOKEN {
            return Err(VerifyError::Malformed("the token is too large"));
        }
        let now = self.keys.clock().unix_seconds();
        let verified = self.verify_anew(token).await?;
        let caller = verified.caller.clone();
        self.remembered.remember(token, verified, now);
        Ok(caller)
    }

    /// Whose token this is, if it was verified before, is still valid, and its key still trusted.
    pub(super) fn remembered(&self, token: &[u8]) -> Option<Caller> {
        let trusted = self.keys.trusted()?;
        let verified = self.remembered.find(token, trusted.unix_seconds())?;
        let is_trusted = trusted.holds(&verified.key);
        if is_trusted {
            self.keys.renew(&trusted);
        }
        is_trusted.then(|| verified.caller.clone())
    }

    /// All checks, in the order of their cost to whoever forges.
    async fn verify_anew(&self, token: &str) -> Result<Verified, VerifyError> {
        let issuer = self.keys.issuer();
        let unverified = UnverifiedToken::parse(token)?;
        let key_id = unverified.header.check(issuer)?;
        let key = self.keys.find(key_id).await?;
        if !key.verifies(unverified.message, &unverified.signature) {
            return Err(VerifyError::Signature);
        }
        let claims: UncheckedClaims = header::decode_json(unverified.payload, "the claims are not an ID token's")?;
        let now = self.keys.clock().unix_seconds();
        let claims = claims.check(issuer, &self.audiences, now, self.skew.as_secs())?;
        let valid = claims.valid.clone();
        Ok(Verified { caller: Caller::new(claims), key, valid })
    }

    pub(super) fn issuer(&self) -> &'static Issuer {
        self.keys.issuer()
    }
}

/// Why a token was not accepted. The texts are for the log; a client learns the status only.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// Not three segments of base64url that hold a header and claims of the right types.
    #[error("malformed: {0}")]
    Malformed(&'static str),
    /// `alg` is not the one the issuer signs with.
    #[error("the algorithm is not the issuer's")]
    Algorithm,
    /// `crit` is present, and no extension is understood.
    #[error("the header demands an extension")]
    CriticalExtension,
    /// `typ` says that it is something other than a JWT.
    #[error("the token is of another type")]
    Type,
    /// No `kid`.
    #[error("the header names no key")]
    NoKeyId,
    /// No key with this `kid` is known. While the budget for unknown key ids is spent the issuer is not asked, so that
    /// for some seconds this can meet a genuine token whose key is new.
    #[error("the key is unknown")]
    UnknownKey,
    /// The signature is not that of the key.
    #[error("the signature is wrong")]
    Signature,
    /// In the place of the signature stands the marker that Cloud Run leaves after its own check.
    #[error(
        "the signature is replaced by Cloud Run's marker for one that it removed: the caller must send its ID token in \
         both Authorization and X-Serverless-Authorization, then only the second one is stripped"
    )]
    SignatureRemoved,
    /// `iss` is not the issuer.
    #[error("the issuer is not the expected one")]
    Issuer,
    /// `aud` is not on this service's list. The signature was right, so the value is Google's word.
    #[error("the token is for the audience {got:?}, which is not one of this service's")]
    Audience {
        /// For whom the token was made.
        got: String,
    },
    /// `exp` has passed.
    #[error("the token has expired")]
    Expired,
    /// `iat` is in the future.
    #[error("the token was issued in the future")]
    IssuedInTheFuture,
    /// `nbf` is in the future.
    #[error("the token is not valid yet")]
    NotYetValid,
    /// `exp` is before `iat`, or later after it than the issuer's tokens live.
    #[error("the time from iat to exp is not plausible")]
    Lifetime,
    /// `sub` is empty, or is not an account of the issuer.
    #[error("the token names no subject")]
    Subject,
    /// The keys cannot be fetched, so nobody can tell.
    #[error("the issuer's keys are not available")]
    KeysUnavailable {
        /// When to try again.
        retry_after: Duration,
    },
}

impl From<NoKey> for VerifyError {
    fn from(reason: NoKey) -> Self {
        match reason {
            NoKey::Unknown => Self::UnknownKey,
            NoKey::Unavailable { retry_after } => Self::KeysUnavailable { retry_after },
        }
    }
}

#[cfg(test)]
mod tests {
    use google_emulator::Emulator;

    use super::*;

    #[tokio::test]
    async fn a_token_is_remembered_once_it_was_accepted_and_a_verifier_with_another_skew_starts_anew() {
        let emulator = Emulator::start().await.unwrap();
        let keys = KeySet::builder(Issuer::GOOGLE_ACCOUNTS).certs_url(emulator.certs_url().parse().unwrap());
        let verifier = Verifier::new(keys.build().unwrap(), "https://a.example".parse().unwrap());
        let remembers = |verifier: &Verifier, token: &str| {
            verifier.remembered.find(token.as_bytes(), verifier.keys.clock().unix_seconds()).is_some()
        };
        let genuine = emulator.token("login-service", "https://a.example").sign();
        let forged = emulator.token("login-service", "https://a.example").signed_by_unpublished_key().sign();
        let elsewhere = emulator.token("login-service", "https://b.example").sign();
        assert!(!remembers(&verifier, &genuine));
        for (token, is_accepted) in [(genuine.clone(), true), (forged, false), (elsewhere, false)] {
            assert_eq!(verifier.verify(&token).await.is_ok(), is_accepted);
            assert_eq!(remembers(&verifier, &token), is_accepted);
        }
        assert!(remembers(&verifier.clone(), &genuine), "clones share what they know");
        assert!(!remembers(&verifier.clock_skew(Duration::ZERO), &genuine));
    }
}
