//! Credential files, for code that runs outside of Google Cloud: as gcloud writes them, with the URLs of this emulator.
//!
//! Each is what `GOOGLE_APPLICATION_CREDENTIALS` may name. What they lead to must be allowed first, as on Google Cloud.

use serde_json::{Value, json};

use super::Emulator;
use crate::{developer, iam_credentials, token_endpoint};

impl Emulator {
    /// A service account's key. Each account has one, made when it is first asked for.
    ///
    /// # Panics
    /// When there is no such identity.
    pub fn service_account_key(&self, identity: &str) -> Value {
        let identity = self.identity(identity);
        let mut keys = self.keys.iter();
        let key = keys.find(|key| key.identity().name == identity.name).expect("each identity has a key");
        key.file(&token_endpoint::uri(self.token_endpoint.address))
    }

    /// The login of the developer, `developer@example.com`. By itself it brings no ID token that a service would accept.
    pub fn authorized_user(&self) -> Value {
        self.developer.file(&token_endpoint::uri(self.token_endpoint.address))
    }

    /// Whoever holds the file `source` acts as the identity `target`, through the delegates if there are any, the one
    /// next to the source first.
    ///
    /// # Panics
    /// When there is no such identity.
    pub fn impersonated(&self, source: Value, target: &str, delegates: &[&str]) -> Value {
        let named = |delegate: &&str| format!("projects/-/serviceAccounts/{}", self.identity(delegate).email);
        json!({
            "type": "impersonated_service_account",
            "service_account_impersonation_url": self.impersonation_url(target),
            "delegates": delegates.iter().map(named).collect::<Vec<_>>(),
            "source_credentials": source,
        })
    }

    /// Lets a principal act as the identity `target`, as `roles/iam.serviceAccountTokenCreator` does. A principal is an
    /// identity by its name or its e-mail, or the developer.
    ///
    /// # Panics
    /// When there is no such principal or no such identity.
    pub fn allow_impersonation(&self, principal: &str, target: &str) {
        let identity = self.identities.iter().find(|known| known.name == principal || known.email == principal);
        let principal = match identity {
            Some(identity) => &identity.email,
            None if principal == developer::EMAIL || principal.starts_with("principal://") => principal,
            None => panic!("the emulator has no principal named {principal:?}"),
        };
        self.permissions.allow(principal, &self.identity(target).email);
    }

    fn impersonation_url(&self, target: &str) -> String {
        iam_credentials::impersonation_url(self.iam_credentials.address, &self.identity(target).email)
    }
}
