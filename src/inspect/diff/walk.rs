//! Walking through two documents at once.

use std::collections::HashMap;

use super::super::{JsonIndex, NodeId, NodeKind, NodePath, Step};
use super::arrays::{self, Both};
use super::{Change, JsonDiff, Stopped, number};

/// So many values are looked at between two questions whether to stop.
const PATIENCE: u32 = 4096;

/// Compares two documents. `hides` says which paths are left out; `stop` is asked now and then.
pub fn json_diff(
    (one, other): (&JsonIndex, &JsonIndex),
    hides: &dyn Fn(&[Step]) -> bool,
    stop: &dyn Fn() -> bool,
) -> Result<JsonDiff, Stopped> {
    let mut walk = Walk::new((one, other), hides, stop);
    walk.compare(0, 0)?;
    Ok(walk.diff)
}

/// Whether two values mean the same.
pub fn same((one, a): (&JsonIndex, NodeId), (other, b): (&JsonIndex, NodeId)) -> bool {
    if one.raw(a) == other.raw(b) {
        return true;
    }
    match (one.kind(a), other.kind(b)) {
        (NodeKind::Number, NodeKind::Number) => number::equal(one.raw(a), other.raw(b)),
        (NodeKind::String, NodeKind::String) => one.value_text(a) == other.value_text(b),
        (NodeKind::Object, NodeKind::Object) | (NodeKind::Array, NodeKind::Array) => {
            let mut walk = Walk { only_first: true, ..Walk::new((one, other), &|_| false, &|| false) };
            walk.compare(a, b).is_ok()
        }
        _ => false,
    }
}

struct Walk<'a> {
    both: Both<'a>,
    hides: &'a dyn Fn(&[Step]) -> bool,
    stop: &'a dyn Fn() -> bool,
    left: u32,
    path: NodePath,
    diff: JsonDiff,
    /// Whether to stop at the first change.
    only_first: bool,
}

impl<'a> Walk<'a> {
    fn new(both: Both<'a>, hides: &'a dyn Fn(&[Step]) -> bool, stop: &'a dyn Fn() -> bool) -> Self {
        let (path, diff) = (NodePath::default(), JsonDiff::default());
        Self { both, hides, stop, left: PATIENCE, path, diff, only_first: false }
    }

    fn compare(&mut self, a: NodeId, b: NodeId) -> Result<(), Stopped> {
        self.pause()?;
        let (one, other) = self.both;
        if one.raw(a) == other.raw(b) {
            return Ok(());
        }
        match (one.kind(a), other.kind(b)) {
            (NodeKind::Object, NodeKind::Object) => self.objects(a, b),
            (NodeKind::Array, NodeKind::Array) => self.arrays(a, b),
            (before, after) => {
                if before != after || !same((one, a), (other, b)) {
                    let only_space = before == NodeKind::String
                        && after == NodeKind::String
                        && words(&one.value_text(a)).eq(words(&other.value_text(b)));
                    return self.changed(Some(a), Some(b), only_space);
                }
                Ok(())
            }
        }
    }

    fn pause(&mut self) -> Result<(), Stopped> {
        self.left -= 1;
        if self.left == 0 {
            self.left = PATIENCE;
            if (self.stop)() {
                return Err(Stopped);
            }
        }
        Ok(())
    }

    fn objects(&mut self, a: NodeId, b: NodeId) -> Result<(), Stopped> {
        let (one, other) = self.both;
        for pair in arrays::by_key(self.both, (a, b)) {
            let key = pair.0.map_or_else(|| pair.1.and_then(|id| other.key(id)), |id| one.key(id));
            self.within(Step::Key(key.unwrap_or_default()), |walk| walk.pair(pair))?;
        }
        Ok(())
    }

    fn arrays(&mut self, a: NodeId, b: NodeId) -> Result<(), Stopped> {
        let (one, other) = self.both;
        let places = |index: &JsonIndex, id| -> HashMap<NodeId, usize> {
            index.children(id).enumerate().map(|(place, id)| (id, place)).collect()
        };
        let (from, to) = (places(one, a), places(other, b));
        for pair in arrays::all_pairs(self.both, (a, b)) {
            let place = pair.1.map_or_else(|| pair.0.map(|id| from[&id]), |id| Some(to[&id])).unwrap_or_default();
            self.within(Step::Index(place), |walk| walk.pair(pair))?;
        }
        Ok(())
    }

    fn within(&mut self, step: Step, go: impl FnOnce(&mut Self) -> Result<(), Stopped>) -> Result<(), Stopped> {
        self.path.0.push(step);
        let gone = go(self);
        self.path.0.pop();
        gone
    }

    fn pair(&mut self, pair: arrays::Pair) -> Result<(), Stopped> {
        match pair {
            (Some(a), Some(b)) => self.compare(a, b),
            (before, after) => self.changed(before, after, false),
        }
    }

    fn changed(&mut self, before: Option<NodeId>, after: Option<NodeId>, only_space: bool) -> Result<(), Stopped> {
        if self.only_first {
            return Err(Stopped);
        }
        let change = Change { path: self.path.clone(), before, after, only_space };
        let hidden = (1..=change.path.0.len()).any(|length| (self.hides)(&change.path.0[..length]));
        if hidden {
            self.diff.hidden.push(change);
        } else {
            self.diff.changes.push(change);
        }
        Ok(())
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split_whitespace()
}
