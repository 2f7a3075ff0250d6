//! What differs between two bodies, told by what they mean: keys by name, items of arrays by their identity, numbers by value.
//!
//! Owns the comparison. How changes are drawn, which bodies are compared and what is left out by default others say.

mod arrays;
mod body;
mod headers;
mod hidden;
mod number;
mod rows;
mod walk;

use std::ops::Range;

use super::{JsonIndex, NodeId, NodePath};

pub use body::{BodyDiff, Comparable, Matter, NoSnapshot, Snapshot, body_diff};
pub use headers::{HeaderChange, REQUEST_LINE, header_diff};
pub use hidden::Hidden;
pub use rows::{DiffLine, DiffRow, unified};
pub use walk::json_diff;

/// A comparison was stopped before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stopped;

/// One thing that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Where it is: in the second document, for what was removed in the first.
    pub path: NodePath,
    /// What was there, in the first document.
    pub before: Option<NodeId>,
    /// What is there now, in the second document.
    pub after: Option<NodeId>,
    /// Whether it is a text of which only white space differs.
    pub only_space: bool,
}

/// What differs between two JSON documents.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JsonDiff {
    /// The changes, in the order of the documents.
    pub changes: Vec<Change>,
    /// Changes at paths that were to be left out.
    pub hidden: Vec<Change>,
    /// Changes within `snapshots` that repeat one of `data`.
    pub repeated: Vec<Change>,
}

impl Change {
    /// `+` added, `-` removed, `~` changed.
    pub fn sign(&self) -> char {
        sign(self.before.is_some(), self.after.is_some())
    }
}

/// The sign of something that is there in the first, in the second, or in both.
fn sign(before: bool, after: bool) -> char {
    match (before, after) {
        (false, _) => '+',
        (_, false) => '-',
        _ => '~',
    }
}

/// What differs between two captures, or between two parts of them.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// Header lines, and the request line.
    pub headers: Vec<HeaderChange>,
    /// The bodies.
    pub body: BodyDiff,
}

impl Comparison {
    /// Whether nothing differs but what is left out.
    pub fn is_equal(&self) -> bool {
        self.headers.is_empty() && self.body.count == 0
    }
}

/// The parts of two texts that differ, as byte ranges: what is left without the beginning and the end that they share.
pub fn differing(before: &str, after: &str) -> (Range<usize>, Range<usize>) {
    let start = shared(before.chars(), after.chars());
    let (rest, other) = (&before[start..], &after[start..]);
    let end = shared(rest.chars().rev(), other.chars().rev());
    (start..before.len() - end, start..after.len() - end)
}

/// How many bytes the characters take that come first in both.
fn shared(one: impl Iterator<Item = char>, other: impl Iterator<Item = char>) -> usize {
    one.zip(other).take_while(|(one, other)| one == other).map(|(char, _)| char.len_utf8()).sum()
}

/// Whether two values mean the same, however they are written.
pub fn same(one: (&JsonIndex, NodeId), other: (&JsonIndex, NodeId)) -> bool {
    walk::same(one, other)
}

#[cfg(test)]
mod tests;
