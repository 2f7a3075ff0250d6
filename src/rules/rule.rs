//! A rule, and the rules of a file in their order.

use std::path::{Path, PathBuf};

use super::{Everyday, RulesError};

/// How files that rules name are read while the rules are: given the path, the text or why there is none.
pub type Loader<'a> = &'a dyn Fn(&Path) -> std::io::Result<String>;

/// The rules of a file, and of the one-line forms behind them. They do not change.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    rules: Vec<Rule>,
    files: Vec<PathBuf>,
}

/// A rule: what it matches, and what is done then.
#[derive(Clone, Debug)]
pub struct Rule {
    name: String,
}

impl Rules {
    /// Reads a rules file. `path` names it in errors, and files that rules name are seen from its directory.
    pub fn parse(_text: &str, _path: &Path, _load: Loader) -> Result<Self, RulesError> {
        Ok(Self::default())
    }

    /// These, and behind them those of the one-line forms.
    #[must_use]
    pub fn with(self, _everyday: &Everyday) -> Self {
        self
    }

    /// The rules in their order.
    pub fn iter(&self) -> std::slice::Iter<'_, Rule> {
        self.rules.iter()
    }

    /// The rule of this name.
    pub fn get(&self, name: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.name == name)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Other files that were read for them (schemas): a change of one is a change of the rules.
    pub fn files(&self) -> &[PathBuf] {
        &self.files
    }
}

impl Rule {
    /// What it is called; no other rule has that name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its line in the file; `None` for a one-line form.
    pub fn line(&self) -> Option<usize> {
        None
    }

    /// What it matches, in short: `path /hooks/pm, first 2`.
    pub fn when_words(&self) -> String {
        String::new()
    }

    /// What it does then, in short: `500 after 2s`.
    pub fn answer_words(&self) -> String {
        String::new()
    }

    /// What it does beyond answering, when it does: `runs a command`, `forwards`, `reads the environment`.
    pub fn reaches_out(&self) -> Option<&'static str> {
        None
    }

    /// How many requests it answers at most.
    pub fn first(&self) -> Option<u64> {
        None
    }
}
