//! What a person sees: steps, verdicts and the matrix; in colour on a terminal, plain in a pipe.

use std::io::{IsTerminal, Write, stdout};

use crate::{
    attacks::{Answer, Attack},
    matrix::Row,
};

/// Writes to standard output.
#[derive(Debug, Clone, Copy)]
pub struct Report {
    colour: bool,
}

impl Report {
    /// In colour on a terminal, unless `NO_COLOR` is set (<https://no-color.org>).
    pub fn to_stdout() -> Self {
        let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self { colour: stdout().is_terminal() && !refused }
    }

    /// A heading.
    pub fn heading(&self, text: &str) {
        write(&format!("\n{}", self.paint(BOLD, text)));
    }

    /// A line below a heading.
    pub fn line(&self, text: &str) {
        write(&format!("  {text}"));
    }

    /// What was done, what came of it, and whether that was expected.
    pub fn verdict(&self, what: &str, got: &str, as_expected: bool) {
        write(&format!("  {} {what}\n      {got}", self.mark(as_expected)));
    }

    /// The head of the matrix.
    pub fn matrix_head(&self) {
        let columns =
            format!("{:<28}{:<22}{:<22}{}", "caller", "profile-service", "search-service", "a refusal is decided in");
        write(&format!("  {}", self.paint(BOLD, columns.trim_end())));
    }

    /// A row of the matrix: the status expected and the status got for each receiver.
    pub fn matrix_row(&self, row: &Row, got: [u16; 2]) {
        let cell = |expected: u16, got: u16| {
            let text = format!("{:<18}", format!("{expected}, got {got}"));
            format!("{} {}", self.paint(colour(got), &text), self.mark(expected == got))
        };
        let [profile, search] = row.expected;
        let cells = [cell(profile, got[0]), cell(search, got[1])];
        write(&format!("  {:<28}{}  {}  {}", row.caller, cells[0], cells[1], row.decided_in));
    }

    /// An attack: what it tries, and what was answered; what should have been, if that is something else.
    pub fn attack(&self, attack: &Attack, got: &Answer) {
        let as_expected = attack.expected == *got;
        let status = self.paint(colour(got.status), &got.status.to_string());
        let reason = got.reason.as_deref().unwrap_or_default();
        write(&format!("  {} {status}  {:<68}  {reason}", self.mark(as_expected), attack.name));
        if !as_expected {
            write(&format!("      expected {}", attack.expected));
        }
    }

    fn mark(&self, good: bool) -> String {
        if good { self.paint(GREEN, "\u{2713}") } else { self.paint(RED, "\u{2717}") }
    }

    fn paint(&self, code: &str, text: &str) -> String {
        if self.colour { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

/// A closed pipe is ignored: the services must still be stopped.
fn write(line: &str) {
    let _ = writeln!(stdout(), "{line}");
}

fn colour(status: u16) -> &'static str {
    if status < 300 { GREEN } else { YELLOW }
}

const BOLD: &str = "1";
const RED: &str = "31";
const GREEN: &str = "32";
const YELLOW: &str = "33";
