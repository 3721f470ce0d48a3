//! The body of a request: JSON, read as Google reads it into its own messages.
//!
//! A field that is unknown or of another type is refused; one that is `null` counts as absent, and clients send it. A
//! name of several words may be written `includeEmail` or `include_email`.
//! See <https://protobuf.dev/programming-guides/json/>.

use serde_json::{Map, Value};

use super::Refusal;

pub(super) struct Body(Map<String, Value>);

impl Body {
    pub(super) fn parse(bytes: &[u8], known: &[&str]) -> Result<Self, Refusal> {
        let Ok(fields) = serde_json::from_slice::<Map<String, Value>>(bytes) else {
            return Err(Refusal::invalid_argument("Invalid JSON payload received."));
        };
        let mut recognised = Map::new();
        for (name, value) in fields {
            let Some(field) = known.iter().find(|field| **field == name || snake_case(field) == name) else {
                let message = format!("Invalid JSON payload received. Unknown name \"{name}\": Cannot find field.");
                return Err(Refusal::invalid_argument(&message));
            };
            if !value.is_null() {
                recognised.insert((*field).to_owned(), value);
            }
        }
        Ok(Self(recognised))
    }

    pub(super) fn text(&self, name: &str) -> Result<Option<&str>, Refusal> {
        self.0.get(name).map(|value| value.as_str().ok_or_else(|| invalid(name, "TYPE_STRING", value))).transpose()
    }

    /// Absent means no.
    pub(super) fn flag(&self, name: &str) -> Result<bool, Refusal> {
        self.0.get(name).map_or(Ok(false), |value| value.as_bool().ok_or_else(|| invalid(name, "TYPE_BOOL", value)))
    }

    /// Absent means empty.
    pub(super) fn texts(&self, name: &str) -> Result<Vec<&str>, Refusal> {
        let Some(value) = self.0.get(name) else { return Ok(Vec::new()) };
        let texts = value.as_array().and_then(|list| list.iter().map(Value::as_str).collect());
        texts.ok_or_else(|| invalid(name, "TYPE_STRING", value))
    }

    /// A duration of whole seconds, such as `300s`.
    pub(super) fn seconds(&self, name: &str) -> Result<Option<i64>, Refusal> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let seconds = text.strip_suffix('s').and_then(|number| number.parse().ok());
        let message =
            || format!("Invalid value at '{name}' (type.googleapis.com/google.protobuf.Duration), \"{text}\"");
        seconds.map(Some).ok_or_else(|| Refusal::invalid_argument(&message()))
    }
}

fn snake_case(name: &str) -> String {
    let letters = name.chars().flat_map(|letter| {
        let word_begins = letter.is_ascii_uppercase();
        word_begins.then_some('_').into_iter().chain([letter.to_ascii_lowercase()])
    });
    letters.collect()
}

fn invalid(name: &str, kind: &str, value: &Value) -> Refusal {
    Refusal::invalid_argument(&format!("Invalid value at '{name}' ({kind}), {value}"))
}
