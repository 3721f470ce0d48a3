//! Access tokens: what Google's own APIs ask for, and nobody else can read.
//!
//! Unlike an ID token it says nothing by itself: only who issued it knows whom it speaks for, and another service cannot
//! tell it from noise. So a caller outside of Google Cloud has one of these first, and an ID token after.

use std::{collections::VecDeque, sync::Arc};

use serde_json::{Map, Value, json};
use tokio::sync::Mutex;

use crate::{issuer::Issuer, random::unguessable};

pub(crate) struct AccessTokens {
    issuer: Arc<Issuer>,
    /// The oldest first.
    issued: Mutex<VecDeque<AccessToken>>,
}

#[derive(Clone)]
pub(crate) struct AccessToken {
    pub(crate) text: String,
    pub(crate) bearer: Bearer,
    /// Unix time in seconds.
    pub(crate) expires_at: i64,
}

/// For whom an access token speaks, and how far.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Bearer {
    /// An e-mail address, or the `principal://` of someone who came through federation.
    pub(crate) principal: String,
    pub(crate) scopes: Vec<String>,
}

impl Bearer {
    /// `scope` is a list with spaces in between, as OAuth has it.
    pub(crate) fn new(principal: &str, scope: &str) -> Self {
        Self { principal: principal.to_owned(), scopes: scope.split_whitespace().map(str::to_owned).collect() }
    }
}

impl AccessTokens {
    pub(crate) fn new(issuer: Arc<Issuer>) -> Self {
        Self { issuer, issued: Mutex::default() }
    }

    pub(crate) async fn issue(&self, bearer: Bearer, lifetime_seconds: i64) -> AccessToken {
        let expires_at = self.issuer.now() + lifetime_seconds;
        let token = AccessToken { text: format!("ya29.{}", unguessable()), bearer, expires_at };
        let mut issued = self.issued.lock().await;
        if issued.len() >= MOST_TOKENS {
            issued.pop_front();
        }
        issued.push_back(token.clone());
        token
    }

    /// A token of this bearer that is valid for longer than so many seconds, if there is one.
    pub(crate) async fn find(&self, bearer: &Bearer, longer_than_seconds: i64) -> Option<AccessToken> {
        let earliest = self.issuer.now() + longer_than_seconds;
        let issued = self.issued.lock().await;
        issued.iter().rev().find(|token| token.bearer == *bearer && token.expires_at > earliest).cloned()
    }

    /// Whose token this is. Nobody's, when it has expired.
    pub(crate) async fn bearer(&self, text: &str) -> Option<Bearer> {
        let now = self.issuer.now();
        let issued = self.issued.lock().await;
        issued.iter().find(|token| token.text == text && now < token.expires_at).map(|token| token.bearer.clone())
    }

    /// The members of an answer by [RFC 6749 §5.1](https://www.rfc-editor.org/rfc/rfc6749#section-5.1).
    pub(crate) fn answer(&self, token: &AccessToken) -> Map<String, Value> {
        let expires_in = token.expires_at - self.issuer.now();
        Map::from_iter([
            ("access_token".to_owned(), json!(token.text)),
            ("expires_in".to_owned(), json!(expires_in)),
            ("token_type".to_owned(), json!("Bearer")),
        ])
    }
}

/// With this scope a token is good for every API of Google Cloud, as far as its bearer is.
pub(crate) const CLOUD_PLATFORM: &str = "https://www.googleapis.com/auth/cloud-platform";

/// Anyone can ask again and again. Of so many the oldest is forgotten, as if it had expired.
const MOST_TOKENS: usize = 1000;

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn no_number_of_tokens_fills_the_memory_and_the_youngest_stay() {
        let tokens = AccessTokens::new(Arc::new(Issuer::new(crate::key_life::KeyLife::default())));
        let first = tokens.issue(Bearer::new("a", CLOUD_PLATFORM), 60).await;
        for _ in 1..MOST_TOKENS {
            tokens.issue(Bearer::new("a", CLOUD_PLATFORM), 60).await;
        }
        assert!(tokens.bearer(&first.text).await.is_some());
        let last = tokens.issue(Bearer::new("a", CLOUD_PLATFORM), 60).await;
        assert_eq!(tokens.issued.lock().await.len(), MOST_TOKENS);
        assert!(tokens.bearer(&first.text).await.is_none());
        assert!(tokens.bearer(&last.text).await.is_some());
    }
}
