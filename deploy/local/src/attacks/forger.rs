//! What an attacker has at hand: genuine tokens, Google's public key, a key of one's own, and a Google of one's own.
//!
//! And what no attacker has: Google's signature under any text. So each check is tried alone, as if all the others had
//! been passed.

use std::io;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use google_emulator::{Emulator, SigningKey, TokenBuilder};
use serde_json::{Map, Value};

use crate::environment::PROFILE_AUDIENCE;

/// The identity on profile-service's list.
const ALLOWED: &str = "login-service";

/// Makes the tokens of the catalogue.
pub struct Forger {
    /// Whom the service under attack trusts.
    pub google: Emulator,
    /// As genuine as the other, with other keys: another environment.
    pub elsewhere: Emulator,
    /// A key that nobody has published.
    pub(super) key: SigningKey,
}

impl Forger {
    /// Starts both emulators, and makes the key.
    ///
    /// # Errors
    /// The system has no port left on 127.0.0.1.
    pub async fn start() -> io::Result<Self> {
        Ok(Self { google: Emulator::start().await?, elsewhere: Emulator::start().await?, key: SigningKey::rsa() })
    }

    /// A token that is accepted as it is.
    pub(super) fn token(&self) -> TokenBuilder {
        self.google.token(ALLOWED, PROFILE_AUDIENCE)
    }

    /// The same of another identity.
    pub(super) fn token_of(&self, identity: &str) -> TokenBuilder {
        self.google.token(identity, PROFILE_AUDIENCE)
    }

    /// The same by the other emulator.
    pub(super) fn token_from_elsewhere(&self) -> TokenBuilder {
        self.elsewhere.token(ALLOWED, PROFILE_AUDIENCE)
    }

    /// The header of [`token`](Self::token), as JSON.
    pub(super) fn header(&self) -> String {
        decoded(&self.token().sign(), 0)
    }

    /// Its claims, as JSON.
    pub(super) fn claims(&self) -> String {
        decoded(&self.token().sign(), 1)
    }

    /// The public key that signs, as it is published.
    pub(super) fn public_key(&self) -> Map<String, Value> {
        let published = self.google.jwks();
        let key = published.pointer("/keys/0").and_then(Value::as_object);
        key.expect("the emulator publishes its key").clone()
    }

    /// Its id.
    pub(super) fn key_id(&self) -> String {
        text(&self.public_key(), "kid")
    }

    /// The forger's own public key, under the id `kid`.
    pub(super) fn own_key_as(&self, kid: &str) -> Map<String, Value> {
        let mut jwk = self.key.jwk().as_object().expect("a JWK is an object").clone();
        jwk.insert("kid".to_owned(), kid.into());
        jwk
    }

    /// The e-mail on the list.
    pub(super) fn allowed_email(&self) -> String {
        let identity = self.google.identities().iter().find(|identity| identity.name == ALLOWED);
        identity.expect("the emulator knows it").email.clone()
    }
}

/// A member that is text.
pub(super) fn text(object: &Map<String, Value>, name: &str) -> String {
    object.get(name).and_then(Value::as_str).expect("the object has that member, and it is text").to_owned()
}

/// A segment of a token that the emulator has made, without its encoding.
pub(super) fn decoded(token: &str, segment: usize) -> String {
    let segment = token.split('.').nth(segment).expect("a token has three segments");
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(segment).expect("a segment is base64url");
    String::from_utf8(bytes).expect("header and claims are text")
}
