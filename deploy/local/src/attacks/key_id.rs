//! `kid`: it chooses among the published keys, exactly, and is looked up nowhere else. Google's key signs every row, so
//! a receiver that tries all keys, or the only one, lets them in.

use serde_json::{Value, json};

use super::{
    Attack, Forger,
    answer::{HEADER, NO_KEY_ID, UNKNOWN_KEY},
    attack::attack,
    forger::text,
};

pub(super) fn attacks(forger: &Forger) -> Vec<Attack> {
    let token = || forger.token();
    let genuine = forger.key_id();
    let iap = forger.google.iap_jwks();
    let iap = iap.pointer("/keys/0").and_then(Value::as_object).expect("IAP publishes its key");

    let mut attacks = vec![attack("kid missing", token().without_header("kid"), NO_KEY_ID)];
    for kid in [Value::Null, json!(0), json!(true), json!([genuine]), json!({ "kid": genuine })] {
        let name = format!("kid {}, which is no text", shape(&kid));
        attacks.push(attack(name, token().header("kid", kid), HEADER));
    }
    for (name, kid) in [
        ("empty", String::new()),
        ("an index", "0".to_owned()),
        ("a star", "*".to_owned()),
        ("a path to an empty file", "../../../../../../dev/null".to_owned()),
        ("a path to a known file", "/proc/sys/kernel/randomize_va_space".to_owned()),
        ("a quotation mark and SQL", "' UNION SELECT 'secret' -- ".to_owned()),
        ("a shell command", "$(id)|id;".to_owned()),
        ("a URL", forger.google.certs_url()),
        ("of 4000 characters", "k".repeat(4000)),
        ("the genuine one in upper case", genuine.to_uppercase()),
        ("the genuine one and a space", format!("{genuine} ")),
        ("a space and the genuine one", format!(" {genuine}")),
        ("the genuine one and a NUL", format!("{genuine}\0")),
        ("the genuine one and a line end", format!("{genuine}\n")),
        ("the genuine one and one that nobody sees", format!("{genuine}\u{200b}")),
        ("the genuine one less its last character", genuine.chars().take(genuine.len() - 1).collect()),
        ("the genuine one in full-width digits", full_width(&genuine)),
        ("the genuine one twice", format!("{genuine},{genuine}")),
        ("of IAP's key", text(iap, "kid")),
    ] {
        attacks.push(attack(format!("kid {name}"), token().header("kid", kid), UNKNOWN_KEY));
    }
    attacks
}

fn shape(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list of the genuine one",
        Value::Object(_) => "an object with the genuine one",
    }
}

/// The same to the eye, and not to a comparison.
fn full_width(text: &str) -> String {
    text.chars().map(|c| char::from_u32(u32::from(c) + 0xfee0).unwrap_or(c)).collect()
}
