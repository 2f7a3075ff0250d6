//! Moving about: in the list, in a tab, between captures, from hit to hit.

use super::detail::{Content, Search, Tab, View};
use super::layout::Pane;
use super::sheet::Overlay;
use super::{Action, Effect, FoldCommand, Level, Model, Scroll};
use crate::inspect::Tree;

impl Model {
    /// Actions that move; says whether this was one.
    pub(super) fn moves(&mut self, action: Action) -> bool {
        match action {
            Action::NextCapture => self.list.step(1, self.list_height()),
            Action::PreviousCapture => self.list.step(-1, self.list_height()),
            _ if self.focus == Pane::List => return self.moves_list(action),
            Action::Left | Action::Right if self.unfolds_equal(action == Action::Right) => {
                self.fold_equal(FoldCommand::Toggle);
            }
            _ => return self.moves_detail(action),
        }
        true
    }

    fn moves_list(&mut self, action: Action) -> bool {
        let height = self.list_height();
        let page = height.max(1).cast_signed();
        match action {
            Action::Down => self.list.step(1, height),
            Action::Up => self.list.step(-1, height),
            Action::HalfDown => self.list.step((page / 2).max(1), height),
            Action::HalfUp => self.list.step(-(page / 2).max(1), height),
            Action::PageDown => self.list.step(page, height),
            Action::PageUp => self.list.step(-page, height),
            Action::First => self.list.select_index(0, height),
            Action::Last => self.list.follow(),
            Action::Right if self.list.selected().is_some() => self.focus = Pane::Detail,
            _ => return false,
        }
        true
    }

    fn moves_detail(&mut self, action: Action) -> bool {
        let (height, width) = self.detail_size();
        let page = height.max(1).cast_signed();
        let Some(view) = self.detail.view_mut(height) else { return false };
        let last = view.content.len(width).cast_signed();
        match action {
            Action::Down => view.step(1, height, width),
            Action::Up => view.step(-1, height, width),
            Action::HalfDown => view.step((page / 2).max(1), height, width),
            Action::HalfUp => view.step(-(page / 2).max(1), height, width),
            Action::PageDown => view.step(page, height, width),
            Action::PageUp => view.step(-page, height, width),
            Action::First => view.step(-last, height, width),
            Action::Last => view.step(last, height, width),
            Action::Left => view.sideways(false, height, width),
            Action::Right => view.sideways(true, height, width),
            Action::NextSibling => view.sibling(true, height, width),
            Action::PreviousSibling => view.sibling(false, height, width),
            _ => return false,
        }
        true
    }

    /// Keeps the cursor of the tab on the screen, whatever changed.
    pub(super) fn settle_view(&mut self) {
        let (height, width) = self.detail_size();
        if let Some(view) = self.detail.view_mut(height) {
            view.keep_visible(height, width);
        }
    }

    /// The next search match in the detail, the next problem in the list.
    pub(super) fn next_hit(&mut self, forward: bool) -> Vec<Effect> {
        if self.focus == Pane::Detail && self.detail.search.is_some() {
            self.search_step(forward);
        } else if self.focus == Pane::Detail && self.detail.tab == Tab::Diff {
            self.change_step(forward);
        } else if let Some(index) = self.list.next_problem(forward) {
            self.list.select_index(index, self.list_height());
        } else {
            self.say(Level::Info, "no failed signature, no answer of 400 and up, nothing incomplete, no finding");
        }
        Vec::new()
    }

    /// Goes to the next change in the diff tab.
    fn change_step(&mut self, forward: bool) {
        let (height, width) = self.detail_size();
        let Some(view) = self.detail.view_mut(height) else { return };
        let Content::Diff(page) = &view.content else { return };
        match page.next_change(view.scroll.cursor, forward, width) {
            Some(row) => {
                // What follows is seen, too: what was stands above what is.
                let last = view.content.len(width).saturating_sub(1);
                view.go((row + 3).min(last), height, width);
                view.go(row, height, width);
            }
            None => self.say(Level::Info, "nothing differs in the body"),
        }
    }

    /// Searches the tab on the screen and goes to the first match at or behind the cursor.
    pub(super) fn search(&mut self, text: &str) {
        if text.is_empty() {
            self.detail.search = None;
            return;
        }
        self.detail.search = Some(Search { text: text.to_owned(), hits: 0, at: 0 });
        let (height, width) = self.detail_size();
        let hits = self.detail.view_mut(height).map(|view| view.content.search(text, width)).unwrap_or_default();
        let from = self.detail.view().map_or(0, |view| view.scroll.cursor);
        let at = hits.iter().position(|row| *row >= from).unwrap_or(0);
        self.go_to_hit(&hits, at);
    }

    fn search_step(&mut self, forward: bool) {
        let Some(search) = self.detail.search.clone() else { return };
        let (height, width) = self.detail_size();
        let hits =
            self.detail.view_mut(height).map(|view| view.content.search(&search.text, width)).unwrap_or_default();
        let from = self.detail.view().map_or(0, |view| view.scroll.cursor);
        let at = if forward {
            hits.iter().position(|row| *row > from).unwrap_or(0)
        } else {
            hits.iter().rposition(|row| *row < from).unwrap_or(hits.len().saturating_sub(1))
        };
        self.go_to_hit(&hits, at);
    }

    fn go_to_hit(&mut self, hits: &[usize], at: usize) {
        let (height, width) = self.detail_size();
        if let Some(search) = &mut self.detail.search {
            search.hits = hits.len();
            search.at = if hits.is_empty() { 0 } else { at + 1 };
        }
        let Some(row) = hits.get(at).copied() else {
            self.say(Level::Error, "not found in this tab");
            return;
        };
        if let Some(view) = self.detail.view_mut(height) {
            view.go(row, height, width);
        }
    }

    /// Goes to the first key that holds what is typed behind `@`.
    pub(super) fn jump_to_key(&mut self) {
        let Some(Overlay::Prompt(prompt)) = &self.overlay else { return };
        let typed = prompt.field.text().to_lowercase();
        let (height, width) = self.detail_size();
        let Some(view) = self.detail.view_mut(height) else { return };
        let Content::Tree(tree) = &mut view.content else { return };
        let Some(node) = best_key(tree, &typed) else { return };
        tree.reveal(node);
        let row = tree.row_of(node);
        view.go(row, height, width);
    }

    /// Goes where the prompt behind `#` says: a capture, a line, a byte.
    pub(super) fn goto(&mut self, text: &str) {
        let text = text.trim().trim_start_matches('#');
        let hex = text.strip_prefix("0x").and_then(|digits| usize::from_str_radix(digits, 16).ok());
        let Some(number) = hex.or_else(|| text.parse().ok()) else {
            self.say(Level::Error, format!("{text} is not a number: write 17, or 0x20 for a byte offset"));
            return;
        };
        let (height, width) = self.detail_size();
        if self.focus == Pane::List {
            let id = crate::capture::CaptureId(number as u64);
            if !self.list.select(id, self.list_height()) {
                self.say(Level::Error, format!("{id} is not in the list"));
            }
        } else if let Some(view) = self.detail.view_mut(height) {
            let row = match &view.content {
                Content::Hex(_) => number / super::detail::hex_width(width),
                _ => number.saturating_sub(1),
            };
            view.go(row, height, width);
        }
    }
}

/// The first key that starts with what is typed, else the first that holds its letters in order.
fn best_key(tree: &Tree, typed: &str) -> Option<usize> {
    const MOST: usize = 200_000;
    let index = tree.index();
    let keys = || (0..index.len().min(MOST)).filter_map(|node| Some((node, index.key(node)?.to_lowercase())));
    let starting = keys().find(|(_, key)| key.starts_with(typed));
    starting.or_else(|| keys().find(|(_, key)| holds_in_order(key, typed))).map(|(node, _)| node)
}

fn holds_in_order(key: &str, typed: &str) -> bool {
    let mut rest = key.chars();
    typed.chars().all(|char| rest.any(|other| other == char))
}

impl View {
    /// Rows of the screen that a row takes.
    fn rows_of(&self, row: usize, width: usize) -> usize {
        if self.wrap { self.content.row(row, width).rows(width) } else { 1 }
    }

    /// Moves the cursor; in a tab without one, the window.
    pub fn step(&mut self, by: isize, height: usize, width: usize) {
        let rows = self.content.len(width);
        if self.has_cursor {
            self.scroll.cursor = self.scroll.cursor.saturating_add_signed(by).min(rows.saturating_sub(1));
            self.keep_visible(height, width);
        } else {
            self.scroll.top = self.scroll.top.saturating_add_signed(by).min(self.last_top(height, width));
            self.scroll.cursor = self.scroll.top;
        }
    }

    /// Puts the cursor on a row.
    pub fn go(&mut self, row: usize, height: usize, width: usize) {
        self.scroll.cursor = row;
        self.keep_visible(height, width);
    }

    /// Moves the window; the cursor stays as long as it is in sight.
    pub fn wheel(&mut self, by: isize, height: usize, width: usize) {
        let rows = self.content.len(width);
        if self.wrap || !self.has_cursor {
            self.scroll.top = self.scroll.top.saturating_add_signed(by).min(self.last_top(height, width));
            self.scroll.cursor = self.scroll.cursor.max(self.scroll.top);
            self.keep_visible(height, width);
        } else {
            self.scroll.wheel(by, rows, height);
        }
    }

    /// The first row of the screen when the end is in sight.
    fn last_top(&self, height: usize, width: usize) -> usize {
        let rows = self.content.len(width);
        let mut left = height;
        let fits = (0..rows).rev().take_while(|row| {
            let need = self.rows_of(*row, width);
            let fits = need <= left;
            left = left.saturating_sub(need);
            fits
        });
        rows.saturating_sub(fits.count().max(1))
    }

    /// Moves the window as little as it takes to show the cursor.
    pub fn keep_visible(&mut self, height: usize, width: usize) {
        let rows = self.content.len(width);
        if !self.wrap {
            self.scroll.keep_visible(rows, height);
            return;
        }
        let scroll: &mut Scroll = &mut self.scroll;
        scroll.cursor = scroll.cursor.min(rows.saturating_sub(1));
        scroll.top = scroll.top.min(scroll.cursor).max((scroll.cursor + 1).saturating_sub(height.max(1)));
        let (mut top, cursor) = (scroll.top, scroll.cursor);
        let mut used: usize = (top..=cursor).map(|row| self.rows_of(row, width)).sum();
        while used > height && top < cursor {
            used -= self.rows_of(top, width);
            top += 1;
        }
        self.scroll.top = top.min(self.last_top(height, width));
    }

    /// In a tree: closes, opens, or goes to parent and first child. In text: scrolls by eight cells.
    fn sideways(&mut self, right: bool, height: usize, width: usize) {
        let Content::Tree(tree) = &mut self.content else {
            let left = &mut self.scroll.left;
            *left = if right { *left + 8 } else { left.saturating_sub(8) };
            return;
        };
        let node = tree.node_at(self.scroll.cursor);
        let container = tree.index().node(node).kind.is_container();
        let goal = match (right, container && tree.is_open(node)) {
            (true, true) => tree.index().first_child(node),
            (true, false) => {
                tree.open(node);
                None
            }
            (false, true) => {
                tree.close(node);
                None
            }
            (false, false) => tree.index().parent(node),
        };
        let row = tree.row_of(goal.unwrap_or(node));
        let rows = self.content.len(width);
        match goal {
            Some(_) => self.go(row, height, width),
            None => self.scroll.hold(row, rows, height),
        }
    }

    fn sibling(&mut self, next: bool, height: usize, width: usize) {
        let Content::Tree(tree) = &self.content else { return };
        let node = tree.node_at(self.scroll.cursor);
        let index = tree.index();
        let goal = if next { index.next_sibling(node) } else { index.prev_sibling(node) };
        if let Some(goal) = goal {
            let row = tree.row_of(goal);
            self.go(row, height, width);
        }
    }
}
