//! Which members of two objects, and which items of two arrays, belong together.

use std::collections::{HashMap, HashSet};

use super::super::{JsonIndex, NodeId, NodeKind};

/// Keys by which objects in arrays are known, the best first.
const IDENTITIES: [&str; 3] = ["id", "name", "slug"];

/// An item of the first array, one of the second, or both when they belong together.
pub type Pair = (Option<NodeId>, Option<NodeId>);

/// Two documents.
pub type Both<'a> = (&'a JsonIndex, &'a JsonIndex);

/// Pairs what is in two containers of the same kind, in the order of the documents.
pub fn all_pairs(both: Both<'_>, (a, b): (NodeId, NodeId)) -> Vec<Pair> {
    if both.0.kind(a) == NodeKind::Object { by_key(both, (a, b)) } else { items(both, (a, b)) }
}

/// Pairs the members of two objects, whatever their order; of a key that comes twice the second has the first one that
/// counts.
pub fn by_key((one, other): Both<'_>, (a, b): (NodeId, NodeId)) -> Vec<Pair> {
    let key = |index: &JsonIndex, id| index.key(id).unwrap_or_default();
    let mut after: HashMap<String, NodeId> = HashMap::new();
    for id in other.children(b) {
        after.entry(key(other, id)).or_insert(id);
    }
    let before: HashSet<String> = one.children(a).map(|id| key(one, id)).collect();
    let stayed = one.children(a).map(|id| (Some(id), after.get(&key(one, id)).copied()));
    let new = other.children(b).filter(|id| !before.contains(&key(other, *id)));
    stayed.chain(new.map(|id| (None, Some(id)))).collect()
}

/// Pairs the items of two arrays: by what identifies them, else by where they are, counted from the end that they share.
fn items((one, other): Both<'_>, (a, b): (NodeId, NodeId)) -> Vec<Pair> {
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
    let (gone, new) = (&before[head..before.len() - tail], &after[head..after.len() - tail]);
    let middle = (0..gone.len().max(new.len())).map(|at| (gone.get(at).copied(), new.get(at).copied()));
    let stayed = |(a, b): (&NodeId, &NodeId)| (Some(*a), Some(*b));
    let first = before[..head].iter().zip(&after[..head]).map(stayed);
    let last = before[before.len() - tail..].iter().zip(&after[after.len() - tail..]).map(stayed);
    first.chain(middle).chain(last).collect()
}
