//! The languages: how to tell that one is on this machine, and how libraries are fetched at pinned versions.

/// A language, or a tool. Commands are lists of words.
#[derive(Debug)]
pub struct Language {
    /// Runs when it is on this machine.
    pub probe: &'static [&'static str],
    /// Fetches the libraries. When it fails, most likely there is no network.
    pub fetch: &'static [&'static [&'static str]],
}

/// With a virtual environment, and `requirements.txt`.
pub const PYTHON: Language = Language {
    probe: &["python3", "-m", "venv", "--help"],
    fetch: &[
        &["python3", "-m", "venv", "venv"],
        &["venv/bin/python", "-m", "pip", "install", "--quiet", "--no-deps", "--requirement", "requirements.txt"],
    ],
};

/// With npm, and `package-lock.json`.
pub const NODE: Language =
    Language { probe: &["npm", "--version"], fetch: &[&["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"]] };

/// With `go.sum`.
pub const GO: Language = Language { probe: &["go", "version"], fetch: &[&["go", "mod", "download"]] };

/// With Maven, and `pom.xml`.
pub const JAVA: Language = Language {
    probe: &["mvn", "--version"],
    fetch: &[&["mvn", "--batch-mode", "--quiet", "dependency:copy-dependencies"]],
};
