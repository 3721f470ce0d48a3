//! `iamcredentials.googleapis.com`: whoever may act as a service account is given that account's tokens.
//!
//! Whoever has only an access token comes here for an ID token: a developer, a workload outside of Google Cloud.
//! See <https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts>.

mod body;
mod caller;
mod chain;
mod permission;
mod timestamp;

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, State, rejection::BytesRejection},
    http::HeaderMap,
    response::IntoResponse,
    routing::post,
};
use body::Body;
use chain::Chain;
use serde_json::{Value, json};
use timestamp::rfc3339;

pub(crate) use self::permission::Permissions;
use crate::{
    access_tokens::{AccessTokens, Bearer},
    api_refusal::{HEADERS, Refusal},
    endpoint::Endpoint,
    identity::Identity,
    issuer::{Issuer, LIFETIME_SECONDS},
};

pub(crate) struct IamCredentials {
    pub(crate) identities: Vec<Identity>,
    pub(crate) permissions: Arc<Permissions>,
    pub(crate) issuer: Arc<Issuer>,
    pub(crate) access_tokens: Arc<AccessTokens>,
}

/// The `service_account_impersonation_url` of the credential files.
pub(crate) fn impersonation_url(address: SocketAddr, email: &str) -> String {
    format!("http://{address}/v1/projects/-/serviceAccounts/{email}:generateAccessToken")
}

impl IamCredentials {
    pub(crate) fn routes(self, endpoint: Arc<Endpoint>) -> Router {
        // One segment holds the account and the method, with a colon in between.
        let routes = Router::new().route("/v1/projects/{project}/serviceAccounts/{call}", post(call));
        endpoint.in_front_of(routes.layer(DefaultBodyLimit::max(MOST_BYTES)).with_state(Arc::new(self)))
    }

    fn id_token(&self, bearer: &Bearer, project: &str, account: &str, body: &Bytes) -> Result<Value, Refusal> {
        let body = Body::parse(body, &["audience", "delegates", "includeEmail", "useEmailAzp"])?;
        let audience = body.text("audience")?.filter(|audience| !audience.is_empty());
        let audience = audience.ok_or_else(|| Refusal::invalid_argument("Request contains an invalid argument."))?;
        let (with_email, email_as_azp) = (body.flag("includeEmail")?, body.flag("useEmailAzp")?);
        let chain = Chain::parse(&self.identities, project, account, &body)?;
        self.permissions.check(bearer, &chain, "iam.serviceAccounts.getOpenIdToken")?;
        let mut token = self.issuer.token(chain.target, audience);
        if !with_email {
            token = token.without_claim("email").without_claim("email_verified");
        }
        if email_as_azp {
            token = token.claim("azp", chain.target.email.as_str());
        }
        Ok(json!({ "token": token.sign() }))
    }

    async fn access_token(
        &self,
        bearer: &Bearer,
        project: &str,
        account: &str,
        body: &Bytes,
    ) -> Result<Value, Refusal> {
        let body = Body::parse(body, &["delegates", "lifetime", "scope"])?;
        let scopes = body.texts("scope")?;
        if scopes.iter().all(|scope| scope.is_empty()) {
            return Err(Refusal::invalid_argument("Scope required."));
        }
        let lifetime = body.seconds("lifetime")?.unwrap_or(LIFETIME_SECONDS);
        if !(1..=LIFETIME_SECONDS).contains(&lifetime) {
            return Err(Refusal::invalid_argument("Request contains an invalid argument."));
        }
        let chain = Chain::parse(&self.identities, project, account, &body)?;
        self.permissions.check(bearer, &chain, "iam.serviceAccounts.getAccessToken")?;
        let token = self.access_tokens.issue(Bearer::new(&chain.target.email, &scopes.join(" ")), lifetime).await;
        Ok(json!({ "accessToken": token.text, "expireTime": rfc3339(token.expires_at) }))
    }
}

async fn call(
    State(server): State<Arc<IamCredentials>>,
    Path((project, call)): Path<(String, String)>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<impl IntoResponse, Refusal> {
    let (account, method) = call.rsplit_once(':').ok_or_else(Refusal::no_such_method)?;
    let bearer = caller::authenticated(&headers, &server.access_tokens).await?;
    let body = body.map_err(|_| Refusal::invalid_argument("Request payload size exceeds the limit."))?;
    let answer = match method {
        "generateIdToken" => server.id_token(&bearer, &project, account, &body)?,
        "generateAccessToken" => server.access_token(&bearer, &project, account, &body).await?,
        _ => return Err(Refusal::no_such_method()),
    };
    Ok((HEADERS, answer.to_string()))
}

/// A request has some hundred.
const MOST_BYTES: usize = 64 * 1024;
