//! Menus and sheets in the place of the detail pane.

use super::bars;
use super::canvas::Canvas;
use crate::app::sheet::{
    Attempts, CopyItem, CopyMenu, Help, Overlay, Palette, Part, ResendSheet, ValueSheet, help_lines,
};
use crate::app::{Area, Content, Field, Line, Model, Panes, Role};
use crate::capture::{AttemptOutcome, Signing};
use crate::inspect::{Clean, bytes_exact, cells, cut, cut_middle};

/// Draws a sheet.
pub fn draw(model: &Model, overlay: &Overlay, panes: Panes, canvas: &mut Canvas) {
    match overlay {
        Overlay::Value(sheet) => value(model, sheet, panes, canvas),
        Overlay::Palette(sheet) => palette(model, sheet, panes, canvas),
        Overlay::Resend(sheet) => resend(model, sheet, panes, canvas),
        Overlay::Attempts(sheet) => attempts(sheet, panes, canvas),
        Overlay::Copy(_) | Overlay::Help(_) | Overlay::Prompt(_) => {}
    }
}

/// A line with a title in brackets at the left and a note at the right.
fn headline(area: Area, title: &str, note: &str, canvas: &mut Canvas) {
    let (x, y, width) = (usize::from(area.x), usize::from(area.y), usize::from(area.width));
    canvas.rule(x, y, width, "─");
    let room = width.saturating_sub(cells(note) + 8);
    let title = cut(Clean::text(title).as_str(), room);
    canvas.text(x + 1, y, width, Role::Strong, &format!("[{title}]"));
    if !note.is_empty() {
        let note = format!(" {note} ");
        canvas.text(x + width.saturating_sub(cells(&note) + 1), y, width, Role::Text, &note);
    }
}

/// The keys.
pub fn help(model: &Model, help: &Help, area: Area, canvas: &mut Canvas) {
    let detail = model.focus == crate::app::Pane::Detail;
    headline(area, if detail { "Help: detail" } else { "Help: captures list" }, "", canvas);
    let lines = help_lines(&model.keymap, detail, &help.find);
    let height = usize::from(area.height).saturating_sub(1);
    let mut scroll = help.scroll;
    scroll.keep_visible(lines.len(), height);
    for (offset, (line, _)) in lines.iter().skip(scroll.top).take(height).enumerate() {
        let y = usize::from(area.y) + 1 + offset;
        canvas.line(1, y, usize::from(area.width).saturating_sub(1), line);
        if scroll.top + offset == scroll.cursor {
            canvas.text(0, y, 1, Role::Strong, ">");
            canvas.cursor_row(Area { height: 1, ..area }, y);
        }
    }
}

fn value(model: &Model, sheet: &ValueSheet, panes: Panes, canvas: &mut Canvas) {
    let id = model.list.selected().map(|id| id.to_string()).unwrap_or_default();
    headline(panes.tabs, &sheet.title, &id, canvas);
    let area = Area { x: panes.detail.x + 2, width: panes.detail.width.saturating_sub(4), ..panes.detail };
    let (mut skip, mut y) = (sheet.scroll.top, 0);
    for line in &sheet.lines {
        if y >= usize::from(area.height) {
            break;
        }
        let rows = if sheet.wrap { line.rows(usize::from(area.width)) } else { 1 };
        if skip >= rows {
            skip -= rows;
            continue;
        }
        if sheet.wrap {
            y += canvas.wrapped(area, y, line, skip);
        } else {
            canvas.line(usize::from(area.x), usize::from(area.y) + y, usize::from(area.width), line);
            y += 1;
        }
        skip = 0;
    }
}

fn palette(model: &Model, palette: &Palette, panes: Panes, canvas: &mut Canvas) {
    let matches = palette.matches();
    let area = panes.detail;
    let (x, width, height) = (usize::from(area.x), usize::from(area.width), usize::from(area.height));
    let at = palette.cursor.min(matches.len().saturating_sub(1));
    headline(
        panes.tabs,
        "Commands",
        &format!("{} of {}", if matches.is_empty() { 0 } else { at + 1 }, matches.len()),
        canvas,
    );
    let top = (at + 1).saturating_sub(height);
    for (offset, entry) in matches.iter().skip(top).take(height).enumerate() {
        let y = usize::from(area.y) + offset;
        let keys = entry.keys(&model.keymap);
        canvas.text(x + 2, y, width.saturating_sub(cells(&keys) + 5), Role::Text, entry.describe());
        canvas.text(x + width.saturating_sub(cells(&keys) + 2), y, cells(&keys), Role::Strong, &keys);
        if top + offset == at {
            canvas.text(x, y, 1, Role::Strong, ">");
            canvas.cursor_row(area, y);
        }
    }
}

/// The copy menu at the bottom of the detail pane; says how many rows it took.
pub fn copy(model: &Model, menu: &CopyMenu, panes: Panes, canvas: &mut Canvas) -> u16 {
    let area = panes.detail;
    let width = usize::from(area.width);
    let columns = if width >= 70 { 2 } else { 1 };
    let rows = menu.items.len().div_ceil(columns).min(usize::from(area.height).saturating_sub(1));
    let top = usize::from(area.y + area.height) - rows;
    let line = Area { y: (top - 1) as u16, height: 1, ..area };
    headline(line, "y  copy", "any other key cancels", canvas);
    let half = width / columns;
    for (index, item) in menu.items.iter().take(rows * columns).enumerate() {
        let (column, row) = (index / rows, index % rows);
        let x = usize::from(area.x) + 1 + column * half;
        canvas.line(x, top + row, half.saturating_sub(2), &copy_line(model, menu, item));
    }
    (rows + 1) as u16
}

fn copy_line(model: &Model, menu: &CopyMenu, item: &CopyItem) -> Line {
    let key = model.keymap.copy_key(item.kind).map(|key| key.to_string()).unwrap_or_default();
    let again = if item.kind == menu.usual { "y " } else { "  " };
    Line::new(Role::Strong, format!("{again}{key}  "))
        .and(Role::Key, format!("{:<9}", item.kind.short()))
        .and(Role::Text, &item.preview)
}

fn resend(model: &Model, sheet: &ResendSheet, panes: Panes, canvas: &mut Canvas) {
    headline(panes.tabs, &format!("Resend {}", sheet.capture.id), "nothing sent yet", canvas);
    let area = panes.detail;
    let mut form = Form { area, y: 0, canvas };
    form.field("To", sheet.part == Part::To, &sheet.to);
    if !model.targets.recent.is_empty() {
        form.note(&format!(
            "recent (up): {}",
            model.targets.recent.iter().take(3).cloned().collect::<Vec<_>>().join("   ")
        ));
    }
    let body = match &sheet.body {
        Some(body) => format!("{}, edited", bytes_exact(body.len() as u64)),
        None => format!("{}, as captured", bytes_exact(sheet.capture.request.body.bytes.len() as u64)),
    };
    form.row("Body", sheet.part == Part::Body, &Line::text(body).and(Role::Dim, "   e edit"));
    let headers = match &sheet.headers {
        Some(headers) => format!("{}, edited", headers.len()),
        None => format!("{} as captured, hop-by-hop left out", sheet.capture.request.headers.len()),
    };
    form.row("Headers", sheet.part == Part::Headers, &Line::text(headers).and(Role::Dim, "   e edit"));
    form.row("Signature", sheet.part == Part::Signature, &signings(sheet));
    form.numbers(sheet);
    form.y += 1;
    if let Some(host) = sheet.public_host() {
        form.line(&Line::new(Role::Strong, format!("  ! {host} is not this machine or a private address.")));
        form.field("Host name", sheet.part == Part::Confirm, &sheet.confirm);
        form.note("type the host name to send it there");
    }
    form.differences(sheet);
}

fn signings(sheet: &ResendSheet) -> Line {
    let mut line = Line::default();
    for (index, signing) in sheet.signings.iter().enumerate() {
        let mark = if index == sheet.signing { "(*)" } else { "( )" };
        let text = match signing {
            Signing::With(name) => format!("re-sign with {name}"),
            Signing::Captured => "as captured".to_owned(),
            Signing::None => "none".to_owned(),
        };
        let role = if index == sheet.signing { Role::Strong } else { Role::Text };
        line = line.and(role, format!("{mark} {text}    "));
    }
    line
}

/// A form being drawn, row by row.
struct Form<'a, 'b> {
    area: Area,
    y: usize,
    canvas: &'a mut Canvas<'b>,
}

impl Form<'_, '_> {
    const LABEL: usize = 13;

    fn line(&mut self, line: &Line) {
        if self.y < usize::from(self.area.height) {
            self.canvas.line(
                usize::from(self.area.x),
                usize::from(self.area.y) + self.y,
                usize::from(self.area.width),
                line,
            );
        }
        self.y += 1;
    }

    fn label(&mut self, name: &str, focused: bool) {
        let role = if focused { Role::Strong } else { Role::Key };
        let cursor = if focused { ">" } else { " " };
        let line = Line::new(role, format!("{cursor} {name}"));
        if self.y < usize::from(self.area.height) {
            self.canvas.line(usize::from(self.area.x), usize::from(self.area.y) + self.y, Self::LABEL, &line);
        }
    }

    fn row(&mut self, name: &str, focused: bool, value: &Line) {
        self.label(name, focused);
        if self.y < usize::from(self.area.height) {
            let width = usize::from(self.area.width).saturating_sub(Self::LABEL);
            let y = usize::from(self.area.y) + self.y;
            self.canvas.line(usize::from(self.area.x) + Self::LABEL, y, width, value);
            if focused {
                self.canvas.cursor.at = Some((self.area.x, y as u16));
            }
        }
        self.y += 1;
    }

    fn field(&mut self, name: &str, focused: bool, field: &Field) {
        self.label(name, focused);
        let room = self.area.width.saturating_sub(Self::LABEL as u16 + 1);
        self.text_field(Self::LABEL as u16, room, focused, field);
        self.y += 1;
    }

    fn text_field(&mut self, x: u16, width: u16, focused: bool, field: &Field) {
        if self.y >= usize::from(self.area.height) {
            return;
        }
        let area = Area { x: self.area.x + x, y: self.area.y + self.y as u16, width, height: 1 };
        if focused {
            bars::field(field.text(), field.before_cursor(), area, self.canvas);
        } else {
            self.canvas.text(usize::from(area.x), usize::from(area.y), usize::from(width), Role::Text, field.text());
        }
    }

    /// Times, pause and time limit on one row.
    fn numbers(&mut self, sheet: &ResendSheet) {
        let parts = [(Part::Times, &sheet.times), (Part::Pause, &sheet.pause), (Part::Limit, &sheet.limit)];
        let labels = ["Times", "pause ms", "limit s"];
        let mut x = 0;
        for ((part, field), label) in parts.into_iter().zip(labels) {
            let focused = sheet.part == part;
            let label_at = if x == 0 { 2 } else { x };
            let at = if x == 0 { Self::LABEL as u16 } else { x + cells(label) as u16 + 1 };
            if self.y < usize::from(self.area.height) {
                let (left, y) = (usize::from(self.area.x), usize::from(self.area.y) + self.y);
                let role = if focused { Role::Strong } else { Role::Key };
                self.canvas.text(left + usize::from(label_at), y, 12, role, label);
                if focused {
                    self.canvas.text(left + usize::from(label_at) - 2, y, 1, Role::Strong, ">");
                }
            }
            self.text_field(at, 7, focused, field);
            x = at + 10;
        }
        self.y += 1;
    }

    fn note(&mut self, text: &str) {
        self.line(&Line::new(Role::Dim, format!("{}{text}", " ".repeat(Self::LABEL))));
    }

    fn differences(&mut self, sheet: &ResendSheet) {
        match &sheet.differences {
            None => {}
            Some(Err(reason)) => self.line(&Line::new(Role::Bad, format!("  ✗ {reason}"))),
            Some(Ok(list)) if list.is_empty() => {
                self.line(&Line::text("  will be the same as the capture, byte for byte"))
            }
            Some(Ok(list)) => {
                self.line(&Line::text(format!("  will differ from {}", sheet.capture.id)));
                for difference in list {
                    let side = |text: &str| {
                        if text.is_empty() { "(none)".to_owned() } else { cut_middle(Clean::text(text).as_str(), 28) }
                    };
                    let (before, after) = (side(&difference.before), side(&difference.after));
                    let line = Line::new(Role::Key, format!("    {:<17} ", difference.field));
                    self.line(
                        &line.and(Role::Text, format!("{before}  ->  {after}  ")).and(Role::Dim, difference.note),
                    );
                }
            }
        }
        self.y += 1;
        self.line(&Line::new(
            Role::Dim,
            format!("  {} itself is never changed. The answer is kept in its tab 4.", sheet.capture.id),
        ));
    }
}

fn attempts(sheet: &Attempts, panes: Panes, canvas: &mut Canvas) {
    let count = format!("{} of {}", sheet.done.len(), sheet.plan.times);
    let id = sheet.plan.capture;
    headline(panes.tabs, &format!("Resend {id} to {}", sheet.plan.url), &count, canvas);
    let area = panes.detail;
    let (x, width, height) = (usize::from(area.x), usize::from(area.width), usize::from(area.height));
    let shown = sheet.done.len().min((height / 2).max(1));
    let top = (sheet.scroll.cursor + 1).saturating_sub(shown);
    for (offset, attempt) in sheet.done.iter().skip(top).take(shown).enumerate() {
        let y = usize::from(area.y) + offset;
        let (role, text) = crate::app::detail::outcome_text(attempt);
        let content_type = match &attempt.outcome {
            AttemptOutcome::Answered(response) => response.headers.text("content-type").unwrap_or_default().to_owned(),
            AttemptOutcome::Failed(_) => String::new(),
        };
        let line = Line::text(format!("  {:>3}  ", top + offset + 1))
            .and(role, text)
            .and(Role::Dim, format!("  {content_type}"));
        canvas.line(x, y, width, &line);
        if top + offset == sheet.scroll.cursor {
            canvas.text(x, y, 1, Role::Strong, ">");
            canvas.cursor_row(area, y);
        }
    }
    if sheet.done.is_empty() {
        canvas.text(x + 2, usize::from(area.y), width, Role::Text, "sending");
    }
    answer(
        sheet,
        Area { y: area.y + shown as u16 + 1, height: area.height.saturating_sub(shown as u16 + 1), ..area },
        canvas,
    );
}

/// The answer to the attempt with the cursor, as far as there is room.
fn answer(sheet: &Attempts, area: Area, canvas: &mut Canvas) {
    let Some(AttemptOutcome::Answered(response)) = sheet.chosen().map(|attempt| &attempt.outcome) else { return };
    let content = Content::lines(crate::app::detail::response_lines(response));
    let (width, height) = (usize::from(area.width), usize::from(area.height));
    let rows = content.len(width);
    for row in 0..rows.min(height) {
        let y = usize::from(area.y) + row;
        if row + 1 == height && rows > height {
            canvas.text(
                usize::from(area.x),
                y,
                width,
                Role::Dim,
                &format!("   {} more lines, enter shows all", rows - row),
            );
        } else {
            canvas.line(usize::from(area.x), y, width, &content.row(row, width));
        }
    }
}
