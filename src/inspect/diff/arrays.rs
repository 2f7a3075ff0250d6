//! Which members of two objects, and which items of two arrays, belong together.

use std::collections::{HashMap, HashSet};
use std::hash::RandomState;

use super::super::NodeId;
use super::align::align;
use super::identity::{IDENTITIES, identities};
use super::making::Making;
use super::meaning::Meanings;
use super::{Document, Stopped};

/// An item of the first array, one of the second, or both when they belong together.
pub type Pair = (Option<NodeId>, Option<NodeId>);

/// Two documents.
pub type Both<'a> = (&'a Document, &'a Document);

/// Finds what belongs together.
pub struct Pairing<'a> {
    both: Both<'a>,
    meanings: (Meanings<'a>, Meanings<'a>),
}

impl<'a> Pairing<'a> {
    /// For two documents.
    pub fn new(both: Both<'a>) -> Self {
        let keys = RandomState::new();
        let meanings = (Meanings::of(both.0.index(), keys.clone()), Meanings::of(both.1.index(), keys));
        Self { both, meanings }
    }

    /// Pairs the members of two objects, whatever their order; of a key that comes twice the second has the first one
    /// that counts.
    pub fn members(&self, a: NodeId, b: NodeId, making: &mut Making<'_>) -> Result<Vec<Pair>, Stopped> {
        let (one, other) = (self.both.0.index(), self.both.1.index());
        let mut after: HashMap<String, NodeId> = HashMap::new();
        for id in other.children(b) {
            making.step()?;
            after.entry(other.key(id).unwrap_or_default()).or_insert(id);
        }
        let (mut pairs, mut before) = (Vec::new(), HashSet::new());
        for id in one.children(a) {
            making.step()?;
            let key = one.key(id).unwrap_or_default();
            pairs.push((Some(id), after.get(&key).copied()));
            before.insert(key);
        }
        for id in other.children(b) {
            making.step()?;
            let known = before.contains(&other.key(id).unwrap_or_default());
            pairs.extend((!known).then_some((None, Some(id))));
        }
        Ok(pairs)
    }

    /// Pairs the items of two arrays: by what identifies them, else by what they mean and where they are.
    pub fn items(&mut self, a: NodeId, b: NodeId, making: &mut Making<'_>) -> Result<Vec<Pair>, Stopped> {
        let (one, other) = (self.both.0.index(), self.both.1.index());
        let (before, after): (Vec<NodeId>, Vec<NodeId>) = (one.children(a).collect(), other.children(b).collect());
        for key in IDENTITIES {
            let Some(from) = identities(one, &before, key, making)? else { continue };
            let Some(to) = identities(other, &after, key, making)? else { continue };
            return Ok(by_identity((&before, &from), (&after, &to)));
        }
        self.by_place(&before, &after, making)
    }

    fn by_place(&mut self, before: &[NodeId], after: &[NodeId], making: &mut Making<'_>) -> Result<Vec<Pair>, Stopped> {
        let (one, other) = (self.both.0.index(), self.both.1.index());
        let same = |(a, b): &(&NodeId, &NodeId)| one.raw(**a) == other.raw(**b);
        let head = before.iter().zip(after).take_while(same).count();
        let tail = before[head..].iter().rev().zip(after[head..].iter().rev()).take_while(same).count();
        let (gone, new) = (&before[head..before.len() - tail], &after[head..after.len() - tail]);
        let stayed = |(a, b): (&NodeId, &NodeId)| (Some(*a), Some(*b));
        let mut pairs: Vec<Pair> = before[..head].iter().zip(after).map(stayed).collect();
        if gone.is_empty() || new.is_empty() || gone.len() == 1 && new.len() == 1 {
            pairs.extend(abreast(gone, new));
        } else {
            let mut numbers = HashMap::new();
            let one = numbered(&mut self.meanings.0, gone, &mut numbers, making)?;
            let other = numbered(&mut self.meanings.1, new, &mut numbers, making)?;
            align((&one, &other), making, &mut |_, run| pairs.extend(abreast(&gone[run.before], &new[run.after])))?;
        }
        pairs.extend(before[before.len() - tail..].iter().zip(&after[after.len() - tail..]).map(stayed));
        Ok(pairs)
    }
}

/// The first with the first, the second with the second; what is more on one side alone.
fn abreast<'a>(gone: &'a [NodeId], new: &'a [NodeId]) -> impl Iterator<Item = Pair> + 'a {
    (0..gone.len().max(new.len())).map(|at| (gone.get(at).copied(), new.get(at).copied()))
}

/// The same number for items that mean the same.
fn numbered(
    meanings: &mut Meanings<'_>,
    items: &[NodeId],
    numbers: &mut HashMap<u64, u32>,
    making: &mut Making<'_>,
) -> Result<Vec<u32>, Stopped> {
    let mut all = Vec::with_capacity(items.len());
    for item in items {
        let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
        all.push(*numbers.entry(meanings.meaning(*item, making)?).or_insert(next));
    }
    Ok(all)
}

/// In the order of the first array; what is new comes at the end.
fn by_identity((before, from): (&[NodeId], &[&str]), (after, to): (&[NodeId], &[&str])) -> Vec<Pair> {
    let places: HashMap<&str, NodeId> = to.iter().copied().zip(after.iter().copied()).collect();
    let known: HashSet<&str> = from.iter().copied().collect();
    let stayed = before.iter().zip(from).map(|(item, identity)| (Some(*item), places.get(identity).copied()));
    let new = after.iter().zip(to).filter(|(_, identity)| !known.contains(*identity));
    stayed.chain(new.map(|(item, _)| (None, Some(*item)))).collect()
}
