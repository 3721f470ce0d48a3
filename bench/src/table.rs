//! The figures as text for a terminal: the ratios first.

use std::fmt;

use crate::figures::{Chapter, Figures, Goal};

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Measured on {}\n", self.machine)?;
        writeln!(f, "{:>10} {:>12}      ratio or figure", "measured", "aim")?;
        for aim in &self.aims {
            let goal = aim.goal.to_string();
            let verdict = if aim.is_met() { "" } else { "NOT MET" };
            let of = aim.of.map(|[one, other]| format!("  ({one} : {other})")).unwrap_or_default();
            writeln!(f, "{:>10} {goal:>12} {verdict:>8}  {}{of}", aim.measured.to_string(), aim.what)?;
        }
        self.chapters.iter().try_for_each(|chapter| write!(f, "\n{chapter}"))?;
        self.skipped.iter().try_for_each(|skipped| write!(f, "\nskipped: {skipped}\n"))
    }
}

impl fmt::Display for Chapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{}", self.title, self.note)?;
        let first = self.rows.iter().map(|row| row.name.chars().count()).max().unwrap_or_default();
        let width = |column: &String| column.chars().count().max(10) + 2;
        write!(f, "{:first$}", "")?;
        self.columns.iter().try_for_each(|column| write!(f, "{column:>0$}", width(column)))?;
        for row in &self.rows {
            write!(f, "\n{:first$}", row.name)?;
            for (cell, column) in row.cells.iter().zip(&self.columns) {
                let cell = cell.map(|cell| cell.to_string()).unwrap_or_default();
                write!(f, "{cell:>0$}", width(column))?;
            }
        }
        writeln!(f)
    }
}

impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtLeast(goal) => write!(f, "≥ {goal}"),
            Self::AtMost(goal) => write!(f, "≤ {goal}"),
        }
    }
}
