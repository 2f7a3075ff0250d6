//! Where every value of a document is: a flat table in document order, 16 bytes a value.

use bytes::Bytes;

use super::escape::{escape_letters, unescape};
use super::scan::{Sink, scan};
use super::{JsonError, NodeKind, NodePath, Step, pretty};
use crate::inspect::text::find_all;

/// A node by its number in document order, from zero (the root).
pub type NodeId = usize;

/// The biggest document, so that every offset fits 29 bits.
const MAX_BYTES: usize = (1 << 29) - 1;
/// So many values take 160 MB at 16 bytes each; bigger documents are looked at as text.
const MAX_NODES: usize = 10_000_000;
const NO_PARENT: u32 = u32::MAX;

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

/// Where every value of a JSON document is: spans over the exact bytes, in document order.
#[derive(Clone, Debug)]
pub struct JsonIndex {
    bytes: Bytes,
    nodes: Vec<Entry>,
    containers: Vec<Container>,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    /// Where the value starts.
    start: u32,
    /// A scalar's end; for a container its number in the table of containers.
    end: u32,
    parent: u32,
    /// The kind in the low three bits; above, how far before the value its key starts (zero: no key).
    meta: u32,
}

/// What is known of objects and arrays only.
#[derive(Clone, Copy, Debug)]
pub(super) struct Container {
    /// Where it ends in the document.
    end: u32,
    /// The number behind its last descendant.
    pub(super) last: u32,
    /// How many values are directly inside.
    pub(super) children: u32,
}

impl Entry {
    fn kind(self) -> NodeKind {
        match self.meta & 7 {
            0 => NodeKind::Object,
            1 => NodeKind::Array,
            2 => NodeKind::String,
            3 => NodeKind::Number,
            4 => NodeKind::Boolean,
            _ => NodeKind::Null,
        }
    }

    /// Where its key starts; where its value does when it has none.
    fn first(self) -> usize {
        (self.start - (self.meta >> 3)) as usize
    }
}

impl JsonIndex {
    /// Validates and indexes a document: RFC 8259, at most 512 levels deep, at most 10,000,000 values.
    pub fn build(bytes: Bytes) -> Result<Self, JsonError> {
        if bytes.len() > MAX_BYTES {
            return Err(JsonError::limit(&bytes, 0, "over 512 MiB"));
        }
        let mut builder = Builder { nodes: Vec::with_capacity(bytes.len() / 8 + 1), ..Builder::default() };
        scan(&bytes, &mut builder)?;
        builder.nodes.shrink_to_fit();
        Ok(Self { bytes, nodes: builder.nodes, containers: builder.containers })
    }

    /// The document.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// Number of nodes; at least one.
    #[expect(clippy::len_without_is_empty, reason = "there is always a root")]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// What is known of a node. Its number must be below [`Self::len`].
    pub fn node(&self, id: NodeId) -> Node {
        let entry = self.nodes[id];
        let start = entry.start as usize;
        let (end, children, last) = match self.container(id) {
            Some((_, container)) => (container.end as usize, container.children as usize, container.last as usize),
            None => (entry.end as usize, 0, id + 1),
        };
        Node {
            kind: entry.kind(),
            depth: self.ancestors(id).count(),
            parent: self.parent(id),
            key: self.key_span(id),
            value: (start, end),
            children,
            end: last,
        }
    }

    /// What a node is.
    pub fn kind(&self, id: NodeId) -> NodeKind {
        self.nodes[id].kind()
    }

    /// The container that a node is in.
    pub fn parent(&self, id: NodeId) -> Option<NodeId> {
        let parent = self.nodes[id].parent;
        (parent != NO_PARENT).then_some(parent as usize)
    }

    /// The containers that a node is in, innermost first.
    pub fn ancestors(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        std::iter::successors(self.parent(id), |&id| self.parent(id))
    }

    /// The first value in a container.
    pub fn first_child(&self, id: NodeId) -> Option<NodeId> {
        self.container(id).filter(|(_, container)| container.children > 0).map(|_| id + 1)
    }

    /// The next value in the same container.
    pub fn next_sibling(&self, id: NodeId) -> Option<NodeId> {
        let next = self.node_end(id);
        let sibling = self.nodes.get(next)?;
        (sibling.parent == self.nodes[id].parent).then_some(next)
    }

    /// The previous value in the same container.
    pub fn prev_sibling(&self, id: NodeId) -> Option<NodeId> {
        let parent = self.parent(id)?;
        let before = id - 1;
        (before != parent).then(|| {
            std::iter::once(before).chain(self.ancestors(before)).find(|&node| self.parent(node) == Some(parent))
        })?
    }

    /// The values in a container, in order.
    pub fn children(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        std::iter::successors(self.first_child(id), |&child| self.next_sibling(child))
    }

    /// The key, unescaped; `None` in arrays and for the root.
    pub fn key(&self, id: NodeId) -> Option<String> {
        self.raw_key(id).map(|key| unescape(key).into_owned())
    }

    /// The key as it is in the document, quotes included.
    pub fn raw_key(&self, id: NodeId) -> Option<&str> {
        self.key_span(id).map(|span| self.slice(span))
    }

    /// The value as it is in the document.
    pub fn raw(&self, id: NodeId) -> &str {
        self.slice(self.value_span(id))
    }

    /// The value to copy: a string unescaped, everything else as it is in the document.
    pub fn value_text(&self, id: NodeId) -> String {
        let raw = self.raw(id);
        if self.kind(id) == NodeKind::String { unescape(raw).into_owned() } else { raw.to_owned() }
    }

    /// The value, re-indented; as it is in the document when that would be far too long.
    pub fn formatted(&self, id: NodeId) -> String {
        let raw = self.raw(id);
        pretty(raw.as_bytes()).ok().and_then(|text| String::from_utf8(text).ok()).unwrap_or_else(|| raw.to_owned())
    }

    /// The path from the root.
    pub fn path(&self, id: NodeId) -> NodePath {
        let mut steps = Vec::new();
        let mut at = id;
        while let Some(parent) = self.parent(at) {
            steps.push(match self.key(at) {
                Some(key) => Step::Key(key),
                None => Step::Index(self.position(parent, at)),
            });
            at = parent;
        }
        steps.reverse();
        NodePath(steps)
    }

    /// The node at `path`, or the nearest parent of it that is there; the first one of duplicate keys.
    pub fn find(&self, path: &NodePath) -> NodeId {
        let mut at = 0;
        for step in &path.0 {
            let child = match step {
                Step::Key(key) => self.child_named(at, key),
                Step::Index(index) if self.kind(at) == NodeKind::Array => self.children(at).nth(*index),
                Step::Index(_) => None,
            };
            let Some(child) = child else { break };
            at = child;
        }
        at
    }

    /// The first value of an object with this (unescaped) key.
    pub fn child_named(&self, id: NodeId, key: &str) -> Option<NodeId> {
        self.children(id).find(|&child| self.raw_key(child).is_some_and(|raw| unescape(raw) == key))
    }

    /// Nodes whose key or own value contains `needle` as it is shown or as it is in the document, in document order.
    /// Capital letters count only when `needle` has some.
    pub fn search(&self, needle: &str) -> Vec<NodeId> {
        let mut found: Vec<NodeId> = self.hits(needle).collect();
        if !needle.is_ascii() {
            found.extend(self.hits(&escape_letters(needle)));
            found.sort_unstable();
        }
        found.dedup();
        found
    }

    fn hits<'a>(&'a self, needle: &'a str) -> impl Iterator<Item = NodeId> + 'a {
        find_all(&self.bytes, needle).filter_map(|(start, end)| {
            let id = self.nodes.partition_point(|entry| entry.first() <= start).checked_sub(1)?;
            let own = self.own_span(id)?;
            (start < own.1 && end > own.0).then_some(id)
        })
    }

    /// From its key to the end of its own text: of a container only key and opening bracket are its own.
    fn own_span(&self, id: NodeId) -> Option<(usize, usize)> {
        let entry = self.nodes.get(id)?;
        let end = if self.container(id).is_some() { entry.start as usize + 1 } else { entry.end as usize };
        Some((entry.first(), end))
    }

    /// How many values stand before `id` in `parent`.
    fn position(&self, parent: NodeId, id: NodeId) -> usize {
        let scalars_only =
            self.container(parent).is_some_and(|(_, all)| all.children as usize == all.last as usize - parent - 1);
        if scalars_only { id - parent - 1 } else { self.children(parent).take_while(|&child| child != id).count() }
    }

    /// The number behind the last descendant of a node.
    pub(in crate::inspect) fn node_end(&self, id: NodeId) -> NodeId {
        self.container(id).map_or(id + 1, |(_, container)| container.last as usize)
    }

    /// The row of a node in the table of containers, with its number there.
    pub(super) fn container(&self, id: NodeId) -> Option<(usize, Container)> {
        let entry = self.nodes[id];
        entry.kind().is_container().then(|| (entry.end as usize, self.containers[entry.end as usize]))
    }

    /// How many containers there are.
    pub(super) fn container_count(&self) -> usize {
        self.containers.len()
    }

    fn value_span(&self, id: NodeId) -> (usize, usize) {
        let entry = self.nodes[id];
        let end = self.container(id).map_or(entry.end, |(_, container)| container.end);
        (entry.start as usize, end as usize)
    }

    /// A key ends before the colon that stands before the value; only white space is between.
    fn key_span(&self, id: NodeId) -> Option<(usize, usize)> {
        let entry = self.nodes[id];
        let first = entry.first();
        let between = self.bytes.get(first..entry.start as usize)?;
        between.iter().rposition(|&byte| byte == b'"').map(|quote| (first, first + quote + 1))
    }

    fn slice(&self, (start, end): (usize, usize)) -> &str {
        std::str::from_utf8(&self.bytes[start..end]).unwrap_or_default()
    }
}

/// Fills the tables as the scanner goes.
#[derive(Default)]
struct Builder {
    nodes: Vec<Entry>,
    containers: Vec<Container>,
    /// Open containers: number of the node, number in the table of containers.
    open: Vec<(u32, u32)>,
    /// Where the key of the next value starts.
    key: Option<u32>,
}

impl Builder {
    fn push(&mut self, kind: NodeKind, start: usize, end: u32) {
        let start = offset(start);
        let parent = self.open.last().map_or(NO_PARENT, |&(node, container)| {
            self.containers[container as usize].children += 1;
            node
        });
        let before = self.key.take().map_or(0, |key| start - key);
        self.nodes.push(Entry { start, end, parent, meta: kind as u32 | before << 3 });
    }
}

impl Sink for Builder {
    fn open(&mut self, kind: NodeKind, start: usize) {
        let (node, container) = (offset(self.nodes.len()), offset(self.containers.len()));
        self.push(kind, start, container);
        self.containers.push(Container { end: 0, last: 0, children: 0 });
        self.open.push((node, container));
    }

    fn close(&mut self, _: NodeKind, end: usize) {
        if let Some((_, container)) = self.open.pop() {
            let container = &mut self.containers[container as usize];
            container.end = offset(end);
            container.last = offset(self.nodes.len());
        }
    }

    fn key(&mut self, start: usize, _: usize) {
        self.key = Some(offset(start));
    }

    fn scalar(&mut self, kind: NodeKind, start: usize, end: usize) {
        self.push(kind, start, offset(end));
    }

    fn full(&self) -> Option<&'static str> {
        (self.nodes.len() > MAX_NODES).then_some("more than 10,000,000 values")
    }
}

/// Offsets and numbers are at most [`MAX_BYTES`].
#[expect(clippy::cast_possible_truncation, reason = "the document is at most MAX_BYTES long")]
fn offset(value: usize) -> u32 {
    value as u32
}
