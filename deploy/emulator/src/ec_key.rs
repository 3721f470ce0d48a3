//! One key on an elliptic curve: that of IAP or of the outside provider, on P-256, or one that a
//! receiver has no use for.

use aws_lc_rs::{
    digest::{SHA256, digest},
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED,
        ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm, EcdsaVerificationAlgorithm, KeyPair as _,
        UnparsedPublicKey,
    },
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};

pub(crate) struct EcKey {
    pair: EcdsaKeyPair,
    curve: &'static Curve,
    id: String,
}

/// A curve, and the one algorithm that JWS has for it.
pub(crate) struct Curve {
    name: &'static str,
    algorithm: &'static str,
    signing: &'static EcdsaSigningAlgorithm,
    verifying: &'static EcdsaVerificationAlgorithm,
}

impl Curve {
    pub(crate) const P256: &Self = &Self {
        name: "P-256",
        algorithm: "ES256",
        signing: &ECDSA_P256_SHA256_FIXED_SIGNING,
        verifying: &ECDSA_P256_SHA256_FIXED,
    };
    pub(crate) const P384: &Self = &Self {
        name: "P-384",
        algorithm: "ES384",
        signing: &ECDSA_P384_SHA384_FIXED_SIGNING,
        verifying: &ECDSA_P384_SHA384_FIXED,
    };
}

impl EcKey {
    /// # Panics
    /// When the system gives no random numbers; nothing here could go on without them.
    pub(crate) fn generate(curve: &'static Curve) -> Self {
        let pair = EcdsaKeyPair::generate(curve.signing).expect("the system gives random numbers");
        let fingerprint = digest(&SHA256, pair.public_key().as_ref());
        let mut id = BASE64_URL_SAFE_NO_PAD.encode(fingerprint);
        id.truncate(KEY_ID_CHARACTERS);
        Self { pair, curve, id }
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn algorithm(&self) -> &'static str {
        self.curve.algorithm
    }

    /// Two numbers of the curve's length, [RFC 7518 §3.4](https://www.rfc-editor.org/rfc/rfc7518#section-3.4).
    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        let signature = self.pair.sign(&SystemRandom::new(), message).expect("the system gives random numbers");
        signature.as_ref().to_vec()
    }

    /// Whether this key made the signature.
    pub(crate) fn verifies(&self, signing_input: &str, signature: &[u8]) -> bool {
        let public = UnparsedPublicKey::new(self.curve.verifying, self.pair.public_key());
        public.verify(signing_input.as_bytes(), signature).is_ok()
    }

    /// The public half, [RFC 7518 §6.2](https://www.rfc-editor.org/rfc/rfc7518#section-6.2), with the members that IAP
    /// publishes.
    pub(crate) fn jwk(&self) -> Value {
        // A byte that says "uncompressed", then the two coordinates.
        let point = self.pair.public_key().as_ref();
        let (_, coordinates) = point.split_at(1);
        let (x, y) = coordinates.split_at(coordinates.len() / 2);
        json!({
            "kty": "EC",
            "alg": self.curve.algorithm,
            "use": "sig",
            "kid": self.id,
            "crv": self.curve.name,
            "x": BASE64_URL_SAFE_NO_PAD.encode(x),
            "y": BASE64_URL_SAFE_NO_PAD.encode(y),
        })
    }
}

/// IAP's key ids are that short.
const KEY_ID_CHARACTERS: usize = 6;
