//! A developer who logged in with `gcloud auth application-default login`: a person, and no service account.
//!
//! The login is a refresh token in a file. It brings access tokens, and ID tokens for an audience that is of no use to a
//! service: the OAuth client through which the developer logged in.

use serde_json::{Value, json};

use crate::{issuer::Issuer, person, random::unguessable, token::TokenBuilder};

pub(crate) struct Developer {
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
    pub(crate) refresh_token: String,
}

impl Developer {
    pub(crate) fn new() -> Self {
        Self {
            client_id: format!("{}.apps.googleusercontent.com", person::unique_id("the OAuth client")),
            client_secret: unguessable(),
            refresh_token: format!("1//{}", unguessable()),
        }
    }

    /// The content of the file that gcloud writes, and one member more: without `token_uri` every client would ask Google
    /// itself. Not all read it; Google's own for Python does not.
    pub(crate) fn file(&self, token_uri: &str) -> Value {
        json!({
            "type": "authorized_user",
            "account": "",
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "refresh_token": self.refresh_token,
            "token_uri": token_uri,
            "universe_domain": "googleapis.com",
        })
    }

    pub(crate) fn id_token(&self, issuer: &Issuer) -> TokenBuilder {
        issuer.id_token(&person::unique_id(EMAIL), EMAIL, &self.client_id).claim("azp", self.client_id.as_str())
    }
}

pub(crate) const EMAIL: &str = "developer@example.com";

/// What the developer agreed to at the login; the same that gcloud asks for.
pub(crate) const SCOPE: &str = "openid https://www.googleapis.com/auth/userinfo.email \
                                https://www.googleapis.com/auth/cloud-platform \
                                https://www.googleapis.com/auth/sqlservice.login";

/// With this scope among them, an ID token comes with the access token.
pub(crate) const OPENID: &str = "openid";
