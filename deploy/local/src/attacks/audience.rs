//! `aud`: a genuine token for somebody else, or for a name that looks like this service's. It is compared as a whole:
//! nothing is parsed, cut or folded.

use super::{Attack, Forger, answer::audience, attack::attack};
use crate::environment::{PROFILE_AUDIENCE, SEARCH_AUDIENCE};

pub(super) fn attacks(forger: &Forger) -> Vec<Attack> {
    let right = PROFILE_AUDIENCE;
    let host = right.trim_start_matches("https://");
    let shorter = right.trim_end_matches('p');
    let look_alikes = [
        ("empty", String::new()),
        ("a star", "*".to_owned()),
        ("a pattern", "https://*.run.app".to_owned()),
        ("of search-service", SEARCH_AUDIENCE.to_owned()),
        ("of nobody", "https://evil.example".to_owned()),
        ("with a slash behind", format!("{right}/")),
        ("with a dot behind", format!("{right}.")),
        ("with a letter more", format!("{right}x")),
        ("with a letter less", shorter.to_owned()),
        ("in upper case", right.to_uppercase()),
        ("with one capital", right.replacen("profile", "Profile", 1)),
        ("with its scheme in upper case", right.replacen("https", "HTTPS", 1)),
        ("with http", right.replacen("https", "http", 1)),
        ("with wss", right.replacen("https", "wss", 1)),
        ("without a scheme", host.to_owned()),
        ("without a scheme, with slashes", format!("//{host}")),
        ("with its port", format!("{right}:443")),
        ("with another port", format!("{right}:8443")),
        ("with a path", format!("{right}/whoami")),
        ("with a query", format!("{right}?")),
        ("with a fragment", format!("{right}#")),
        ("as the user of another host", format!("{right}@evil.example")),
        ("as the path of another host", format!("https://evil.example/{right}")),
        ("with a user in front", format!("https://evil@{host}")),
        ("as a subdomain of another host", format!("{right}.evil.example")),
        ("with another host in front", format!("https://evil.{host}")),
        ("with backslashes", right.replace('/', "\\")),
        ("with an encoded letter", right.replacen("profile", "%70rofile", 1)),
        ("with a Cyrillic letter", right.replacen('o', "\u{043e}", 1)),
        ("with a letter that nobody sees", format!("{right}\u{200b}")),
        ("with a space behind", format!("{right} ")),
        ("with a space in front", format!(" {right}")),
        ("with a tab behind", format!("{right}\t")),
        ("with a line end behind", format!("{right}\n")),
        ("with a NUL behind", format!("{right}\0")),
        ("and another, in one text", format!("{right},https://evil.example")),
        ("in a list, as text", format!("[\"{right}\"]")),
        ("in quotation marks", format!("\"{right}\"")),
        ("twenty times, of which the log holds the start", right.repeat(20)),
    ];
    let rows = look_alikes.into_iter();
    let rows =
        rows.map(|(name, aud)| attack(format!("aud {name}"), forger.token().claim("aud", aud.clone()), audience(&aud)));
    let mut attacks: Vec<_> = rows.collect();
    let elsewhere = || forger.token().claim("aud", "https://evil.example");
    for name in ["azp", "target_audience", "resource", "client_id"] {
        let token = elsewhere().claim(name, right);
        attacks.push(attack(format!("the right audience in {name}"), token, audience("https://evil.example")));
    }
    attacks
}
