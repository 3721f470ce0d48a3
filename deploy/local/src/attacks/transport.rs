//! The request around the token: in which header, how often, under which scheme (RFC 6750 section 2.1).

use super::{
    Attack, Forger,
    answer::{
        ACCEPTED, EMPTY, HEAD_TOO_LARGE, HEADER, NO_TOKEN, NOT_ASCII, NOT_HTTP, REPEATED, SEGMENTS, SIGNATURE,
        SIGNATURE_REMOVED, TOO_LARGE, TWO_TOKENS, WITHOUT_TOKEN,
    },
    attack::{attack, request},
};
use crate::environment::PROFILE_AUDIENCE;

pub(super) fn attacks(forger: &Forger) -> Vec<Attack> {
    let genuine = forger.token().sign();
    let forged = forger.token().signed_by_unpublished_key().sign();
    let right = format!("Bearer {genuine}");
    let wrong = format!("Bearer {forged}");
    let one = |name: &str, value: &str, expected| request(name, &[("Authorization", value)], expected);
    let mut attacks = elsewhere(forger, &genuine);
    attacks.extend([
        one("a genuine token: nothing is attacked", &right, ACCEPTED),
        one("the scheme in small letters, which is allowed", &format!("bearer {genuine}"), ACCEPTED),
        one("the scheme in capitals, which is allowed", &format!("BEARER {genuine}"), ACCEPTED),
        one("spaces around the token, which are skipped", &format!("Bearer   {genuine}  "), ACCEPTED),
        one("the scheme Basic, and a token", &format!("Basic {genuine}"), NO_TOKEN),
        one("the scheme Basic, and a password", "Basic bG9naW4tc2VydmljZTpwYXNzd29yZA==", NO_TOKEN),
        one("the scheme DPoP", &format!("DPoP {genuine}"), NO_TOKEN),
        one("the scheme JWT", &format!("JWT {genuine}"), NO_TOKEN),
        one("a scheme that only starts as Bearer", &format!("Bearers {genuine}"), NO_TOKEN),
        one("a token without a scheme", &genuine, NO_TOKEN),
        one("no space between scheme and token", &format!("Bearer{genuine}"), NO_TOKEN),
        one("a colon behind the scheme", &format!("Bearer: {genuine}"), NO_TOKEN),
        one("the scheme without a token", "Bearer", WITHOUT_TOKEN),
        one("the scheme and spaces", "Bearer    ", WITHOUT_TOKEN),
        one("an Authorization header without a value", "", EMPTY),
        one("an Authorization header of spaces", "   ", EMPTY),
        one("a tab behind the scheme", &format!("Bearer\t{genuine}"), NOT_ASCII),
        one("a tab in the token", &right.replacen('.', "\t.", 1), NOT_ASCII),
        one("a letter outside of ASCII", &format!("{right}\u{e9}"), NOT_ASCII),
        one("two tokens behind the scheme", &format!("{right} {genuine}"), TWO_TOKENS),
        one("a forged and a genuine token behind the scheme", &format!("{wrong} {genuine}"), TWO_TOKENS),
        one("two credentials in one header", &format!("{right}, {wrong}"), TWO_TOKENS),
        one("two tokens with a comma between", &format!("{right},{forged}"), SEGMENTS),
        one("the scheme twice", &format!("Bearer {right}"), TWO_TOKENS),
        one("a token in quotation marks", &format!("Bearer \"{genuine}\""), HEADER),
        one("a token as a parameter", &format!("Bearer token={genuine}"), HEADER),
        one("a NUL behind the token", &format!("{right}\0"), NOT_HTTP),
        one("a second line of the header", &right.replacen(' ', "\r\n ", 1), NOT_HTTP),
        one("a line end without a return in the token", &right.replacen('.', "\n.", 1), NOT_HTTP),
        request("a space before the colon", &[("Authorization ", &right)], NOT_HTTP),
        request("the header's name in other letters, which is allowed", &[("aUTHORIZATION", &right)], ACCEPTED),
    ]);
    attacks.extend(repeated(&right, &wrong));
    attacks.extend(oversized(forger));
    attacks.extend(beside_cloud_run(forger, &right, &wrong));
    attacks
}

/// Where a token does not belong.
fn elsewhere(forger: &Forger, genuine: &str) -> Vec<Attack> {
    let iap = "X-Goog-IAP-JWT-Assertion";
    let of_iap = forger.google.iap_token(&forger.allowed_email(), PROFILE_AUDIENCE).sign();
    let right = format!("Bearer {genuine}");
    let mut attacks = vec![request("no token at all", &[], NO_TOKEN)];
    for header in [
        "X-Serverless-Authorization",
        "X-Forwarded-Authorization",
        "X-Original-Authorization",
        "Proxy-Authorization",
        "X-Authorization",
        "Authorization-Token",
    ] {
        attacks.push(request(format!("a genuine token in {header}"), &[(header, &right)], NO_TOKEN));
    }
    let cookie = format!("token={genuine}; Authorization=Bearer {genuine}");
    let email = "accounts.google.com:login-service@demo-project.iam.gserviceaccount.com";
    let path =
        [("X-Original-URL", "/health/live"), ("X-Rewrite-URL", "/health/live"), ("X-Forwarded-For", "127.0.0.1")];
    attacks.extend([
        request("a genuine token of Google's in the header of IAP", &[(iap, genuine)], NO_TOKEN),
        request("a genuine token of IAP in its header", &[(iap, &of_iap)], NO_TOKEN),
        request("a genuine token in a cookie", &[("Cookie", &cookie)], NO_TOKEN),
        request("an e-mail in the header of IAP", &[("X-Goog-Authenticated-User-Email", email)], NO_TOKEN),
        request("an e-mail in the header of a proxy", &[("X-Forwarded-User", email)], NO_TOKEN),
        request("headers that name another path and a near client", &path, NO_TOKEN),
        request("a genuine token in the query", &[], NO_TOKEN).with_query(&format!("?access_token={genuine}")),
    ]);
    attacks
}

/// Cloud Run checks the second header, if it is there, and takes off the signature of what it has checked.
fn beside_cloud_run(forger: &Forger, right: &str, wrong: &str) -> Vec<Attack> {
    let marked = forger.token().with_signature("SIGNATURE_REMOVED_BY_GOOGLE").sign();
    let marked = format!("Bearer {marked}");
    let both = |name: &str, first: &str, second: &str, expected| {
        request(name, &[("Authorization", first), ("X-Serverless-Authorization", second)], expected)
    };
    vec![
        both("a genuine token, and one that Cloud Run has checked", right, &marked, ACCEPTED),
        both("the same the wrong way round", &marked, right, SIGNATURE_REMOVED),
        both("a forged token, and a genuine one for Cloud Run", wrong, right, SIGNATURE),
    ]
}

fn repeated(right: &str, wrong: &str) -> Vec<Attack> {
    let two = |name: &str, first: &str, second: &str| {
        request(name, &[("Authorization", first), ("Authorization", second)], REPEATED)
    };
    vec![
        two("the header twice, the same", right, right),
        two("the header twice, the first one genuine", right, wrong),
        two("the header twice, the second one genuine", wrong, right),
        two("the header twice, the second one empty", right, ""),
        two("the header twice, the first one empty", "", right),
        two("the header twice, the second one Basic", right, "Basic bG9naW46cGFzc3dvcmQ="),
        request("the header twice, in other letters", &[("Authorization", wrong), ("authorization", right)], REPEATED),
    ]
}

/// The cap on a token is 8 KiB.
fn oversized(forger: &Forger) -> Vec<Attack> {
    let large = |size: usize| forger.token().claim("padding", "x".repeat(size));
    vec![
        attack("a genuine token below the cap: the edge", large(5000), ACCEPTED),
        attack("a genuine token above the cap", large(6000), TOO_LARGE),
        attack("a genuine token of 40 KiB", large(30_000), TOO_LARGE),
        attack("a genuine token of 100 KiB", large(75_000), HEAD_TOO_LARGE),
        attack("8193 letters", "x".repeat(8193), TOO_LARGE),
        attack("8192 letters", "x".repeat(8192), SEGMENTS),
    ]
}
