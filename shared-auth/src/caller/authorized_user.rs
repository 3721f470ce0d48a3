//! A developer's own login, as `gcloud auth application-default login` leaves it. It gives access tokens only: Google
//! makes no ID token of a person for a service's audience, so a service account must be impersonated with it.

use std::{fmt, future::Future, pin::Pin, time::Duration};

use serde::Deserialize;

use super::{AccessToken, AccessTokenSource, CredentialError, Error, Step, credential_file::parse, endpoint::Endpoint};
use crate::{SecureUrl, outbound};

/// A login that is refreshed (RFC 6749 section 6).
#[derive(Clone)]
pub struct AuthorizedUser {
    login: Login,
    token_uri: SecureUrl,
    endpoint: Endpoint,
}

/// The members of the file.
#[derive(Clone, Deserialize)]
struct Login {
    client_id: String,
    client_secret: String,
    refresh_token: String,
    token_uri: Option<String>,
}

impl AuthorizedUser {
    /// Reads the JSON of a file of type `authorized_user`.
    ///
    /// # Errors
    /// It is not such a file, or its `token_uri` cannot be used.
    pub fn from_json(json: &[u8]) -> Result<Self, CredentialError> {
        let login: Login = parse(json, "authorized_user")?;
        let token_uri = login.token_uri.as_deref().unwrap_or(GOOGLES_TOKEN_URI);
        let token_uri = token_uri.parse().map_err(|error| CredentialError::Url("token_uri", error))?;
        let endpoint = Endpoint { step: Step::TokenEndpoint, http: outbound::client(REFRESH_LIMIT)? };
        Ok(Self { login, token_uri, endpoint })
    }
}

impl AccessTokenSource for AuthorizedUser {
    fn access_token(&self) -> Pin<Box<dyn Future<Output = Result<AccessToken, Error>> + Send + '_>> {
        Box::pin(async {
            let Login { client_id, client_secret, refresh_token, .. } = &self.login;
            let form = [
                ("grant_type", "refresh_token"),
                ("client_id", client_id),
                ("client_secret", client_secret),
                ("refresh_token", refresh_token),
            ];
            self.endpoint.access_token(&self.token_uri, &form).await
        })
    }
}

/// Shows where it is refreshed, and no secret.
impl fmt::Debug for AuthorizedUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthorizedUser").field("token_uri", &self.token_uri).finish_non_exhaustive()
    }
}

const GOOGLES_TOKEN_URI: &str = "https://oauth2.googleapis.com/token";
const REFRESH_LIMIT: Duration = Duration::from_secs(5);
