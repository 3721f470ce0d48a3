//! An identity provider that is not Google's, such as another cloud's or that of a place where code is built.
//!
//! It says who a workload is, in tokens that STS exchanges; Google trusts it because a workload identity pool names it.
//! See <https://cloud.google.com/iam/docs/workload-identity-federation-with-other-providers>.

mod source;

use crate::{signing_key::SigningKey, token::TokenBuilder};

pub(crate) use self::source::{Format, credential_source, routes};

#[derive(Clone)]
pub(crate) struct OutsideProvider {
    key: SigningKey,
}

impl OutsideProvider {
    pub(crate) fn new() -> Self {
        Self { key: SigningKey::p256() }
    }

    /// A genuine token, open to changes.
    pub(crate) fn token(&self, subject: &str, now: i64) -> TokenBuilder {
        TokenBuilder::new(self.key.clone(), LIFETIME_SECONDS)
            .claim("iss", ISSUER)
            .claim("aud", format!("https:{AUDIENCE}"))
            .claim("sub", subject)
            .issued_at(now)
    }

    pub(crate) fn key(&self) -> &SigningKey {
        &self.key
    }
}

/// How Google names one of its subjects.
pub(crate) fn principal(subject: &str) -> String {
    format!("{POOL_PRINCIPALS}/subject/{subject}")
}

/// The subject that Google names so, if it is one of this provider's, and fit for the name of a file.
pub(crate) fn subject(principal: &str) -> Option<&str> {
    let subject = principal.strip_prefix(POOL_PRINCIPALS)?.strip_prefix("/subject/")?;
    let fit = !subject.is_empty() && subject.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    fit.then_some(subject)
}

pub(crate) const ISSUER: &str = "https://identity.example";

/// How Google names this provider, and what its tokens are for unless the pool says otherwise.
pub(crate) const AUDIENCE: &str = "//iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/\
                                   demo-pool/providers/demo-provider";

const POOL_PRINCIPALS: &str =
    "principal://iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/demo-pool";

/// From `iat` to `exp`.
const LIFETIME_SECONDS: i64 = 600;
