//! Which rows of a JSON document are visible: fold state over an index.

use std::sync::Arc;

use super::{JsonIndex, NodeId};
use crate::inspect::Piece;

/// A JSON document as rows that fold.
#[derive(Clone, Debug)]
pub struct Tree {
    index: Arc<JsonIndex>,
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
    /// The first view: open to depth 2, arrays over 20 items closed.
    pub fn new(index: impl Into<Arc<JsonIndex>>) -> Self {
        Self { index: index.into() }
    }

    /// The document.
    pub fn index(&self) -> &Arc<JsonIndex> {
        &self.index
    }

    /// Number of visible rows.
    pub fn row_count(&self) -> usize {
        todo!()
    }

    /// Visible row `n`, from zero; `None` behind the end.
    pub fn row(&self, _n: usize) -> Option<TreeRow> {
        todo!()
    }

    /// The node on visible row `n`; the last one's behind the end.
    pub fn node_at(&self, _n: usize) -> NodeId {
        todo!()
    }

    /// The row of a node, or of the innermost closed container that hides it.
    pub fn row_of(&self, _node: NodeId) -> usize {
        todo!()
    }

    /// Whether a container is open.
    pub fn is_open(&self, _node: NodeId) -> bool {
        todo!()
    }

    /// Opens a closed container, closes an open one.
    pub fn toggle(&mut self, _node: NodeId) {
        todo!()
    }

    /// Opens a container.
    pub fn open(&mut self, _node: NodeId) {
        todo!()
    }

    /// Closes a container.
    pub fn close(&mut self, _node: NodeId) {
        todo!()
    }

    /// Opens everything.
    pub fn open_all(&mut self) {
        todo!()
    }

    /// Closes everything below the root.
    pub fn close_all(&mut self) {
        todo!()
    }

    /// Opens what is less than `depth` deep, closes the rest.
    pub fn to_depth(&mut self, _depth: usize) {
        todo!()
    }

    /// Opens what hides a node.
    pub fn reveal(&mut self, _node: NodeId) {
        todo!()
    }

    /// Nodes whose key or own value contains `needle`, in document order, hidden ones too: [`Self::reveal`] them.
    pub fn search(&self, _needle: &str) -> Vec<NodeId> {
        todo!()
    }
}
