//! Which items of two arrays belong together.

use std::collections::{HashMap, HashSet};

use super::super::{JsonIndex, NodeId, NodeKind};

/// Keys by which objects in arrays are known, the best first.
const IDENTITIES: [&str; 3] = ["id", "name", "slug"];

/// An item of the first array, one of the second, or both when they belong together.
pub type Pair = (Option<NodeId>, Option<NodeId>);

/// Two documents.
pub type Both<'a> = (&'a JsonIndex, &'a JsonIndex);

/// Pairs the items of two arrays: by what identifies them, else by where they are, counted from the end that they share.
pub fn pairs((one, other): Both<'_>, (a, b): (NodeId, NodeId)) -> Vec<Pair> {
    let (before, after): (Vec<NodeId>, Vec<NodeId>) = (one.children(a).collect(), other.children(b).collect());
    let known =
        IDENTITIES.iter().find_map(|key| Some((identities(one, &before, key)?, identities(other, &after, key)?)));
    match known {
        Some((from, to)) => by_identity(&before, &from, &after, &to),
        None => by_place((one, other), &before, &after),
    }
}

/// What identifies each item: the value of `key`, when all items are objects that have it, each another.
fn identities<'a>(index: &'a JsonIndex, items: &[NodeId], key: &str) -> Option<Vec<&'a str>> {
    let mut seen = HashSet::new();
    let identity = |item: &NodeId| {
        let value = index.child_named(*item, key).filter(|value| !index.kind(*value).is_container())?;
        let text = index.raw(value);
        (index.kind(value) != NodeKind::Null && seen.insert(text)).then_some(text)
    };
    items.iter().map(identity).collect()
}

/// In the order of the second array; what is gone comes where it was.
fn by_identity(before: &[NodeId], from: &[&str], after: &[NodeId], to: &[&str]) -> Vec<Pair> {
    let places: HashMap<&str, NodeId> = to.iter().copied().zip(after.iter().copied()).collect();
    let known: HashSet<&str> = from.iter().copied().collect();
    let stayed = before.iter().zip(from).map(|(item, identity)| (Some(*item), places.get(identity).copied()));
    let new = after.iter().zip(to).filter(|(_, identity)| !known.contains(*identity));
    stayed.chain(new.map(|(item, _)| (None, Some(*item)))).collect()
}

fn by_place((one, other): Both<'_>, before: &[NodeId], after: &[NodeId]) -> Vec<Pair> {
    let same = |(a, b): (&NodeId, &NodeId)| super::walk::same((one, *a), (other, *b));
    let shorter = before.len().min(after.len());
    let head = before.iter().zip(after).take_while(|pair| same(*pair)).count();
    let tail = before.iter().rev().zip(after.iter().rev()).take(shorter - head).take_while(|pair| same(*pair)).count();
    let middle = |items: &[NodeId]| items[head..items.len() - tail].to_vec();
    let (gone, new) = (middle(before), middle(after));
    let longer = gone.len().max(new.len());
    (0..longer).map(|at| (gone.get(at).copied(), new.get(at).copied())).collect()
}
