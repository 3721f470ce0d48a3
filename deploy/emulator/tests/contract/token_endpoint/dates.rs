//! The dates of an assertion: how far from now they may be, and how far from one another.

use serde_json::json;

use super::{Assertion, assert_refused, exchange, exchanged};
use crate::emulator;

const NOT_CURRENT: &str = "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. \
                           Check your iat and exp values in the JWT claim.";

#[tokio::test]
async fn a_clock_may_be_a_little_ahead_or_far_behind() {
    let google = emulator().await;
    for (issued, expires) in [(30, 3630), (-1800, 1800), (-3500, 60)] {
        let date = |assertion: &mut Assertion| {
            assertion.claims["iat"] = json!(google.now() + issued);
            assertion.claims["exp"] = json!(google.now() + expires);
        };
        assert_eq!(exchanged(&google, date).await.status(), 200, "{issued} {expires}");
    }
}

#[tokio::test]
async fn an_expired_assertion_is_refused() {
    let google = emulator().await;
    let expire = |assertion: &mut Assertion| {
        assertion.claims["iat"] = json!(google.now() - 3600);
        assertion.claims["exp"] = json!(google.now());
    };
    assert_refused(exchanged(&google, expire).await, 400, "invalid_grant", NOT_CURRENT).await;
}

#[tokio::test]
async fn an_assertion_from_the_future_is_refused() {
    let google = emulator().await;
    let answer = exchanged(&google, |assertion| assertion.claims["iat"] = json!(google.now() + 120)).await;
    assert_refused(answer, 400, "invalid_grant", NOT_CURRENT).await;
}

#[tokio::test]
async fn an_assertion_for_longer_than_an_hour_is_refused() {
    let google = emulator().await;
    let prolong = |assertion: &mut Assertion| {
        assertion.claims["exp"] = json!(assertion.claims["exp"].as_i64().unwrap() + 1);
    };
    assert_refused(exchanged(&google, prolong).await, 400, "invalid_grant", NOT_CURRENT).await;
}

#[tokio::test]
async fn a_date_that_is_missing_or_no_integer_is_refused() {
    let google = emulator().await;
    for claim in ["iat", "exp"] {
        let date = Assertion::of(&google, "login-service").claims[claim].as_i64().unwrap();
        for value in [json!(date.to_string()), json!(date as f64), json!(null), json!(u64::MAX)] {
            let answer = exchanged(&google, |assertion| assertion.claims[claim] = value).await;
            assert_refused(answer, 400, "invalid_grant", NOT_CURRENT).await;
        }
    }
}

#[tokio::test]
async fn assertions_are_dated_by_the_clock_that_can_be_moved() {
    let google = emulator().await;
    for away in [7200, -7200] {
        let assertion = Assertion::of(&google, "login-service").sign();
        google.move_clock(away);
        assert_refused(exchange(&google, &assertion).await, 400, "invalid_grant", NOT_CURRENT).await;
        assert_eq!(exchanged(&google, |_| ()).await.status(), 200);
    }
}
