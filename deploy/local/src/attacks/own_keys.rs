//! Keys that the token brings along, or says where to find: none is looked at (RFC 8725 section 3.10). Google's own key
//! has a `kid` in the set; the forger's key signs.

use base64::{Engine, prelude::BASE64_STANDARD};
use google_emulator::TokenBuilder;
use serde_json::json;

use super::{
    Attack, Forger,
    answer::{ACCEPTED, SIGNATURE, UNKNOWN_KEY},
    attack::attack,
};

pub(super) fn attacks(forger: &Forger) -> Vec<Attack> {
    for kid in [forger.key.id(), &forger.key_id()] {
        forger.elsewhere.publish(forger.own_key_as(kid).into());
    }
    type Bring = fn(&Forger, TokenBuilder) -> TokenBuilder;
    let ways: [(&str, Bring); 6] = [
        ("in jwk", |forger, token| token.header("jwk", forger.key.jwk())),
        ("at the URL in jku", |forger, token| token.header("jku", forger.elsewhere.certs_url())),
        ("at the URL in x5u", |forger, token| token.header("x5u", forger.elsewhere.certs_url())),
        ("in x5c", |_, token| token.header("x5c", vec![BASE64_STANDARD.encode("a certificate")])),
        ("as the fingerprint in x5t", |_, token| token.header("x5t", "AAAAAAAAAAAAAAAAAAAAAAAAAAA")),
        ("in all of these at once", |forger, token| {
            let url = forger.elsewhere.certs_url();
            let token = token.header("jwk", forger.key.jwk()).header("jku", url.clone()).header("x5u", url);
            token.header("x5c", json!([BASE64_STANDARD.encode("a certificate")]))
        }),
    ];
    let mut attacks = Vec::new();
    for (way, bring) in ways {
        let forged = || bring(forger, forger.token().signed_by(&forger.key));
        let named = forged().header("kid", forger.key_id());
        attacks.push(attack(format!("a key {way}, under the id of Google's"), named, SIGNATURE));
        attacks.push(attack(format!("a key {way}, under its own id"), forged(), UNKNOWN_KEY));
        let genuine = bring(forger, forger.token());
        attacks.push(attack(format!("a key {way}, and Google's own signature"), genuine, ACCEPTED));
    }
    attacks.push(attack("a key of one's own, under its own id", forger.token().signed_by(&forger.key), UNKNOWN_KEY));
    let elsewhere = forger.token_from_elsewhere();
    let certs = forger.elsewhere.certs_url();
    attacks.push(attack("a genuine token of another environment", elsewhere.clone(), UNKNOWN_KEY));
    attacks.push(attack("the same, and jku says where its keys are", elsewhere.header("jku", certs), UNKNOWN_KEY));
    attacks
}
