//! The answers sheet, and the form for a temporary answer.

use super::bars;
use super::canvas::Canvas;
use super::sheet::{cursor, headline};
use crate::app::sheet::{
    AnswersSheet, FAULTS, TemporaryPart, TemporarySheet, UNTIL, default_hits, file_words, first_rule, rule_lines,
    temporary_words,
};
use crate::app::{Action, Area, Field, Line, Model, Panes, Role, RuleRow};
use crate::inspect::{Clean, cells, cut};
use crate::rules::Until;

/// Draws the rules, and what there is to say about the one with the cursor.
pub fn draw(model: &Model, sheet: &AnswersSheet, area: Area, canvas: &mut Canvas) {
    headline(area, "Answers", &file_words(model, area.width.saturating_sub(16)), canvas);
    let mut rest = area.below(1);
    for line in notices(model) {
        rest = rest.below(canvas.wrapped(Area { height: rest.height.min(3), ..rest }, &line, 0).min(3));
    }
    if model.answers.rules.is_empty() && model.answers.file.is_none() {
        for line in first_rule(model, model.list.selected()) {
            rest = rest.below(canvas.wrapped(rest, &line, 0));
        }
        return;
    }
    let count = model.answers.count();
    let shown = count.min((rest.height / 2).saturating_sub(1).max(2));
    rules(model, sheet, Area { height: (shown + 1).min(rest.height), ..rest }, canvas);
    rest = rest.below(shown + 2);
    if rest.height > 0 {
        about(model, sheet, rest, canvas);
    }
}

/// What has to be known first: that the file is refused, that a temporary answer stands.
fn notices(model: &Model) -> Vec<Line> {
    let refused = model.answers.refused.as_ref().map(|reason| Line::new(Role::Bad, format!("  ✗ {reason}")).hanging(4));
    let temporary = model.answers.temporary.as_ref().map(|temporary| {
        let whom = match temporary.until {
            Until::Next => "the next request gets",
            Until::TakenBack => "every request gets",
        };
        let key = model.look.keymap.hint(Action::TemporaryAnswer);
        let text = format!("  now {whom} {}, above all rules; {key} takes it back", temporary_words(temporary));
        Line::new(Role::Unchecked, text).hanging(2)
    });
    refused.into_iter().chain(temporary).collect()
}

/// How wide the columns are; of no width where there is no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Columns {
    name: usize,
    when: usize,
    answer: usize,
}

impl Columns {
    /// Cells of cursor, switch and hits, with the blanks between.
    const FIXED: usize = 16;

    fn new(width: usize, longest: usize) -> Self {
        let name = longest.clamp(8, 24).min(width.saturating_sub(Self::FIXED));
        let rest = width.saturating_sub(Self::FIXED + name);
        if rest < 34 {
            return Self { name, when: 0, answer: rest.saturating_sub(2) };
        }
        let when = (rest - 4) * 55 / 100;
        Self { name, when, answer: rest - 4 - when }
    }

    fn line(self, [on, name, when, answer, hits]: [&str; 5], role: Role) -> Line {
        let cell = |text: &str, width: usize| {
            let text = cut(Clean::text(text).as_str(), width);
            let pad = width.saturating_sub(cells(&text));
            text + &" ".repeat(pad)
        };
        let mut line = Line::new(role, format!("  {on:<4} {}", cell(name, self.name)));
        for (text, width) in [(when, self.when), (answer, self.answer)].into_iter().filter(|(_, width)| *width > 0) {
            line = line.and(role, format!("  {}", cell(text, width)));
        }
        line.and(role, format!("  {hits:>6}"))
    }
}

fn rules(model: &Model, sheet: &AnswersSheet, area: Area, canvas: &mut Canvas) {
    let answers = &model.answers;
    let longest = answers.rules.iter().map(|rule| cells(&rule.name)).max().unwrap_or(0);
    let columns = Columns::new(area.width, longest);
    canvas.line(area, &columns.line(["on", "name", "when", "answer", "hits"], Role::Dim));
    let area = area.below(1);
    let top = (sheet.cursor + 1).saturating_sub(area.height);
    for offset in 0..area.height {
        let at = top + offset;
        let line = match answers.rules.get(at) {
            Some(rule) => rule_row(rule, columns),
            None if at == answers.rules.len() => {
                let hits = default_hits(model).to_string();
                columns.line(["–", "default", "anything else", "200 OK", &hits], Role::Text)
            }
            None => break,
        };
        canvas.line(area.row(offset), &line);
        if at == sheet.cursor {
            cursor(area.row(offset), canvas);
        }
    }
}

fn rule_row(row: &RuleRow, columns: Columns) -> Line {
    let hits = match row.first {
        Some(first) => format!("{}/{first}", row.hits),
        None => row.hits.to_string(),
    };
    let (on, look) = if row.on { ("yes", Role::Text) } else { ("no", Role::Dim) };
    columns.line([on, &row.name, &row.when, &row.answer, &hits], look)
}

fn about(model: &Model, sheet: &AnswersSheet, area: Area, canvas: &mut Canvas) {
    let capture = model.list.selected().map(|id| id.to_string()).unwrap_or_default();
    headline(area, sheet.name(&model.answers), &capture, canvas);
    let mut rest = area.below(1);
    for line in rule_lines(model, sheet, rest.height + sheet.top).into_iter().skip(sheet.top) {
        rest = rest.below(if line.hang > 0 {
            canvas.wrapped(rest, &line, 0)
        } else {
            canvas.line(rest, &line);
            1
        });
    }
}

/// Draws the form.
pub fn temporary(sheet: &TemporarySheet, panes: &Panes, canvas: &mut Canvas) {
    headline(panes.tabs, "Answer once", "not in force yet", canvas);
    let mut form = Form { rest: panes.detail, canvas };
    form.field("Status", sheet.part == TemporaryPart::Status, &sheet.status, "200 to 599");
    form.field("Delay", sheet.part == TemporaryPart::Delay, &sheet.delay, "500ms, 2s; empty is none");
    form.choice("Fault", sheet.part == TemporaryPart::Fault, FAULTS[sheet.fault].1, (sheet.fault, FAULTS.len()));
    form.choice("For", sheet.part == TemporaryPart::Until, UNTIL[sheet.until].1, (sheet.until, UNTIL.len()));
    form.rest = form.rest.below(1);
    let note = "  It stands above all rules. Handshakes and refusals by --enforce stand above it.";
    form.canvas.wrapped(form.rest, &Line::new(Role::Dim, note).hanging(2), 0);
}

/// A form being drawn, row by row.
struct Form<'a, 'b> {
    rest: Area,
    canvas: &'a mut Canvas<'b>,
}

impl Form<'_, '_> {
    const LABEL: usize = 11;
    const FIELD: usize = 8;

    fn label(&mut self, name: &str, focused: bool) {
        let (role, sign) = if focused { (Role::Strong, ">") } else { (Role::Key, " ") };
        self.canvas.text(self.rest.take(Self::LABEL), role, &format!("{sign} {name}"));
    }

    fn field(&mut self, name: &str, focused: bool, field: &Field, hint: &str) {
        self.label(name, focused);
        let room = self.rest.skip(Self::LABEL);
        if focused && room.height > 0 {
            bars::field(field, room.take(Self::FIELD), self.canvas);
        } else {
            self.canvas.text(room.take(Self::FIELD), Role::Text, field.text());
        }
        self.canvas.text(room.skip(Self::FIELD + 2), Role::Dim, hint);
        self.rest = self.rest.below(1);
    }

    fn choice(&mut self, name: &str, focused: bool, chosen: &str, (at, count): (usize, usize)) {
        self.label(name, focused);
        let line = Line::text(chosen).and(Role::Dim, format!("   {} of {count}", at + 1));
        self.canvas.line(self.rest.skip(Self::LABEL), &line);
        if focused {
            self.canvas.hide_caret(self.rest);
        }
        self.rest = self.rest.below(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_give_way() {
        assert_eq!(Columns::new(80, 11), Columns { name: 11, when: 26, answer: 23 });
        assert_eq!(Columns::new(40, 11), Columns { name: 11, when: 0, answer: 11 });
        assert_eq!(Columns::new(10, 11), Columns { name: 0, when: 0, answer: 0 });
    }
}
