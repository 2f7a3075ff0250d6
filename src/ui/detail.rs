//! The detail pane: tabs, lines that stay, rows with the cursor; a sheet when one is open.

use super::canvas::Canvas;
use super::sheet;
use crate::app::detail::View;
use crate::app::sheet::Overlay;
use crate::app::status::{mark, tab_labels};
use crate::app::{Area, Line, Model, Pane, Panes, Role, Tab};
use crate::inspect::cells;

/// Draws the tabs and the rows, or the sheet in their place.
pub fn draw(model: &Model, panes: Panes, canvas: &mut Canvas) {
    if panes.tabs.width == 0 {
        return;
    }
    match &model.overlay {
        Some(overlay) if overlay.takes_detail() => match overlay {
            Overlay::Copy(menu) => {
                let used = sheet::copy(model, menu, panes, canvas);
                let above = Area { height: panes.detail.height.saturating_sub(used), ..panes.detail };
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
    let (x, y, width) = (usize::from(area.x), usize::from(area.y), usize::from(area.width));
    canvas.rule(x, y, width, "─");
    let mut at = x;
    for (tab, label) in tab_labels(model, width) {
        let active = tab == model.detail.tab;
        let text = if active { format!("[{label}]") } else { format!(" {label} ") };
        canvas.line(at + 1, y, width, &tab_line(model, tab, &text, active));
        at += cells(&label) + 3;
    }
    if let Some(id) = model.list.selected() {
        let id = format!(" {id} ");
        let place = x + width.saturating_sub(cells(&id) + 1);
        if place > at + 1 {
            canvas.text(place, y, width, Role::Text, &id);
        }
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
fn rows(model: &Model, area: Area, canvas: &mut Canvas) {
    let Some(view) = model.detail.view() else {
        if model.list.selected().is_some() && area.height > 0 {
            canvas.text(usize::from(area.x) + 1, usize::from(area.y), usize::from(area.width), Role::Dim, "loading");
        }
        return;
    };
    let kept = view.preface.len().min(usize::from(area.height) / 2);
    for (row, line) in view.preface.iter().take(kept).enumerate() {
        canvas.line(usize::from(area.x), usize::from(area.y) + row, usize::from(area.width), line);
    }
    let below = Area { y: area.y + kept as u16, height: area.height - kept as u16, ..area };
    let focused = model.focus == Pane::Detail;
    if view.wrap { wrapped(view, below, focused, canvas) } else { unwrapped(view, below, focused, canvas) }
}

fn unwrapped(view: &View, area: Area, focused: bool, canvas: &mut Canvas) {
    let width = usize::from(area.width).saturating_sub(1);
    let count = view.content.len(width);
    for offset in 0..usize::from(area.height) {
        let row = view.scroll.top + offset;
        if row >= count {
            break;
        }
        let y = usize::from(area.y) + offset;
        canvas.clipped(usize::from(area.x) + 1, y, width, &view.content.row(row, width), view.scroll.left);
        cursor(view, row, area, y, focused, canvas);
    }
}

fn wrapped(view: &View, area: Area, focused: bool, canvas: &mut Canvas) {
    let width = usize::from(area.width).saturating_sub(1);
    let inner = Area { x: area.x + 1, width: area.width.saturating_sub(1), ..area };
    let (mut y, mut row, count) = (0, view.scroll.top, view.content.len(width));
    while y < usize::from(area.height) && row < count {
        let used = canvas.wrapped(inner, y, &view.content.row(row, width), 0);
        cursor(view, row, area, usize::from(area.y) + y, focused, canvas);
        (y, row) = (y + used, row + 1);
    }
}

fn cursor(view: &View, row: usize, area: Area, y: usize, focused: bool, canvas: &mut Canvas) {
    if focused && view.has_cursor && row == view.scroll.cursor {
        canvas.text(usize::from(area.x), y, 1, Role::Strong, ">");
        canvas.cursor_row(area, y);
    }
}
