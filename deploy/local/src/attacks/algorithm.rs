//! `alg`: the algorithm belongs to the issuer, and never to the token (RFC 8725 sections 2.1 and 3.1).

use aws_lc_rs::signature::Ed25519KeyPair;
use google_emulator::SigningKey;
use serde_json::{Value, json};

use super::{
    Attack, Forger,
    answer::{ALGORITHM, HEADER, SIGNATURE},
    attack::attack,
};

pub(super) fn attacks(forger: &Forger) -> Vec<Attack> {
    let token = || forger.token();
    let mut attacks = Vec::new();
    for none in ["none", "None", "NONE", "nOnE", "none ", ""] {
        let named = || token().header("alg", none);
        attacks.push(attack(format!("alg {none:?}, without a signature"), named().with_signature(""), ALGORITHM));
        attacks.push(attack(format!("alg {none:?}, with a genuine signature"), named(), ALGORITHM));
    }
    for other in ["rs256", "RS256 ", "RS256\0", "RS256,none", "RSA", "SHA256withRSA", "\u{ff32}S256"] {
        attacks.push(attack(format!("alg {other:?}, a look-alike"), token().header("alg", other), ALGORITHM));
    }
    for value in [Value::Null, json!(256), json!(true), json!(["RS256"]), json!(["none", "RS256"]), json!({"RS256": 1})]
    {
        attacks.push(attack(format!("alg {value}, which is no text"), token().header("alg", value.clone()), HEADER));
    }
    attacks.push(attack("alg missing", token().without_header("alg"), HEADER));
    attacks.push(attack("alg missing, without a signature", token().without_header("alg").with_signature(""), HEADER));

    for name in ["RS384", "RS512", "PS256", "PS384", "PS512"] {
        let signed = || token().signed_as(name);
        attacks.push(attack(format!("alg {name}, rightly signed by Google's key"), signed(), ALGORITHM));
        attacks.push(attack(
            format!("alg RS256, and a signature of Google's key by {name}"),
            signed().header("alg", "RS256"),
            SIGNATURE,
        ));
    }
    for key in [SigningKey::p256(), SigningKey::p384()] {
        let signed = || token().signed_by(&key).header("kid", forger.key_id());
        let name = key.algorithm();
        attacks.push(attack(format!("alg {name}, with a key of one's own"), signed(), ALGORITHM));
        attacks.push(attack(
            format!("alg RS256, and a signature of one's own by {name}"),
            signed().header("alg", "RS256"),
            SIGNATURE,
        ));
    }
    let edwards = Ed25519KeyPair::generate().expect("the system gives random numbers");
    let signed = token().signed_with(move |message| edwards.sign(message).as_ref().to_vec());
    attacks.push(attack("alg EdDSA, with a key of one's own", signed.clone().header("alg", "EdDSA"), ALGORITHM));
    attacks.push(attack("alg RS256, and a signature of one's own by EdDSA", signed, SIGNATURE));
    attacks
}
