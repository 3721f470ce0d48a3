//! Credential files, for code that runs outside of Google Cloud: as gcloud writes them, with the URLs of this emulator.
//!
//! Each is what `GOOGLE_APPLICATION_CREDENTIALS` may name.

use serde_json::Value;

use super::Emulator;
use crate::token_endpoint;

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
}
