//! A key that signs tokens: one of Google's, or one that a test makes for its forgeries.
//!
//! The private half is made here, is written to no file, and is gone with the process.

use std::sync::Arc;

use serde_json::Value;

use crate::{
    certificate,
    ec_key::{Curve, EcKey},
    rsa_key::RsaKey,
};

/// A key pair, made at random. Nobody publishes it unless [`Emulator::publish`] does.
///
/// [`Emulator::publish`]: crate::Emulator::publish
#[derive(Clone)]
pub struct SigningKey(Arc<Kind>);

enum Kind {
    Rsa(RsaKey),
    Ec(EcKey),
}

impl SigningKey {
    /// RSA of 2048 bits, which signs RS256.
    ///
    /// # Panics
    /// When the system gives no random numbers, as all three.
    pub fn rsa() -> Self {
        Self(Arc::new(Kind::Rsa(RsaKey::generate())))
    }

    /// P-256, which signs ES256.
    pub fn p256() -> Self {
        Self(Arc::new(Kind::Ec(EcKey::generate(Curve::P256))))
    }

    /// P-384, which signs ES384.
    pub fn p384() -> Self {
        Self(Arc::new(Kind::Ec(EcKey::generate(Curve::P384))))
    }

    /// The `kid`: in the header of a token, and in the published set.
    pub fn id(&self) -> &str {
        match &*self.0 {
            Kind::Rsa(key) => key.id(),
            Kind::Ec(key) => key.id(),
        }
    }

    /// The `alg` of its signatures.
    pub fn algorithm(&self) -> &'static str {
        match &*self.0 {
            Kind::Rsa(_) => RsaKey::ALGORITHM,
            Kind::Ec(key) => key.algorithm(),
        }
    }

    /// The public half ([RFC 7517](https://www.rfc-editor.org/rfc/rfc7517)), to publish as it is or to spoil.
    pub fn jwk(&self) -> Value {
        match &*self.0 {
            Kind::Rsa(key) => key.jwk(),
            Kind::Ec(key) => key.jwk(),
        }
    }

    /// The public half in an X.509 certificate, signed by itself, in PEM. Google publishes its RSA keys so, and no other.
    pub(crate) fn certificate(&self) -> Option<String> {
        match &*self.0 {
            Kind::Rsa(key) => Some(certificate::self_signed(key)),
            Kind::Ec(_) => None,
        }
    }

    /// The signature of `message`, in bytes ([RFC 7518 §3](https://www.rfc-editor.org/rfc/rfc7518#section-3)).
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        match &*self.0 {
            Kind::Rsa(key) => key.sign_as(RsaKey::ALGORITHM, message),
            Kind::Ec(key) => key.sign(message),
        }
    }

    /// Whether this key made the signature, by the algorithm that it signs with.
    pub(crate) fn verifies(&self, signing_input: &str, signature: &[u8]) -> bool {
        match &*self.0 {
            Kind::Rsa(key) => key.verifies(signing_input, signature),
            Kind::Ec(key) => key.verifies(signing_input, signature),
        }
    }

    /// # Panics
    /// When this key cannot sign so.
    pub(crate) fn sign_as(&self, algorithm: &str, message: &[u8]) -> Vec<u8> {
        match &*self.0 {
            Kind::Rsa(key) => key.sign_as(algorithm, message),
            Kind::Ec(_) => panic!("only an RSA key signs by more than one algorithm"),
        }
    }
}
