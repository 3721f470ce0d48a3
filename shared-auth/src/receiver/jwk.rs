//! One key of a key set (RFC 7517), turned into something that can check a signature, or skipped.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ParsedPublicKey};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{DecodingKey, crypto::aws_lc};
use serde::Deserialize;

use super::issuer::{Issuer, KeyType};

/// A public key that may check the signatures of its issuer.
pub(super) struct Key {
    jwk: Jwk,
    key: DecodingKey,
    issuer: &'static Issuer,
}

/// A key as it is published.
#[derive(PartialEq, Eq, Deserialize)]
pub(super) struct Jwk {
    pub(super) kid: String,
    kty: String,
    alg: Option<String>,
    r#use: Option<String>,
    key_ops: Option<Vec<String>>,
    n: Option<String>,
    e: Option<String>,
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

/// Why a published key is not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum JwkError {
    #[error("the issuer signs with another type of key")]
    KeyType,
    #[error("the key is for another algorithm")]
    Algorithm,
    #[error("the key is not for signatures")]
    Use,
    #[error("the key is shorter than {SHORTEST_RSA_BITS} bits")]
    TooShort,
    #[error("the key is longer than any that can be used")]
    TooLong,
    #[error("the key is broken")]
    Broken,
}

impl Key {
    /// Accepts a key only for what it was published for (RFC 7517 sections 4.1 to 4.4).
    pub(super) fn from_jwk(jwk: Jwk, issuer: &'static Issuer) -> Result<Self, JwkError> {
        if jwk.alg.as_deref().is_some_and(|alg| alg != issuer.algorithm_name) {
            return Err(JwkError::Algorithm);
        }
        let verifies = |operations: &Vec<String>| operations.iter().any(|operation| operation == "verify");
        if jwk.r#use.as_deref().is_some_and(|r#use| r#use != "sig") || !jwk.key_ops.as_ref().is_none_or(verifies) {
            return Err(JwkError::Use);
        }
        let key = match (issuer.key_type, jwk.kty.as_str()) {
            (KeyType::Rsa, "RSA") => rsa(jwk.n.as_deref(), jwk.e.as_deref())?,
            (KeyType::P256, "EC") if jwk.crv.as_deref() == Some("P-256") => p256(jwk.x.as_deref(), jwk.y.as_deref())?,
            _ => return Err(JwkError::KeyType),
        };
        Ok(Self { jwk, key, issuer })
    }

    /// The `kid` (RFC 7517 section 4.5).
    pub(super) fn id(&self) -> &str {
        &self.jwk.kid
    }

    /// Whether `signature` is this key's signature of `message`.
    ///
    /// The backend is named here. jsonwebtoken would otherwise look for one in the whole process, and panic when another
    /// crate of the graph has switched on a second one.
    pub(super) fn verifies(&self, message: &str, signature: &Vec<u8>) -> bool {
        (aws_lc::DEFAULT_PROVIDER.verifier_factory)(&self.issuer.algorithm, &self.key)
            .is_ok_and(|verifier| verifier.verify(message.as_bytes(), signature).is_ok())
    }
}

/// Whether it is published in the same words.
impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.jwk == other.jwk
    }
}

/// An RSA key: modulus and exponent (RFC 7518 section 6.3.1).
fn rsa(n: Option<&str>, e: Option<&str>) -> Result<DecodingKey, JwkError> {
    let (n, e) = n.zip(e).ok_or(JwkError::Broken)?;
    // A public exponent is odd, more than one, and at most 33 bits long for the backend.
    if !matches!(bits(e)?, 2..=33) || decode(e)?.last().is_none_or(|byte| byte % 2 == 0) {
        return Err(JwkError::Broken);
    }
    match bits(n)? {
        ..SHORTEST_RSA_BITS => Err(JwkError::TooShort),
        SHORTEST_RSA_BITS..=LONGEST_RSA_BITS => DecodingKey::from_rsa_components(n, e).map_err(|_| JwkError::Broken),
        _ => Err(JwkError::TooLong),
    }
}

/// A point of the curve P-256: two numbers of 32 bytes (RFC 7518 section 6.2.1).
fn p256(x: Option<&str>, y: Option<&str>) -> Result<DecodingKey, JwkError> {
    let (x, y) = x.zip(y).ok_or(JwkError::Broken)?;
    let coordinates = [decode(x)?, decode(y)?];
    if coordinates.iter().any(|coordinate| coordinate.len() != 32) {
        return Err(JwkError::Broken);
    }
    // Two numbers need not be a point of the curve, and jsonwebtoken would ask only when it verifies. The 4 says that
    // both coordinates follow (SEC 1 section 2.3.3).
    let point = [&[4], coordinates.concat().as_slice()].concat();
    ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).map_err(|_| JwkError::Broken)?;
    DecodingKey::from_ec_components(x, y).map_err(|_| JwkError::Broken)
}

/// The length of a number, in bits.
fn bits(number: &str) -> Result<usize, JwkError> {
    let bytes = decode(number)?;
    let first = bytes.first().ok_or(JwkError::Broken)?;
    // RFC 7518 section 6.3.1.1: no leading zeros. The backend would not take them either.
    let first_bits = first.checked_ilog2().ok_or(JwkError::Broken)? as usize + 1;
    Ok((bytes.len() - 1) * 8 + first_bits)
}

/// A big-endian number in base64url.
fn decode(number: &str) -> Result<Vec<u8>, JwkError> {
    URL_SAFE_NO_PAD.decode(number).map_err(|_| JwkError::Broken)
}

/// NIST SP 800-131A: shorter ones are no longer good for signatures.
const SHORTEST_RSA_BITS: usize = 2048;
/// The longest that the crypto backend takes.
const LONGEST_RSA_BITS: usize = 8192;

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn published(change: impl FnOnce(&mut Value)) -> Result<Key, JwkError> {
        let n = URL_SAFE_NO_PAD.encode([0xc5; 256]);
        let mut jwk = json!({ "kid": "1", "kty": "RSA", "alg": "RS256", "use": "sig", "n": n, "e": "AQAB" });
        change(&mut jwk);
        Key::from_jwk(serde_json::from_value(jwk).unwrap(), Issuer::GOOGLE_ACCOUNTS)
    }

    /// The base point of the curve (SEC 2 section 2.4.2): the public key that belongs to the private key 1.
    fn published_p256(change: impl FnOnce(&mut Value)) -> Option<JwkError> {
        let x = "axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY";
        let y = "T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU";
        let mut jwk = json!({ "kid": "1", "kty": "EC", "alg": "ES256", "use": "sig", "crv": "P-256", "x": x, "y": y });
        change(&mut jwk);
        Key::from_jwk(serde_json::from_value(jwk).unwrap(), Issuer::IAP).err()
    }

    fn refusal(change: impl FnOnce(&mut Value)) -> Option<JwkError> {
        published(change).err()
    }

    #[test]
    fn a_key_as_google_publishes_it_is_used_and_so_is_one_that_says_less() {
        assert_eq!(refusal(|_| ()), None);
        for member in ["alg", "use"] {
            assert_eq!(refusal(|jwk| drop(jwk.as_object_mut().unwrap().remove(member))), None, "without {member}");
        }
        assert_eq!(refusal(|jwk| jwk["key_ops"] = json!(["verify"])), None);
    }

    #[test]
    fn a_key_for_something_else_is_not_used() {
        assert_eq!(refusal(|jwk| jwk["kty"] = json!("EC")), Some(JwkError::KeyType));
        assert_eq!(refusal(|jwk| jwk["kty"] = json!("oct")), Some(JwkError::KeyType));
        for algorithm in ["RS384", "PS256", "HS256", "RSA-OAEP", ""] {
            assert_eq!(refusal(|jwk| jwk["alg"] = json!(algorithm)), Some(JwkError::Algorithm), "{algorithm}");
        }
        assert_eq!(refusal(|jwk| jwk["use"] = json!("enc")), Some(JwkError::Use));
        for operations in [json!([]), json!(["sign"]), json!(["encrypt", "wrapKey"])] {
            assert_eq!(refusal(|jwk| jwk["key_ops"] = operations.clone()), Some(JwkError::Use), "{operations}");
        }
    }

    #[test]
    fn a_short_key_is_not_used() {
        assert_eq!(refusal(|jwk| jwk["n"] = json!(URL_SAFE_NO_PAD.encode([0xc5; 128]))), Some(JwkError::TooShort));
        assert_eq!(refusal(|jwk| jwk["n"] = json!(URL_SAFE_NO_PAD.encode([0x7f; 256]))), Some(JwkError::TooShort));
    }

    #[test]
    fn a_key_that_is_too_long_for_the_backend_is_not_used() {
        assert_eq!(refusal(|jwk| jwk["n"] = json!(URL_SAFE_NO_PAD.encode([0xc5; 1024]))), None);
        assert_eq!(refusal(|jwk| jwk["n"] = json!(URL_SAFE_NO_PAD.encode([0xc5; 1025]))), Some(JwkError::TooLong));
    }

    #[test]
    fn a_key_without_its_numbers_or_with_broken_ones_is_not_used() {
        assert_eq!(refusal(|jwk| jwk["n"] = json!("not base64!")), Some(JwkError::Broken));
        assert_eq!(refusal(|jwk| jwk["n"] = json!("")), Some(JwkError::Broken));
        for exponent in ["=", "", "AQ", "AA", "BA", "AAEAAQ", "AwAAAAE"] {
            assert_eq!(refusal(|jwk| jwk["e"] = json!(exponent)), Some(JwkError::Broken), "{exponent}");
        }
        let mut padded = vec![0];
        padded.extend([0xc5; 256]);
        assert_eq!(refusal(|jwk| jwk["n"] = json!(URL_SAFE_NO_PAD.encode(padded))), Some(JwkError::Broken));
        assert_eq!(refusal(|jwk| drop(jwk.as_object_mut().unwrap().remove("n"))), Some(JwkError::Broken));
    }

    #[test]
    fn a_key_of_iap_is_a_point_of_its_curve() {
        assert_eq!(published_p256(|_| ()), None);
        for curve in [json!("P-384"), json!("p-256"), json!("secp256k1"), json!(null)] {
            assert_eq!(published_p256(|jwk| jwk["crv"] = curve.clone()), Some(JwkError::KeyType), "{curve}");
        }
        for coordinate in ["x", "y"] {
            let long = URL_SAFE_NO_PAD.encode([1; 33]);
            for value in [json!(null), json!(""), json!("=="), json!(URL_SAFE_NO_PAD.encode([1; 31])), json!(long)] {
                let refused = published_p256(|jwk| jwk[coordinate] = value.clone());
                assert_eq!(refused, Some(JwkError::Broken), "{coordinate} {value}");
            }
            let beside = json!(URL_SAFE_NO_PAD.encode([1; 32]));
            assert_eq!(published_p256(|jwk| jwk[coordinate] = beside), Some(JwkError::Broken));
        }
    }

    #[test]
    fn a_key_of_one_issuer_is_not_one_of_the_other() {
        let rsa = json!({ "kid": "1", "kty": "RSA", "n": URL_SAFE_NO_PAD.encode([0xc5; 256]), "e": "AQAB" });
        assert_eq!(Key::from_jwk(serde_json::from_value(rsa).unwrap(), Issuer::IAP).err(), Some(JwkError::KeyType));
    }
}
