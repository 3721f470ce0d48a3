//! The times: expired, not yet valid, or valid for ever. Clocks may differ by thirty seconds. The rows stay clear of
//! that edge by more than a slow run takes, on the side to which time moves them.

use serde_json::json;

use super::{
    Attack, Forger,
    answer::{ACCEPTED, CLAIMS, EXPIRED, FROM_THE_FUTURE, LIFETIME, NOT_YET_VALID},
    attack::attack,
};

pub(super) fn attacks(forger: &Forger) -> Vec<Attack> {
    let now = forger.google.now();
    let from_to = |iat: i64, exp: i64| forger.token().claim("iat", iat).claim("exp", exp);
    let not_before = |nbf: i64| forger.token().claim("nbf", nbf);
    let huge = || forger.token().claim("exp", u64::MAX);
    // One more than the largest number; what was there gets another name.
    let beyond = forger.claims().replace(r#""exp":"#, r#""exp":18446744073709551616,"x":"#);
    vec![
        attack("expired by an hour", from_to(now - 2 * HOUR, now - HOUR), EXPIRED),
        attack("expired by more than the skew", from_to(now - HOUR, now - SKEW - 1), EXPIRED),
        attack("expired by less than the skew: the edge", from_to(now - HOUR, now), ACCEPTED),
        attack("exp zero", from_to(0, 0), EXPIRED),
        attack("exp in milliseconds", from_to(now, (now + HOUR) * 1000), LIFETIME),
        attack("exp the largest number", huge(), LIFETIME),
        attack("exp the largest number, and iat, too", huge().claim("iat", u64::MAX), FROM_THE_FUTURE),
        attack("exp beyond the largest number", forger.token().raw_payload(beyond), CLAIMS),
        attack("issued in an hour", from_to(now + HOUR, now + 2 * HOUR), FROM_THE_FUTURE),
        attack("issued later than the skew allows", from_to(now + SKEW + MARGIN, now + HOUR), FROM_THE_FUTURE),
        attack("issued later, and the skew allows it: the edge", from_to(now + SKEW - 1, now + HOUR), ACCEPTED),
        attack("iat in milliseconds", from_to(now * 1000, now + HOUR), FROM_THE_FUTURE),
        attack("iat the largest number", forger.token().claim("iat", u64::MAX), FROM_THE_FUTURE),
        attack("iat zero", from_to(0, now + HOUR), LIFETIME),
        attack("valid in an hour", not_before(now + HOUR), NOT_YET_VALID),
        attack("valid later than the skew allows", not_before(now + SKEW + MARGIN), NOT_YET_VALID),
        attack("valid later, and the skew allows it: the edge", not_before(now + SKEW - 1), ACCEPTED),
        attack("nbf in milliseconds", not_before(now * 1000), NOT_YET_VALID),
        attack("nbf the largest number", forger.token().claim("nbf", json!(u64::MAX)), NOT_YET_VALID),
        attack("nbf after exp", not_before(now + 2 * HOUR), NOT_YET_VALID),
        attack("valid for a day: the edge", from_to(now, now + DAY), ACCEPTED),
        attack("valid for a day and a second", from_to(now, now + DAY + 1), LIFETIME),
        attack("valid for ten years", from_to(now, now + 3650 * DAY), LIFETIME),
        attack("valid for a day and a second, almost over", from_to(now + HOUR - DAY - 1, now + HOUR), LIFETIME),
        attack("expired before it was issued", from_to(now + SKEW - 1, now + SKEW - 2), LIFETIME),
    ]
}

const SKEW: i64 = 30;
/// Longer than a run takes.
const MARGIN: i64 = 600;
const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;
