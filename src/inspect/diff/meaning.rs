//! What a value means, as a number: two values with the same meaning have the same one, however they are written.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, RandomState};

use super::super::{JsonIndex, NodeId, NodeKind};
use super::identity::has_identities;
use super::making::Making;
use super::{Stopped, number};

/// The meanings of the values of a document; those of containers are worked out once.
pub struct Meanings<'a> {
    index: &'a JsonIndex,
    known: HashMap<NodeId, u64>,
    keys: RandomState,
}

impl<'a> Meanings<'a> {
    /// Of this document. Both need the same `keys`; random ones, so that nobody can prepare two values that only seem
    /// the same.
    pub fn of(index: &'a JsonIndex, keys: RandomState) -> Self {
        Self { index, known: HashMap::new(), keys }
    }

    /// What a value means.
    pub fn meaning(&mut self, id: NodeId, making: &mut Making<'_>) -> Result<u64, Stopped> {
        making.step()?;
        if let Some(known) = self.known.get(&id) {
            return Ok(*known);
        }
        let index = self.index;
        let meaning = match index.kind(id) {
            NodeKind::Object => self.members(id, making)?,
            NodeKind::Array => self.items(id, making)?,
            NodeKind::String => return Ok(self.mixed((1, index.value_text(id)))),
            NodeKind::Number => return Ok(self.mixed((2, number::decimal(index.raw(id)).ok_or(index.raw(id))))),
            NodeKind::Boolean | NodeKind::Null => return Ok(self.mixed((3, index.raw(id)))),
        };
        self.known.insert(id, meaning);
        Ok(meaning)
    }

    /// The order of keys says nothing.
    fn members(&mut self, id: NodeId, making: &mut Making<'_>) -> Result<u64, Stopped> {
        let mut sum = self.mixed(4);
        for child in self.index.children(id) {
            let meaning = self.meaning(child, making)?;
            sum = sum.wrapping_add(self.mixed((self.index.key(child), meaning)));
        }
        Ok(sum)
    }

    fn items(&mut self, id: NodeId, making: &mut Making<'_>) -> Result<u64, Stopped> {
        let any_order = has_identities(self.index, id, making)?;
        let mut all = self.mixed(5);
        for child in self.index.children(id) {
            let meaning = self.meaning(child, making)?;
            all = if any_order { all.wrapping_add(self.mixed(meaning)) } else { self.mixed((all, meaning)) };
        }
        Ok(all)
    }

    fn mixed(&self, value: impl Hash) -> u64 {
        self.keys.hash_one(value)
    }
}
