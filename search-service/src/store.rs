//! A small index over the people of the demo, compiled in. A real service would read one that is built elsewhere, and
//! that holds only what everyone who may search may find.

use serde::Deserialize;

/// Who can be found.
pub(crate) struct Index(Vec<Person>);

struct Person {
    username: String,
    /// All that is known of them, in lower case.
    text: String,
}

impl Index {
    /// The people of the demo.
    pub(crate) fn of_demo() -> Result<Self, serde_json::Error> {
        #[derive(Deserialize)]
        struct Entry {
            username: String,
            name: String,
            known_for: String,
        }
        let entries: Vec<Entry> = serde_json::from_str(include_str!("../../deploy/local/profiles.json"))?;
        let person = |Entry { username, name, known_for }: Entry| {
            let text = format!("{username} {name} {known_for}").to_lowercase();
            Person { username, text }
        };
        Ok(Self(entries.into_iter().map(person).collect()))
    }

    /// The people whose text contains every word of `query`, at most a page of them. No words, no hits.
    pub(crate) fn search(&self, query: &str) -> Vec<&str> {
        let query = query.to_lowercase();
        let words: Vec<_> = query.split_whitespace().collect();
        let matches = |person: &&Person| !words.is_empty() && words.iter().all(|word| person.text.contains(word));
        self.0.iter().filter(matches).take(PAGE).map(|person| person.username.as_str()).collect()
    }
}

/// Each hit costs a call to profile-service.
const PAGE: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_must_be_found_and_case_does_not_matter() {
        let index = Index::of_demo().unwrap();
        assert_eq!(index.search("ada"), ["ada"]);
        assert_eq!(index.search("LOVELACE  engine"), ["ada"]);
        assert!(index.search("ada compiler").is_empty());
    }

    #[test]
    fn no_words_find_nobody_and_one_letter_finds_a_page_at_most() {
        let index = Index::of_demo().unwrap();
        assert!(index.search("").is_empty() && index.search("  ").is_empty());
        assert!((2..=PAGE).contains(&index.search("a").len()));
    }
}
