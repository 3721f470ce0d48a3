//! All that one run has measured: what the table shows, and what the page is made from.

use serde::{Deserialize, Serialize};

use crate::quantity::Quantity;

/// The figures of a run.
#[derive(Debug, Default, Deserialize, Serialize)]
pub struct Figures {
    /// What they were measured on.
    pub machine: String,
    /// The ratios and limits that are aimed at.
    pub aims: Vec<Aim>,
    /// Everything, by subject.
    pub chapters: Vec<Chapter>,
    /// What could not be measured here, and why.
    pub skipped: Vec<String>,
}

/// A figure that has a goal.
#[derive(Debug, Deserialize, Serialize)]
pub struct Aim {
    /// What is compared, or measured.
    pub what: String,
    /// The goal.
    pub goal: Goal,
    /// What was measured.
    pub measured: Quantity,
    /// The two figures of a ratio.
    pub of: Option<[Quantity; 2]>,
}

/// On which side of a figure the good lies.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub enum Goal {
    /// This or more.
    AtLeast(Quantity),
    /// This or less.
    AtMost(Quantity),
}

/// A table on one subject.
#[derive(Debug, Deserialize, Serialize)]
pub struct Chapter {
    /// The subject.
    pub title: String,
    /// How it was measured.
    pub note: String,
    /// One name for each cell of a row.
    pub columns: Vec<String>,
    /// The rows; ours come first.
    pub rows: Vec<Row>,
}

/// A row.
#[derive(Debug, Deserialize, Serialize)]
pub struct Row {
    /// Who, or what.
    pub name: String,
    /// Its figures; `None` where there is none.
    pub cells: Vec<Option<Quantity>>,
}

impl Aim {
    /// Whether the goal is reached.
    pub fn is_met(&self) -> bool {
        match self.goal {
            Goal::AtLeast(goal) => self.measured.value >= goal.value,
            Goal::AtMost(goal) => self.measured.value <= goal.value,
        }
    }
}

impl Chapter {
    /// Without rows so far.
    pub fn new(title: &str, note: &str, columns: &[&str]) -> Self {
        let columns = columns.iter().map(|name| (*name).to_owned()).collect();
        Self { title: title.to_owned(), note: note.to_owned(), columns, rows: Vec::new() }
    }

    /// Adds a row.
    pub fn row(&mut self, name: impl Into<String>, cells: impl IntoIterator<Item = Option<Quantity>>) {
        self.rows.push(Row { name: name.into(), cells: cells.into_iter().collect() });
    }

    /// The figure of this row and column.
    pub fn figure(&self, row: &str, column: &str) -> Option<Quantity> {
        let column = self.columns.iter().position(|name| name == column)?;
        *self.rows.iter().find(|found| found.name == row)?.cells.get(column)?
    }
}
