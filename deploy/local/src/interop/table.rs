//! The table: rows the clients, columns the flows, and the notes below.

use std::fmt;

use super::{Cell, Client, Flow};

/// The verdicts so far.
#[derive(Debug, Default)]
pub struct Table {
    rows: Vec<(&'static str, Vec<Cell>)>,
}

impl Table {
    /// Adds a row, one cell for each of [`Flow::ALL`].
    pub fn add(&mut self, client: &Client, cells: Vec<Cell>) {
        self.rows.push((client.name, cells));
    }

    /// How many cells are of this kind, by [`Cell::word`].
    pub fn count(&self, word: &str) -> usize {
        self.rows.iter().flat_map(|(_, cells)| cells).filter(|cell| cell.word() == word).count()
    }

    /// Each thing to be said below, once for each client, in the order of their numbers.
    fn notes(&self) -> Vec<(&'static str, &str)> {
        let mut notes = Vec::new();
        for (client, cells) in &self.rows {
            for note in cells.iter().filter_map(Cell::note) {
                if !notes.contains(&(*client, note)) {
                    notes.push((client, note));
                }
            }
        }
        notes
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = |first: &str, heads: [&str; 10]| {
            let heads: String = heads.iter().map(|head| format!("{head:<12}")).collect();
            format!("{first:<10}{}", heads.trim_end())
        };
        writeln!(f, "{}", line("client", Flow::ALL.map(|flow| flow.head().0)))?;
        writeln!(f, "{}", line("", Flow::ALL.map(|flow| flow.head().1)))?;
        let notes = self.notes();
        for (client, cells) in &self.rows {
            let mut row = format!("{client:<10}");
            for cell in cells {
                let number = notes.iter().position(|note| cell.note().is_some_and(|text| *note == (*client, text)));
                let number = number.map_or(String::new(), |number| format!(" {}", number + 1));
                row += &format!("{:<12}", format!("{}{number}", cell.word()));
            }
            writeln!(f, "{}", row.trim_end())?;
        }
        for (number, (client, note)) in notes.iter().enumerate() {
            write!(f, "\n{:>2} {client}: {}", number + 1, note.trim_end().replace('\n', "\n   "))?;
        }
        Ok(())
    }
}
