//! The ratios as a picture: bars, the peers beside ours, in SVG.

use crate::{
    figures::{Chapter, Figures},
    quantity::{Quantity, Unit::Times},
    requests,
    verification::ONE_THREAD,
};

/// The picture of a run.
pub(crate) fn plot(figures: &Figures) -> String {
    let panels = [
        (
            "Protected requests a second: longer is better; the first is so many times as fast",
            requests::TITLE,
            requests::PROTECTED,
        ),
        ("One verification: shorter is better; the first is so many times as fast", "One verification", ONE_THREAD),
        (
            "One cached ID token: shorter is better; the first is so many times as fast",
            "One cached ID token",
            ONE_THREAD,
        ),
    ];
    let (mut drawn, mut top) = (String::new(), MARGIN);
    for (title, chapter, column) in panels {
        let Some(chapter) = figures.chapters.iter().find(|found| found.title == chapter) else { continue };
        top = panel(&mut drawn, top, title, &bars(chapter, column));
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {top}\" font-family=\"sans-serif\" font-size=\"13\">\n\
         <rect width=\"{WIDTH}\" height=\"{top}\" fill=\"#ffffff\"/>\n{drawn}</svg>\n"
    )
}

fn bars<'a>(chapter: &'a Chapter, column: &str) -> Vec<(&'a str, Quantity)> {
    let figure = |row: &str| chapter.figure(row, column);
    chapter.rows.iter().filter_map(|row| Some((row.name.as_str(), figure(&row.name)?))).collect()
}

/// Draws a panel from `top` on, and returns where it ends. The first bar is ours; the others say how many times as long, or as
/// short, they are.
fn panel(drawn: &mut String, top: u32, title: &str, bars: &[(&str, Quantity)]) -> u32 {
    let largest = bars.iter().map(|(_, figure)| figure.value).fold(f64::MIN_POSITIVE, f64::max);
    let ours = bars.first().map_or(1.0, |(_, figure)| figure.value);
    let mut line = top + HEADING;
    *drawn += &format!("<text x=\"{MARGIN}\" y=\"{line}\" font-weight=\"bold\" fill=\"#202124\">{title}</text>\n");
    for (name, figure) in bars {
        line += LINE;
        let (bar, length) = (line - BAR + 4, (figure.value / largest * f64::from(LONGEST)).max(1.0));
        let colour = if name.starts_with("shared-auth") { "#1a73e8" } else { "#9aa0a6" };
        let ratio = Quantity::new((figure.value / ours).max(ours / figure.value), Times);
        let label = if figure.value == ours { figure.to_string() } else { format!("{figure}, {ratio}") };
        let (end, names) = (f64::from(NAMES) + length + 6.0, NAMES - 8);
        *drawn += &format!(
            "<text x=\"{names}\" y=\"{line}\" text-anchor=\"end\" fill=\"#202124\">{name}</text>\
             <rect x=\"{NAMES}\" y=\"{bar}\" width=\"{length:.1}\" height=\"{BAR}\" fill=\"{colour}\"/>\
             <text x=\"{end:.1}\" y=\"{line}\" fill=\"#5f6368\">{label}</text>\n"
        );
    }
    line + MARGIN
}

const WIDTH: u32 = 900;
const MARGIN: u32 = 20;
const HEADING: u32 = 14;
const LINE: u32 = 24;
const BAR: u32 = 16;
/// Where the names end and the bars begin.
const NAMES: u32 = 260;
const LONGEST: u32 = 450;
