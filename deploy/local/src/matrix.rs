//! Who may call whom: every caller of the story against every receiver, expected and got.

use std::error::Error;

use crate::{
    environment::{PROFILE_AUDIENCE, SEARCH_AUDIENCE},
    stage::Stage,
};

/// One caller.
#[derive(Debug)]
pub struct Row {
    /// As it is told to the reader.
    pub caller: &'static str,
    sends: Token,
    /// The statuses expected of profile-service and of search-service.
    pub expected: [u16; 2],
    /// Where in `shared-auth/src/receiver` a refusal is decided.
    pub decided_in: &'static str,
}

#[derive(Debug)]
enum Token {
    None,
    /// A genuine one, for the right audience.
    Of(&'static str),
    /// Those of a caller who would be let in, each spoiled in one thing.
    SignedBySomeoneElse,
    Expired,
    ForAnotherAudience,
}

/// The whole table. A token that is spoiled belongs to a caller on the list, so that nothing else can refuse it.
pub const ROWS: [Row; 8] = [
    Row { caller: "nobody", sends: Token::None, expected: [401, 401], decided_in: "layer.rs" },
    Row { caller: "login-service", sends: Token::Of("login-service"), expected: [200, 403], decided_in: "policy.rs" },
    Row { caller: "search-service", sends: Token::Of("search-service"), expected: [403, 403], decided_in: "policy.rs" },
    Row { caller: "frontend", sends: Token::Of("frontend"), expected: [403, 200], decided_in: "policy.rs" },
    Row {
        caller: "stranger, another project",
        sends: Token::Of("stranger"),
        expected: [403, 403],
        decided_in: "policy.rs",
    },
    Row {
        caller: "a forged signature",
        sends: Token::SignedBySomeoneElse,
        expected: [401, 401],
        decided_in: "verifier.rs",
    },
    Row { caller: "an expired token", sends: Token::Expired, expected: [401, 401], decided_in: "claims.rs" },
    Row {
        caller: "a token for another service",
        sends: Token::ForAnotherAudience,
        expected: [401, 401],
        decided_in: "claims.rs",
    },
];

impl Row {
    /// Calls both receivers and returns their statuses.
    ///
    /// # Errors
    /// A service or the emulator did not answer.
    pub async fn call(&self, stage: &Stage) -> Result<[u16; 2], Box<dyn Error>> {
        let profile = stage.profile.url("/profiles/ada");
        let search = stage.search.url("/search?q=ada");
        Ok([
            self.status(stage, &profile, [PROFILE_AUDIENCE, SEARCH_AUDIENCE], "login-service").await?,
            self.status(stage, &search, [SEARCH_AUDIENCE, PROFILE_AUDIENCE], "frontend").await?,
        ])
    }

    async fn status(
        &self,
        stage: &Stage,
        url: &str,
        [own, other]: [&str; 2],
        allowed: &str,
    ) -> Result<u16, Box<dyn Error>> {
        let emulator = &stage.emulator;
        let token = match self.sends {
            Token::None => None,
            Token::Of(identity) => Some(stage.id_token(identity, own).await?),
            Token::SignedBySomeoneElse => Some(emulator.token(allowed, own).signed_by_unpublished_key().sign()),
            Token::Expired => Some(emulator.token(allowed, own).issued_at(emulator.now() - 2 * 3600).sign()),
            Token::ForAnotherAudience => Some(stage.id_token(allowed, other).await?),
        };
        let mut request = stage.http.get(url);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        Ok(request.send().await?.status().as_u16())
    }
}
