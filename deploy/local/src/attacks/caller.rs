//! Genuine tokens of somebody who is not on the list, whatever else they say. An e-mail counts when Google says that it
//! is verified, and only in the claim `email`.

use serde_json::json;

use super::{Attack, Forger, answer::NOT_ON_THE_LIST, attack::attack};

pub(super) fn attacks(forger: &Forger) -> Vec<Attack> {
    let allowed = forger.allowed_email();
    let (name, domain) = allowed.split_once('@').expect("an e-mail has a domain");
    let mut attacks = Vec::new();
    for identity in ["profile-service", "search-service", "frontend", "stranger"] {
        attacks.push(attack(format!("a genuine token of {identity}"), forger.token_of(identity), NOT_ON_THE_LIST));
    }
    for (how, email) in [
        ("empty", String::new()),
        ("a star", "*".to_owned()),
        ("in upper case", allowed.to_uppercase()),
        ("with one capital", allowed.replacen('l', "L", 1)),
        ("with a letter more", format!("{allowed}x")),
        ("less its last letter", allowed.chars().take(allowed.len() - 1).collect()),
        ("with a letter in front", format!("x{allowed}")),
        ("with a subaddress", format!("{name}+evil@{domain}")),
        ("of the same name in another project", format!("{name}@other-project.iam.gserviceaccount.com")),
        ("of another domain", format!("{name}@evil.example")),
        ("at a subdomain of another", format!("{allowed}.evil.example")),
        ("at two domains", format!("{allowed}@evil.example")),
        ("of a name that holds the domain", format!("{allowed}%evil.example")),
        ("with a Cyrillic letter", allowed.replacen('o', "\u{043e}", 1)),
        ("with a letter that nobody sees", format!("{allowed}\u{200b}")),
        ("with a space behind", format!("{allowed} ")),
        ("with a space in front", format!(" {allowed}")),
        ("with a NUL behind", format!("{allowed}\0")),
        ("with a line end behind", format!("{allowed}\n")),
        ("with another behind a comma", format!("{allowed},evil@evil.example")),
        ("with a name in front", format!("login <{allowed}>")),
        ("of the kind that policies name", format!("serviceAccount:{allowed}")),
    ] {
        let token = forger.token().claim("email", email);
        attacks.push(attack(format!("an e-mail {how}"), token, NOT_ON_THE_LIST));
    }
    let stranger = || forger.token_of("stranger");
    for claim in ["sub", "azp", "name", "preferred_username", "upn", "Email", "EMAIL", "email ", "e-mail"] {
        let token = stranger().claim(claim, allowed.clone());
        attacks.push(attack(format!("the allowed e-mail in {claim:?}"), token, NOT_ON_THE_LIST));
    }
    let nested = stranger().claim("google", json!({ "email": allowed, "email_verified": true }));
    let many = stranger().claim("emails", vec![allowed.clone()]);
    let unverified = forger.token().claim("email_verified", false);
    let unsaid = forger.token().without_claim("email_verified");
    attacks.extend([
        attack("the allowed e-mail inside of another claim", nested, NOT_ON_THE_LIST),
        attack("the allowed e-mail in a list of e-mails", many, NOT_ON_THE_LIST),
        attack("the allowed e-mail, not verified", unverified, NOT_ON_THE_LIST),
        attack("the allowed e-mail, and not a word whether verified", unsaid, NOT_ON_THE_LIST),
        attack("no e-mail", forger.token().without_claim("email"), NOT_ON_THE_LIST),
    ]);
    attacks
}
