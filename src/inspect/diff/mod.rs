//! What differs between two bodies, told by what they mean: keys by name, items of arrays by their identity, numbers by
//! value.
//!
//! Owns the comparison. It goes through two bodies once, from the start to the end, and shows whoever watches it what
//! it has found so far, so that big bodies are seen while they are compared and can be left at any time. How changes
//! are drawn, which bodies are compared and what is left out by default others say.

mod align;
mod arrays;
mod blocks;
mod body;
mod document;
mod headers;
mod hidden;
mod identity;
mod lines;
mod making;
mod marks;
mod meaning;
mod number;
mod walk;

use super::{NodeId, bytes_exact};
use crate::capture::Capture;

pub use blocks::{DiffForm, DiffLine, DiffRow, DiffRows};
pub use body::{BodyDiff, Comparable, Matter, NoSnapshot, Snapshot, body_diff};
pub use document::Document;
pub use headers::{HeaderChange, REQUEST_LINE, header_diff};
pub use hidden::Hidden;
pub use marks::DiffSide;

/// A comparison was stopped before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stopped;

/// One thing that differs between two JSON documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
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
    /// What was not there to be compared, a sentence each.
    pub notes: Vec<String>,
}

/// What a comparison cannot see of a capture: `only the first 65,536 B of #14 were kept`.
pub fn unseen(capture: &Capture) -> Option<String> {
    let body = &capture.request.body;
    let kept = body.bytes.len() as u64;
    let text = || format!("only the first {} of {} were kept", bytes_exact(kept), capture.id);
    (body.total > kept).then(text)
}

impl Comparison {
    /// Whether nothing differs but what is left out.
    pub fn is_equal(&self) -> bool {
        self.headers.is_empty() && self.body.count() == 0
    }
}

#[cfg(test)]
mod tests;
