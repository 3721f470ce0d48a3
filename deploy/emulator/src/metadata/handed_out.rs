//! The ID tokens that a metadata server has handed out and hands out again.
//!
//! Google's does the same: whoever asks early gets the token that it has, so a caller's own cache must not count on a
//! fresh hour from each answer.

use std::{collections::HashMap, sync::Arc};

use tokio::sync::Mutex;

use crate::{
    identity::Identity,
    issuer::{Issuer, LIFETIME_SECONDS},
};

pub(crate) struct HandedOut {
    identity: Identity,
    issuer: Arc<Issuer>,
    tokens: Mutex<HashMap<(String, Format), Entry>>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Format {
    /// Without `email` and `email_verified`: the reason why a caller must ask for the other.
    Standard,
    Full,
}

struct Entry {
    token: String,
    key_id: String,
    renew_at: i64,
}

impl HandedOut {
    pub(crate) fn new(identity: Identity, issuer: Arc<Issuer>) -> Self {
        Self { identity, issuer, tokens: Mutex::default() }
    }

    pub(crate) async fn token(&self, audience: &str, format: Format) -> String {
        let mut tokens = self.tokens.lock().await;
        let wanted = (audience.to_owned(), format);
        let key = self.issuer.current_key();
        let now = self.issuer.now();
        if let Some(entry) = tokens.get(&wanted)
            && entry.key_id == key.id()
            && now < entry.renew_at
        {
            return entry.token.clone();
        }
        let genuine = self.issuer.token(&self.identity, audience);
        let token = match format {
            Format::Standard => genuine.without_claim("email").without_claim("email_verified").sign(),
            Format::Full => genuine.sign(),
        };
        if tokens.len() >= MOST_TOKENS {
            // Whoever asks again gets a younger token, which is as good.
            tokens.clear();
        }
        let renew_at = now + LIFETIME_SECONDS - RENEWED_BEFORE_EXPIRY_SECONDS;
        tokens.insert(wanted, Entry { token: token.clone(), key_id: key.id().to_owned(), renew_at });
        token
    }
}

/// The same as on Cloud Run.
pub(super) const RENEWED_BEFORE_EXPIRY_SECONDS: i64 = 4 * 60;

/// The audience is the client's to choose, so without a bound a loop of requests would fill the memory.
const MOST_TOKENS: usize = 1000;

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn no_number_of_audiences_fills_the_memory() {
        let identity = Identity::all().remove(0);
        let handed_out = HandedOut::new(identity, Arc::new(Issuer::new(crate::key_life::KeyLife::default())));
        for number in 0..=MOST_TOKENS {
            handed_out.token(&number.to_string(), Format::Full).await;
        }
        assert!(handed_out.tokens.lock().await.len() <= MOST_TOKENS);
    }
}
