//! Comma-separated lists in environment variables: read whole, so that every wrong entry is reported at once.

use std::{error::Error, fmt, str::FromStr};

/// Reads every entry; spaces around one do not count, and an empty one is an entry.
pub(crate) fn parse<T: FromStr>(list: &str) -> Result<Vec<T>, ListError<T::Err>> {
    let (mut entries, mut wrong) = (Vec::new(), Vec::new());
    for (index, entry) in list.split(',').enumerate() {
        match entry.trim().parse() {
            Ok(entry) => entries.push(entry),
            Err(error) => wrong.push((index + 1, error)),
        }
    }
    if wrong.is_empty() { Ok(entries) } else { Err(ListError { wrong }) }
}

/// The entries that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListError<E> {
    /// Positions, counted from one, and what is wrong there.
    pub wrong: Vec<(usize, E)>,
}

impl<E: fmt::Display> fmt::Display for ListError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (position, error)) in self.wrong.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}entry {position}: {error}")?;
        }
        Ok(())
    }
}

impl<E: Error> Error for ListError<E> {}
