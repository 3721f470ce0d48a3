//! The grant of a developer's login: a refresh token, and the OAuth client that it was given to
//! ([RFC 6749 §6](https://www.rfc-editor.org/rfc/rfc6749#section-6)).

use std::collections::HashMap;

use crate::{
    access_tokens::Bearer,
    developer::{Developer, EMAIL, SCOPE},
    oauth_refusal::Refusal,
};

/// What the access token may be used for, if everything is right.
pub(super) fn check(developer: &Developer, form: &HashMap<String, String>) -> Result<Bearer, Refusal> {
    let parameter = |name: &str| form.get(name).map(String::as_str).filter(|value| !value.is_empty());
    let missing = |description| move || Refusal::invalid_request(description);
    let client_id = parameter("client_id").ok_or_else(missing("Could not determine client ID from request."))?;
    if client_id != developer.client_id {
        return Err(Refusal::invalid_client("The OAuth client was not found."));
    }
    let secret = parameter("client_secret").ok_or_else(missing("client_secret is missing."))?;
    if secret != developer.client_secret {
        return Err(Refusal::invalid_client("The provided client secret is invalid."));
    }
    let token = parameter("refresh_token").ok_or_else(missing("Missing required parameter: refresh_token"))?;
    if token != developer.refresh_token {
        return Err(Refusal::invalid_grant("Bad Request"));
    }
    // A client may ask for less than it was granted, and not for more.
    let bearer = Bearer::new(EMAIL, parameter("scope").unwrap_or(SCOPE));
    if bearer.scopes.iter().any(|scope| !SCOPE.split_whitespace().any(|granted| granted == scope)) {
        return Err(Refusal::invalid_scope());
    }
    Ok(bearer)
}
