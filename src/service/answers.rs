//! The rules as the screen shows them, what they would make of a capture, and changes of them that no file knows.

use chrono::Utc;

use super::Service;
use super::answering::{above_rules, below_rules};
use crate::app::{Answers, Foreseen, RuleRow, RulesChange};
use crate::capture::Capture;
use crate::rules::{Book, Explained, Occasion, Plan, Rule};
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

    /// What would be answered if a capture came now, the temporary answer aside, as far as that is known before anything is
    /// done for it. Nothing is counted, and nothing learned.
    pub fn foresee(&self, capture: &Capture) -> Foreseen {
        // What the receiver says of a broken request, it would say again.
        let answer = capture.answer.clone().filter(|_| capture.problem.is_some());
        let capture = &Capture { answer, ..capture.clone() };
        let reply = self.handshake_as_known(capture);
        let above = above_rules(&self.checker(), capture, reply.as_ref());
        let above_rules = above.is_some();
        let (findings, plan) = self.findings(capture);
        let ruled = plan.filter(|_| capture.problem.is_none()).map(|plan| plan.answer);
        let answer = above.or(ruled).unwrap_or_else(|| below_rules(capture, reply.as_ref()));
        let sender = capture.identity.sender.as_deref();
        let judgement = sender.and_then(|sender| sender::judge_answer(sender, &answer));
        Foreseen { findings, answer, above_rules, judgement }
    }

    fn findings(&self, capture: &Capture) -> (Vec<Explained>, Option<Plan>) {
        let occasion = Occasion { capture, now: Utc::now() };
        self.rulebook.with(|rules, book| {
            let findings = book.explain(rules, &occasion);
            // The temporary answer is not what the rules say.
            let mut book = book.clone();
            book.set_temporary(None);
            (findings, book.plan(rules, &occasion))
        })
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
