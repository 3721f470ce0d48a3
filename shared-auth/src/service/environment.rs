//! Reads environment variables through a lookup, and collects every mistake, so that they are reported together.

use std::{env, error::Error, ffi::OsString, fmt};

use crate::causes::with_causes;

/// The variables of a process, or of a test, and the mistakes found in them so far.
///
/// A variable that is set and empty counts as not set.
pub struct Environment<'a> {
    lookup: &'a dyn Fn(&str) -> Option<OsString>,
    mistakes: Vec<String>,
}

impl<'a> Environment<'a> {
    /// Reads through `lookup`.
    pub fn new(lookup: &'a dyn Fn(&str) -> Option<OsString>) -> Self {
        Self { lookup, mistakes: Vec::new() }
    }

    /// Reads the process's own variables with `read`, which returns `None` after a mistake.
    ///
    /// # Errors
    /// Every mistake, in one value.
    pub fn of_process<T>(read: impl FnOnce(&mut Environment<'_>) -> Option<T>) -> Result<T, ConfigError> {
        Environment::new(&|name| env::var_os(name)).read(read)
    }

    /// Reads with `read`, which returns `None` after a mistake.
    ///
    /// # Errors
    /// Every mistake, in one value.
    pub fn read<T>(mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Result<T, ConfigError> {
        match read(&mut self) {
            Some(value) if self.mistakes.is_empty() => Ok(value),
            _ => Err(ConfigError { mistakes: self.mistakes }),
        }
    }

    /// A variable that must be set.
    pub fn required<T, E: Error>(&mut self, name: &str, parse: impl FnOnce(&str) -> Result<T, E>) -> Option<T> {
        match self.value(name)? {
            Some(text) => self.parse(name, &text, parse),
            None => {
                self.mistakes.push(format!("{name} is required"));
                None
            }
        }
    }

    /// A variable that may be missing: `Some(None)` is no mistake.
    pub fn optional<T, E: Error>(&mut self, name: &str, parse: impl FnOnce(&str) -> Result<T, E>) -> Option<Option<T>> {
        match self.value(name)? {
            Some(text) => self.parse(name, &text, parse).map(Some),
            None => Some(None),
        }
    }

    /// A variable whose place `default` takes when it is missing.
    pub fn with_default<T, E: Error>(
        &mut self,
        name: &str,
        default: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let text = self.value(name)?.unwrap_or_else(|| default.to_owned());
        self.parse(name, &text, parse)
    }

    /// Whether a variable is set, for those whose value does not matter.
    pub fn is_set(&mut self, name: &str) -> bool {
        matches!(self.value(name), Some(Some(_)))
    }

    /// `Some(None)` when the variable is not set, `None` when it is no text.
    fn value(&mut self, name: &str) -> Option<Option<String>> {
        match (self.lookup)(name).filter(|value| !value.is_empty()).map(OsString::into_string).transpose() {
            Ok(value) => Some(value),
            Err(_) => {
                self.mistakes.push(format!("{name} is not Unicode"));
                None
            }
        }
    }

    fn parse<T, E: Error>(&mut self, name: &str, text: &str, parse: impl FnOnce(&str) -> Result<T, E>) -> Option<T> {
        parse(text).map_err(|error| self.mistakes.push(format!("{name}: {}", with_causes(&error)))).ok()
    }
}

/// Everything that is wrong with the environment.
#[derive(Debug, PartialEq, Eq)]
pub struct ConfigError {
    mistakes: Vec<String>,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the environment is not usable:")?;
        self.mistakes.iter().try_for_each(|mistake| write!(f, "\n  {mistake}"))
    }
}

impl Error for ConfigError {}

#[cfg(test)]
mod tests {
    use std::{num::ParseIntError, os::unix::ffi::OsStringExt};

    use super::*;

    fn lookup(name: &str) -> Option<OsString> {
        let variables: [(_, &[u8]); 4] = [("NUMBER", b"7"), ("WORD", b"seven"), ("EMPTY", b""), ("BINARY", b"\xff")];
        let value = variables.iter().find(|(key, _)| *key == name).map(|(_, value)| *value)?;
        Some(OsString::from_vec(value.to_vec()))
    }

    fn number(text: &str) -> Result<u16, ParseIntError> {
        text.parse()
    }

    #[test]
    fn what_is_set_is_parsed_and_what_is_missing_or_empty_takes_the_default() {
        let mut environment = Environment::new(&lookup);
        assert_eq!(environment.required("NUMBER", number), Some(7));
        assert_eq!(environment.with_default("NUMBER", "8", number), Some(7));
        assert_eq!(environment.with_default("MISSING", "8", number), Some(8));
        assert_eq!(environment.with_default("EMPTY", "8", number), Some(8));
        assert_eq!(environment.optional("MISSING", number), Some(None));
    }

    #[test]
    fn every_mistake_is_in_one_message() {
        let error = Environment::new(&lookup).read(|environment| {
            let wrong = environment.with_default("WORD", "8", number);
            let missing = environment.required("MISSING", number);
            let empty = environment.required("EMPTY", number);
            Some((wrong?, missing?, empty?))
        });
        let message = error.unwrap_err().to_string();
        for part in ["WORD: invalid digit", "MISSING is required", "EMPTY is required"] {
            assert!(message.contains(part), "{message}");
        }
    }

    #[test]
    fn a_value_that_is_not_unicode_is_a_mistake_even_where_none_is_needed() {
        for read in [
            Environment::new(&lookup).read(|environment| environment.optional("BINARY", number).map(drop)),
            Environment::new(&lookup).read(|environment| environment.required("BINARY", number).map(drop)),
        ] {
            assert_eq!(read.unwrap_err().mistakes, ["BINARY is not Unicode"]);
        }
    }

    #[test]
    fn a_mistake_that_the_reader_forgets_is_still_an_error() {
        let read = Environment::new(&lookup).read(|environment| {
            let _ = environment.required("MISSING", number);
            Some(())
        });
        assert!(read.is_err());
    }
}
