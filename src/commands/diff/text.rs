//! A comparison as lines for people.

use std::collections::BTreeSet;
use std::io::{self, Write};

use super::{Compared, header_value, name};
use crate::cli::DiffArgs;
use crate::config::Settings;
use crate::inspect::{
    BodyDiff, Change, Clean, DiffForm, DiffLine, DiffRow, DiffSide, HeaderChange, Matter, cells, cut,
};

/// Columns where the terminal does not tell how many it has.
const COLUMNS: usize = 120;

/// Writes the comparison in the form asked for: what is compared, what differs, what was left out.
pub fn write(out: &mut dyn Write, compared: &Compared, args: &DiffArgs, settings: &Settings) -> io::Result<()> {
    let (before, after) = compared.parts;
    let (comparison, body) = (&compared.comparison, &compared.comparison.body);
    let mut put = |line: &str| writeln!(out, "{}", visible(line, settings));
    put(&format!("--- {}", name(before)))?;
    put(&format!("+++ {}", name(after)))?;
    comparison.notes.iter().try_for_each(|note| put(note))?;
    if body.count() > 0 {
        if args.side {
            side_by_side(body, columns(), &mut put)?;
        } else if matches!(body.matter, Matter::Json(..)) && !args.unified {
            body.json.changes.iter().flat_map(|one| change(body, one)).try_for_each(|line| put(&line))?;
        } else {
            one_after_the_other(body, &mut put)?;
        }
    }
    if !comparison.headers.is_empty() {
        put("headers")?;
        comparison.headers.iter().flat_map(|change| header(change, settings)).try_for_each(|line| put(&line))?;
    }
    put(&summary(compared))
}

/// Writes a line.
type Put<'a> = dyn FnMut(&str) -> io::Result<()> + 'a;

fn visible(line: &str, settings: &Settings) -> String {
    let line = Clean::text(line);
    if settings.screen.utf8 { line.to_string() } else { line.ascii().to_string() }
}

fn columns() -> usize {
    let told = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let asked = || rustix::termios::tcgetwinsize(io::stdout()).ok().map(|size| usize::from(size.ws_col));
    told.or_else(asked).filter(|columns| *columns > 0).unwrap_or(COLUMNS)
}

/// A change with its path, and below it what was and what is.
fn change(body: &BodyDiff, change: &Change) -> [String; 2] {
    let note = if change.only_space { "   only white space differs" } else { "" };
    let values = match body.values(change) {
        (Some(before), Some(after)) => format!("    {}  ->  {}", before.plain(), after.plain()),
        (before, after) => format!("    {}", before.or(after).unwrap_or_default().plain()),
    };
    [format!("{} {}{note}", change.sign(), body.path(change).jq()), values]
}

fn one_after_the_other(body: &BodyDiff, put: &mut Put<'_>) -> io::Result<()> {
    if let Some(at) = body.first_difference() {
        put(&format!("the first byte that differs is at {at:#x} = {at}"))?;
    }
    each_row(body, DiffForm::Unified, put, |line| {
        let (before, after) = body.sides(line);
        let side = if line.after.is_none() || line.sign == '-' { before } else { after };
        format!("{} {}", line.sign, side.plain())
    })
}

fn side_by_side(body: &BodyDiff, columns: usize, put: &mut Put<'_>) -> io::Result<()> {
    let width = (columns.saturating_sub(3) / 2).max(10);
    each_row(body, DiffForm::Side, put, |line| {
        let (before, after) = body.sides(line);
        let half = |place: Option<usize>, side: &DiffSide| {
            place.map(|_| format!("{} {}", line.sign, fitted(side, width - 2))).unwrap_or_default()
        };
        let (left, right) = (half(line.before, &before), half(line.after, &after));
        let pad = " ".repeat(width.saturating_sub(cells(&left)));
        format!("{left}{pad} │ {right}").trim_end().to_owned()
    })
}

fn each_row(body: &BodyDiff, form: DiffForm, put: &mut Put<'_>, text: impl Fn(DiffLine) -> String) -> io::Result<()> {
    let rows = body.rows(form, &BTreeSet::new());
    for n in 0..rows.len() {
        match body.row(&rows, n) {
            Some(DiffRow::Equal(count)) => put(&equal(count))?,
            Some(DiffRow::Line(line)) => put(&text(line))?,
            None => {}
        }
    }
    Ok(())
}

/// A line in so many cells: of a long one the part from a little before what differs on.
fn fitted(side: &DiffSide, width: usize) -> String {
    let text = side.plain();
    let differs = side.differs.first().map_or(0, |range| range.start);
    if cells(&text[..differs]) + 3 < width || cells(&text) <= width {
        return cut(&text, width);
    }
    let mut rest = &text[differs..];
    for (at, _) in text[..differs].char_indices().rev() {
        if cells(&text[at..differs]) > width / 3 {
            break;
        }
        rest = &text[at..];
    }
    cut(&format!("…{rest}"), width)
}

fn equal(count: usize) -> String {
    format!("  ⋮ {count} equal line{}", if count == 1 { "" } else { "s" })
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
    let mut parts = vec![match body.count() {
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
