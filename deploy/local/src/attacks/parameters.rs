//! The other parameters of the header. What is not understood and critical is refused (RFC 7515 section 4.1.11), and a
//! token of another kind is not an ID token (RFC 8725 section 3.11).

use serde_json::{Value, json};

use super::{
    Attack, Forger,
    answer::{ACCEPTED, EXTENSION, HEADER, TYPE},
    attack::attack,
};

pub(super) fn attacks(forger: &Forger) -> Vec<Attack> {
    let token = || forger.token();
    let mut attacks = Vec::new();
    for crit in [
        json!(["exp"]),
        json!(["b64"]),
        json!(["alg"]),
        json!([""]),
        json!([]),
        json!({}),
        json!("b64"),
        json!(false),
        json!(0),
        Value::Null,
    ] {
        attacks.push(attack(format!("crit {crit}"), token().header("crit", crit.clone()), EXTENSION));
    }
    let unencoded = token().header("b64", false).header("crit", vec!["b64"]);
    attacks.push(attack("crit [\"b64\"], and b64 is there (RFC 7797)", unencoded, EXTENSION));

    for typ in
        ["", "jwt", "JWT ", " JWT", "JWT\0", "JOSE", "JWE", "at+jwt", "application/jwt", "logout+jwt", "secevent+jwt"]
    {
        attacks.push(attack(format!("typ {typ:?}"), token().header("typ", typ), TYPE));
    }
    for typ in [Value::Null, json!(7), json!(["JWT"]), json!({}), json!(true)] {
        attacks.push(attack(format!("typ {typ}, which is no text"), token().header("typ", typ.clone()), HEADER));
    }
    attacks.push(attack("typ missing, which is allowed", token().without_header("typ"), ACCEPTED));
    attacks
}
