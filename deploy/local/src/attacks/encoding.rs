//! base64url without padding, in the one spelling that it has for some bytes (RFC 7515 section 2). The signature of a
//! row is right for the text that is sent: a lenient reader would let it in.

use base64::{Engine, prelude::BASE64_STANDARD};

use super::{
    Attack, Forger,
    answer::{ACCEPTED, CLAIMS, HEADER, SIGNATURE_TEXT, TWO_TOKENS},
    attack::attack,
};

pub(super) fn attacks(forger: &Forger) -> Vec<Attack> {
    // Ends in a spare space or two, so that the last letter has bits which nobody reads.
    let header = padded(forger.header());
    let claims = padded(forger.claims().replacen('{', r#"{"x":"????????","#, 1));
    let token = || forger.token().raw_header(header.clone()).raw_payload(claims.clone());
    let genuine = token().sign();
    let (_, signature) = genuine.rsplit_once('.').expect("a token has a signature");
    let signature = signature.to_owned();

    let ways: [(&str, Respell); 8] = [
        ("with padding", |segment| format!("{segment}==")),
        ("with half of its padding", |segment| format!("{segment}=")),
        ("with a letter too many", |segment| format!("{segment}AAA")),
        ("with other bits behind its last byte", other_spelling),
        ("with an encoded padding", |segment| format!("{segment}%3D%3D")),
        ("in quotation marks", |segment| format!("\"{segment}\"")),
        ("with a letter outside of the alphabet", |segment| format!("{segment}~")),
        ("with a backslash and a letter", |segment| format!("{segment}\\n")),
    ];
    let mut attacks = vec![attack("a spare space in header and claims: the edge", token(), ACCEPTED)];
    for (way, change) in ways {
        let of_header = token().respelled(move |message| on_header(message, change));
        attacks.push(attack(format!("a header {way}"), of_header, HEADER));
        let of_claims = token().respelled(move |message| on_claims(message, change));
        attacks.push(attack(format!("claims {way}"), of_claims, CLAIMS));
        let of_signature = token().with_signature(&change(&signature));
        attacks.push(attack(format!("a signature {way}"), of_signature, SIGNATURE_TEXT));
    }
    let standard = token().respelled(|message| message.replace('_', "/").replace('-', "+"));
    attacks.push(attack("claims in the standard alphabet", standard, CLAIMS));
    let plain = header.clone();
    let plain = token().respelled(move |message| on_header(message, |_| plain.trim_end().to_owned()));
    attacks.push(attack("a header in plain JSON", plain, HEADER));
    let twice = token().respelled(|message| on_claims(message, |claims| BASE64_STANDARD.encode(claims)));
    attacks.push(attack("claims encoded twice", twice, CLAIMS));
    let spaced = token().respelled(|message| on_claims(message, |claims| format!("{claims} ")));
    attacks.push(attack("claims with a space behind", spaced, TWO_TOKENS));
    attacks
}

type Respell = fn(&str) -> String;

/// With spaces behind, until one byte is left over when they are taken in threes.
fn padded(mut json: String) -> String {
    while json.len() % 3 != 1 {
        json.push(' ');
    }
    json
}

fn on_header(message: &str, change: impl Fn(&str) -> String) -> String {
    let (header, claims) = message.split_once('.').expect("a message has two segments");
    format!("{}.{claims}", change(header))
}

fn on_claims(message: &str, change: impl Fn(&str) -> String) -> String {
    let (header, claims) = message.split_once('.').expect("a message has two segments");
    format!("{header}.{}", change(claims))
}

/// Its last letter stands for two bits of the last byte, and for four that are zero; here one of these is not.
fn other_spelling(segment: &str) -> String {
    let (start, last) = segment.split_at(segment.len() - 1);
    let next = match last {
        "A" => "B",
        "Q" => "R",
        "g" => "h",
        _ => "x",
    };
    format!("{start}{next}")
}
