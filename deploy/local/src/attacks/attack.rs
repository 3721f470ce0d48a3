//! One row: what is sent, and what must be answered.

use google_emulator::TokenBuilder;

use super::Answer;

/// A request to profile-service.
pub struct Attack {
    /// What it tries, in a few words. No two are the same.
    pub name: String,
    /// Names and values. A value need not be what HTTP allows.
    pub headers: Vec<(String, Vec<u8>)>,
    /// Path and query.
    pub path: String,
    /// What must come back.
    pub expected: Answer,
}

impl Attack {
    /// What no log line may hold: the tokens that are sent, and their segments. Shorter text is no secret.
    pub(super) fn secrets(&self) -> Vec<String> {
        let values = self.headers.iter().map(|(_, value)| String::from_utf8_lossy(value));
        let text = values.chain([self.path.as_str().into()]).collect::<Vec<_>>().join(" ");
        let parts = text.split(|c: char| !c.is_ascii_alphanumeric() && !"-_+".contains(c));
        parts.filter(|part| part.len() >= SHORTEST_SECRET).map(str::to_owned).collect()
    }

    /// With this after the path, question mark included.
    pub(super) fn with_query(mut self, query: &str) -> Self {
        self.path += query;
        self
    }
}

/// The usual request: `Authorization: Bearer …`.
pub(super) fn attack(name: impl Into<String>, token: impl Token, expected: Answer) -> Attack {
    request(name, &[("Authorization", &format!("Bearer {}", token.text()))], expected)
}

/// A request with these headers.
pub(super) fn request(name: impl Into<String>, headers: &[(&str, &str)], expected: Answer) -> Attack {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec()));
    Attack { name: name.into(), headers: headers.collect(), path: "/whoami".to_owned(), expected }
}

/// A token in the making, or its text.
pub(super) trait Token {
    fn text(self) -> String;
}

impl Token for TokenBuilder {
    fn text(self) -> String {
        self.sign()
    }
}

impl Token for String {
    fn text(self) -> String {
        self
    }
}

impl Token for &str {
    fn text(self) -> String {
        self.to_owned()
    }
}

/// In characters. The header of a token has some ninety, and the words and key ids that may be logged have fewer.
const SHORTEST_SECRET: usize = 41;
