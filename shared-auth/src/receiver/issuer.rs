//! Who signs: the issuer, and what belongs to it. The algorithm comes from here, never from the token
//! (RFC 8725 section 3.1).

use jsonwebtoken::Algorithm;

/// An issuer of ID tokens: its spellings in `iss`, its algorithm, and where its keys are published.
#[derive(Debug)]
pub struct Issuer {
    pub(super) spellings: &'static [&'static str],
    pub(super) algorithm: Algorithm,
    pub(super) algorithm_name: &'static str,
    pub(super) key_type: &'static str,
    /// The URL of its key set, as JWK (RFC 7517).
    pub certs_url: &'static str,
}

impl Issuer {
    /// Google accounts: service accounts and users. Both spellings of `iss` occur
    /// (<https://developers.google.com/identity/openid-connect/openid-connect#validatinganidtoken>).
    pub const GOOGLE_ACCOUNTS: &'static Self = &Self {
        spellings: &["https://accounts.google.com", "accounts.google.com"],
        algorithm: Algorithm::RS256,
        algorithm_name: "RS256",
        key_type: "RSA",
        certs_url: "https://www.googleapis.com/oauth2/v3/certs",
    };
}
