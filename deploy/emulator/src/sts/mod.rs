//! `sts.googleapis.com`: takes a token of an outside identity provider, and gives an access token of Google's
//! ([RFC 8693](https://www.rfc-editor.org/rfc/rfc8693)).
//!
//! It gives no ID token. Whoever needs one acts as a service account with the access token, at IAM Credentials.
//! See <https://cloud.google.com/iam/docs/reference/sts/rest/v1/TopLevel/token>.

mod parameters;
mod subject_token;

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Router,
    extract::{DefaultBodyLimit, State},
    response::IntoResponse,
    routing::post,
};
use parameters::Parameters;
use serde_json::{Value, json};

use crate::{
    access_tokens::{AccessTokens, Bearer},
    endpoint::Endpoint,
    issuer::{Issuer, LIFETIME_SECONDS},
    oauth_refusal::{HEADERS, Refusal},
    outside_provider::{self, OutsideProvider},
};

pub(crate) struct Sts {
    pub(crate) provider: OutsideProvider,
    pub(crate) issuer: Arc<Issuer>,
    pub(crate) access_tokens: Arc<AccessTokens>,
}

/// The `token_url` of the credential files.
pub(crate) fn url(address: SocketAddr) -> String {
    format!("http://{address}{PATH}")
}

impl Sts {
    pub(crate) fn routes(self, endpoint: Arc<Endpoint>) -> Router {
        let routes = Router::new().route(PATH, post(exchange)).layer(DefaultBodyLimit::max(MOST_BYTES));
        endpoint.in_front_of(routes.with_state(Arc::new(self)))
    }
}

async fn exchange(State(sts): State<Arc<Sts>>, parameters: Parameters) -> Result<impl IntoResponse, Refusal> {
    let grant_type = parameters.required("grant_type")?;
    if grant_type != TOKEN_EXCHANGE {
        // By RFC 6749 §5.2; what Google says is not documented.
        return Err(Refusal::unsupported_grant_type(grant_type));
    }
    if parameters.required("requested_token_type")? != ACCESS_TOKEN {
        return Err(Refusal::invalid_request("Invalid value for \"requested_token_type\"."));
    }
    if !SUBJECT_TOKEN_TYPES.contains(&parameters.required("subject_token_type")?) {
        return Err(Refusal::invalid_request("Invalid value for \"subject_token_type\"."));
    }
    check_audience(parameters.required("audience")?)?;
    let scope = parameters.required("scope")?;
    let token = parameters.required("subject_token")?;
    let subject = subject_token::check(token, &sts.provider, sts.issuer.now())?;
    let bearer = Bearer::new(&outside_provider::principal(&subject), scope);
    let mut answer = sts.access_tokens.answer(&sts.access_tokens.issue(bearer, LIFETIME_SECONDS).await);
    answer.insert("issued_token_type".to_owned(), json!(ACCESS_TOKEN));
    Ok((HEADERS, Value::Object(answer).to_string()))
}

/// Something that names no provider at all is another mistake than a provider that does not exist.
fn check_audience(audience: &str) -> Result<(), Refusal> {
    let segments: Vec<&str> = audience.strip_prefix("//iam.googleapis.com/").unwrap_or_default().split('/').collect();
    let ["projects", _, "locations", "global", "workloadIdentityPools", _, "providers", _] = segments.as_slice() else {
        let description = "Invalid value for \"audience\". This value should be the full resource name of the Identity \
                           Provider. See https://cloud.google.com/iam/docs/reference/sts/rest/v1/TopLevel/token for the \
                           list of possible formats.";
        return Err(Refusal::invalid_request(description));
    };
    if audience != outside_provider::AUDIENCE {
        return Err(Refusal::invalid_target());
    }
    Ok(())
}

const PATH: &str = "/v1/token";
const TOKEN_EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

/// Both name a JWT.
const SUBJECT_TOKEN_TYPES: [&str; 2] = [SUBJECT_TOKEN_TYPE, "urn:ietf:params:oauth:token-type:id_token"];

/// The one that gcloud writes into credential files.
pub(crate) const SUBJECT_TOKEN_TYPE: &str = "urn:ietf:params:oauth:token-type:jwt";

/// A token of some thousand, and little else.
const MOST_BYTES: usize = 64 * 1024;
