//! The rules as the screen shows them: in their order, with their file and the temporary answer. Made outside, whenever it
//! is asked for; nothing here decides what is answered.

use chrono::{DateTime, Utc};

use super::Model;
use super::sheet::Overlay;
use crate::rules::Temporary;

/// How things stand with the rules.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    /// The rules file as it was named; `None` when there is none.
    pub file: Option<String>,
    /// Where one would be made; `None` when none is wanted.
    pub place: Option<String>,
    /// When it was saved.
    pub saved: Option<DateTime<Utc>>,
    /// Why what it says now is not in force. May quote the file.
    pub refused: Option<String>,
    /// Why changes of it are not noticed.
    pub unwatched: Option<String>,
    /// The rules in their order.
    pub rules: Vec<RuleRow>,
    /// The answer that stands above them.
    pub temporary: Option<Temporary>,
}

/// A rule. Its texts may quote the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleRow {
    /// What it is called.
    pub name: String,
    /// Whether it is on.
    pub on: bool,
    /// Its line in the file; `None` for a one-line form.
    pub line: Option<usize>,
    /// What it matches, in short.
    pub when: String,
    /// What it does then, in short.
    pub answer: String,
    /// How often it answered.
    pub hits: u64,
    /// How often it answers at most.
    pub first: Option<u64>,
    /// Since when its hits are counted.
    pub since: DateTime<Utc>,
}

impl Answers {
    /// How many rows there are to choose from: the rules, and the default behind them.
    pub fn count(&self) -> usize {
        self.rules.len() + 1
    }
}

impl Model {
    /// Has the answers asked for again before the next frame that shows something of them.
    pub(super) fn answers_changed(&mut self) {
        self.answers_stale = true;
        if matches!(self.overlay, Some(Overlay::Answers(_))) {
            self.reload();
        }
    }

    /// Whether the answers have to be asked for before the next frame.
    pub fn wants_answers(&self) -> bool {
        let shown = matches!(self.overlay, Some(Overlay::Answers(_))) || self.answers.temporary.is_some();
        shown && self.answers_stale
    }

    /// Takes how things stand.
    pub(super) fn take_answers(&mut self, answers: Answers) {
        self.answers = answers;
        self.answers_stale = false;
        let last = self.answers.count() - 1;
        if let Some(Overlay::Answers(sheet)) = &mut self.overlay {
            sheet.cursor = sheet.cursor.min(last);
        }
    }
}
