//! What each rule would make of a request, in words. Nothing is counted, nothing drawn.

use super::book::{preflight, turn};
use super::subject::Subject;
use super::{Book, Occasion, Rule, Rules};

/// What one rule makes of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explained {
    /// The rule's name.
    pub rule: String,
    /// What it makes of it.
    pub finding: Finding,
}

/// What a rule makes of a request, in words that may hold foreign text: show them only as `Clean`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// It is switched off.
    Off,
    /// It does not match; why.
    Differs(String),
    /// It matches and lets the request through to the rules below; what it asked.
    Guards(String),
    /// It is the first that answers: what it would answer.
    Answers(String),
    /// It matches too, but a rule above answers: what it would answer.
    TooLate(String),
}

impl Book {
    /// What each rule would make of a request now, in their order. Nothing is counted. The temporary answer is not
    /// looked at.
    pub fn explain(&self, rules: &Rules, occasion: &Occasion) -> Vec<Explained> {
        let subject = Subject::new(occasion.capture, occasion.now);
        let (mut answered, is_given_leave) = (false, self.is_given_leave(rules, &subject));
        let explain = |rule: &Rule| {
            let finding = match self.find(rule, &subject) {
                Finding::Answers(_) if is_given_leave && rule.only_guards() => {
                    Finding::Guards("a browser that asks for leave (CORS)".to_owned())
                }
                Finding::Answers(words) if answered => Finding::TooLate(words),
                finding => finding,
            };
            // What chance decides may leave the request to the rules below.
            answered |= matches!(finding, Finding::Answers(_))
                && rule.when.turns.probability.is_none_or(|chance| chance >= 1.0);
            Explained { rule: rule.name().to_owned(), finding }
        };
        rules.iter().map(explain).collect()
    }

    fn find(&self, rule: &Rule, subject: &Subject) -> Finding {
        if !self.is_on(rule) {
            return Finding::Off;
        }
        if let Some(answer) = preflight(rule, subject) {
            return Finding::Answers(format!("{}, leave to send it (CORS)", answer.status));
        }
        if let Some(why) = rule.when.misfit(subject) {
            return Finding::Differs(why);
        }
        let tally = self.tally(rule.name());
        if let Err(why) = turn(&rule.when.turns, tally.fits + 1, tally.answers) {
            return Finding::Differs(why);
        }
        let chance = rule.when.turns.probability.filter(|chance| *chance < 1.0);
        let chance = chance.map_or_else(String::new, |_| format!("by {}: ", rule.when.chance_words()));
        match rule.limits.would_refuse(subject, &tally.buckets) {
            Some(answer) => Finding::Answers(format!("{chance}{}: {}", answer.status, answer.note)),
            None if rule.only_guards() => Finding::Guards(rule.answer_words()),
            None => Finding::Answers(chance + &rule.words_on(tally.answers)),
        }
    }
}
