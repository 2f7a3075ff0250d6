//! A frame as an SVG: a dark screen of its own, readable on light and dark pages alike, the same bytes for the same frame.
//!
//! Words of ASCII are one text each, stretched to their cells, whatever the reader's monospace font measures; any other
//! character stands in a text of its own, because fonts that fill in for a missing one have other widths. Lines of boxes
//! are drawn, so that they meet.

use std::fmt::Write as _;

use hookview::inspect::cells;
use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};

/// Pixels of a cell, and around the screen.
const CELL: (usize, usize) = (8, 17);
const MARGIN: usize = 12;
/// From the top of a cell down.
const BASELINE: usize = 13;
/// The usual advance of monospace fonts is 0.6 of their size: a cell.
const FONT_SIZE: &str = "13.3";
const FONT: &str = "ui-monospace, 'SFMono-Regular', Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace";
const BACKGROUND: &str = "#14171c";
const FOREGROUND: &str = "#d5dae1";

/// What cells of one run have in common.
#[derive(Clone, Copy, PartialEq)]
struct Look {
    foreground: &'static str,
    background: Option<&'static str>,
    modifier: Modifier,
}

/// A stretch of cells of one look.
struct Run {
    column: usize,
    width: usize,
    text: String,
    look: Look,
}

/// The picture of a frame; `title` is what it shows, for those who do not see it.
pub fn picture(frame: &Buffer, title: &str) -> String {
    let (columns, rows) = (usize::from(frame.area.width), usize::from(frame.area.height));
    let (width, height) = (columns * CELL.0 + 2 * MARGIN, rows * CELL.1 + 2 * MARGIN);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         role=\"img\">\n<title>{}</title>\n<rect width=\"{width}\" height=\"{height}\" rx=\"8\" fill=\"{BACKGROUND}\"/>\n\
         <g font-family=\"{FONT}\" font-size=\"{FONT_SIZE}\" fill=\"{FOREGROUND}\">\n",
        escaped(title)
    );
    for row in 0..rows {
        for run in runs(frame, row) {
            draw(&mut svg, &run, row);
        }
    }
    svg.push_str("</g>\n</svg>\n");
    svg
}

fn runs(frame: &Buffer, row: usize) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut column = 0;
    while column < usize::from(frame.area.width) {
        let cell = &frame[(u16::try_from(column).unwrap(), u16::try_from(row).unwrap())];
        let (look, text, width) = (look(cell), cell.symbol(), cells(cell.symbol()).max(1));
        match runs.last_mut() {
            Some(run) if run.look == look && joins(&run.text, text) => {
                run.text.push_str(text);
                run.width += width;
            }
            _ => runs.push(Run { column, width, text: text.to_owned(), look }),
        }
        column += width;
    }
    runs
}

/// ASCII joins ASCII, a line joins the same line.
fn joins(text: &str, next: &str) -> bool {
    (text.is_ascii() && next.is_ascii()) || (next == "─" && text.ends_with('─'))
}

fn look(cell: &Cell) -> Look {
    let (foreground, background) = (color(cell.fg, FOREGROUND), color(cell.bg, BACKGROUND));
    let modifier = cell.modifier - Modifier::REVERSED;
    if cell.modifier.contains(Modifier::REVERSED) {
        return Look { foreground: background, background: Some(foreground), modifier };
    }
    Look { foreground, background: (background != BACKGROUND).then_some(background), modifier }
}

/// The theme uses the terminal's own colours; these are the ones of this terminal.
fn color(color: Color, reset: &'static str) -> &'static str {
    match color {
        Color::Reset => reset,
        Color::Green => "#7fc77f",
        Color::Red => "#f07178",
        Color::Magenta => "#cf9bea",
        Color::Cyan => "#6fc1d6",
        other => panic!("the pictures' terminal has no {other}: give it one in svg.rs"),
    }
}

fn draw(svg: &mut String, run: &Run, row: usize) {
    let (x, y) = (MARGIN + run.column * CELL.0, MARGIN + row * CELL.1);
    let (width, height) = (run.width * CELL.0, CELL.1);
    if let Some(background) = run.look.background {
        let _ = writeln!(
            svg,
            "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" fill=\"{background}\" \
             shape-rendering=\"crispEdges\"/>"
        );
    }
    if let Some(strokes) = strokes(&run.text, (x, y, width)) {
        let (color, dim) = (run.look.foreground, dim(run.look.modifier));
        let _ = writeln!(svg, "<path d=\"{strokes}\" fill=\"none\" stroke=\"{color}\"{dim}/>");
        return;
    }
    let attributes = attributes(run.look);
    let mut column = 0;
    for word in run.text.split(' ') {
        if !word.is_empty() {
            let (x, y, width, word) = (x + column * CELL.0, y + BASELINE, cells(word) * CELL.0, escaped(word));
            let _ = writeln!(svg, "<text x=\"{x}\" y=\"{y}\" textLength=\"{width}\"{attributes}>{word}</text>");
        }
        column += cells(word) + 1;
    }
}

/// The lines of a box character through the middle of its cell, whole cells long.
fn strokes(text: &str, (x, y, width): (usize, usize, usize)) -> Option<String> {
    let (middle, centre, bottom, right) = (y + CELL.1 / 2, x + CELL.0 / 2, y + CELL.1, x + CELL.0);
    let across = format!("M{x} {middle}.5h{width}");
    let arm = |from: usize, to: usize| format!("M{centre}.5 {from}V{to}");
    match text.chars().next()? {
        '─' => Some(across),
        '│' => Some(arm(y, bottom)),
        '┬' => Some(across + &arm(middle, bottom)),
        '┴' => Some(across + &arm(y, middle)),
        '├' => Some(format!("M{centre}.5 {middle}.5H{right}") + &arm(y, bottom)),
        '┤' => Some(format!("M{x} {middle}.5H{centre}.5") + &arm(y, bottom)),
        '┼' => Some(across + &arm(y, bottom)),
        _ => None,
    }
}

fn attributes(look: Look) -> String {
    let fill = if look.foreground == FOREGROUND { String::new() } else { format!(" fill=\"{}\"", look.foreground) };
    let bold = if look.modifier.contains(Modifier::BOLD) { " font-weight=\"bold\"" } else { "" };
    let line = if look.modifier.contains(Modifier::UNDERLINED) { " text-decoration=\"underline\"" } else { "" };
    format!("{fill}{bold}{line}{}", dim(look.modifier))
}

fn dim(modifier: Modifier) -> &'static str {
    if modifier.contains(Modifier::DIM) { " opacity=\"0.6\"" } else { "" }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
