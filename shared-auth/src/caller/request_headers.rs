//! What every request to the service carries, and how an answer says that its ID token was refused. The client and the
//! layer share it.

use axum::http::{
    HeaderMap, HeaderName, HeaderValue, StatusCode,
    header::{AUTHORIZATION, WWW_AUTHENTICATE},
};

use super::IdToken;
use crate::trace::Trace;

/// Puts the token into two headers, in the place of what was there: on a private Cloud Run service the platform checks
/// the second, cuts off its signature and leaves the first alone, so that both the platform and the service verify
/// (<https://cloud.google.com/run/docs/authenticating/service-to-service>). The trace goes along.
pub(super) fn set_headers(headers: &mut HeaderMap, token: &IdToken) {
    for name in [AUTHORIZATION, X_SERVERLESS_AUTHORIZATION] {
        headers.insert(name, token.bearer());
    }
    Trace::pass_on(headers);
}

/// RFC 6750 section 3.1.
pub(super) fn says_invalid_token(status: StatusCode, headers: &HeaderMap) -> bool {
    let challenges = headers.get_all(WWW_AUTHENTICATE);
    let says_so =
        |challenge: &HeaderValue| challenge.to_str().is_ok_and(|text| text.contains("error=\"invalid_token\""));
    status == StatusCode::UNAUTHORIZED && challenges.iter().any(says_so)
}

const X_SERVERLESS_AUTHORIZATION: HeaderName = HeaderName::from_static("x-serverless-authorization");
