//! A command of another language: run to its end, within a time, with its output kept.

use std::{
    env,
    ffi::OsString,
    io,
    path::Path,
    process::{Output, Stdio},
    time::Duration,
};

use tokio::{io::AsyncWriteExt, process, time::timeout};

/// A command in the making.
pub struct Command {
    words: Vec<&'static str>,
    environment: Option<Vec<(&'static str, OsString)>>,
    stdin: String,
}

/// How it ended.
#[derive(Clone, Debug)]
pub enum Ended {
    /// With exit code 0; what it wrote to standard output.
    Well {
        /// All of it.
        output: String,
    },
    /// Otherwise, or not at all.
    Badly {
        /// What is known of it, with some of what it wrote.
        reason: String,
    },
}

impl Command {
    /// With the environment of this process, which says how the registries of packages are reached.
    pub fn new(words: &[&'static str]) -> Self {
        Self { words: words.to_vec(), environment: None, stdin: String::new() }
    }

    /// With one more word.
    #[must_use]
    pub fn argument(mut self, word: &'static str) -> Self {
        self.words.push(word);
        self
    }

    /// With this environment and `PATH`, and nothing else: no proxy, and no credentials of whoever runs it.
    #[must_use]
    pub fn closed(mut self, environment: Vec<(&'static str, OsString)>) -> Self {
        self.environment = Some(environment);
        self
    }

    /// With this as its input.
    #[must_use]
    pub fn stdin(mut self, text: String) -> Self {
        self.stdin = text;
        self
    }

    /// Runs it in `folder` to its end; one that takes too long is killed.
    pub async fn run_in(self, folder: &Path) -> Ended {
        let words = self.words.join(" ");
        let limit = if self.environment.is_some() { RUN_LIMIT } else { PREPARE_LIMIT };
        let reason = match timeout(limit, self.output(folder)).await {
            Ok(Ok(output)) if output.status.success() => {
                return Ended::Well { output: String::from_utf8_lossy(&output.stdout).into_owned() };
            }
            Ok(Ok(output)) => format!("{words}: {}\n{}", output.status, excerpt(&output)),
            Ok(Err(error)) => format!("{words}: {error}"),
            Err(_) => format!("{words}: not done after {limit:?}"),
        };
        Ended::Badly { reason }
    }

    async fn output(self, folder: &Path) -> io::Result<Output> {
        let (program, arguments) = self.words.split_first().ok_or(io::ErrorKind::InvalidInput)?;
        let mut command = process::Command::new(program);
        if let Some(environment) = self.environment {
            command.env_clear().envs(env::var_os("PATH").map(|path| ("PATH", path))).envs(environment);
        }
        command.args(arguments).current_dir(folder).kill_on_drop(true);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            // Most programs read nothing, and may have ended by now.
            let _ = stdin.write_all(self.stdin.as_bytes()).await;
        }
        child.wait_with_output().await
    }
}

/// Some languages say at first what went wrong, others at last.
fn excerpt(output: &Output) -> String {
    let text = [&output.stdout[..], &output.stderr[..]].concat();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<_> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let (first, rest) = lines.split_at(lines.len().min(FIRST_LINES));
    let last = rest.iter().skip(rest.len().saturating_sub(LAST_LINES));
    first.iter().chain(last).copied().collect::<Vec<_>>().join("\n")
}

const RUN_LIMIT: Duration = Duration::from_secs(60);
const PREPARE_LIMIT: Duration = Duration::from_secs(600);
const FIRST_LINES: usize = 4;
const LAST_LINES: usize = 6;
