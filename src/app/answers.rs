//! The rules as the screen shows them: in their order, with what they make of the selected capture, and the temporary
//! answer. Made outside, whenever it is asked for; nothing here decides what is answered.

use chrono::{DateTime, Utc};

use super::Model;
use super::sheet::Overlay;
use crate::capture::CaptureId;
use crate::rules::{Explained, Temporary};

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
    /// The rules in their order.
    pub rules: Vec<RuleRow>,
    /// The answer that stands above them.
    pub temporary: Option<Temporary>,
    /// What they make of the selected capture.
    pub about: Option<About>,
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

/// What the rules would make of a capture, if it came now.
#[derive(Clone, Debug)]
pub struct About {
    /// The capture.
    pub capture: CaptureId,
    /// What each rule makes of it, in their order.
    pub findings: Vec<Explained>,
    /// How its sender would judge the answer, and what it would do then; empty when that is not known.
    pub judgement: String,
}

impl Answers {
    /// The names of the rules that can be chosen, the default behind them.
    pub fn len(&self) -> usize {
        self.rules.len() + 1
    }
}

impl Model {
    /// Has the answers asked for again before the next frame that shows something of them.
    pub(super) fn answers_changed(&mut self) {
        self.answers_stale = true;
    }

    /// Whether the answers have to be asked for before the next frame, and about which capture.
    pub fn wanted_answers(&self) -> Option<Option<CaptureId>> {
        let open = matches!(self.overlay, Some(Overlay::Answers(_)));
        let selected = self.list.selected();
        let other = open && self.answers.about.as_ref().map(|about| about.capture) != selected;
        let stale = self.answers_stale && (open || self.answers.temporary.is_some());
        (stale || other).then_some(selected)
    }

    /// Takes how things stand.
    pub(super) fn take_answers(&mut self, answers: Answers) {
        self.answers = answers;
        self.answers_stale = false;
        let last = self.answers.len() - 1;
        if let Some(Overlay::Answers(sheet)) = &mut self.overlay {
            sheet.cursor = sheet.cursor.min(last);
        }
    }
}
