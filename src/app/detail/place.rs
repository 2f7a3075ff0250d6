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
    pub fn of(view: &View) -> Self {
        let path = match &view.content {
            Content::Tree(tree) => Some(tree.index().path(tree.node_at(view.scroll.cursor))),
            _ => None,
        };
        Self { scroll: view.scroll, path }
    }

    /// Puts a view there: on the same path or its nearest parent, else on the same row. Where the same path is on the
    /// same row nothing moves; a closing bracket has the path of its opening one.
    pub fn apply(&self, view: &mut View, height: usize) {
        view.scroll = self.scroll;
        let (Content::Tree(tree), Some(path)) = (&view.content, &self.path) else { return };
        let rows = tree.row_count();
        if self.scroll.cursor >= rows || tree.index().path(tree.node_at(self.scroll.cursor)) != *path {
            view.scroll.hold(tree.row_of(tree.index().find(path)), rows, height);
        }
    }
}

/// Which nodes are open, by kind of object, while the program runs.
#[derive(Clone, Debug, Default)]
pub struct Folds(HashMap<String, HashMap<NodePath, bool>>);

/// So many containers have their folds remembered.
const MOST: usize = 500;
/// Documents of more nodes than this are too big for it: each change costs a walk over all nodes.
const BIG: usize = 20_000;

impl Folds {
    /// Remembers which containers are open.
    pub fn remember(&mut self, kind: &str, tree: &Tree) {
        let index = tree.index();
        if index.len() > BIG {
            return;
        }
        let containers = (0..index.len()).filter(|node| index.node(*node).kind.is_container()).take(MOST);
        self.0.insert(kind.to_owned(), containers.map(|node| (index.path(node), tree.is_open(node))).collect());
    }

    /// Opens and closes what was open and closed the last time.
    pub fn apply(&self, kind: &str, tree: &mut Tree) {
        let Some(known) = self.0.get(kind) else { return };
        let index = tree.index().clone();
        if index.len() > BIG {
            return;
        }
        for (path, open) in known {
            let node = index.find(path);
            if index.path(node) != *path || tree.is_open(node) == *open {
                continue;
            }
            if *open { tree.open(node) } else { tree.close(node) }
        }
    }
}
