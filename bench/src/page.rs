//! The figures as a page in Markdown, with the same tables as in the terminal.

use std::fmt::{self, Write};

use crate::figures::{Chapter, Figures};

/// The page of a run. What a person has to say about it, `remarks`, stands between the ratios and the tables.
///
/// # Errors
/// None: it is written into memory.
pub(crate) fn page(figures: &Figures, remarks: &str) -> Result<String, fmt::Error> {
    let mut page = String::new();
    writeln!(page, "# What it costs\n")?;
    writeln!(
        page,
        "Made by `make bench-page` from one run of `make bench`, the peers beside us in the same run. Ratios hold on other"
    )?;
    writeln!(page, "machines, more or less; the figures behind them are those of {}.\n", figures.machine)?;
    writeln!(page, "![requests a second, verifications and cached ID tokens, as bars](results.svg)\n")?;
    writeln!(page, "| measured | aim | | what | from |\n|---:|---:|---|---|---|")?;
    for aim in &figures.aims {
        let verdict = if aim.is_met() { "" } else { "**not met**" };
        let of = aim.of.map(|[one, other]| format!("{one} : {other}")).unwrap_or_default();
        writeln!(page, "| {} | {} | {verdict} | {} | {of} |", aim.measured, aim.goal, aim.what)?;
    }
    writeln!(page, "\n{}", remarks.trim())?;
    figures.chapters.iter().try_for_each(|chapter| table(&mut page, chapter))?;
    if !figures.skipped.is_empty() {
        writeln!(page, "\n## Skipped\n")?;
        figures.skipped.iter().try_for_each(|skipped| writeln!(page, "- {skipped}"))?;
    }
    Ok(page)
}

fn table(page: &mut String, chapter: &Chapter) -> fmt::Result {
    let Chapter { title, note, columns, rows } = chapter;
    writeln!(page, "\n## {title}\n\n{note}\n\n| | {} |\n|---{}|", columns.join(" | "), "|---:".repeat(columns.len()))?;
    for row in rows {
        let cells: Vec<_> =
            row.cells.iter().map(|cell| cell.map(|cell| cell.to_string()).unwrap_or_default()).collect();
        writeln!(page, "| {} | {} |", row.name, cells.join(" | "))?;
    }
    Ok(())
}
