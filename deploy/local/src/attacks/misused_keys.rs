//! Keys that stand in Google's own set and are not for its ID tokens: a receiver must skip them (RFC 7517 sections 4.1
//! to 4.4). Each token is rightly signed by the key that it names, wherever a signature can be made at all.

use aws_lc_rs::{
    digest::{SHA256, digest},
    hmac::{self, HMAC_SHA256},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use google_emulator::SigningKey;
use serde_json::{Map, Value, json};

use super::{
    Attack, Forger,
    answer::{ACCEPTED, ALGORITHM, SIGNATURE, UNKNOWN_KEY},
    attack::attack,
    forger::text,
};
use crate::environment::PROFILE_AUDIENCE;

pub(super) fn attacks(forger: &Forger) -> Vec<Attack> {
    let set = |member: &'static str, value: Value| {
        move |jwk: &mut Map<_, _>| drop(jwk.insert(member.to_owned(), value.clone()))
    };
    let without = |member: &'static str| move |jwk: &mut Map<_, _>| drop(jwk.remove(member));
    let misused = |name: &str, misuse: &dyn Fn(&mut Map<String, Value>)| {
        let kid = publish(forger, name, misuse);
        attack(format!("a published key {name}"), forger.token().signed_by(&forger.key).header("kid", kid), UNKNOWN_KEY)
    };
    let mut attacks = vec![
        misused("for encryption", &set("use", json!("enc"))),
        misused("whose use is in capitals", &set("use", json!("SIG"))),
        misused("that only signs", &set("key_ops", json!(["sign"]))),
        misused("that only encrypts", &set("key_ops", json!(["encrypt", "wrapKey"]))),
        misused("without any operation", &set("key_ops", json!([]))),
        misused("for RS512", &set("alg", json!("RS512"))),
        misused("for PS256", &set("alg", json!("PS256"))),
        misused("for RSA-OAEP", &set("alg", json!("RSA-OAEP"))),
        misused("for an algorithm without a name", &set("alg", json!(""))),
        misused("of a type in small letters", &set("kty", json!("rsa"))),
        misused("of no type", &without("kty")),
        misused("without a modulus", &without("n")),
        misused("without an exponent", &without("e")),
        misused("whose exponent is two", &set("e", json!("Ag"))),
        misused("whose modulus starts with a zero", &|jwk| lengthen(jwk)),
    ];
    attacks.extend(weak(forger));
    attacks.extend(of_other_types(forger));

    publish(forger, "", &set("kid", json!(forger.key_id())));
    let token = || forger.token().signed_by(&forger.key);
    let second = token().header("kid", forger.key_id());
    attacks.push(attack("a second published key under the id of the first", second, SIGNATURE));
    let kid = publish(forger, "for ID tokens", &|_| ());
    attacks.push(attack("a published key that is not misused: the edge", token().header("kid", kid), ACCEPTED));
    attacks
}

/// Publishes the forger's key under the id `kid`, misused.
fn publish(forger: &Forger, kid: &str, misuse: &dyn Fn(&mut Map<String, Value>)) -> String {
    let mut jwk = forger.own_key_as(kid);
    misuse(&mut jwk);
    forger.google.publish(jwk.into());
    kid.to_owned()
}

fn lengthen(jwk: &mut Map<String, Value>) {
    let longer = [vec![0], modulus_of(jwk)].concat();
    jwk.insert("n".to_owned(), BASE64_URL_SAFE_NO_PAD.encode(longer).into());
}

fn modulus_of(jwk: &Map<String, Value>) -> Vec<u8> {
    BASE64_URL_SAFE_NO_PAD.decode(text(jwk, "n")).expect("a JWK holds base64url")
}

/// Keys with which anybody signs: the one at once, the other after some work, which is not done here.
fn weak(forger: &Forger) -> Vec<Attack> {
    let kid = publish(forger, "whose exponent is one", &|jwk| drop(jwk.insert("e".to_owned(), "AQ".into())));
    // What the signature is when raising it to a power changes nothing.
    let forged = forger.token().header("kid", kid).signed_with(|message| {
        let hash = digest(&SHA256, message);
        let padding = vec![0xff; 256 - 3 - DIGEST_INFO.len() - hash.as_ref().len()];
        [&[0, 1], padding.as_slice(), &[0], DIGEST_INFO, hash.as_ref()].concat()
    });
    let short = publish(forger, "of 1024 bits", &|jwk| {
        let half: Vec<u8> = modulus_of(jwk).into_iter().take(128).collect();
        jwk.insert("n".to_owned(), BASE64_URL_SAFE_NO_PAD.encode(half).into());
    });
    vec![
        attack("a published key whose exponent is one", forged, UNKNOWN_KEY),
        attack("a published key of 1024 bits", forger.token().signed_by(&forger.key).header("kid", short), UNKNOWN_KEY),
    ]
}

/// Keys for other algorithms than Google's.
fn of_other_types(forger: &Forger) -> Vec<Attack> {
    let mut attacks = Vec::new();
    for key in [SigningKey::p256(), SigningKey::p384()] {
        forger.google.publish(key.jwk());
        let name = key.algorithm();
        let signed = || forger.token().signed_by(&key);
        attacks.push(attack(format!("a published key for {name}, and alg {name}"), signed(), ALGORITHM));
        let named = signed().header("alg", "RS256");
        attacks.push(attack(format!("a published key for {name}, and alg RS256"), named, UNKNOWN_KEY));
    }
    let iap = forger.google.iap_token(&forger.allowed_email(), PROFILE_AUDIENCE);
    forger.google.publish(forger.google.iap_jwks().pointer("/keys/0").cloned().unwrap_or_default());
    attacks.push(attack("IAP's key published among Google's, and its token", iap, ALGORITHM));

    let secret = b"a secret that was published";
    let jwk = json!({ "kty": "oct", "kid": "symmetric", "use": "sig", "k": BASE64_URL_SAFE_NO_PAD.encode(secret) });
    forger.google.publish(jwk);
    let signed = forger
        .token()
        .header("kid", "symmetric")
        .signed_with(|message| hmac::sign(&hmac::Key::new(HMAC_SHA256, secret), message).as_ref().to_vec());
    let named = signed.clone().header("alg", "HS256");
    attacks.push(attack("a published secret, and alg HS256", named, ALGORITHM));
    attacks.push(attack("a published secret, and alg RS256", signed, UNKNOWN_KEY));
    attacks
}

/// Says in DER that a SHA-256 follows (RFC 8017 section 9.2, note 1).
const DIGEST_INFO: &[u8] = b"\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20";
