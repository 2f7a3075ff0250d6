//! The detail pane: tabs, lines that stay, rows with the cursor; a sheet when one is open.

use super::canvas::Canvas;
use super::sheet;
use crate::app::detail::View;
use crate::app::mark;
use crate::app::sheet::Overlay;
use crate::app::status::tab_labels;
use crate::app::{Area, Line, Model, Pane, Panes, Role, Tab, Target};
use crate::inspect::cells;

/// Draws the tabs and the rows, or the sheet in their place.
pub fn draw(model: &Model, panes: &Panes, canvas: &mut Canvas) {
    if panes.tabs.width == 0 {
        return;
    }
    match &model.overlay {
        Some(overlay) if overlay.takes_detail() => match overlay {
            Overlay::Copy(menu) => {
                let used = sheet::copy(model, menu, panes, canvas);
                let above = Area { height: panes.detail.height - used, ..panes.detail };
                tabs(model, panes.tabs, canvas);
                rows(model, above, canvas);
            }
            overlay => sheet::draw(model, overlay, panes, canvas),
        },
        _ => {
            tabs(model, panes.tabs, canvas);
            rows(model, panes.detail, canvas);
        }
    }
}

fn tabs(model: &Model, area: Area, canvas: &mut Canvas) {
    canvas.rule(area, "─");
    let mut rest = area.skip(1);
    for (tab, label) in tab_labels(model, area.width) {
        let active = tab == model.detail.tab;
        let text = if active { format!("[{label}]") } else { format!(" {label} ") };
        canvas.line(rest, &tab_line(model, tab, &text, active));
        rest = rest.skip(cells(&label) + 3);
    }
    let id = model.list.selected().map(|id| format!(" {id} ")).unwrap_or_default();
    if rest.width > cells(&id) + 1 {
        canvas.text(rest.last(cells(&id) + 1).take(cells(&id)), Role::Text, &id);
    }
}

/// A label, its mark in the colour of the verdict.
fn tab_line(model: &Model, tab: Tab, text: &str, active: bool) -> Line {
    let role = if active { Role::Strong } else { Role::Text };
    let verdict = model.list.selected_row().map(|row| mark(row.mark)).filter(|_| tab == Tab::Signature);
    match verdict.and_then(|(look, sign)| text.split_once(sign).map(|parts| (look, sign, parts))) {
        Some((look, sign, (before, behind))) => Line::new(role, before).and(look, sign).and(role, behind),
        None => Line::new(role, text),
    }
}

/// The rows of the tab on the screen.
pub(super) fn rows(model: &Model, area: Area, canvas: &mut Canvas) {
    let Some(view) = model.detail.view() else {
        if model.list.selected().is_some() {
            canvas.text(area.skip(1), Role::Dim, "loading");
        }
        return;
    };
    let kept = model.preface_rows(area.height);
    for (row, line) in view.preface.iter().take(kept).enumerate() {
        canvas.line(area.row(row), line);
    }
    let rows = Rows { view, area: area.below(kept), focused: model.focus == Pane::Detail };
    if view.wrap { rows.wrapped(canvas) } else { rows.unwrapped(canvas) }
}

/// The rows of a tab and where they go.
struct Rows<'a> {
    view: &'a View,
    area: Area,
    focused: bool,
}

impl Rows<'_> {
    fn unwrapped(&self, canvas: &mut Canvas) {
        let (inner, scroll) = (self.area.skip(1), self.view.scroll);
        let count = self.view.content.len(inner.width);
        for (offset, row) in (scroll.top..count).take(self.area.height).enumerate() {
            let (line, left) = self.view.content.fitted(row, inner.width, scroll.left);
            match self.view.content.target(row, inner.width) {
                Target::Header(_) if left == 0 => canvas.counted(inner.row(offset), &line),
                _ => canvas.clipped(inner.row(offset), &line, left),
            }
            self.cursor(row, self.area.row(offset), canvas);
        }
    }

    fn wrapped(&self, canvas: &mut Canvas) {
        let inner = self.area.skip(1);
        let (mut y, count) = (0, self.view.content.len(inner.width));
        for row in self.view.scroll.top..count {
            if y >= self.area.height {
                break;
            }
            let used = canvas.wrapped(inner.below(y), &self.view.content.row(row, inner.width), 0);
            self.cursor(row, self.area.row(y), canvas);
            y += used;
        }
    }

    fn cursor(&self, row: usize, area: Area, canvas: &mut Canvas) {
        if self.focused && self.view.has_cursor && row == self.view.scroll.cursor {
            canvas.text(area.take(1), Role::Strong, ">");
            canvas.cursor_row(area);
        }
    }
}
