//! One RSA key: Google's own, which signs RS256, or that of a service account.
//!
//! Only a service account's key is handed out, since that is what its key file is for.

use aws_lc_rs::{
    digest::{SHA256, digest},
    encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der},
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::{
        KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256,
        RSA_PSS_SHA384, RSA_PSS_SHA512, RsaEncoding, UnparsedPublicKey,
    },
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};

pub(crate) struct RsaKey {
    pair: KeyPair,
    id: String,
}

impl RsaKey {
    /// What Google signs with.
    pub(crate) const ALGORITHM: &str = "RS256";

    /// # Panics
    /// When the system gives no random numbers; nothing here could go on without them.
    pub(crate) fn generate() -> Self {
        let pair = KeyPair::generate(KeySize::Rsa2048).expect("the system gives random numbers");
        let fingerprint = digest(&SHA256, pair.public_key().as_ref());
        let id = fingerprint.as_ref().iter().take(KEY_ID_BYTES).map(|byte| format!("{byte:02x}")).collect();
        Self { pair, id }
    }

    /// The `kid`: in the header of each token, and in the published set.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// The signature of `message`, by an algorithm of [RFC 7518 §3.1](https://www.rfc-editor.org/rfc/rfc7518#section-3.1).
    ///
    /// # Panics
    /// When RSA has no such algorithm.
    pub(crate) fn sign_as(&self, algorithm: &str, message: &[u8]) -> Vec<u8> {
        let encoding: &dyn RsaEncoding = match algorithm {
            Self::ALGORITHM => &RSA_PKCS1_SHA256,
            "RS384" => &RSA_PKCS1_SHA384,
            "RS512" => &RSA_PKCS1_SHA512,
            "PS256" => &RSA_PSS_SHA256,
            "PS384" => &RSA_PSS_SHA384,
            "PS512" => &RSA_PSS_SHA512,
            _ => panic!("an RSA key does not sign {algorithm:?}"),
        };
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(encoding, &SystemRandom::new(), message, &mut signature)
            .expect("the buffer has the length of the modulus, all that signing asks for");
        signature
    }

    /// Whether this key made the signature.
    pub(crate) fn verifies(&self, signing_input: &str, signature: &[u8]) -> bool {
        let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, self.pair.public_key());
        public.verify(signing_input.as_bytes(), signature).is_ok()
    }

    /// Both halves, as PKCS#8 in DER ([RFC 5958](https://www.rfc-editor.org/rfc/rfc5958)).
    pub(crate) fn pkcs8(&self) -> Pkcs8V1Der<'static> {
        self.pair.as_der().expect("a key that was made here can be written down")
    }

    /// The public half and what it is for, in DER ([RFC 5280 §4.1.2.7](https://www.rfc-editor.org/rfc/rfc5280#section-4.1.2.7)).
    pub(crate) fn public_key_info(&self) -> Vec<u8> {
        let info: PublicKeyX509Der<'_> =
            self.pair.public_key().as_der().expect("a key that was made here can be written down");
        info.as_ref().to_vec()
    }

    /// The public half, [RFC 7517](https://www.rfc-editor.org/rfc/rfc7517), with the members that Google publishes.
    pub(crate) fn jwk(&self) -> Value {
        let public = self.pair.public_key();
        let modulus = public.modulus().big_endian_without_leading_zero();
        let exponent = public.exponent().big_endian_without_leading_zero();
        json!({
            "kty": "RSA",
            "alg": Self::ALGORITHM,
            "use": "sig",
            "kid": self.id,
            "n": BASE64_URL_SAFE_NO_PAD.encode(modulus),
            "e": BASE64_URL_SAFE_NO_PAD.encode(exponent),
        })
    }
}

/// Google's key ids are 40 hexadecimal characters.
const KEY_ID_BYTES: usize = 20;
