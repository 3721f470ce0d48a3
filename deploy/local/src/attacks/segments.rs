//! The compact form of a token: three segments, neither more nor less (RFC 7515 section 7.1), and no other form.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

use super::{
    Attack, Forger,
    answer::{CLAIMS, HEADER, SEGMENTS, SIGNATURE, SIGNATURE_TEXT},
    attack::attack,
};

pub(super) fn attacks(forger: &Forger) -> Vec<Attack> {
    let genuine = forger.token().sign();
    let mut parts = genuine.split('.');
    let mut next = || parts.next().expect("a token has three segments");
    let (header, claims, signature) = (next(), next(), next());
    let cut = |segment: &str, by: usize| segment.chars().take(segment.len() - by).collect::<String>();
    let other_header = BASE64_URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#);
    let general =
        format!(r#"{{"payload":"{claims}","signatures":[{{"protected":"{header}","signature":"{signature}"}}]}}"#);
    let flattened = format!(r#"{{"payload":"{claims}","protected":"{header}","signature":"{signature}"}}"#);
    let join = |segments: &[&str]| segments.join(".");
    vec![
        attack("one segment, the header", header, SEGMENTS),
        attack(
            "one segment without a dot, all three in one",
            join(&[header, claims, signature]).replace('.', ""),
            SEGMENTS,
        ),
        attack("two segments, without the signature", join(&[header, claims]), SEGMENTS),
        attack("two segments, without the header", join(&[claims, signature]), SEGMENTS),
        attack("four segments, the signature twice", join(&[header, claims, signature, signature]), SEGMENTS),
        attack("four segments, the last one empty", join(&[header, claims, signature, ""]), SEGMENTS),
        attack("four segments, the first one empty", join(&["", header, claims, signature]), SEGMENTS),
        attack("four segments, an empty one between", join(&[header, "", claims, signature]), SEGMENTS),
        attack(
            "four segments, a header without an algorithm first",
            join(&[&other_header, header, claims, signature]),
            SEGMENTS,
        ),
        attack("five segments, as of an encrypted token", join(&[header, "", "", claims, signature]), SEGMENTS),
        attack("six segments, two tokens", join(&[&genuine, &genuine]), SEGMENTS),
        attack("a thousand dots", ".".repeat(1000), SEGMENTS),
        attack("two dots alone", "..", HEADER),
        attack("one dot alone", ".", SEGMENTS),
        attack("an empty header", join(&["", claims, signature]), HEADER),
        attack("empty claims", join(&[header, "", signature]), SIGNATURE),
        attack("empty claims, rightly signed", forger.token().raw_payload(""), CLAIMS),
        attack("an empty signature", join(&[header, claims, ""]), SIGNATURE),
        attack("all in another order", join(&[claims, header, signature]), HEADER),
        attack("the header in the place of the claims", join(&[header, header, signature]), SIGNATURE),
        attack("a header without its last four letters", join(&[&cut(header, 4), claims, signature]), HEADER),
        attack("claims without their last four letters", join(&[header, &cut(claims, 4), signature]), SIGNATURE),
        attack("a signature without its last letter", join(&[header, claims, &cut(signature, 1)]), SIGNATURE_TEXT),
        attack("a signature without its last two letters", join(&[header, claims, &cut(signature, 2)]), SIGNATURE),
        attack("a signature of which half is there", join(&[header, claims, &cut(signature, 170)]), SIGNATURE),
        attack("the general JSON form", general, SEGMENTS),
        attack("the flattened JSON form", flattened, SEGMENTS),
        attack("segments with commas between", genuine.replace('.', ","), SEGMENTS),
        attack("segments with encoded dots between", genuine.replace('.', "%2E"), SEGMENTS),
        attack("an access token of Google's shape", format!("ya29.{}", "a".repeat(200)), SEGMENTS),
    ]
}
