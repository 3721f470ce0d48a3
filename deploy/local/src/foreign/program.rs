//! A program in another language, and its commands; each is a list of words.

use super::Language;

/// One folder with one small program.
#[derive(Debug)]
pub struct Program {
    /// Where its files are, below the repository.
    pub folder: &'static str,
    /// What it is written in.
    pub language: Language,
    /// Builds our program, if that is needed.
    pub build: &'static [&'static str],
    /// Runs our program.
    pub run: &'static [&'static str],
}
