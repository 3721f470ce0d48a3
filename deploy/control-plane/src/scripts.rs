//! The scripts of `deploy/cloud-run`, as tests run them.

use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::world::{PROJECT, PROJECT_NUMBER};

/// A script, for the one project, with nothing of the surrounding environment that could tell it something else.
pub fn script(name: &str) -> Command {
    let mut command = Command::new(workspace().join("deploy/cloud-run").join(name).with_extension("sh"));
    command.env_clear().envs(env::vars_os().filter(|(name, _)| KEPT.iter().any(|kept| name == kept)));
    command.env("PROJECT", PROJECT).env("REGION", "europe-west1").stdin(Stdio::null());
    command
}

/// What a dry run prints: each gcloud command, in words.
///
/// # Panics
/// The script fails.
pub fn dry_run(name: &str, variables: &[(&str, &str)]) -> Vec<Vec<String>> {
    let mut script = script(name);
    script.env("DRY_RUN", "1").env("PROJECT_NUMBER", PROJECT_NUMBER).envs(variables.iter().copied());
    let output = script.output().expect("bash");
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).lines().map(words).collect()
}

/// Whether a program is on this machine.
pub fn is_there(program: &str) -> bool {
    Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
}

/// As a shell takes a line apart that has single quotes and no other.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut quoted) = (vec![String::new()], false);
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        match character {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            '\\' if !quoted => words.iter_mut().next_back().into_iter().for_each(|word| word.extend(characters.next())),
            _ => words.iter_mut().next_back().into_iter().for_each(|word| word.push(character)),
        }
    }
    words
}

/// The folder that the scripts work in.
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// For the programs that the scripts call; cargo is one of them.
const KEPT: [&str; 5] = ["PATH", "HOME", "CARGO_HOME", "RUSTUP_HOME", "CARGO_TARGET_DIR"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_taken_apart_as_a_shell_does() {
        assert_eq!(words(r"gcloud '--format=value(a b)' 'it'\''s' x"), ["gcloud", "--format=value(a b)", "it's", "x"]);
    }
}
