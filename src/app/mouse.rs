//! What the mouse does: nothing that a key could not do.

use std::time::Duration;

use super::layout::Pane;
use super::sheet::Overlay;
use super::{Action, Effect, Model, Mouse, MouseKind};

/// A press this soon after the window came to the front only brought it there.
const FRONT: Duration = Duration::from_millis(50);
/// Two presses on one row within this are a double click.
const DOUBLE: Duration = Duration::from_millis(400);
/// Rows a notch of the wheel moves.
const NOTCH: isize = 3;

impl Model {
    /// Takes a mouse report.
    pub(super) fn mouse(&mut self, mouse: Mouse) -> Vec<Effect> {
        match mouse.kind {
            MouseKind::WheelUp => self.wheel(mouse, -NOTCH),
            MouseKind::WheelDown => self.wheel(mouse, NOTCH),
            MouseKind::Press => return self.press(mouse),
            MouseKind::Release => {}
        }
        Vec::new()
    }

    fn wheel(&mut self, mouse: Mouse, by: isize) {
        let Some(panes) = self.panes() else { return };
        let (sheet_height, sheet_width) = self.sheet_size();
        match &mut self.overlay {
            Some(Overlay::Lab(_)) => return self.lab_wheel(mouse, by),
            Some(Overlay::Value(sheet)) => {
                let last = sheet.rows(sheet_width).saturating_sub(sheet_height);
                sheet.scroll.top = sheet.scroll.top.saturating_add_signed(by).min(last);
                return;
            }
            Some(Overlay::Help(help)) => {
                help.scroll.top = help.scroll.top.saturating_add_signed(by);
                help.scroll.cursor = help.scroll.cursor.saturating_add_signed(by);
                return;
            }
            Some(overlay) if overlay.takes_detail() => return,
            _ => {}
        }
        if panes.list.contains(mouse.column, mouse.row) {
            self.list.wheel(by, panes.list.height);
        } else if panes.detail.contains(mouse.column, mouse.row) {
            let (height, width) = self.detail_size();
            self.list.pause(panes.list.height);
            if let Some(view) = self.detail.view_mut(height) {
                view.wheel(by, height, width);
            }
        }
    }

    fn press(&mut self, mouse: Mouse) -> Vec<Effect> {
        let front = self.focused_at.is_some_and(|at| self.now.saturating_sub(at) < FRONT);
        let Some(panes) = self.panes().filter(|_| !front) else { return Vec::new() };
        let lab = matches!(self.overlay, Some(Overlay::Lab(_)));
        if let Some(action) = self.hint_at(mouse) {
            return if lab { self.act_in_lab(action) } else { self.act(action) };
        }
        if lab {
            return self.lab_press(mouse);
        }
        if self.overlay.is_some() {
            return Vec::new();
        }
        if panes.title.contains(mouse.column, mouse.row) {
            if usize::from(mouse.column) > panes.title.width / 2 {
                self.follow();
            }
        } else if panes.tabs.contains(mouse.column, mouse.row) {
            self.press_tab(usize::from(mouse.column) - panes.tabs.x, panes.tabs.width);
        } else if panes.list.contains(mouse.column, mouse.row) {
            return self.press_row(mouse, panes.list.height, usize::from(mouse.row) - panes.list.y);
        } else if panes.detail.contains(mouse.column, mouse.row) {
            return self.press_detail(mouse, usize::from(mouse.row) - panes.detail.y);
        }
        Vec::new()
    }

    fn double(&mut self, row: u16) -> bool {
        let double = self.last_click.is_some_and(|(at, known)| known == row && self.now.saturating_sub(at) < DOUBLE);
        self.last_click = Some((self.now, row));
        double
    }

    /// A first click selects and never activates; a second one on the same row opens.
    fn press_row(&mut self, mouse: Mouse, height: usize, row: usize) -> Vec<Effect> {
        let index = self.list.window_start(height) + row;
        let double = self.double(mouse.row);
        let again = self.list.selected_index() == Some(index) && self.focus == Pane::List && !self.list.is_following();
        if index < self.list.len() {
            self.focus = Pane::List;
            self.list.select_index(index, height);
        }
        if double || again { self.open() } else { Vec::new() }
    }

    pub(super) fn press_detail(&mut self, mouse: Mouse, row: usize) -> Vec<Effect> {
        let (height, width) = self.detail_size();
        let double = self.double(mouse.row);
        let x = self.panes().map_or(0, |panes| usize::from(mouse.column) - panes.detail.x);
        if self.list.selected().is_none() {
            return Vec::new();
        }
        self.focus = Pane::Detail;
        let preface = self.preface_rows(self.panes().map_or(0, |panes| panes.detail.height));
        let Some(view) = self.detail.view_mut(height) else { return Vec::new() };
        let Some(row) = row.checked_sub(preface) else { return Vec::new() };
        let target = view.scroll.top + row;
        if !view.wrap && target < view.content.len(width) && view.has_cursor {
            view.go(target, height, width);
            if x == 1 && matches!(view.content, super::detail::Content::Tree(_)) {
                self.fold(Some(super::FoldCommand::Toggle));
                return Vec::new();
            }
        }
        if double { self.open() } else { Vec::new() }
    }

    fn press_tab(&mut self, x: usize, width: usize) {
        let places = super::status::tab_places(self, width);
        let hit = places.iter().find(|(_, range)| range.contains(&x));
        if let Some((tab, _)) = hit {
            let tab = *tab;
            self.show_tab(tab);
            self.prepare_frame();
        }
    }

    /// The action whose hint is under the pointer.
    fn hint_at(&self, mouse: Mouse) -> Option<Action> {
        let hint = self.panes()?.hint;
        let takes_none = self.overlay.as_ref().is_some_and(|overlay| !matches!(overlay, Overlay::Lab(_)));
        if !hint.contains(mouse.column, mouse.row) || takes_none {
            return None;
        }
        super::hints::hint_places(self, hint.width)
            .into_iter()
            .find(|(_, range)| range.contains(&usize::from(mouse.column)))
            .map(|(action, _)| action)
    }
}
