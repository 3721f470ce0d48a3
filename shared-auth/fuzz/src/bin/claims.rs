//! Any bytes as the payload of a token whose signature is right: accepted only if every claim holds, as a second reader
//! of the same bytes sees it, who knows nothing of the first one.

#![no_main]

use std::{collections::HashMap, sync::LazyLock};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, value::RawValue};
use shared_auth::receiver::{AcceptedAudiences, Caller, VerifyError, fuzzing};
use shared_auth_fuzz::AUDIENCE;

fuzz_target!(|payload: &[u8]| {
    LazyLock::force(&ACCEPTS);
    let Ok(caller) = check(payload) else { return };
    // Claims that nobody reads may hold what `Value` refuses, such as a number that is too large.
    let claims: HashMap<String, &RawValue> = serde_json::from_slice(payload).expect("what is accepted is an object");
    let claim = |name| claims.get(name).map(|raw| serde_json::from_str::<Value>(raw.get()).expect("a claim is JSON"));
    let text = |name| claim(name).and_then(|value| value.as_str().map(str::to_owned));
    let number = |name| claim(name).map(|value| value.as_u64().expect("a time is a whole number"));
    assert!(matches!(text("iss").as_deref(), Some("accounts.google.com" | "https://accounts.google.com")));
    assert_eq!(text("aud").as_deref(), Some(AUDIENCE));
    let (exp, iat) = (number("exp").expect("exp is required"), number("iat").expect("iat is required"));
    assert!(NOW < exp.saturating_add(SKEW) && iat <= NOW + SKEW && (iat..=iat + DAY).contains(&exp));
    assert!(number("nbf").is_none_or(|nbf| nbf <= NOW + SKEW));
    assert_eq!(text("sub").as_deref(), Some(caller.subject()).filter(|sub| !sub.is_empty()));
    let is_verified = claim("email_verified") == Some(Value::Bool(true));
    assert_eq!(caller.email(), text("email").filter(|_| is_verified).as_deref());
});

fn check(payload: &[u8]) -> Result<Caller, VerifyError> {
    static AUDIENCES: LazyLock<AcceptedAudiences> = LazyLock::new(|| AUDIENCE.parse().expect("an audience"));
    fuzzing::claims(&URL_SAFE_NO_PAD.encode(payload), &AUDIENCES, NOW, SKEW)
}

/// Without this, a check that refuses everything would do.
static ACCEPTS: LazyLock<()> = LazyLock::new(|| {
    check(include_bytes!("../../seeds/claims/genuine.json")).expect("genuine claims are accepted");
});

/// In Unix seconds; the seeds are dated by it.
const NOW: u64 = 1_800_000_000;
const SKEW: u64 = 30;
const DAY: u64 = 24 * 60 * 60;
