//! The list: one line a capture, columns that give way in a fixed order, only the visible rows.

use super::canvas::Canvas;
use crate::app::mark;
use crate::app::{Area, Line, Model, Pane, Panes, Role, TimeFormat, clock};
use crate::capture::{Retry, Summary};
use crate::inspect::{self, Clean, bytes_short};

/// Which columns there is room for, and how wide the flexible ones are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Columns {
    id: usize,
    time: usize,
    method: usize,
    path: usize,
    text: usize,
    size: usize,
}

impl Columns {
    /// The columns in the order in which they give way: path, size, method, seconds.
    fn new(width: usize, newest: u64) -> Self {
        let id = newest.to_string().len().max(4);
        let path = if width >= 110 { 24 } else { 11 };
        let mut columns = Self { id, time: 8, method: 6, path, text: 0, size: 5 };
        let rest = |columns: Self| width.saturating_sub(columns.fixed());
        if rest(columns) < 30 {
            columns.path = 0;
        }
        if rest(columns) < 24 {
            columns.size = 0;
        }
        if rest(columns) < 18 {
            columns.method = 0;
        }
        if rest(columns) < 14 {
            columns.time = 5;
        }
        columns.text = rest(columns);
        columns
    }

    /// Cells of everything but the text: cursor, flag, id, time, mark, status and the blanks between.
    fn fixed(self) -> usize {
        let optional =
            [self.method, self.path, self.size].into_iter().filter(|width| *width > 0).map(|width| width + 1);
        2 + self.id + 1 + self.time + 1 + 1 + 1 + optional.sum::<usize>() + 1 + 3
    }
}

/// Draws the list and what frames it.
pub fn draw(model: &Model, panes: &Panes, canvas: &mut Canvas) {
    let area = panes.list;
    if area.width == 0 {
        return;
    }
    let columns = Columns::new(area.width, model.list.newest().map_or(0, |row| row.id.0));
    if panes.headline.height > 0 {
        headline(panes, canvas);
        canvas.line(panes.columns, &names(columns));
    }
    let start = model.list.window_start(area.height);
    for offset in 0..area.height {
        let Some(row) = model.list.at(start + offset) else { break };
        let before = (start + offset).checked_sub(1).and_then(|index| model.list.at(index));
        let selected = model.list.selected() == Some(row.id);
        canvas.line(area.row(offset), &line(model, (row, before), columns, selected));
        if selected {
            let focused = model.focus == Pane::List
                && !model.overlay.as_ref().is_some_and(|overlay| overlay.takes_detail() && !overlay.is_passing());
            let known = canvas.cursor;
            canvas.cursor_row(area.row(offset));
            if !focused {
                canvas.cursor = known;
            }
        }
    }
    if model.list.is_empty() {
        canvas.text(area.skip(2), Role::Dim, "nothing matches the filter");
    }
}

fn headline(panes: &Panes, canvas: &mut Canvas) {
    let (left, right) = (panes.headline.take(panes.list.width), panes.headline.skip(panes.list.width));
    canvas.rule(left, "─");
    canvas.text(left, Role::Text, "─ Captures ");
    canvas.wall(Area { height: panes.status.y - right.y, ..right });
    canvas.rule(right.take(1), "┬");
}

/// The names above the columns.
fn names(columns: Columns) -> Line {
    let column = |name: &str, width: usize| if width > 0 { format!("{name:<width$} ") } else { String::new() };
    let id = format!("  {:>width$} ", "#", width = columns.id);
    let time = column("time", columns.time) + "s ";
    let (method, path) = (column("method", columns.method), column("path", columns.path));
    let (what, size) = (column("what", columns.text), column(" size", columns.size));
    Line::new(Role::Dim, id + &time + &method + &path + &what + &size + "ans")
}

/// A row of the list.
fn line(model: &Model, (row, before): (&Summary, Option<&Summary>), columns: Columns, selected: bool) -> Line {
    let cursor = match (selected, model.focus) {
        (true, Pane::List) => ">",
        (true, Pane::Detail) => "·",
        (false, _) => " ",
    };
    let (role, sign) = mark(row.mark);
    let mut line = Line::text(format!("{cursor}{}{:>id$} ", flag(model, row), row.id.0, id = columns.id));
    line = line
        .and(Role::Text, format!("{:<time$} ", time(model, row, before, columns), time = columns.time))
        .and(role, sign);
    if columns.method > 0 {
        line = line.and(Role::Text, format!(" {}", padded(&row.method, columns.method, inspect::cut)));
    }
    if columns.path > 0 {
        let path = row.target.split('?').next().unwrap_or_default();
        line = line.and(Role::Text, format!(" {}", padded(path, columns.path, inspect::cut_front)));
    }
    let role = if row.title.starts_with('!') { Role::Strong } else { Role::Text };
    line =
        line.and(role, format!(" {}", padded(&title(row, columns.path > 0, columns.text), columns.text, inspect::cut)));
    if columns.size > 0 {
        line = line.and(Role::Text, format!(" {:>5}", bytes_short(row.size)));
    }
    let status_role = if row.status >= 400 || row.status == 0 { Role::Bad } else { Role::Text };
    let status = if row.status == 0 { "  –".to_owned() } else { format!("{:>3}", row.status) };
    line.and(Role::Text, " ").and(status_role, status)
}

fn flag(model: &Model, row: &Summary) -> &'static str {
    if model.mark == Some(row.id) {
        return "A";
    }
    match (row.incomplete, row.pinned, row.resent_from) {
        (true, ..) => "!",
        (_, true, _) => "*",
        (_, _, Some(_)) => "↻",
        _ => " ",
    }
}

/// What it says it is, behind where it came from when it came before; the path that it may begin with is left out where
/// there is a column for it.
fn title(row: &Summary, has_path: bool, width: usize) -> String {
    let path = row.target.split('?').next().unwrap_or_default();
    let rest = row.title.strip_prefix(path).filter(|rest| has_path && rest.starts_with("  "));
    let title = rest.map_or(&*row.title, str::trim_start);
    match (row.resent_from, row.retry) {
        (Some(id), _) => format!("resent {id}  {title}"),
        (None, Some(retry)) => format!("{}  {title}", repetition(retry, width)),
        (None, None) => title.to_owned(),
    }
}

/// That a row repeats another one: `retry 2 of #14, +60 s` where there is room for it, else `retry 2`.
fn repetition(retry: Retry, width: usize) -> String {
    const ROOM: usize = 44;
    let Retry { of, nth, gap_us, .. } = retry;
    if width < ROOM { format!("retry {nth}") } else { format!("retry {nth} of {of}, +{}", clock::duration(gap_us)) }
}

fn time(model: &Model, row: &Summary, before: Option<&Summary>, columns: Columns) -> String {
    match model.time {
        TimeFormat::Clock if columns.time == 8 => model.look.zone.stamp(row.received_at, model.wall),
        TimeFormat::Clock => model.look.zone.minute(row.received_at),
        TimeFormat::Age => clock::age(model.wall - row.received_at),
        TimeFormat::Gap => {
            before.map_or_else(|| "–".to_owned(), |before| clock::gap(row.received_at - before.received_at))
        }
    }
}

/// Foreign text in exactly so many cells.
fn padded(text: &str, width: usize, cut: impl Fn(&str, usize) -> String) -> String {
    let text = cut(Clean::text(text).as_str(), width);
    let pad = width.saturating_sub(inspect::cells(&text));
    text + &" ".repeat(pad)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_give_way_in_order() {
        let at = |width| Columns::new(width, 17);
        assert_eq!((at(80).path, at(80).size, at(80).text), (11, 5, 33));
        assert_eq!((at(60).path, at(60).size, at(60).text), (0, 5, 25));
        assert_eq!((at(50).size, at(50).method, at(50).text), (0, 6, 21));
        assert_eq!((at(40).method, at(40).time, at(40).text), (0, 8, 18));
        assert_eq!(at(34).time, 5);
    }
}
