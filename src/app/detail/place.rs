//! Places that outlive a capture: the cursor on the same JSON path, folds as they were for the same kind of object.

use std::collections::HashMap;

use super::{Content, View};
use crate::app::Scroll;
use crate::inspect::{NodePath, Tree};

/// Where a tab stood, to come back to on this capture or the next.
#[derive(Clone, Debug, Default)]
pub struct Place {
    scroll: Scroll,
    path: Option<NodePath>,
}

impl Place {
    /// Where a view stands.
    pub fn of(view: &View, width: usize) -> Self {
        let path = match &view.content {
            Content::Tree(tree) => Some(tree.index().path(tree.node_at(view.scroll.cursor))),
            Content::Diff(page) => page.path_at(view.scroll.cursor, width),
            _ => None,
        };
        Self { scroll: view.scroll, path }
    }

    /// Puts a view there: on the same path or its nearest parent, else on the same row. Where the same path is on the
    /// same row nothing moves; a closing bracket has the path of its opening one.
    pub fn apply(&self, view: &mut View, height: usize, width: usize) {
        view.scroll = self.scroll;
        if let Content::Diff(page) = &view.content {
            let first = || page.row_of(0, width).filter(|_| self.scroll == Scroll::default());
            let row = page.row_of_path(self.path.as_ref(), width).or_else(first);
            view.scroll.cursor = row.unwrap_or(self.scroll.cursor);
            if self.scroll == Scroll::default() {
                view.scroll.top = view.scroll.cursor.saturating_sub(height / 3);
            }
        }
        let (Content::Tree(tree), Some(path)) = (&view.content, &self.path) else { return };
        let rows = tree.row_count();
        if self.scroll.cursor >= rows || tree.index().path(tree.node_at(self.scroll.cursor)) != *path {
            view.scroll.hold(tree.row_of(tree.index().find(path)), rows, height);
        }
    }
}

/// Which nodes are open, by kind of object, while the program runs: the last tree of each.
#[derive(Clone, Debug, Default)]
pub struct Folds(HashMap<String, Tree>);

/// Documents of more nodes than this are not kept for it.
const BIG: usize = 20_000;
/// So many kinds of object are remembered; their names are foreign.
const KINDS: usize = 64;

impl Folds {
    /// Remembers which containers are open.
    pub fn remember(&mut self, kind: &str, tree: &Tree) {
        if tree.index().len() > BIG {
            return;
        }
        if self.0.len() >= KINDS && !self.0.contains_key(kind) {
            self.0.clear();
        }
        self.0.insert(kind.to_owned(), tree.clone());
    }

    /// Opens and closes what was open and closed the last time.
    pub fn apply(&self, kind: &str, tree: &mut Tree) {
        if let Some(last) = self.0.get(kind).filter(|_| tree.index().len() <= BIG) {
            tree.fold_like(last);
        }
    }
}
