//! JSON kept as the bytes that were sent: validated, indexed, folded, re-indented, never re-serialised.

mod tree;

use bytes::Bytes;

pub use tree::{Fold, Tree, TreeRow};

/// A node by its number in document order, from zero (the root).
pub type NodeId = usize;

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeKind {
    /// `{..}`
    Object,
    /// `[..]`
    Array,
    /// `".."`
    String,
    /// `1.10`
    Number,
    /// `true` or `false`
    Boolean,
    /// `null`
    Null,
}

impl NodeKind {
    /// `object`, `array`, `string`, `number`, `boolean`, `null`.
    pub fn name(self) -> &'static str {
        todo!()
    }

    /// Whether it is an object or an array.
    pub fn is_container(self) -> bool {
        todo!()
    }
}

/// A node of a [`JsonIndex`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node {
    /// What it is.
    pub kind: NodeKind,
    /// Zero for the root.
    pub depth: usize,
    /// The container that it is in.
    pub parent: Option<NodeId>,
    /// Where its key is in the document, quotes included; `None` in arrays and for the root.
    pub key: Option<(usize, usize)>,
    /// Where its value is in the document, brackets and quotes included.
    pub value: (usize, usize),
    /// How many values a container holds.
    pub children: usize,
    /// The number behind the last of its descendants: the next node in document order that is not inside.
    pub end: NodeId,
}

/// Why a document is not JSON.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} column {column}: {message}")]
pub struct JsonError {
    /// In bytes from the start.
    pub offset: usize,
    /// From one.
    pub line: usize,
    /// In characters, from one.
    pub column: usize,
    /// What was expected and what is there.
    pub message: String,
}

/// Where every value of a JSON document is: spans over the exact bytes, in document order.
#[derive(Clone, Debug)]
pub struct JsonIndex {
    _bytes: Bytes,
}

impl JsonIndex {
    /// Validates and indexes a document (RFC 8259, at most 512 levels deep).
    pub fn build(_bytes: Bytes) -> Result<Self, JsonError> {
        todo!()
    }

    /// The document.
    pub fn bytes(&self) -> &Bytes {
        todo!()
    }

    /// Number of nodes; at least one.
    #[expect(clippy::len_without_is_empty, reason = "there is always a root")]
    pub fn len(&self) -> usize {
        todo!()
    }

    /// The node with this number, which must be below [`Self::len`].
    pub fn node(&self, _id: NodeId) -> Node {
        todo!()
    }

    /// The container that it is in.
    pub fn parent(&self, _id: NodeId) -> Option<NodeId> {
        todo!()
    }

    /// The first value in a container.
    pub fn first_child(&self, _id: NodeId) -> Option<NodeId> {
        todo!()
    }

    /// The next value in the same container.
    pub fn next_sibling(&self, _id: NodeId) -> Option<NodeId> {
        todo!()
    }

    /// The previous value in the same container.
    pub fn prev_sibling(&self, _id: NodeId) -> Option<NodeId> {
        todo!()
    }

    /// The values in a container, in order.
    pub fn children(&self, _id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        std::iter::empty()
    }

    /// The key, unescaped; `None` in arrays and for the root.
    pub fn key(&self, _id: NodeId) -> Option<String> {
        todo!()
    }

    /// The value to copy: a string unescaped, everything else as it is in the document.
    pub fn value_text(&self, _id: NodeId) -> String {
        todo!()
    }

    /// The exact text of the value in the document.
    pub fn raw(&self, _id: NodeId) -> &str {
        todo!()
    }

    /// The value, re-indented.
    pub fn formatted(&self, _id: NodeId) -> String {
        todo!()
    }

    /// The path from the root.
    pub fn path(&self, _id: NodeId) -> NodePath {
        todo!()
    }

    /// The node at `path`, or the nearest parent that is there; the first one of duplicate keys.
    pub fn find(&self, _path: &NodePath) -> NodeId {
        todo!()
    }

    /// Nodes whose key or own value contains `needle`, in document order.
    pub fn search(&self, _needle: &str) -> Vec<NodeId> {
        todo!()
    }
}

/// Where a value is in a document.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct NodePath(pub Vec<Step>);

/// One step of a [`NodePath`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// Into an object, by unescaped key.
    Key(String),
    /// Into an array, from zero.
    Index(usize),
}

impl NodePath {
    /// For jq: `.a.b[0]`, `.["odd key"]`; the root is `.`
    pub fn jq(&self) -> String {
        todo!()
    }

    /// A JSON pointer (RFC 6901): `/a/b/0`; the root is empty.
    pub fn pointer(&self) -> String {
        todo!()
    }

    /// A Jinja expression, `{{ a.b[0] }}`; `None` when a template cannot name it (the root, an odd first key).
    pub fn jinja(&self) -> Option<String> {
        todo!()
    }
}

/// Re-indents a document by two blanks a level, byte by byte: numbers, strings, key order stay.
pub fn pretty(_bytes: &[u8]) -> Result<Vec<u8>, JsonError> {
    todo!()
}

/// Drops the white space between tokens.
pub fn compact(_bytes: &[u8]) -> Result<Vec<u8>, JsonError> {
    todo!()
}
