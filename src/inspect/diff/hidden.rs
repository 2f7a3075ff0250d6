//! What a comparison leaves out: paths that change with every request.

use std::collections::HashSet;

use super::super::Step;

/// Paths whose changes are left out, as `timestamp`, `data.updated`, `snapshots.*.updated`: keys between dots, where
/// `*` is any key or item. With them go the changes within `snapshots` that repeat one of `data`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hidden {
    paths: Vec<Vec<String>>,
    repeated: bool,
    below: Vec<Step>,
}

impl Hidden {
    /// These paths, and what `snapshots` repeats.
    pub fn new(paths: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        let steps = |path: &str| path.trim_start_matches('.').split('.').map(str::to_owned).collect();
        let paths = paths.into_iter().map(|path| steps(path.as_ref())).collect();
        Self { paths, repeated: true, below: Vec::new() }
    }

    /// Nothing at all.
    pub fn nothing() -> Self {
        Self::default()
    }

    /// The same for two documents that stand where `data` does: snapshots.
    #[must_use]
    pub fn within_data(mut self) -> Self {
        self.below = vec![Step::Key("data".to_owned())];
        self
    }

    /// Whether changes at exactly this path are left out.
    pub fn hides(&self, path: &[Step]) -> bool {
        self.paths.iter().any(|pattern| {
            pattern.len() == self.below.len() + path.len()
                && self.below.iter().chain(path).zip(pattern).all(|(step, word)| fits(step, word))
        })
    }

    /// Whether a change at this path is left out for being in a snapshot of a field of `data` that was `told` of.
    pub(super) fn repeats(&self, path: &[Step], told: &HashSet<String>) -> bool {
        self.repeated && in_snapshot(path).is_some_and(|field| told.contains(field))
    }

    /// The field of `data` that a path is about.
    pub(super) fn field_of_data(path: &[Step]) -> Option<&str> {
        key(path, 0, "data")
    }
}

fn fits(step: &Step, word: &str) -> bool {
    word == "*"
        || match step {
            Step::Key(key) => key == word,
            Step::Index(index) => word.parse() == Ok(*index),
        }
}

/// The key behind `name`, when that is the step at `depth`.
fn key<'a>(path: &'a [Step], depth: usize, name: &str) -> Option<&'a str> {
    match (path.get(depth)?, path.get(depth + 1)?) {
        (Step::Key(one), Step::Key(key)) if one == name => Some(key),
        _ => None,
    }
}

/// The field of the object that a path in one of its snapshots is about.
fn in_snapshot(path: &[Step]) -> Option<&str> {
    key(path, 0, "snapshots")?;
    key(path, 1, "prechange").or_else(|| key(path, 1, "postchange"))
}
