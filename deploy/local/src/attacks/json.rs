//! JSON that two readers could read differently, or that a reader could choke on. Google's key signs every row.

use serde_json::json;

use super::{
    Attack, Forger,
    answer::{ACCEPTED, CLAIMS, HEADER},
    attack::attack,
};
use crate::environment::PROFILE_AUDIENCE;

pub(super) fn attacks(forger: &Forger) -> Vec<Attack> {
    let header = forger.header();
    let claims = forger.claims();
    let mut attacks = Vec::new();
    for (name, first) in [
        ("alg", r#""alg":"none""#.to_owned()),
        ("alg, the same", r#""alg":"RS256""#.to_owned()),
        ("alg, in another spelling", r#""\u0061lg":"none""#.to_owned()),
        ("kid", r#""kid":"another""#.to_owned()),
        ("kid, the same", format!(r#""kid":"{}""#, forger.key_id())),
        ("typ", r#""typ":"at+jwt""#.to_owned()),
    ] {
        let token = forger.token().raw_header(with_first(&header, &first));
        attacks.push(attack(format!("a header with two {name}"), token, HEADER));
    }
    for (name, first) in [
        ("iss", r#""iss":"https://evil.example""#.to_owned()),
        ("aud", r#""aud":"https://evil.example""#.to_owned()),
        ("aud, the same", format!(r#""aud":"{PROFILE_AUDIENCE}""#)),
        ("aud, in another spelling", r#""\u0061ud":"https://evil.example""#.to_owned()),
        ("exp", r#""exp":0"#.to_owned()),
        ("iat", r#""iat":0"#.to_owned()),
        ("sub", r#""sub":"7""#.to_owned()),
        ("email", r#""email":"evil@evil.example""#.to_owned()),
        ("email_verified", r#""email_verified":false"#.to_owned()),
    ] {
        let token = forger.token().raw_payload(with_first(&claims, &first));
        attacks.push(attack(format!("claims with two {name}"), token, CLAIMS));
    }
    for (name, spoil) in spoiled() {
        let token = forger.token().raw_header(spoil(&header));
        attacks.push(attack(format!("a header that is {name}"), token, HEADER));
        let token = forger.token().raw_payload(spoil(&claims));
        attacks.push(attack(format!("claims that are {name}"), token, CLAIMS));
    }
    // In the order in which the receiver's own types name them, since that is how a lenient parser reads a list.
    let list = json!(["RS256", forger.key_id(), "JWT"]).to_string();
    attacks.push(attack("a header that is a list of its values", forger.token().raw_header(list), HEADER));
    let now = forger.google.now();
    let (iss, sub) = ("https://accounts.google.com", "100000000000000000001");
    let list = json!([iss, PROFILE_AUDIENCE, now + 600, now, now, sub, forger.allowed_email(), true]).to_string();
    attacks.push(attack("claims that are a list of their values", forger.token().raw_payload(list), CLAIMS));

    let deep = format!(r#""deep":{}{}"#, "[".repeat(1500), "]".repeat(1500));
    let token = forger.token().raw_header(with_first(&header, &deep));
    attacks.push(attack("a header with 1500 lists inside of each other, where nothing is read", token, ACCEPTED));
    let token = forger.token().raw_payload(with_first(&claims, &deep));
    attacks.push(attack("claims with 1500 lists inside of each other, where nothing is read", token, ACCEPTED));
    attacks
}

/// With one more member in front of all others.
fn with_first(object: &str, member: &str) -> String {
    object.replacen('{', &format!("{{{member},"), 1)
}

type Spoil = fn(&str) -> Vec<u8>;

/// Ways to make something else out of an object.
fn spoiled() -> [(&'static str, Spoil); 17] {
    [
        ("nothing", |_| Vec::new()),
        ("a space", |_| b" ".to_vec()),
        ("null", |_| b"null".to_vec()),
        ("true", |_| b"true".to_vec()),
        ("an empty object", |_| b"{}".to_vec()),
        ("an empty list", |_| b"[]".to_vec()),
        ("a list of the object", |object| format!("[{object}]").into()),
        ("the object in a text", |object| format!("{object:?}").into()),
        ("the object twice", |object| format!("{object}{object}").into()),
        ("the object and a letter", |object| format!("{object}x").into()),
        ("the object and a NUL", |object| format!("{object}\0").into()),
        ("the object less its end", |object| object.trim_end_matches('}').into()),
        ("the object with a comma too many", |object| object.replace('}', ",}").into()),
        ("the object with a comment", |object| object.replace('{', "{/**/").into()),
        ("the object behind a byte order mark", |object| format!("\u{feff}{object}").into()),
        ("the object with a member that is not UTF-8", |object| {
            let mut bytes = with_first(object, r#""?":"""#).into_bytes();
            bytes.iter_mut().filter(|byte| **byte == b'?').for_each(|byte| *byte = 0xff);
            bytes
        }),
        ("1500 lists inside of each other", |_| format!("{}{}", "[".repeat(1500), "]".repeat(1500)).into()),
    ]
}
