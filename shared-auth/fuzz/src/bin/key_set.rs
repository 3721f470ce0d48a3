//! Any bytes as the answer of a certs endpoint: they end in keys that were published, for a bounded time, or in a
//! failure.
//!
//! An input is written as an answer is: lines of headers, an empty line, the body. In it `$N` stands for a modulus that
//! can be used, since a hundred of them would be too long for a seed.

#![no_main]

use std::{collections::HashMap, sync::LazyLock, time::Duration};

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, value::RawValue};
use shared_auth::receiver::fuzzing;

static MODULUS: LazyLock<String> = LazyLock::new(|| URL_SAFE_NO_PAD.encode([0xc5; 256]));

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes).replace("$N", &MODULUS);
    let (head, body) = text.split_once("\n\n").unwrap_or(("", &text));
    if body.len() > LARGEST_SET {
        return;
    }
    let mut headers = HeaderMap::new();
    for (name, value) in head.lines().filter_map(|line| line.split_once(": ")) {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            headers.append(name, value);
        }
    }
    let Some((key_ids, lifetime)) = fuzzing::key_set(&headers, body.as_bytes()) else { return };
    assert!((Duration::from_secs(60)..=Duration::from_secs(24 * 3600)).contains(&lifetime), "{lifetime:?}");
    assert!(!key_ids.is_empty());
    // Other members than the keys may hold what `Value` refuses, such as a number that is too large.
    let set: HashMap<String, &RawValue> = serde_json::from_str(body).expect("a set is an object");
    let published: Vec<Value> =
        serde_json::from_str(set.get("keys").expect("it has a list").get()).expect("a list of keys");
    let member = |key: &Value, name| key.get(name).and_then(Value::as_str).map(str::to_owned);
    for id in key_ids {
        let is_it =
            |key: &Value| member(key, "kid").as_ref() == Some(&id) && member(key, "kty").as_deref() == Some("RSA");
        assert!(published.iter().any(is_it), "no RSA key {id:?} was published");
    }
});

/// Longer ones are cut off before they get so far.
const LARGEST_SET: usize = 256 * 1024;
