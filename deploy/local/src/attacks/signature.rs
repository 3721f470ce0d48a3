//! The signature: that of another token, another key, or no signature at all.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

use super::{
    Attack, Forger,
    answer::{SIGNATURE, SIGNATURE_REMOVED, SIGNATURE_TEXT},
    attack::attack,
    forger::text,
};

pub(super) fn attacks(forger: &Forger) -> Vec<Attack> {
    let token = || forger.token();
    let genuine = token().sign();
    let (message, encoded) = genuine.rsplit_once('.').expect("a token has a signature");
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(encoded).expect("a signature is base64url");
    let modulus = text(&forger.public_key(), "n");
    let signature_of = |token: String| token.rsplit_once('.').map(|(_, signature)| signature.to_owned());
    let strangers = signature_of(forger.token_of("stranger").sign()).expect("a token has a signature");

    let mut flipped = bytes.clone();
    flipped.iter_mut().take(1).for_each(|byte| *byte ^= 1);
    let mut reversed = bytes.clone();
    reversed.reverse();
    let shorter: Vec<u8> = bytes.iter().copied().skip(1).collect();
    let spoiled = [
        ("of no bytes", Vec::new()),
        ("of one zero", vec![0]),
        ("of zeros", vec![0; 256]),
        ("of the number one", [vec![0; 255], vec![1]].concat()),
        ("of ones", vec![0xff; 256]),
        ("with one bit changed", flipped),
        ("backwards", reversed),
        ("less its first byte", shorter),
        ("with a zero in front", [vec![0], bytes.clone()].concat()),
        ("with a zero behind", [bytes.clone(), vec![0]].concat()),
        ("twice", [bytes.clone(), bytes.clone()].concat()),
        ("that is the message", message.as_bytes().to_vec()),
    ];
    // From here the genuine token's own message goes with the signature: the tokens differ in nothing else.
    let with = |signature: &str| format!("{message}.{signature}");
    let spoiled = spoiled.into_iter().map(|(name, bytes)| {
        attack(format!("a signature {name}"), with(&BASE64_URL_SAFE_NO_PAD.encode(bytes)), SIGNATURE)
    });
    let mut attacks: Vec<_> = spoiled.collect();
    attacks.extend([
        attack("a signature that is the modulus", with(&modulus), SIGNATURE),
        attack("the signature of another token by the same key", with(&strangers), SIGNATURE),
        attack("a signature by a key made for it", token().signed_by_unpublished_key(), SIGNATURE),
        attack("a signature in hexadecimal digits", with(&hexadecimal(&bytes)), SIGNATURE),
        attack("a signature that is a word", with("signature"), SIGNATURE_TEXT),
        attack(
            "Cloud Run's marker of a signature that it removed",
            with("SIGNATURE_REMOVED_BY_GOOGLE"),
            SIGNATURE_REMOVED,
        ),
        attack("that marker in small letters", with("signature_removed_by_google"), SIGNATURE_TEXT),
        attack("that marker behind the signature", format!("{genuine}SIGNATURE_REMOVED_BY_GOOGLE"), SIGNATURE_TEXT),
    ]);
    attacks
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
