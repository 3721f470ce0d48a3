//! All that one run has measured: what the table shows, and what the page is made from.

use serde::{Deserialize, Serialize};

use crate::quantity::Quantity;

/// The figures of a run.
#[derive(Debug, Default, Deserialize, Serialize)]
pub(crate) struct Figures {
    /// What they were measured on.
    pub(crate) machine: String,
    /// The ratios and limits that are aimed at.
    pub(crate) aims: Vec<Aim>,
    /// Everything, by subject.
    pub(crate) chapters: Vec<Chapter>,
    /// What could not be measured here, and why.
    pub(crate) skipped: Vec<String>,
}

/// A figure that has a goal.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Aim {
    /// What is compared, or measured.
    pub(crate) what: String,
    /// The goal.
    pub(crate) goal: Goal,
    /// What was measured.
    pub(crate) measured: Quantity,
    /// The two figures of a ratio.
    pub(crate) of: Option<[Quantity; 2]>,
}

/// On which side of a figure the good lies.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub(crate) enum Goal {
    /// This or more.
    AtLeast(Quantity),
    /// This or less.
    AtMost(Quantity),
}

/// A table on one subject.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Chapter {
    /// The subject.
    pub(crate) title: String,
    /// How it was measured.
    pub(crate) note: String,
    /// One name for each cell of a row.
    pub(crate) columns: Vec<String>,
    /// The rows; ours come first.
    pub(crate) rows: Vec<Row>,
}

/// A row.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Row {
    /// Who, or what.
    pub(crate) name: String,
    /// Its figures; `None` where there is none.
    pub(crate) cells: Vec<Option<Quantity>>,
}

impl Aim {
    /// Whether the goal is reached.
    pub(crate) fn is_met(&self) -> bool {
        match self.goal {
            Goal::AtLeast(goal) => self.measured.value >= goal.value,
            Goal::AtMost(goal) => self.measured.value <= goal.value,
        }
    }
}

impl Chapter {
    /// Without rows so far.
    pub(crate) fn new(title: &str, note: &str, columns: &[&str]) -> Self {
        let columns = columns.iter().map(|name| (*name).to_owned()).collect();
        Self { title: title.to_owned(), note: note.to_owned(), columns, rows: Vec::new() }
    }

    /// Adds a row.
    pub(crate) fn row(&mut self, name: impl Into<String>, cells: impl IntoIterator<Item = Option<Quantity>>) {
        self.rows.push(Row { name: name.into(), cells: cells.into_iter().collect() });
    }

    /// The figure of this row and column.
    pub(crate) fn figure(&self, row: &str, column: &str) -> Option<Quantity> {
        let column = self.columns.iter().position(|name| name == column)?;
        *self.rows.iter().find(|found| found.name == row)?.cells.get(column)?
    }
}
