//! Two bodies as one list of rows that belong beside each other; what is equal and long is one row.

use super::super::NodeId;
use super::super::text::LineIndex;
use super::super::{Hex, JsonIndex};
use super::arrays::{self, Both};
use super::{Change, JsonDiff, sign};
use std::collections::{HashMap, HashSet};

/// More equal lines than this are one row.
const EQUAL: usize = 3;

/// A row of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiffRow {
    /// So many lines that are equal, not shown.
    Equal(usize),
    /// A line of the first body, of the second, or of both.
    Line(DiffLine),
}

/// A line of a comparison. The places are nodes of JSON, lines of text, or rows of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiffLine {
    /// The place in the first body.
    pub before: Option<usize>,
    /// The place in the second body.
    pub after: Option<usize>,
    /// Whether it is the closing bracket of that node.
    pub closing: bool,
    /// The number of the change that it belongs to, from zero.
    pub change: Option<usize>,
}

impl DiffLine {
    /// `+` added, `-` removed, `~` changed, a blank when equal.
    pub fn sign(&self) -> char {
        if self.change.is_some() { sign(self.before.is_some(), self.after.is_some()) } else { ' ' }
    }
}

/// The rows for reading one after the other: of lines that changed, first those that were, then those that are.
pub fn unified(rows: &[DiffRow]) -> Vec<DiffRow> {
    let mut unified = Vec::with_capacity(rows.len());
    let mut held = Vec::new();
    for row in rows {
        match row {
            DiffRow::Line(line) if line.sign() == '~' => {
                unified.push(DiffRow::Line(DiffLine { after: None, ..*line }));
                held.push(DiffRow::Line(DiffLine { before: None, ..*line }));
            }
            row => {
                unified.append(&mut held);
                unified.push(*row);
            }
        }
    }
    unified.append(&mut held);
    unified
}

/// The rows of two JSON documents, given what differs between them.
pub fn json_rows(both: Both<'_>, diff: &JsonDiff) -> Vec<DiffRow> {
    let mut merge = Merge::new(both, &diff.changes);
    merge.pair((Some(0), Some(0)));
    merge.flush();
    merge.rows
}

struct Merge<'a> {
    both: Both<'a>,
    /// The number of each change, by its nodes.
    changes: HashMap<arrays::Pair, usize>,
    /// Nodes with a change somewhere below.
    touched: (HashSet<NodeId>, HashSet<NodeId>),
    /// Equal nodes that came since the last row.
    equal: Vec<arrays::Pair>,
    rows: Vec<DiffRow>,
}

impl<'a> Merge<'a> {
    fn new(both: Both<'a>, changes: &[Change]) -> Self {
        let mut touched = (HashSet::new(), HashSet::new());
        for change in changes {
            if let Some(before) = change.before {
                let new = |id: &NodeId| touched.0.insert(*id);
                both.0.ancestors(before).take_while(new).for_each(drop);
            }
            if let Some(after) = change.after {
                let new = |id: &NodeId| touched.1.insert(*id);
                both.1.ancestors(after).take_while(new).for_each(drop);
            }
        }
        let changes = changes.iter().enumerate().map(|(at, change)| ((change.before, change.after), at)).collect();
        Self { both, changes, touched, equal: Vec::new(), rows: Vec::new() }
    }

    fn pair(&mut self, pair: arrays::Pair) {
        if let Some(&change) = self.changes.get(&pair) {
            self.flush();
            return self.changed(pair, change);
        }
        match pair {
            (Some(a), Some(b)) if self.touched.0.contains(&a) || self.touched.1.contains(&b) => self.within(a, b),
            pair => self.equal.push(pair),
        }
    }

    fn within(&mut self, a: NodeId, b: NodeId) {
        self.flush();
        let line = DiffLine { before: Some(a), after: Some(b), closing: false, change: None };
        self.rows.push(DiffRow::Line(line));
        for pair in arrays::all_pairs(self.both, (a, b)) {
            self.pair(pair);
        }
        self.flush();
        self.rows.push(DiffRow::Line(DiffLine { closing: true, ..line }));
    }

    fn changed(&mut self, (before, after): arrays::Pair, change: usize) {
        let is_leaf = |index: &JsonIndex, id| index.first_child(id).is_none();
        let line = DiffLine { before, after, closing: false, change: Some(change) };
        match (before, after) {
            (Some(a), Some(b)) if is_leaf(self.both.0, a) && is_leaf(self.both.1, b) => {
                self.rows.push(DiffRow::Line(line));
            }
            _ => {
                let gone = before.map(|a| lines(self.both.0, a)).unwrap_or_default();
                let new = after.map(|b| lines(self.both.1, b)).unwrap_or_default();
                let gone = gone.into_iter().map(|(id, closing)| (Some(id), None, closing));
                let new = new.into_iter().map(|(id, closing)| (None, Some(id), closing));
                let line = |(before, after, closing)| DiffRow::Line(DiffLine { before, after, closing, ..line });
                self.rows.extend(gone.chain(new).map(line));
            }
        }
    }

    /// Puts the equal nodes that came since the last row: line by line when they are few.
    fn flush(&mut self) {
        let (one, other) = self.both;
        let count = |pair: &arrays::Pair| match pair {
            (_, Some(b)) => line_count(other, *b),
            (Some(a), None) => line_count(one, *a),
            (None, None) => 0,
        };
        let total: usize = self.equal.iter().map(count).sum();
        if total > EQUAL {
            self.equal.clear();
            return self.rows.push(DiffRow::Equal(total));
        }
        for (a, b) in std::mem::take(&mut self.equal) {
            let before = a.map(|a| lines(one, a)).unwrap_or_default();
            let after = b.map(|b| lines(other, b)).unwrap_or_default();
            for at in 0..before.len().max(after.len()) {
                let (before, after) = (before.get(at), after.get(at));
                let closing = before.or(after).is_some_and(|(_, closing)| *closing);
                let (before, after) = (before.map(|line| line.0), after.map(|line| line.0));
                self.rows.push(DiffRow::Line(DiffLine { before, after, closing, change: None }));
            }
        }
    }
}

/// The lines of a node: itself, what is in it, and its closing bracket.
fn lines(index: &JsonIndex, id: NodeId) -> Vec<(NodeId, bool)> {
    let (mut lines, mut open): (Vec<(NodeId, bool)>, Vec<NodeId>) = (Vec::new(), Vec::new());
    for node in id..index.node_end(id) {
        while let Some(last) = open.pop_if(|last| index.node_end(*last) <= node) {
            lines.push((last, true));
        }
        lines.push((node, false));
        open.extend(index.first_child(node).is_some().then_some(node));
    }
    lines.extend(open.into_iter().rev().map(|last| (last, true)));
    lines
}

fn line_count(index: &JsonIndex, id: NodeId) -> usize {
    let nodes = id..index.node_end(id);
    let closing = nodes.clone().filter(|node| index.first_child(*node).is_some()).count();
    nodes.len() + closing
}

/// The rows of two texts, and how many places differ.
pub fn text_rows(before: &LineIndex, after: &LineIndex) -> (Vec<DiffRow>, usize) {
    let all = |lines: &LineIndex| (0..lines.row_count()).map(|n| lines.row(n).to_vec()).collect::<Vec<_>>();
    let ops = similar::capture_diff_slices(similar::Algorithm::Myers, &all(before), &all(after));
    let (mut rows, mut changes) = (Vec::new(), 0);
    let last = ops.len().saturating_sub(1);
    for (at, op) in ops.iter().enumerate() {
        let (old, new) = (op.old_range(), op.new_range());
        if op.tag() == similar::DiffTag::Equal {
            let around = (if at == 0 { 0 } else { EQUAL }, if at == last { 0 } else { EQUAL });
            equal_lines((old, new), around, &mut rows);
            continue;
        }
        for offset in 0..old.len().max(new.len()) {
            let place = |range: &std::ops::Range<usize>| Some(range.start + offset).filter(|at| range.contains(at));
            let (before, after) = (place(&old), place(&new));
            rows.push(DiffRow::Line(DiffLine { before, after, closing: false, change: Some(changes) }));
        }
        changes += 1;
    }
    (rows, changes)
}

/// Equal lines: some after what differs and some before it, the rest as one row.
fn equal_lines(
    (old, new): (std::ops::Range<usize>, std::ops::Range<usize>),
    (head, tail): (usize, usize),
    rows: &mut Vec<DiffRow>,
) {
    let line = |offset: usize| {
        let (before, after) = (Some(old.start + offset), Some(new.start + offset));
        DiffRow::Line(DiffLine { before, after, closing: false, change: None })
    };
    let length = old.len();
    if length <= head + tail + 1 {
        return rows.extend((0..length).map(line));
    }
    rows.extend((0..head).map(line));
    rows.push(DiffRow::Equal(length - head - tail));
    rows.extend((length - tail..length).map(line));
}

/// The rows of two bodies of bytes, `width` a row, and how many places differ.
pub fn byte_rows(before: &Hex, after: &Hex, width: usize) -> (Vec<DiffRow>, usize) {
    let (mut rows, mut changes, mut was_equal) = (Vec::new(), 0, true);
    let (mut one, mut other) = (before.0.chunks(width), after.0.chunks(width));
    for place in 0.. {
        let (a, b) = (one.next(), other.next());
        if a.is_none() && b.is_none() {
            break;
        }
        if a == b {
            match rows.last_mut() {
                Some(DiffRow::Equal(count)) => *count += 1,
                _ => rows.push(DiffRow::Equal(1)),
            }
        } else {
            changes += usize::from(was_equal);
            let (before, after) = (a.map(|_| place), b.map(|_| place));
            rows.push(DiffRow::Line(DiffLine { before, after, closing: false, change: Some(changes - 1) }));
        }
        was_equal = a == b;
    }
    (rows, changes)
}
