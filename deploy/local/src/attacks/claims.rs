//! The claims: what must be there, and of which type. A wrong type is a refusal, never a default.

use serde_json::{Value, json};

use super::{
    Attack, Forger,
    answer::{CLAIMS, SUBJECT},
    attack::attack,
};
use crate::environment::PROFILE_AUDIENCE;

pub(super) fn attacks(forger: &Forger) -> Vec<Attack> {
    let token = || forger.token();
    let now = forger.google.now();
    let mut attacks = Vec::new();
    for name in ["iss", "aud", "exp", "iat", "sub"] {
        attacks.push(attack(format!("{name} missing"), token().without_claim(name), CLAIMS));
    }
    let wrong_types = [
        ("iss", vec![json!(null), json!(7), json!(["https://accounts.google.com"]), json!({})]),
        ("aud", vec![json!(null), json!(7), json!(true), json!([]), json!({ "aud": PROFILE_AUDIENCE })]),
        (
            "exp",
            vec![json!(null), json!(true), json!("never"), json!([]), json!({}), json!(-1), json!(0.5), json!(1e300)],
        ),
        (
            "iat",
            vec![json!(null), json!(true), json!("now"), json!([]), json!({}), json!(-1), json!(0.5), json!(1e300)],
        ),
        (
            "nbf",
            vec![json!(null), json!(true), json!("now"), json!([]), json!({}), json!(-1), json!(0.5), json!(-1e300)],
        ),
        ("sub", vec![json!(null), json!(7), json!(["100000000000000000001"]), json!({})]),
        ("email", vec![json!(null), json!(7), json!([forger.allowed_email()]), json!({})]),
        ("email_verified", vec![json!(null), json!(1), json!("true"), json!([true]), json!({})]),
    ];
    for (name, values) in wrong_types {
        for value in values {
            attacks.push(attack(format!("{name} {value}"), token().claim(name, value.clone()), CLAIMS));
        }
    }
    for (name, time) in [("exp", now + 600), ("iat", now), ("nbf", now)] {
        let digits = token().claim(name, time.to_string());
        attacks.push(attack(format!("{name} as text, otherwise right"), digits, CLAIMS));
        let fraction = token().claim(name, time as f64);
        attacks.push(attack(format!("{name} with a decimal point, otherwise right"), fraction, CLAIMS));
        let list = token().claim(name, json!([time]));
        attacks.push(attack(format!("{name} in a list, otherwise right"), list, CLAIMS));
    }
    for (name, capital) in [("aud", "AUD"), ("exp", "Exp"), ("iss", "ISS"), ("sub", "Sub")] {
        let claims = forger.claims().replace(&format!("{name:?}"), &format!("{capital:?}"));
        attacks.push(attack(format!("{capital} in the place of {name}"), token().raw_payload(claims), CLAIMS));
    }
    let right = json!([PROFILE_AUDIENCE]);
    attacks.push(attack("aud a list of the right one", token().claim("aud", right), CLAIMS));
    let both = json!([PROFILE_AUDIENCE, "https://evil.example"]);
    attacks.push(attack("aud a list of the right one and another", token().claim("aud", both), CLAIMS));
    let unknown = Value::from(vec!["https://evil.example"]);
    attacks.push(attack("aud a list of another", token().claim("aud", unknown), CLAIMS));
    attacks.push(attack("sub empty", token().claim("sub", ""), SUBJECT));
    attacks
}
