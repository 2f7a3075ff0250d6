//! The rules as the screen shows them, what they would make of a capture, and changes of them that no file knows.

use chrono::Utc;

use super::Service;
use crate::app::{Answers, Foreseen, RuleRow, RulesChange};
use crate::capture::{Answer, Capture};
use crate::rules::{Book, Occasion, Rule};
use crate::sender;

impl Service {
    /// How things stand with the rules now.
    pub fn answers(&self) -> Answers {
        let standing = self.rulebook.standing().borrow().clone();
        let (rules, temporary) = self.rulebook.with(|rules, book| {
            let rows = rules.iter().map(|rule| row(rule, book)).collect();
            (rows, book.temporary().cloned())
        });
        Answers {
            file: standing.file.map(|path| path.display().to_string()),
            place: self.rulebook.place().map(|path| path.display().to_string()),
            saved: standing.saved,
            refused: standing.refused,
            unwatched: standing.unwatched,
            rules,
            temporary,
        }
    }

    /// What would be answered if a capture came now. Nothing is counted.
    pub fn foresee(&self, capture: &Capture) -> Foreseen {
        let occasion = Occasion { capture, now: Utc::now() };
        let (findings, plan) = self.rulebook.with(|rules, book| {
            let findings = book.explain(rules, &occasion);
            // The temporary answer is not what the rules say.
            let mut book = book.clone();
            book.set_temporary(None);
            (findings, book.plan(rules, &occasion))
        });
        let answer = plan.map_or_else(|| Answer::text(200, "OK\n", "default"), |plan| plan.answer);
        let sender = capture.identity.sender.as_deref();
        Foreseen { findings, judgement: sender.and_then(|sender| sender::judge_answer(sender, &answer)) }
    }

    /// Changes what the rules do, not their file.
    pub fn change_rules(&self, change: RulesChange) {
        let now = Utc::now();
        self.rulebook.with(|_, book| match change {
            RulesChange::Switch(rule, on) => book.switch(&rule, on),
            RulesChange::Reset(rule) => book.reset(&rule, now),
            RulesChange::Temporary(temporary) => book.set_temporary(temporary.map(|temporary| *temporary)),
        });
    }
}

fn row(rule: &Rule, book: &Book) -> RuleRow {
    RuleRow {
        name: rule.name().to_owned(),
        on: book.is_on(rule),
        line: rule.line(),
        when: rule.when_words(),
        answer: rule.answer_words(),
        hits: book.hits(rule.name()),
        first: rule.first(),
        since: book.since(rule.name()),
    }
}
