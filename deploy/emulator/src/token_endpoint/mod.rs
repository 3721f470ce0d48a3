//! `oauth2.googleapis.com`: takes a JWT that a service account's key signed ([RFC
//! 7523](https://www.rfc-editor.org/rfc/rfc7523)) or a developer's refresh token, and gives tokens.
//!
//! It refuses whatever Google rules out, with the error code that Google gives for it.
//! See <https://developers.google.com/identity/protocols/oauth2/service-account#error-codes>.

mod assertion;
mod refresh;

use std::{collections::HashMap, net::SocketAddr, sync::Arc};

use assertion::{Assertion, Wanted};
use axum::{
    Form, Router,
    extract::{DefaultBodyLimit, State, rejection::FormRejection},
    http::StatusCode,
    response::IntoResponse,
    routing::post,
};
use serde_json::{Map, Value, json};

use crate::{
    access_tokens::{AccessTokens, Bearer},
    developer::{self, Developer},
    endpoint::Endpoint,
    issuer::{Issuer, LIFETIME_SECONDS},
    oauth_refusal::{HEADERS, Refusal},
    service_account_key::ServiceAccountKey,
};

pub(crate) struct TokenEndpoint {
    /// Its own, by [`uri`].
    pub(crate) uri: String,
    pub(crate) keys: Arc<Vec<ServiceAccountKey>>,
    pub(crate) developer: Arc<Developer>,
    pub(crate) issuer: Arc<Issuer>,
    pub(crate) access_tokens: Arc<AccessTokens>,
}

/// The `token_uri` of the key files, and so the `aud` of the assertions.
pub(crate) fn uri(address: SocketAddr) -> String {
    format!("http://{address}{PATH}")
}

/// Of a form, by their names.
type Parameters = HashMap<String, String>;

impl TokenEndpoint {
    pub(crate) fn routes(self, endpoint: Arc<Endpoint>) -> Router {
        let routes = Router::new().route(PATH, post(exchange)).layer(DefaultBodyLimit::max(MOST_BYTES));
        endpoint.in_front_of(routes.with_state(Arc::new(self)))
    }

    async fn for_assertion(&self, form: &Parameters) -> Result<Map<String, Value>, Refusal> {
        let assertion =
            form.get("assertion").ok_or_else(|| Refusal::invalid_request("Missing required parameter: assertion"))?;
        let assertion = Assertion::parse(assertion).ok_or_else(|| Refusal::invalid_grant("Bad Request"))?;
        let key = self.keys.iter().find(|key| assertion.issuer() == Some(&key.identity().email));
        let key = key.ok_or_else(|| Refusal::invalid_grant("Invalid grant: account not found"))?;
        match assertion.check(key, &self.uri, self.issuer.now())? {
            Wanted::IdToken { audience } => {
                let token = self.issuer.token(key.identity(), audience).sign();
                Ok(Map::from_iter([("id_token".to_owned(), json!(token))]))
            }
            Wanted::AccessToken { scope } => {
                let bearer = Bearer::new(&key.identity().email, scope);
                Ok(self.access_tokens.answer(&self.access_tokens.issue(bearer, LIFETIME_SECONDS).await))
            }
        }
    }

    async fn for_login(&self, form: &Parameters) -> Result<Map<String, Value>, Refusal> {
        let bearer = refresh::check(&self.developer, form)?;
        let (scope, with_id_token) =
            (bearer.scopes.join(" "), bearer.scopes.iter().any(|one| one == developer::OPENID));
        let mut answer = self.access_tokens.answer(&self.access_tokens.issue(bearer, LIFETIME_SECONDS).await);
        answer.insert("scope".to_owned(), json!(scope));
        if with_id_token {
            answer.insert("id_token".to_owned(), json!(self.developer.id_token(&self.issuer).sign()));
        }
        Ok(answer)
    }
}

async fn exchange(
    State(server): State<Arc<TokenEndpoint>>,
    form: Result<Form<Parameters>, FormRejection>,
) -> Result<impl IntoResponse, Refusal> {
    let Form(form) = form.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Refusal::too_large(),
        _ => Refusal::invalid_request("Required parameter is missing: grant_type"),
    })?;
    let answer = match form.get("grant_type").map_or("", String::as_str) {
        JWT_BEARER => server.for_assertion(&form).await?,
        REFRESH_TOKEN => server.for_login(&form).await?,
        unknown => return Err(Refusal::unsupported_grant_type(unknown)),
    };
    Ok((HEADERS, Value::Object(answer).to_string()))
}

const PATH: &str = "/token";
const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const REFRESH_TOKEN: &str = "refresh_token";

/// An assertion has a thousand or so.
const MOST_BYTES: usize = 64 * 1024;
