//! `iss`: Google accounts, in its two spellings and no other. Google's key signs every row.

use super::{
    Attack, Forger,
    answer::{ACCEPTED, ALGORITHM, ISSUER},
    attack::attack,
};
use crate::environment::PROFILE_AUDIENCE;

pub(super) fn attacks(forger: &Forger) -> Vec<Attack> {
    let from = |issuer: &str| forger.token().claim("iss", issuer);
    let mut attacks =
        vec![attack("iss without a scheme, Google's other spelling", from("accounts.google.com"), ACCEPTED)];
    for issuer in [
        "",
        "google",
        "https://accounts.google.com/",
        "http://accounts.google.com",
        "//accounts.google.com",
        "https://accounts.google.com:443",
        "https://accounts.google.com.evil.example",
        "https://accounts.google.com@evil.example",
        "https://evil.example/accounts.google.com",
        "https://accounts.google.co",
        "accounts.google.com.",
        "evil-accounts.google.com",
        "ACCOUNTS.GOOGLE.COM",
        "HTTPS://accounts.google.com",
        "https://accounts.google.com ",
        " https://accounts.google.com",
        "https://accounts.google.com\0",
        "https://accounts.google.com\n",
        "https://\u{0430}ccounts.google.com",
        "https://accounts.google.com,accounts.google.com",
        "https://cloud.google.com/iap",
        "https://securetoken.google.com/demo-project",
        "https://token.actions.githubusercontent.com",
        "login-service@demo-project.iam.gserviceaccount.com",
    ] {
        attacks.push(attack(format!("iss {issuer:?}"), from(issuer), ISSUER));
    }
    let iap = || forger.google.iap_token(&forger.allowed_email(), PROFILE_AUDIENCE);
    attacks.push(attack("a genuine token of IAP for this audience", iap(), ALGORITHM));
    let disguised = iap().claim("iss", "https://accounts.google.com").claim("email_verified", true);
    attacks.push(attack("IAP's key under Google's claims", disguised, ALGORITHM));
    attacks
}
