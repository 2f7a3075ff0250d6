//! A JSON document as numbered lines: open everywhere, a value or a bracket on each.

use std::sync::Arc;

use super::super::{JsonIndex, NodeId, NodePath, Step};
use super::blocks::Span;

/// A document with the number of every line: 8 bytes a value beside its index.
#[derive(Debug)]
pub struct Document {
    index: Arc<JsonIndex>,
    /// The line of each value.
    lines: Vec<u32>,
    /// How many values stand before each in its container.
    places: Vec<u32>,
    count: usize,
}

impl Document {
    /// Numbers the lines.
    pub fn new(index: Arc<JsonIndex>) -> Self {
        let (mut lines, mut places) = (Vec::with_capacity(index.len()), Vec::with_capacity(index.len()));
        // What is open around the value: where it ends, how many of its values came.
        let (mut open, mut line): (Vec<(NodeId, u32)>, u32) = (Vec::new(), 0);
        for node in 0..index.len() {
            while open.pop_if(|(end, _)| *end <= node).is_some() {
                line += 1;
            }
            lines.push(line);
            places.push(open.last().map_or(0, |(_, place)| *place));
            if let Some((_, place)) = open.last_mut() {
                *place += 1;
            }
            line += 1;
            let end = index.node_end(node);
            open.extend((end > node + 1).then_some((end, 0)));
        }
        let count = line as usize + open.len();
        Self { index, lines, places, count }
    }

    /// Where its values are.
    pub fn index(&self) -> &JsonIndex {
        &self.index
    }

    /// How many lines it has.
    pub fn line_count(&self) -> usize {
        self.count
    }

    /// The lines of a value.
    pub fn span(&self, id: NodeId) -> Span {
        let first = self.lines[id] as usize;
        let last = self.index.node_end(id) - 1;
        let closing = self.index.ancestors(last).take_while(|node| *node >= id).count();
        Span::new(first, self.lines[last] as usize + closing + 1 - first)
    }

    /// The value that a line belongs to, and whether it is its closing bracket.
    pub fn at(&self, line: usize) -> (NodeId, bool) {
        let node = self.lines.partition_point(|first| *first as usize <= line).saturating_sub(1);
        let behind = line - self.lines[node] as usize;
        let closed = behind.checked_sub(1).and_then(|nth| self.index.ancestors(node).nth(nth));
        closed.map_or((node, false), |container| (container, true))
    }

    /// How many values stand before this one in its container.
    pub fn place(&self, id: NodeId) -> usize {
        self.places[id] as usize
    }

    /// The path of a value.
    pub fn path(&self, id: NodeId) -> NodePath {
        let step = |id: NodeId| self.index.key(id).map_or_else(|| Step::Index(self.place(id)), Step::Key);
        let mut steps: Vec<Step> = std::iter::once(id)
            .chain(self.index.ancestors(id))
            .filter(|id| self.index.parent(*id).is_some())
            .map(step)
            .collect();
        steps.reverse();
        NodePath(steps)
    }
}
