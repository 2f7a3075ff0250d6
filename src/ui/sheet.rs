//! Menus and sheets in the place of the detail pane.

use super::canvas::Canvas;
use super::{answers, bars, conditions};
use crate::app::sheet::{
    Attempts, CopyItem, CopyMenu, Help, Overlay, Palette, Part, ResendSheet, ValueSheet, help_lines,
};
use crate::app::{Area, Field, Line, Model, Panes, Role};
use crate::capture::{AttemptOutcome, Signing};
use crate::inspect::{Clean, bytes_exact, cells, cut, cut_middle};

/// Draws a sheet.
pub fn draw(model: &Model, overlay: &Overlay, panes: &Panes, canvas: &mut Canvas) {
    match overlay {
        Overlay::Value(sheet) => value(model, sheet, panes, canvas),
        Overlay::Palette(sheet) => palette(model, sheet, panes, canvas),
        Overlay::Resend(sheet) => resend(model, sheet, panes, canvas),
        Overlay::Attempts(sheet) => attempts(sheet, panes, canvas),
        Overlay::Conditions(sheet) => conditions::draw(model, sheet, panes, canvas),
        Overlay::Temporary(sheet) => answers::temporary(sheet, panes, canvas),
        Overlay::Copy(_) | Overlay::Help(_) | Overlay::Answers(_) | Overlay::Lab(_) | Overlay::Prompt(_) => {}
    }
}

/// A line with a title in brackets at the left and a note at the right.
pub(super) fn headline(area: Area, title: &str, note: &str, canvas: &mut Canvas) {
    canvas.rule(area, "─");
    let room = area.width.saturating_sub(cells(note) + 8);
    let title = cut(Clean::text(title).as_str(), room);
    canvas.text(area.skip(1), Role::Strong, &format!("[{title}]"));
    if !note.is_empty() {
        let note = format!(" {note} ");
        canvas.text(area.last(cells(&note) + 1).take(cells(&note)), Role::Text, &note);
    }
}

/// Marks a row as the one with the cursor.
pub(super) fn cursor(area: Area, canvas: &mut Canvas) {
    canvas.text(area.take(1), Role::Strong, ">");
    canvas.cursor_row(area);
}

/// The keys.
pub fn help(model: &Model, help: &Help, area: Area, canvas: &mut Canvas) {
    let on = model.help_on();
    headline(area, on.title(), "", canvas);
    let area = area.below(1);
    let lines = help_lines(&model.look.keymap, on, &help.find);
    let mut scroll = help.scroll;
    scroll.keep_visible(lines.len(), area.height);
    for (offset, (line, _)) in lines.iter().skip(scroll.top).take(area.height).enumerate() {
        canvas.line(area.row(offset).skip(1), line);
        if scroll.top + offset == scroll.cursor {
            cursor(area.row(offset), canvas);
        }
    }
}

fn value(model: &Model, sheet: &ValueSheet, panes: &Panes, canvas: &mut Canvas) {
    let id = model.list.selected().map(|id| id.to_string()).unwrap_or_default();
    headline(panes.tabs, &sheet.title, &id, canvas);
    let mut rest = panes.detail.skip(2);
    rest = rest.take(rest.width.saturating_sub(2));
    let mut skip = sheet.scroll.top;
    for line in &sheet.lines {
        let rows = if sheet.wrap { line.rows(rest.width) } else { 1 };
        if skip >= rows {
            skip -= rows;
            continue;
        }
        if rest.height == 0 {
            break;
        }
        let used = if sheet.wrap { canvas.wrapped(rest, line, skip) } else { 1 };
        if !sheet.wrap {
            canvas.line(rest, line);
        }
        rest = rest.below(used);
        skip = 0;
    }
}

fn palette(model: &Model, palette: &Palette, panes: &Panes, canvas: &mut Canvas) {
    let matches = palette.matches();
    let area = panes.detail;
    let at = palette.cursor.min(matches.len().saturating_sub(1));
    let count = format!("{} of {}", if matches.is_empty() { 0 } else { at + 1 }, matches.len());
    headline(panes.tabs, "Commands", &count, canvas);
    let top = (at + 1).saturating_sub(area.height);
    for (offset, entry) in matches.iter().skip(top).take(area.height).enumerate() {
        let (row, keys) = (area.row(offset), entry.keys(&model.look.keymap));
        canvas.text(row.take(row.width.saturating_sub(cells(&keys) + 3)).skip(2), Role::Text, entry.describe());
        canvas.text(row.last(cells(&keys) + 2), Role::Strong, &keys);
        if top + offset == at {
            cursor(row, canvas);
        }
    }
}

/// The copy menu at the bottom of the detail pane; says how many rows it took.
pub fn copy(model: &Model, menu: &CopyMenu, panes: &Panes, canvas: &mut Canvas) -> usize {
    let columns = if panes.detail.width >= 70 { 2 } else { 1 };
    let rows = menu.items.len().div_ceil(columns).min(panes.detail.height.saturating_sub(1));
    let area = panes.detail.below(panes.detail.height - rows - 1);
    headline(area, "y  copy", "any other key cancels", canvas);
    let half = area.width / columns;
    for (index, item) in menu.items.iter().take(rows * columns).enumerate() {
        let (column, row) = (index / rows, index % rows);
        let cell = area.row(row + 1).skip(1 + column * half).take(half.saturating_sub(2));
        canvas.line(cell, &copy_line(model, menu, item));
    }
    rows + 1
}

fn copy_line(model: &Model, menu: &CopyMenu, item: &CopyItem) -> Line {
    let key = model.look.keymap.copy_key(item.kind).map(|key| key.to_string()).unwrap_or_default();
    let again = if item.kind == menu.usual { "y " } else { "  " };
    Line::new(Role::Strong, format!("{again}{key}  "))
        .and(Role::Key, format!("{:<9}", item.kind.short()))
        .and(Role::Text, &item.preview)
}

fn resend(model: &Model, sheet: &ResendSheet, panes: &Panes, canvas: &mut Canvas) {
    headline(panes.tabs, &format!("Resend {}", sheet.capture.id), "nothing sent yet", canvas);
    let mut form = Form { rest: panes.detail, canvas };
    form.field("To", sheet.part == Part::To, &sheet.to);
    let recent = model.targets.recent.iter().map(String::as_str).filter(|url| *url != sheet.to.text());
    let recent: Vec<&str> = recent.take(3).collect();
    if !recent.is_empty() {
        form.note(&format!("recent (up): {}", recent.join("   ")));
    }
    let edit = format!("   {} edit", model.look.keymap.hint(crate::app::Action::Edit));
    form.row("Body", sheet.part == Part::Body, &body(sheet).and(Role::Dim, &edit));
    let headers = match &sheet.headers {
        Some(headers) => format!("{}, edited", headers.len()),
        None => format!("{} as captured, hop-by-hop left out", sheet.capture.request.headers.len()),
    };
    form.row("Headers", sheet.part == Part::Headers, &Line::text(headers).and(Role::Dim, &edit));
    form.row(
        "Signature",
        sheet.part == Part::Signature,
        &signings(sheet, panes.detail.width.saturating_sub(Form::LABEL)),
    );
    form.numbers(sheet);
    form.line(&Line::default());
    if let Some(host) = sheet.public_host() {
        form.line(&Line::new(Role::Strong, format!("  ! {host} is not this machine or a private address.")));
        form.field("Host name", sheet.part == Part::Confirm, &sheet.confirm);
        form.note("type the host name to send it there");
    }
    form.differences(sheet);
}

fn body(sheet: &ResendSheet) -> Line {
    let size = |bytes: &[u8]| bytes_exact(bytes.len() as u64);
    match &sheet.edited {
        None => Line::text(format!("{}, as captured", size(&sheet.capture.request.body.bytes))),
        Some(edited) if edited.has_choice() => {
            let (compact, saved) = if edited.as_saved { ("( )", "(*)") } else { ("(*)", "( )") };
            Line::text(format!("{}, edited   {compact} compact   {saved} as edited", size(edited.bytes())))
        }
        Some(edited) => Line::text(format!("{}, edited", size(edited.bytes()))),
    }
}

/// The ways to sign, the chosen one marked; it alone, with how many there are, where not all have room.
fn signings(sheet: &ResendSheet, width: usize) -> Line {
    let mut line = Line::default();
    for (index, signing) in sheet.signings.iter().enumerate() {
        let (role, mark) = if index == sheet.signing { (Role::Strong, "(*)") } else { (Role::Text, "( )") };
        let gap = if index == 0 { "" } else { "    " };
        line = line.and(role, format!("{gap}{mark} {}", signing_text(sheet, signing)));
    }
    if line.width() <= width {
        return line;
    }
    let chosen = sheet.signings.get(sheet.signing).map(|signing| signing_text(sheet, signing)).unwrap_or_default();
    let (at, count) = (sheet.signing + 1, sheet.signings.len());
    Line::new(Role::Strong, format!("(*) {chosen}")).and(Role::Dim, format!("    {at} of {count}, space for the next"))
}

fn signing_text(sheet: &ResendSheet, signing: &Signing) -> String {
    let scheme = sheet.scheme.as_deref().or(sheet.capture.verdict.scheme.as_deref()).unwrap_or_default();
    match signing {
        Signing::With(name) => format!("re-sign with {name} for {scheme}"),
        Signing::Captured => "as captured".to_owned(),
        Signing::None => "none".to_owned(),
    }
}

/// A form being drawn, row by row.
struct Form<'a, 'b> {
    rest: Area,
    canvas: &'a mut Canvas<'b>,
}

impl Form<'_, '_> {
    const LABEL: usize = 13;

    fn line(&mut self, line: &Line) {
        self.canvas.line(self.rest, line);
        self.rest = self.rest.below(1);
    }

    fn label(&mut self, name: &str, focused: bool) {
        let (role, sign) = if focused { (Role::Strong, ">") } else { (Role::Key, " ") };
        self.canvas.text(self.rest.take(Self::LABEL), role, &format!("{sign} {name}"));
    }

    fn row(&mut self, name: &str, focused: bool, value: &Line) {
        self.label(name, focused);
        self.canvas.line(self.rest.skip(Self::LABEL), value);
        if focused {
            self.canvas.hide_caret(self.rest);
        }
        self.rest = self.rest.below(1);
    }

    fn field(&mut self, name: &str, focused: bool, field: &Field) {
        self.label(name, focused);
        let room = self.rest.skip(Self::LABEL);
        self.text_field(room.take(room.width.saturating_sub(1)), focused, field);
        self.rest = self.rest.below(1);
    }

    fn text_field(&mut self, area: Area, focused: bool, field: &Field) {
        if focused && area.height > 0 {
            bars::field(field, area, self.canvas);
        } else {
            self.canvas.text(area, Role::Text, field.text());
        }
    }

    /// Times, pause and time limit on one row.
    fn numbers(&mut self, sheet: &ResendSheet) {
        self.label("Times", sheet.part == Part::Times);
        let cell = |column: usize| self.rest.skip(Self::LABEL + column);
        let (times, pause, limit) = (cell(0).take(7), cell(8), cell(28));
        self.text_field(times, sheet.part == Part::Times, &sheet.times);
        self.number(pause, "pause ms", sheet.part == Part::Pause, &sheet.pause);
        self.number(limit, "limit s", sheet.part == Part::Limit, &sheet.limit);
        self.rest = self.rest.below(1);
    }

    fn number(&mut self, area: Area, name: &str, focused: bool, field: &Field) {
        let (role, sign) = if focused { (Role::Strong, ">") } else { (Role::Key, " ") };
        self.canvas.text(area, role, &format!("{sign} {name}"));
        self.text_field(area.skip(cells(name) + 3).take(7), focused, field);
    }

    fn note(&mut self, text: &str) {
        self.line(&Line::new(Role::Dim, format!("{}{text}", " ".repeat(Self::LABEL))));
    }

    fn differences(&mut self, sheet: &ResendSheet) {
        match &sheet.differences {
            None => {}
            Some(Err(reason)) => self.line(&Line::new(Role::Bad, format!("  ✗ {reason}"))),
            Some(Ok(list)) if list.is_empty() => {
                self.line(&Line::text("  will be the same as the capture, byte for byte"));
            }
            Some(Ok(list)) => {
                self.line(&Line::text(format!("  will differ from {}", sheet.capture.id)));
                for difference in list {
                    // The note tells more than the middle of a hash.
                    let room = self.rest.width.saturating_sub(31 + cells(difference.note)) / 2;
                    let side = |text: &str| match text {
                        "" => "(none)".to_owned(),
                        text => cut_middle(Clean::text(text).as_str(), room.clamp(8, 40)),
                    };
                    let (before, after) = (side(&difference.before), side(&difference.after));
                    let line = Line::new(Role::Key, format!("    {:<17} ", difference.field));
                    self.line(
                        &line.and(Role::Text, format!("{before}  ->  {after}  ")).and(Role::Dim, difference.note),
                    );
                }
            }
        }
        self.line(&Line::default());
        self.line(&Line::new(
            Role::Dim,
            format!("  {} itself is never changed. The answer is kept in its tab 4.", sheet.capture.id),
        ));
    }
}

fn attempts(sheet: &Attempts, panes: &Panes, canvas: &mut Canvas) {
    let count = format!("{} of {}", sheet.done.len(), sheet.plan.times);
    headline(panes.tabs, &format!("Resend {} to {}", sheet.plan.capture, sheet.plan.url), &count, canvas);
    let area = panes.detail;
    if sheet.done.is_empty() {
        return canvas.text(area.skip(2), Role::Text, "sending");
    }
    let shown = sheet.done.len().min((area.height / 2).max(1));
    let top = (sheet.scroll.cursor + 1).saturating_sub(shown);
    for (offset, attempt) in sheet.done.iter().skip(top).take(shown).enumerate() {
        let (role, text) = crate::app::detail::outcome_text(attempt);
        let content_type = match &attempt.outcome {
            AttemptOutcome::Answered(response) => response.headers.text("content-type").unwrap_or_default(),
            AttemptOutcome::Failed(_) => "",
        };
        let number = Line::text(format!("  {:>3}  ", top + offset + 1));
        canvas.line(area.row(offset), &number.and(role, text).and(Role::Dim, format!("  {content_type}")));
        if top + offset == sheet.scroll.cursor {
            cursor(area.row(offset), canvas);
        }
    }
    answer(sheet, area.below(shown + 1), canvas);
}

/// The answer to the attempt with the cursor, as far as there is room.
fn answer(sheet: &Attempts, area: Area, canvas: &mut Canvas) {
    let lines = &sheet.answer;
    let fits = if lines.len() > area.height { area.height.saturating_sub(1) } else { lines.len() };
    for (row, line) in lines.iter().take(fits).enumerate() {
        canvas.line(area.row(row).skip(1), line);
    }
    if fits < lines.len() {
        let more = format!("   {} more lines, enter shows all", lines.len() - fits);
        canvas.text(area.row(fits), Role::Dim, &more);
    }
}
