//! A line of text in the place of the status line: filter, search, go to, jump to key, file name.

use crate::app::{Field, Scroll, list};

/// What the text is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PromptKind {
    /// Narrows the list while it is typed.
    Filter,
    /// Searches the tab.
    Search,
    /// A capture's number, a line, a byte offset.
    Goto,
    /// A JSON key, found while it is typed.
    JumpKey,
    /// The file to write the body to.
    Write,
    /// The file that holds the conditions.
    Conditions,
    /// The file of a template.
    Template,
}

/// A prompt.
#[derive(Clone, Debug)]
pub struct Prompt {
    /// What the text is for.
    pub kind: PromptKind,
    /// The text.
    pub field: Field,
    /// Where the list stood, for esc.
    pub list_place: Option<list::Place>,
    /// Where the tab stood, for esc.
    pub scroll: Option<Scroll>,
    /// Which entry of the history is shown, from the newest.
    pub history: Option<usize>,
    /// Names of files that what is typed can go on to.
    pub choices: Vec<String>,
}

impl Prompt {
    /// A prompt with this text in it.
    pub fn new(kind: PromptKind, text: impl Into<String>) -> Self {
        Self { kind, field: Field::new(text), list_place: None, scroll: None, history: None, choices: Vec::new() }
    }

    /// Whether it names files, which tab completes.
    pub fn names_files(&self) -> bool {
        matches!(self.kind, PromptKind::Write | PromptKind::Conditions | PromptKind::Template)
    }

    /// What stands in front of the text.
    pub fn sign(&self) -> &'static str {
        match self.kind {
            PromptKind::Filter | PromptKind::Search => "/",
            PromptKind::Goto => "#",
            PromptKind::JumpKey => "@",
            PromptKind::Write => "write to: ",
            PromptKind::Conditions => "conditions: ",
            PromptKind::Template => "template: ",
        }
    }
}
