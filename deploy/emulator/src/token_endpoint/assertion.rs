//! The assertion: a JWT in which a service account says who it is and what it wants a token for.
//!
//! The rules are those of <https://developers.google.com/identity/protocols/oauth2/service-account#authorizingrequests>.

use crate::{oauth_refusal::Refusal, service_account_key::ServiceAccountKey, unverified::Unverified};

pub(super) struct Assertion<'a>(Unverified<'a>);

/// What the account asks for.
pub(super) enum Wanted<'a> {
    IdToken { audience: &'a str },
    AccessToken { scope: &'a str },
}

impl<'a> Assertion<'a> {
    /// Takes it apart. Nothing is checked yet, not even the signature.
    pub(super) fn parse(compact: &'a str) -> Option<Self> {
        Unverified::parse(compact).map(Self)
    }

    /// The account that it claims to come from, by which its key is found.
    pub(super) fn issuer(&self) -> Option<&str> {
        self.0.text("iss")
    }

    /// What to give, if everything is right.
    pub(super) fn check(&self, key: &ServiceAccountKey, token_uri: &str, now: i64) -> Result<Wanted<'_>, Refusal> {
        // The key decides how it is used, never the header: RFC 8725 §3.1.
        let rs256 = self.0.parameter("alg").is_some_and(|algorithm| algorithm == "RS256");
        if !rs256 || !key.verifies(self.0.parameter("kid"), self.0.signing_input, &self.0.signature) {
            return Err(Refusal::invalid_grant("Invalid JWT Signature."));
        }
        // Optional, and not every client sends it.
        if self.0.claim("sub").is_some_and(|subject| subject != key.identity().email.as_str()) {
            return Err(Refusal::unauthorized_client());
        }
        if !self.0.text("aud").is_some_and(|audience| [token_uri, GOOGLES_URI].contains(&audience)) {
            let description = format!("Invalid JWT: Failed audience check. The right audience is {token_uri}");
            return Err(Refusal::invalid_grant(&description));
        }
        if !self.0.is_current(now, LONGEST_LIFETIME_SECONDS) {
            let description = "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. \
                               Check your iat and exp values in the JWT claim.";
            return Err(Refusal::invalid_grant(description));
        }
        self.wanted().ok_or_else(Refusal::invalid_scope)
    }

    /// The audience comes first: Google's client for Node sends a scope with it, and expects an ID token.
    fn wanted(&self) -> Option<Wanted<'_>> {
        let filled = |claim| self.0.text(claim).filter(|text| !text.trim().is_empty());
        match filled("target_audience") {
            Some(audience) => Some(Wanted::IdToken { audience }),
            None => filled("scope").map(|scope| Wanted::AccessToken { scope }),
        }
    }
}

/// The one endpoint that Google has. Its library for Python writes this audience whatever the key file says.
const GOOGLES_URI: &str = "https://oauth2.googleapis.com/token";

const LONGEST_LIFETIME_SECONDS: i64 = 3600;
