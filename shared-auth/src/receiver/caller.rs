//! The proof that a request comes from who it says: a value that only the verifier can make.

use std::{
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde::{Serialize, Serializer};

use super::claims::CheckedClaims;
use crate::Audience;

/// A caller whose ID token was verified.
///
/// It cannot be made otherwise: it has no public constructor and cannot be deserialized.
/// [`RequireCaller`](super::RequireCaller) puts it into a request after the policy has let it in. A caller that comes
/// straight from [`Verifier::verify`](super::Verifier::verify) has passed no policy: ask
/// [`Policy::admits`](super::Policy::admits).
///
/// As JSON: `subject`, `email` or null, `audience`, and `expires_at` in Unix seconds. It does not hold the token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller(Arc<Account>);

#[derive(Debug, PartialEq, Eq, Serialize)]
struct Account {
    subject: String,
    email: Option<String>,
    audience: Audience,
    expires_at: u64,
}

impl Caller {
    pub(super) fn new(claims: CheckedClaims) -> Self {
        let CheckedClaims { sub, email, audience, exp, valid: _ } = claims;
        Self(Arc::new(Account { subject: sub, email, audience, expires_at: exp }))
    }

    /// The account's unique id: 21 digits for a service account, never given to another account. It is the `sub`, for
    /// Identity-Aware Proxy without the `accounts.google.com:` before it.
    pub fn subject(&self) -> &str {
        &self.0.subject
    }

    /// The account's e-mail, when Google says that it is verified. Weaker than the subject: an account can be deleted
    /// and its e-mail made again by someone else.
    pub fn email(&self) -> Option<&str> {
        self.0.email.as_deref()
    }

    /// Which of this receiver's audiences the token was made for.
    pub fn audience(&self) -> &Audience {
        &self.0.audience
    }

    /// When the token expires (`exp`): the verifier allows at most a day after `iat`, so this cannot overflow.
    pub fn expires_at(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(self.0.expires_at)
    }
}

impl Serialize for Caller {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}
