//! Who signs: the issuer, and what belongs to it. The algorithm, the keys and the header come from here, never from the
//! token (RFC 8725 section 3.1).

use jsonwebtoken::Algorithm;

use super::token_header::TokenHeader;

/// An issuer of ID tokens: its spellings in `iss`, its algorithm, and where its keys are published.
#[derive(Debug)]
pub struct Issuer {
    pub(super) spellings: &'static [&'static str],
    pub(super) algorithm: Algorithm,
    pub(super) algorithm_name: &'static str,
    pub(super) key_type: KeyType,
    /// What stands before the account's unique id in `sub`.
    pub(super) subject_prefix: &'static str,
    /// Whether an e-mail is verified when the token does not say so.
    pub(super) verifies_emails: bool,
    /// The longest time from `iat` to `exp`, in seconds.
    pub(super) longest_lifetime: u64,
    pub(super) token_header: TokenHeader,
    /// The URL of its key set, as JWK (RFC 7517).
    pub certs_url: &'static str,
}

/// The keys that an issuer signs with.
#[derive(Debug, Clone, Copy)]
pub(super) enum KeyType {
    /// RSA of at least 2048 bits.
    Rsa,
    /// The elliptic curve P-256.
    P256,
}

impl Issuer {
    /// Google accounts: service accounts and users. Their tokens come as `Authorization: Bearer`, live for an hour, and
    /// name the issuer in one of two spellings
    /// (<https://developers.google.com/identity/openid-connect/openid-connect#validatinganidtoken>).
    pub const GOOGLE_ACCOUNTS: &'static Self = &Self {
        spellings: &["https://accounts.google.com", "accounts.google.com"],
        algorithm: Algorithm::RS256,
        algorithm_name: "RS256",
        key_type: KeyType::Rsa,
        subject_prefix: "",
        verifies_emails: false,
        // More than any of them lives. One that lives for years was not made by Google's rules.
        longest_lifetime: 24 * 60 * 60,
        token_header: TokenHeader::Authorization,
        certs_url: "https://www.googleapis.com/oauth2/v3/certs",
    };

    /// Identity-Aware Proxy: the user whom it has signed in, in `x-goog-iap-jwt-assertion`
    /// (<https://cloud.google.com/iap/docs/signed-headers-howto>). The audience is
    /// `/projects/NUMBER/global/backendServices/ID` behind a load balancer; directly on Cloud Run
    /// `/projects/NUMBER/locations/REGION/services/SERVICE` was seen. A user of an external identity provider is not a
    /// Google account and is refused.
    pub const IAP: &'static Self = &Self {
        spellings: &["https://cloud.google.com/iap"],
        algorithm: Algorithm::ES256,
        algorithm_name: "ES256",
        key_type: KeyType::P256,
        subject_prefix: "accounts.google.com:",
        verifies_emails: true,
        // Ten minutes, and thirty seconds for clocks at both ends.
        longest_lifetime: 11 * 60,
        token_header: TokenHeader::IapAssertion,
        certs_url: "https://www.gstatic.com/iap/verify/public_key-jwk",
    };
}
