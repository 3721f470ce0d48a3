//! Credential files, for code that runs outside of Google Cloud: as gcloud writes them, with the URLs of this emulator.
//!
//! Each is what `GOOGLE_APPLICATION_CREDENTIALS` may name. What they lead to must be allowed first, as on Google Cloud.

use serde_json::{Value, json};

use super::Emulator;
use crate::{
    developer, iam_credentials,
    outside_provider::{self, Format},
    state::{Impersonation, State},
    sts,
    token::TokenBuilder,
    token_endpoint,
};

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

    /// The login of the developer, `developer@example.com`. By itself it brings no ID token that a service accepts.
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

    /// A workload with the tokens of the outside provider, found at `credential_source`, which acts as the identity
    /// `target`. Without a target the file brings access tokens alone, and no ID token.
    ///
    /// # Panics
    /// When there is no such identity.
    pub fn external_account(&self, target: Option<&str>, credential_source: Value) -> Value {
        let mut file = json!({
            "type": "external_account",
            "audience": outside_provider::AUDIENCE,
            "subject_token_type": sts::SUBJECT_TOKEN_TYPE,
            "token_url": sts::url(self.sts.address),
            "credential_source": credential_source,
            "universe_domain": "googleapis.com",
        });
        if let (Some(target), Some(members)) = (target, file.as_object_mut()) {
            members.insert("service_account_impersonation_url".to_owned(), json!(self.impersonation_url(target)));
        }
        file
    }

    /// A `credential_source`: a URL that answers with the subject's token as text.
    pub fn subject_token_as_text(&self, subject: &str) -> Value {
        outside_provider::credential_source(self.subject_tokens.address, subject, Format::Text)
    }

    /// A `credential_source`: a URL that answers with JSON, in which the subject's token is one member.
    pub fn subject_token_as_json(&self, subject: &str) -> Value {
        outside_provider::credential_source(self.subject_tokens.address, subject, Format::Json)
    }

    /// A genuine token of the outside provider, to use as it is, for a `credential_source` that is a file, or to spoil.
    pub fn subject_token(&self, subject: &str) -> TokenBuilder {
        self.provider.token(subject, self.now())
    }

    /// Under which name Google knows a subject of the outside provider, for
    /// [`allow_impersonation`](Self::allow_impersonation).
    pub fn federated_principal(&self, subject: &str) -> String {
        outside_provider::principal(subject)
    }

    /// Lets a principal act as the identity `target`, as `roles/iam.serviceAccountTokenCreator` does. A principal is an
    /// identity by its name or its e-mail, the developer, or a [`federated_principal`](Self::federated_principal).
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

    /// A file for each permission of a state file to act as an identity, by a name that tells who acts as whom.
    ///
    /// # Panics
    /// When the emulator was started from another file, and does not know an identity.
    pub fn impersonating_files(&self, state: &State) -> Vec<(String, Value)> {
        let files = state.impersonation.iter().map(|Impersonation { principal, target }| {
            if let Some(subject) = outside_provider::subject(principal) {
                let file = self.external_account(Some(target), self.subject_token_as_text(subject));
                return (format!("{subject}-as-{target}.external_account.json"), file);
            }
            let (source, name) = match principal.as_str() {
                developer::EMAIL => (self.authorized_user(), "developer"),
                name => (self.service_account_key(name), name),
            };
            let file = self.impersonated(source, target, &[]);
            (format!("{name}-as-{target}.impersonated_service_account.json"), file)
        });
        files.collect()
    }

    fn impersonation_url(&self, target: &str) -> String {
        iam_credentials::impersonation_url(self.iam_credentials.address, &self.identity(target).email)
    }
}
