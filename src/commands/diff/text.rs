//! A comparison as lines for people.

use std::io;

use super::{Compared, header_value, name};
use crate::cli::DiffArgs;
use crate::config::Settings;
use crate::inspect::{BodyDiff, Clean, DiffRow, HeaderChange, Matter, Piece, cells, cut, unified};

/// Columns where the terminal does not tell how many it has.
const COLUMNS: usize = 120;

/// The comparison in the form asked for: what is compared, what differs, what was left out.
pub fn lines(compared: &Compared, args: &DiffArgs, settings: &Settings) -> String {
    let (before, after) = compared.parts;
    let comparison = &compared.comparison;
    let mut lines = vec![format!("--- {}", name(before)), format!("+++ {}", name(after))];
    let plain = matches!(comparison.body.matter, Matter::Json(..)) && !args.unified;
    if comparison.body.count > 0 {
        if args.side {
            lines.extend(side_by_side(&comparison.body, columns()));
        } else if plain {
            lines.extend(changes(&comparison.body));
        } else {
            lines.extend(one_after_the_other(&comparison.body));
        }
    }
    if !comparison.headers.is_empty() {
        lines.push("headers".to_owned());
        lines.extend(comparison.headers.iter().flat_map(|change| header(change, settings)));
    }
    lines.push(summary(compared));
    let text = |line: String| format!("{}\n", visible(&line, settings));
    lines.into_iter().map(text).collect()
}

fn visible(line: &str, settings: &Settings) -> String {
    let line = Clean::text(line);
    if settings.screen.utf8 { line.to_string() } else { line.ascii().to_string() }
}

fn columns() -> usize {
    let told = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let asked = || rustix::termios::tcgetwinsize(io::stdout()).ok().map(|size| usize::from(size.ws_col));
    told.or_else(asked).filter(|columns| *columns > 0).unwrap_or(COLUMNS)
}

/// Each change with its path, and below it what was and what is.
fn changes(body: &BodyDiff) -> Vec<String> {
    let change = |change: &crate::inspect::Change| {
        let note = if change.only_space { "   only white space differs" } else { "" };
        let values = match body.values(change) {
            (Some(before), Some(after)) => format!("    {before}  ->  {after}"),
            (before, after) => format!("    {}", before.or(after).unwrap_or_default()),
        };
        [format!("{} {}{note}", change.sign(), change.path.jq()), values]
    };
    body.json.changes.iter().flat_map(change).collect()
}

fn one_after_the_other(body: &BodyDiff) -> Vec<String> {
    let row = |row: &DiffRow| match row {
        DiffRow::Equal(count) => equal(*count),
        DiffRow::Line(line) => {
            let (before, after) = body.sides(*line);
            format!("{} {}", line.sign(), text(if line.after.is_some() { &after } else { &before }))
        }
    };
    let offset = body.first_difference().map(|at| format!("the first byte that differs is at {at:#x} = {at}"));
    offset.into_iter().chain(unified(&body.rows).iter().map(row)).collect()
}

fn side_by_side(body: &BodyDiff, columns: usize) -> Vec<String> {
    let width = (columns.saturating_sub(3) / 2).max(10);
    let row = |row: &DiffRow| match row {
        DiffRow::Equal(count) => equal(*count),
        DiffRow::Line(line) => {
            let (before, after) = body.sides(*line);
            let half = |place: Option<usize>, pieces: &[Piece]| {
                place.map(|_| format!("{} {}", line.sign(), cut(&text(pieces), width - 2))).unwrap_or_default()
            };
            let (left, right) = (half(line.before, &before), half(line.after, &after));
            let pad = " ".repeat(width.saturating_sub(cells(&left)));
            format!("{left}{pad} │ {right}").trim_end().to_owned()
        }
    };
    body.rows.iter().map(row).collect()
}

fn equal(count: usize) -> String {
    format!("  ⋮ {count} equal line{}", if count == 1 { "" } else { "s" })
}

fn text(pieces: &[Piece]) -> String {
    pieces.iter().map(|(_, text)| text.as_str()).collect()
}

fn header(change: &HeaderChange, settings: &Settings) -> [String; 2] {
    let name = String::from_utf8_lossy(&change.name);
    let value = |value: &bytes::Bytes| header_value(&change.name, value, settings);
    let values = match (&change.before, &change.after) {
        (Some(before), Some(after)) => format!("    {}  ->  {}", value(before), value(after)),
        (before, after) => {
            before.as_ref().or(after.as_ref()).map(|one| format!("    {}", value(one))).unwrap_or_default()
        }
    };
    [format!("{} {name}", change.sign()), values]
}

/// `4 changes; hidden: timestamp, request_id (--all shows them); 2 in snapshots as in data`
fn summary(compared: &Compared) -> String {
    let comparison = &compared.comparison;
    let body = &comparison.body;
    let mut parts = vec![match body.count {
        0 => "no difference in the body".to_owned(),
        1 => "1 change".to_owned(),
        count => format!("{count} changes"),
    }];
    let hidden = body.hidden_paths();
    if !hidden.is_empty() {
        parts.push(format!("hidden: {} (--all shows them)", hidden.join(", ")));
    }
    match body.json.repeated.len() {
        0 => {}
        count => parts.push(format!("{count} in snapshots as in data")),
    }
    parts.join("; ")
}
