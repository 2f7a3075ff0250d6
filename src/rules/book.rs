//! What changes while rules are at work: hits, which are off, limits, chance, the temporary answer.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::{Plan, Rules};
use crate::capture::{Answer, Capture, Request};

/// A request to be answered, and the clock.
#[derive(Clone, Copy, Debug)]
pub struct Occasion<'a> {
    /// The request with its verdict and its sender.
    pub capture: &'a Capture,
    /// When it is answered.
    pub now: DateTime<Utc>,
}

/// An answer that stands above all rules for a while, and is in no file.
#[derive(Clone, Debug, PartialEq)]
pub struct Temporary {
    /// What is answered. Its `rule` is filled in.
    pub answer: Answer,
    /// For how long.
    pub until: Until,
}

/// How long a temporary answer stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// One request gets it.
    Next,
    /// Every request gets it until it is taken back.
    TakenBack,
}

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
    /// It matches and only guards: what is let through goes on to the rules below.
    Guards(String),
    /// It is the first that matches: what it would answer.
    Answers(String),
    /// It matches too, but a rule above answers: what it would answer.
    TooLate(String),
}

/// The counters of rules, by their names.
#[derive(Clone, Debug, Default)]
pub struct Book {
    hits: BTreeMap<String, u64>,
    off: BTreeSet<String>,
    temporary: Option<Temporary>,
}

impl Book {
    /// An empty book; equal seeds draw equally.
    pub fn new(_seed: u64, _now: DateTime<Utc>) -> Self {
        Self::default()
    }

    /// What is to be done about a request: the temporary answer, else what the first rule that matches says. `None` when
    /// none does.
    pub fn plan(&mut self, _rules: &Rules, _occasion: &Occasion) -> Option<Plan> {
        None
    }

    /// What each rule would make of a request now, in their order. Nothing is counted.
    pub fn explain(&self, _rules: &Rules, _occasion: &Occasion) -> Vec<Explained> {
        Vec::new()
    }

    /// Whether a client that waits for `100 Continue` is left waiting. `request` has no body yet.
    pub fn withholds_continue(&self, _rules: &Rules, _request: &Request, _remote: &str, _now: DateTime<Utc>) -> bool {
        false
    }

    /// How often the rule answered since the file was read or its hits were reset.
    pub fn hits(&self, rule: &str) -> u64 {
        self.hits.get(rule).copied().unwrap_or(0)
    }

    /// Since when the hits are counted.
    pub fn since(&self, _rule: &str) -> DateTime<Utc> {
        DateTime::default()
    }

    /// Counts the rule's hits, its sequence and its limits anew.
    pub fn reset(&mut self, rule: &str, _now: DateTime<Utc>) {
        self.hits.remove(rule);
    }

    /// Counts everything anew because the file was saved. Which rules are switched on or off is kept, by their names.
    pub fn reloaded(&mut self, _rules: &Rules, _now: DateTime<Utc>) {
        self.hits.clear();
    }

    /// Whether the rule is on: as the file says, unless it was switched.
    pub fn is_on(&self, rule: &super::Rule) -> bool {
        !self.off.contains(rule.name())
    }

    /// Switches a rule on or off.
    pub fn switch(&mut self, rule: &str, on: bool) {
        if on {
            self.off.remove(rule);
        } else {
            self.off.insert(rule.to_owned());
        }
    }

    /// Sets the temporary answer, or takes it back.
    pub fn set_temporary(&mut self, temporary: Option<Temporary>) {
        self.temporary = temporary;
    }

    /// The temporary answer that stands.
    pub fn temporary(&self) -> Option<&Temporary> {
        self.temporary.as_ref()
    }
}
