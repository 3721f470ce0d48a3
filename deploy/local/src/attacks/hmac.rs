//! Key confusion: a receiver that lets the token choose HMAC takes the public key for a secret, and everybody knows a
//! public key (RFC 8725 section 2.1).

use aws_lc_rs::hmac::{self, HMAC_SHA256, HMAC_SHA384, HMAC_SHA512, Key};
use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use serde_json::Value;

use super::{
    Attack, Forger,
    answer::{ALGORITHM, SIGNATURE},
    attack::attack,
    forger::text,
};

pub(super) fn attacks(forger: &Forger) -> Vec<Attack> {
    let mut attacks = Vec::new();
    for (form, secret) in forms(forger) {
        for (name, algorithm) in [("HS256", HMAC_SHA256), ("HS384", HMAC_SHA384), ("HS512", HMAC_SHA512)] {
            let key = Key::new(algorithm, &secret);
            let signed = forger.token().signed_with(move |message| hmac::sign(&key, message).as_ref().to_vec());
            let title = format!("alg {name}, the secret is {form}");
            attacks.push(attack(title, signed.clone().header("alg", name), ALGORITHM));
            if name == "HS256" {
                attacks.push(attack(format!("alg RS256, and a MAC whose secret is {form}"), signed, SIGNATURE));
            }
        }
    }
    attacks
}

/// The ways to write down the public key that libraries were seen to use as a secret.
fn forms(forger: &Forger) -> Vec<(&'static str, Vec<u8>)> {
    let public = forger.public_key();
    let encoded_modulus = text(&public, "n");
    let modulus = BASE64_URL_SAFE_NO_PAD.decode(&encoded_modulus).expect("the emulator publishes base64url");
    let der = [SPKI_BEFORE_MODULUS, &modulus, SPKI_AFTER_MODULUS].concat();
    vec![
        ("empty", Vec::new()),
        ("the modulus", modulus),
        ("the modulus in base64url", encoded_modulus.into_bytes()),
        ("the published JWK", Value::from(public).to_string().into_bytes()),
        ("the public key in PEM", pem(&der).into_bytes()),
        ("that PEM less its last line end", pem(&der).trim_end().as_bytes().to_vec()),
        ("the public key in DER", der),
    ]
}

fn pem(der: &[u8]) -> String {
    let lines: String = der.chunks(BYTES_A_LINE).map(|line| BASE64_STANDARD.encode(line) + "\n").collect();
    format!("-----BEGIN PUBLIC KEY-----\n{lines}-----END PUBLIC KEY-----\n")
}

/// 64 characters of base64.
const BYTES_A_LINE: usize = 48;

/// A SubjectPublicKeyInfo (RFC 5280 section 4.1) of RSA, for a modulus of 2048 bits that starts with a one.
const SPKI_BEFORE_MODULUS: &[u8] = b"\x30\x82\x01\x22\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00\x03\
    \x82\x01\x0f\x00\x30\x82\x01\x0a\x02\x82\x01\x01\x00";
/// The public exponent, 65537.
const SPKI_AFTER_MODULUS: &[u8] = b"\x02\x03\x01\x00\x01";
