//! What a service answers, and why: the answers that the catalogue expects, by name.

use std::{borrow::Cow, fmt};

/// An answer as far as it matters here. Expected and got are compared as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// `WWW-Authenticate`.
    pub challenge: Option<Cow<'static, str>>,
    /// Why it was refused, which only the log says.
    pub reason: Option<Cow<'static, str>>,
}

impl Answer {
    /// Whether this lets nobody in.
    pub fn is_refusal(&self) -> bool {
        self.status >= 400
    }

    const fn new(status: u16, challenge: &'static str, reason: &'static str) -> Self {
        Self { status, challenge: Some(Cow::Borrowed(challenge)), reason: Some(Cow::Borrowed(reason)) }
    }

    const fn without_reason(status: u16) -> Self {
        Self { status, challenge: None, reason: None }
    }

    const fn invalid_token(reason: &'static str) -> Self {
        Self::new(401, r#"Bearer error="invalid_token""#, reason)
    }

    const fn invalid_request(reason: &'static str) -> Self {
        Self::new(400, r#"Bearer error="invalid_request""#, reason)
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.status)?;
        self.reason.iter().try_for_each(|reason| write!(f, " {reason}"))
    }
}

/// 200: not an attack, but the edge next to one.
pub(super) const ACCEPTED: Answer = Answer::without_reason(200);

pub(super) const SEGMENTS: Answer = Answer::invalid_token("malformed: a token has three segments");
pub(super) const HEADER: Answer = Answer::invalid_token("malformed: the header is not a JOSE header");
pub(super) const SIGNATURE_TEXT: Answer = Answer::invalid_token("malformed: the signature is not base64url");
pub(super) const ALGORITHM: Answer = Answer::invalid_token("the algorithm is not the issuer's");
pub(super) const EXTENSION: Answer = Answer::invalid_token("the header demands an extension");
pub(super) const TYPE: Answer = Answer::invalid_token("the token is of another type");
pub(super) const NO_KEY_ID: Answer = Answer::invalid_token("the header names no key");
pub(super) const UNKNOWN_KEY: Answer = Answer::invalid_token("the key is unknown");
pub(super) const SIGNATURE: Answer = Answer::invalid_token("the signature is wrong");
pub(super) const SIGNATURE_REMOVED: Answer = Answer::invalid_token(
    "the signature is replaced by Cloud Run's marker for one that it removed: the caller must send its ID token in both \
     Authorization and X-Serverless-Authorization, then only the second one is stripped",
);
pub(super) const CLAIMS: Answer = Answer::invalid_token("malformed: the claims are not an ID token's");
pub(super) const ISSUER: Answer = Answer::invalid_token("the issuer is not the expected one");
pub(super) const EXPIRED: Answer = Answer::invalid_token("the token has expired");
pub(super) const FROM_THE_FUTURE: Answer = Answer::invalid_token("the token was issued in the future");
pub(super) const NOT_YET_VALID: Answer = Answer::invalid_token("the token is not valid yet");
pub(super) const LIFETIME: Answer = Answer::invalid_token("the time from iat to exp is not plausible");
pub(super) const SUBJECT: Answer = Answer::invalid_token("the token names no subject");

/// The log says for whom the token was: Google signed it, so the value is no invention of the client.
pub(super) fn audience(got: &str) -> Answer {
    let start: String = got.chars().take(200).collect();
    let reason = format!("the token is for the audience {start:?}, which is not one of this service's");
    Answer { reason: Some(reason.into()), ..Answer::invalid_token("") }
}

/// Genuine, and nobody whom this service lets in.
pub(super) const NOT_ON_THE_LIST: Answer =
    Answer::new(403, r#"Bearer error="insufficient_scope""#, "the caller is not on the list");

pub(super) const NO_TOKEN: Answer =
    Answer::new(401, r#"Bearer realm="profile-service""#, "the request carries no ID token");
pub(super) const REPEATED: Answer = Answer::invalid_request("the header of the ID token is unusable: it is repeated");
pub(super) const NOT_ASCII: Answer =
    Answer::invalid_request("the header of the ID token is unusable: it is not visible ASCII");
pub(super) const EMPTY: Answer = Answer::invalid_request("the header of the ID token is unusable: it is empty");
pub(super) const WITHOUT_TOKEN: Answer =
    Answer::invalid_request("the header of the ID token is unusable: it holds no token");
pub(super) const TWO_TOKENS: Answer =
    Answer::invalid_request("the header of the ID token is unusable: it holds more than one token");
pub(super) const TOO_LARGE: Answer =
    Answer::invalid_request("the header of the ID token is unusable: the token is too large");

/// The HTTP server refuses it before any code of the service sees it, and so nothing is logged.
pub(super) const NOT_HTTP: Answer = Answer::without_reason(400);
/// The same.
pub(super) const HEAD_TOO_LARGE: Answer = Answer::without_reason(431);
