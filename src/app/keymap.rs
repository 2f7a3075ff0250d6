//! Which key does what: the bindings of the configuration, looked up both ways.

use std::collections::HashMap;

use super::{Action, CopyKind};
use crate::config::{Bindings, Key};

/// The bindings in force.
#[derive(Clone, Debug, Default)]
pub struct Keymap {
    actions: HashMap<Key, Action>,
    keys: HashMap<Action, Vec<Key>>,
    copies: Vec<(Key, CopyKind)>,
    folds: Vec<(Key, FoldCommand)>,
}

/// What the key behind `z` does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FoldCommand {
    /// Opens or closes the node.
    Toggle,
    /// Opens every node.
    OpenAll,
    /// Closes every node.
    CloseAll,
    /// Opens to this depth.
    Depth(u8),
}

impl FoldCommand {
    fn from_name(name: &str) -> Option<Self> {
        match name {
            "toggle" => Some(Self::Toggle),
            "open-all" => Some(Self::OpenAll),
            "close-all" => Some(Self::CloseAll),
            _ => None,
        }
    }
}

impl From<&Bindings> for Keymap {
    /// The names were checked against the table of defaults when the bindings were read.
    fn from(bindings: &Bindings) -> Self {
        let keys = bindings.keys.iter().filter_map(|(name, keys)| Some((Action::from_name(name)?, keys.to_vec())));
        let copies = bindings.copy.iter().filter_map(|(name, keys)| Some((CopyKind::from_name(name)?, keys.to_vec())));
        let folds =
            bindings.folds.iter().filter_map(|(name, keys)| Some((FoldCommand::from_name(name)?, keys.to_vec())));
        Self::new(keys, copies, folds)
    }
}

impl Keymap {
    /// From the tables of the configuration, which were checked there: names of actions and copies with their keys.
    pub fn new(
        keys: impl IntoIterator<Item = (Action, Vec<Key>)>,
        copies: impl IntoIterator<Item = (CopyKind, Vec<Key>)>,
        folds: impl IntoIterator<Item = (FoldCommand, Vec<Key>)>,
    ) -> Self {
        let keys: HashMap<Action, Vec<Key>> = keys.into_iter().collect();
        let actions = keys.iter().flat_map(|(action, keys)| keys.iter().map(|key| (*key, *action))).collect();
        Self { actions, keys, copies: pairs(copies), folds: pairs(folds) }
    }

    /// What a key does.
    pub fn action(&self, key: Key) -> Option<Action> {
        self.actions.get(&key).copied()
    }

    /// What a key behind `y` copies; `None` also for `y` itself, which copies the usual thing.
    pub fn copy(&self, key: Key) -> Option<CopyKind> {
        self.copies.iter().find(|(bound, _)| *bound == key).map(|(_, kind)| *kind)
    }

    /// The key behind `y` that copies this.
    pub fn copy_key(&self, kind: CopyKind) -> Option<Key> {
        self.copies.iter().find(|(_, bound)| *bound == kind).map(|(key, _)| *key)
    }

    /// What a key behind `z` does; digits open to that depth.
    pub fn fold(&self, key: Key) -> Option<FoldCommand> {
        let depth = key.printable().and_then(|char| char.to_digit(10)).filter(|depth| *depth > 0);
        let bound = self.folds.iter().find(|(bound, _)| *bound == key).map(|(_, command)| *command);
        bound.or_else(|| depth.and_then(|depth| u8::try_from(depth).ok()).map(FoldCommand::Depth))
    }

    /// The keys of an action, the first one being the one that hints show.
    pub fn keys(&self, action: Action) -> &[Key] {
        self.keys.get(&action).map_or(&[], Vec::as_slice)
    }

    /// The key that hints show for an action; empty when nothing is bound to it.
    pub fn hint(&self, action: Action) -> String {
        self.keys(action).first().map(Key::to_string).unwrap_or_default()
    }
}

fn pairs<T: Copy>(table: impl IntoIterator<Item = (T, Vec<Key>)>) -> Vec<(Key, T)> {
    table.into_iter().flat_map(|(what, keys)| keys.into_iter().map(move |key| (key, what))).collect()
}
