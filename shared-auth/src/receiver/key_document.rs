//! One answer of a certs endpoint: the keys in it that can be used, and how long it says they are fresh.

use std::{collections::HashMap, sync::Arc, time::Duration};

use axum::http::{
    HeaderMap, HeaderName,
    header::{AGE, CACHE_CONTROL},
};
use serde::Deserialize;
use serde_json::Value;
use tracing::warn;

use super::{
    issuer::Issuer,
    jwk::{Jwk, Key},
};
use crate::JsonObject;

/// The usable keys of an answer, by their id. Never empty.
pub(super) struct KeyDocument {
    pub(super) keys: HashMap<String, Arc<Key>>,
    pub(super) lifetime: Duration,
    /// How long the answer lay in caches.
    pub(super) age: Duration,
}

impl KeyDocument {
    /// `None` when `body` is no JWK set or holds no key that can be used; then it is a failure, and not an empty set.
    pub(super) fn parse(headers: &HeaderMap, body: &[u8], issuer: &'static Issuer) -> Option<Self> {
        #[derive(Deserialize)]
        struct JwkSet {
            keys: Vec<Value>,
        }
        let JsonObject(set): JsonObject<JwkSet> = serde_json::from_slice(body).ok()?;
        let mut keys = HashMap::new();
        for value in set.keys {
            // RFC 7517 section 5: keys that are not understood are ignored, and do not spoil the others.
            let Ok(JsonObject(jwk)) = serde_json::from_value::<JsonObject<Jwk>>(value) else {
                warn!("a published key cannot be read and is skipped");
                continue;
            };
            let kid = jwk.kid.clone();
            match Key::from_jwk(jwk, issuer) {
                Ok(key) => drop(keys.entry(kid).or_insert_with(|| Arc::new(key))),
                Err(reason) => warn!(?kid, %reason, "a published key is skipped"),
            }
        }
        (!keys.is_empty()).then(|| Self { keys, lifetime: lifetime(headers), age: age(headers) })
    }
}

/// What is left of `max-age` after the time the answer spent in caches (RFC 9111 section 4.2), bounded.
fn lifetime(headers: &HeaderMap) -> Duration {
    let max_age = texts(headers, CACHE_CONTROL).flat_map(|directives| directives.split(',')).find_map(|directive| {
        let (name, value) = directive.split_once('=')?;
        name.trim().eq_ignore_ascii_case("max-age").then(|| seconds(value))?
    });
    let left = max_age.map_or(DEFAULT_LIFETIME, |max_age| max_age.saturating_sub(age(headers)));
    left.clamp(SHORTEST_LIFETIME, LONGEST_LIFETIME)
}

/// `Age`: how long the answer lay in caches (RFC 9111 section 5.1).
fn age(headers: &HeaderMap) -> Duration {
    texts(headers, AGE).find_map(seconds).unwrap_or_default()
}

fn texts(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok())
}

fn seconds(text: &str) -> Option<Duration> {
    text.trim().parse().ok().map(Duration::from_secs)
}

const DEFAULT_LIFETIME: Duration = Duration::from_secs(60 * 60);
/// A server that forbids caching must not make every request a fetch.
const SHORTEST_LIFETIME: Duration = Duration::from_secs(60);
/// A withdrawn key must stop being trusted in the end, whatever the server said.
const LONGEST_LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

#[cfg(test)]
mod tests {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn lifetime_of(headers: &[(&'static str, &'static str)]) -> u64 {
        let headers = headers.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()));
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(name, value);
        }
        lifetime(&map).as_secs()
    }

    #[test]
    fn the_lifetime_is_max_age_less_age_within_bounds() {
        let google = ("cache-control", "public, max-age=21155, must-revalidate");
        assert_eq!(lifetime_of(&[google]), 21155);
        assert_eq!(lifetime_of(&[google, ("age", "1155")]), 20000);
        assert_eq!(lifetime_of(&[google, ("age", "99999")]), SHORTEST_LIFETIME.as_secs());
        assert_eq!(lifetime_of(&[("cache-control", "max-age=99999999999")]), LONGEST_LIFETIME.as_secs());
        assert_eq!(lifetime_of(&[("cache-control", "no-store, max-age=0")]), SHORTEST_LIFETIME.as_secs());
        assert_eq!(lifetime_of(&[("cache-control", "public"), ("cache-control", "Max-Age=700")]), 700);
    }

    #[test]
    fn an_answer_that_names_no_lifetime_or_a_broken_one_has_the_default() {
        for value in ["", "public", "max-age=", "max-age=-1", "max-age=soon", "s-max-age=5"] {
            assert_eq!(lifetime_of(&[("cache-control", value)]), DEFAULT_LIFETIME.as_secs(), "{value:?}");
        }
        assert_eq!(lifetime_of(&[]), DEFAULT_LIFETIME.as_secs());
    }

    #[test]
    fn bytes_that_are_no_set_or_hold_no_usable_key_are_a_failure() {
        for body in [
            "",
            "<html>",
            "{}",
            "[]",
            r#"{"keys":[]}"#,
            r#"{"keys":{}}"#,
            r#"{"keys":[{"kty":"EC"}, 7]}"#,
            r#"[[{"kty":"EC"}]]"#,
        ] {
            let document = KeyDocument::parse(&HeaderMap::new(), body.as_bytes(), Issuer::GOOGLE_ACCOUNTS);
            assert!(document.is_none(), "{body}");
        }
    }

    proptest! {
        #[test]
        fn whatever_the_bytes_are_they_end_in_keys_or_in_a_failure(body: Vec<u8>, age: String) {
            let headers = HeaderMap::from_iter(age.parse().map(|age| (AGE, age)));
            KeyDocument::parse(&headers, &body, Issuer::GOOGLE_ACCOUNTS);
        }

        #[test]
        fn whatever_a_key_says_it_is_used_or_skipped(kty: String, n: String, e: String, bytes: Vec<u8>) {
            for n in [n, URL_SAFE_NO_PAD.encode(&bytes)] {
                let body = json!({ "keys": [{ "kid": "1", "kty": kty, "n": n, "e": e }, { "kid": "2", "kty": "RSA", "n": n, "e": "AQAB" }] });
                KeyDocument::parse(&HeaderMap::new(), body.to_string().as_bytes(), Issuer::GOOGLE_ACCOUNTS);
            }
        }
    }
}
