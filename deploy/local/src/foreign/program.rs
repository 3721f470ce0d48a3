//! A program in another language, and its commands; each is a list of words.

/// One folder with one small program.
#[derive(Debug)]
pub struct Program {
    /// Where its files are, below the repository.
    pub folder: &'static str,
    /// Runs when the language is on this machine.
    pub probe: &'static [&'static str],
    /// Fetches the libraries. When it fails, most likely there is no network.
    pub fetch: &'static [&'static [&'static str]],
    /// Builds our program, if that is needed.
    pub build: &'static [&'static str],
    /// Runs our program.
    pub run: &'static [&'static str],
}
