//! Which rows of a document are visible: fold state over an index.

use std::collections::HashMap;
use std::sync::Arc;

use super::row::row_pieces;
use super::{JsonIndex, NodeId, NodeKind};
use crate::inspect::Piece;

/// The first view is open down to here.
const FIRST_DEPTH: usize = 2;
/// Longer arrays are closed in the first view.
const LONG_ARRAY: u32 = 20;
/// Marks a closing row in the list of rows; node numbers are far below.
const CLOSING: u32 = 1 << 31;

/// A JSON document as rows that fold. One row is looked up at once; folding lists the visible rows anew, a few
/// milliseconds for a million.
#[derive(Clone, Debug)]
pub struct Tree {
    index: Arc<JsonIndex>,
    /// By number in the index's table of containers.
    open: Vec<bool>,
    /// Every visible row: the node, with [`CLOSING`] set on its closing row.
    rows: Vec<u32>,
}

/// Whether a row can be folded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fold {
    /// No: a leaf, an empty container, a closing row.
    None,
    /// `▾`
    Open,
    /// `▸`
    Closed,
}

/// One visible row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeRow {
    /// The node that it shows.
    pub node: NodeId,
    /// Whether it is the row with the closing bracket.
    pub closing: bool,
    /// Blanks in front of the text: two a level.
    pub indent: usize,
    /// Its fold mark.
    pub fold: Fold,
    /// The text: key, value, comma.
    pub pieces: Vec<Piece>,
}

impl Tree {
    /// The first view: open to depth 2, arrays over 20 items closed. An array of one value at depth 2 is open too,
    /// since that value says more than `1 item`.
    pub fn new(index: impl Into<Arc<JsonIndex>>) -> Self {
        let index = index.into();
        let mut tree = Self { open: vec![false; index.container_count()], rows: Vec::new(), index };
        tree.open_where(|kind, children, depth| {
            let array = kind == NodeKind::Array;
            let long = array && children > LONG_ARRAY && depth > 0;
            (depth < FIRST_DEPTH && !long) || (depth == FIRST_DEPTH && array && children == 1)
        });
        tree
    }

    /// The document.
    pub fn index(&self) -> &Arc<JsonIndex> {
        &self.index
    }

    /// Number of visible rows.
    pub fn row_count(&self) -> usize {
        self.rows.len()
    }

    /// Visible row `n`, from zero; `None` behind the end.
    pub fn row(&self, n: usize) -> Option<TreeRow> {
        let &row = self.rows.get(n)?;
        let (node, closing) = unpack(row);
        let foldable = !closing && self.index.first_child(node).is_some();
        let fold = match (foldable, self.is_open(node)) {
            (false, _) => Fold::None,
            (true, true) => Fold::Open,
            (true, false) => Fold::Closed,
        };
        let indent = 2 * self.index.ancestors(node).count();
        Some(TreeRow { node, closing, indent, fold, pieces: row_pieces(&self.index, node, closing, fold) })
    }

    /// The node on visible row `n`; the root behind the end.
    pub fn node_at(&self, n: usize) -> NodeId {
        self.rows.get(n).map_or(0, |&row| unpack(row).0)
    }

    /// The row of a node, or of the outermost closed container that hides it.
    pub fn row_of(&self, node: NodeId) -> usize {
        let hiding = self.index.ancestors(node).filter(|&id| !self.is_open(id)).last();
        let visible = hiding.unwrap_or(node);
        self.rows.partition_point(|&row| match unpack(row) {
            (id, false) => id < visible,
            (id, true) => self.index.node_end(id) <= visible,
        })
    }

    /// Whether a node is a container and open.
    pub fn is_open(&self, node: NodeId) -> bool {
        self.index.container(node).is_some_and(|(number, _)| self.open[number])
    }

    /// Opens a closed container, closes an open one.
    pub fn toggle(&mut self, node: NodeId) {
        self.set(node, !self.is_open(node));
    }

    /// Opens a container.
    pub fn open(&mut self, node: NodeId) {
        self.set(node, true);
    }

    /// Closes a container.
    pub fn close(&mut self, node: NodeId) {
        self.set(node, false);
    }

    /// Opens everything.
    pub fn open_all(&mut self) {
        self.open.fill(true);
        self.list_rows();
    }

    /// Closes everything below the root.
    pub fn close_all(&mut self) {
        self.to_depth(1);
    }

    /// Opens what is less than `depth` deep, closes the rest.
    pub fn to_depth(&mut self, depth: usize) {
        self.open_where(|_, _, at| at < depth);
    }

    /// Opens every container that hides a node.
    pub fn reveal(&mut self, node: NodeId) {
        let index = Arc::clone(&self.index);
        let mut changed = false;
        for (number, _) in index.ancestors(node).filter_map(|id| index.container(id)) {
            changed |= !std::mem::replace(&mut self.open[number], true);
        }
        if changed {
            self.list_rows();
        }
    }

    /// Folds what `other` has too, by path, as it is folded there; inside of what is closed there nothing changes.
    pub fn fold_like(&mut self, other: &Tree) {
        let index = Arc::clone(&self.index);
        let mut pairs: Vec<(NodeId, NodeId)> = vec![(0, 0)];
        while let Some((own, theirs)) = pairs.pop() {
            let Some((number, _)) = index.container(own).filter(|_| other.index.kind(theirs) == index.kind(own)) else {
                continue;
            };
            self.open[number] = other.is_open(theirs);
            if self.open[number] {
                pairs.extend(counterparts(&index, own, &other.index, theirs));
            }
        }
        self.list_rows();
    }

    /// Nodes whose key or own value contains `needle`, in document order, hidden ones too: [`Self::reveal`] them.
    pub fn search(&self, needle: &str) -> Vec<NodeId> {
        self.index.search(needle)
    }

    fn set(&mut self, node: NodeId, open: bool) {
        if let Some((number, _)) = self.index.container(node)
            && self.open[number] != open
        {
            self.open[number] = open;
            self.list_rows();
        }
    }

    /// Opens exactly the containers for which `open(kind, children, depth)` holds.
    fn open_where(&mut self, open: impl Fn(NodeKind, u32, usize) -> bool) {
        let mut ends: Vec<usize> = Vec::new();
        for id in 0..self.index.len() {
            while ends.last().is_some_and(|&end| end <= id) {
                ends.pop();
            }
            if let Some((number, container)) = self.index.container(id) {
                self.open[number] = open(self.index.kind(id), container.children, ends.len());
                ends.push(container.last as usize);
            }
        }
        self.list_rows();
    }

    /// Lists the visible rows in one walk over what is open.
    fn list_rows(&mut self) {
        self.rows.clear();
        let mut open: Vec<(usize, u32)> = Vec::new();
        let mut id = 0;
        loop {
            while let Some(&(_, closing)) = open.last().filter(|(end, _)| *end == id) {
                self.rows.push(closing);
                open.pop();
            }
            if id == self.index.len() {
                return;
            }
            let row = pack(id);
            self.rows.push(row);
            id = match self.index.container(id) {
                Some((number, container)) if container.children > 0 && self.open[number] => {
                    open.push((container.last as usize, row | CLOSING));
                    id + 1
                }
                Some((_, container)) => container.last as usize,
                None => id + 1,
            };
        }
    }
}

/// The values of two containers that have the same key, or the same place in an array.
fn counterparts(own: &JsonIndex, of: NodeId, theirs: &JsonIndex, and: NodeId) -> Vec<(NodeId, NodeId)> {
    if own.kind(of) == NodeKind::Array {
        return own.children(of).zip(theirs.children(and)).collect();
    }
    let named: HashMap<String, NodeId> = theirs.children(and).filter_map(|id| Some((theirs.key(id)?, id))).collect();
    own.children(of).filter_map(|id| Some((id, *named.get(&own.key(id)?)?))).collect()
}

#[expect(clippy::cast_possible_truncation, reason = "an index has at most 10,000,000 nodes")]
fn pack(node: NodeId) -> u32 {
    node as u32
}

fn unpack(row: u32) -> (NodeId, bool) {
    ((row & !CLOSING) as usize, row & CLOSING != 0)
}
