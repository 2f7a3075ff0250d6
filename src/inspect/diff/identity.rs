//! By what the items of an array are known, whatever their order.

use std::collections::HashSet;

use super::super::{JsonIndex, NodeId, NodeKind};
use super::Stopped;
use super::making::Making;

/// Keys by which objects in arrays are known, the best first.
pub const IDENTITIES: [&str; 3] = ["id", "name", "slug"];

/// What identifies each item: the value of `key`, when all items are objects that have it, each another.
pub fn identities<'a>(
    index: &'a JsonIndex,
    items: &[NodeId],
    key: &str,
    making: &mut Making<'_>,
) -> Result<Option<Vec<&'a str>>, Stopped> {
    let (mut seen, mut all) = (HashSet::new(), Vec::new());
    for item in items {
        making.step()?;
        let value = index.child_named(*item, key).filter(|value| !index.kind(*value).is_container());
        let Some(value) = value.filter(|value| index.kind(*value) != NodeKind::Null) else { return Ok(None) };
        let text = index.raw(value);
        if !seen.insert(text) {
            return Ok(None);
        }
        all.push(text);
    }
    Ok(Some(all))
}

/// Whether the items of an array are known by one of their values, so that their order says nothing.
pub fn has_identities(index: &JsonIndex, array: NodeId, making: &mut Making<'_>) -> Result<bool, Stopped> {
    let items: Vec<NodeId> = index.children(array).collect();
    for key in IDENTITIES {
        if identities(index, &items, key, making)?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}
