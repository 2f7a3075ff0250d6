//! What changes while rules are at work: hits, which are off, limits, chance, the temporary answer.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::chance::Chance;
use super::limit::{Buckets, is_preflight};
use super::subject::Subject;
use super::template::Seen;
use super::when::Turns;
use super::{Plan, Rule, Rules};
use crate::capture::{Answer, Capture, Fault, Request};

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
    /// What is answered. Its `rule` becomes [`TEMPORARY`].
    pub answer: Answer,
    /// For how long.
    pub until: Until,
}

/// The name that stands in a temporary answer for that of a rule.
pub const TEMPORARY: &str = "temporary";

/// How long a temporary answer stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// One request gets it.
    Next,
    /// Every request gets it until it is taken back.
    TakenBack,
}

/// The counters of rules, by their names. It grows with the rules alone, not with the requests.
#[derive(Clone, Debug)]
pub struct Book {
    tallies: BTreeMap<String, Tally>,
    /// Rules that were switched on or off.
    switched: BTreeMap<String, bool>,
    chance: Chance,
    temporary: Option<Temporary>,
    /// When counting began, for rules that were not reset since.
    since: DateTime<Utc>,
}

/// What is counted of a rule.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    /// Requests that it answered or refused.
    pub hits: u64,
    /// Requests that it answered.
    pub answers: u64,
    /// Requests that its conditions held for.
    pub fits: u64,
    pub buckets: Buckets,
    /// When it was reset.
    since: Option<DateTime<Utc>>,
}

impl Book {
    /// An empty book; equal seeds draw equally.
    pub fn new(seed: u64, now: DateTime<Utc>) -> Self {
        let (tallies, switched) = (BTreeMap::new(), BTreeMap::new());
        Self { tallies, switched, chance: Chance::new(seed), temporary: None, since: now }
    }

    /// What is to be done about a request: the temporary answer, else what the first rule that matches says. `None` when
    /// none does.
    pub fn plan(&mut self, rules: &Rules, occasion: &Occasion) -> Option<Plan> {
        if let Some(answer) = self.temporary_answer() {
            return Some(Plan::ready(answer));
        }
        if rules.is_empty() {
            return None;
        }
        let subject = Subject::new(occasion.capture, occasion.now);
        let is_given_leave = self.is_given_leave(rules, &subject);
        rules
            .iter()
            .filter(|rule| !(is_given_leave && rule.only_guards()))
            .find_map(|rule| self.plan_by(rule, &subject))
    }

    /// The temporary answer, which is gone then if it was for one request.
    fn temporary_answer(&mut self) -> Option<Answer> {
        let temporary =
            self.temporary.take_if(|temporary| temporary.until == Until::Next).or_else(|| self.temporary.clone());
        temporary.map(|temporary| Answer { rule: TEMPORARY.to_owned(), ..temporary.answer })
    }

    /// What one rule says; `None` when it does not match, or lets the request through to the rules below.
    fn plan_by(&mut self, rule: &Rule, subject: &Subject) -> Option<Plan> {
        if !self.is_on(rule) {
            return None;
        }
        if let Some(answer) = preflight(rule, subject) {
            return Some(Plan::ready(answer));
        }
        let parts = rule.when.fit(subject)?;
        let tally = self.tallies.entry(rule.name().to_owned()).or_default();
        tally.fits += 1;
        turn(&rule.when.turns, tally.fits, tally.answers).ok()?;
        if rule.when.turns.probability.is_some_and(|chance| self.chance.draw() >= chance) {
            return None;
        }
        if let Some(answer) = rule.limits.refuse(subject, &mut tally.buckets) {
            tally.hits += 1;
            return Some(Plan::ready(Answer { rule: rule.name().to_owned(), ..with_cors(rule, subject, answer) }));
        }
        if rule.only_guards() {
            return None;
        }
        let turn = tally.answers;
        (tally.answers, tally.hits) = (turn + 1, tally.hits + 1);
        let part = if rule.reply(turn).delay.is_some_and(|delay| delay.is_range()) { self.chance.draw() } else { 0.0 };
        Some(rule.plan(turn, &Seen::new(subject, parts), part))
    }

    /// Whether a client that waits for `100 Continue` is left waiting. `request` has no body yet: rules that look at what
    /// only the whole request tells are passed over.
    pub fn withholds_continue(&self, rules: &Rules, request: &Request, remote: &str, now: DateTime<Utc>) -> bool {
        if let Some(temporary) = &self.temporary {
            return temporary.answer.play.fault == Some(Fault::NoContinue);
        }
        let capture = Capture::new(request.clone(), now, remote.to_owned(), String::new());
        let subject = Subject::new(&capture, now);
        let mut chance = self.chance.clone();
        let first = rules.iter().find(|rule| !rule.when.needs_body() && self.would_answer(rule, &subject, &mut chance));
        first.is_some_and(|rule| rule.withholds_continue(self.tally(rule.name()).answers))
    }

    /// Whether the rule would answer or refuse, as far as the head tells. Draws as [`Self::plan`] does.
    fn would_answer(&self, rule: &Rule, subject: &Subject, chance: &mut Chance) -> bool {
        let tally = self.tally(rule.name());
        self.is_on(rule)
            && rule.when.fits_head(subject)
            && turn(&rule.when.turns, tally.fits + 1, tally.answers).is_ok()
            && rule.when.turns.probability.is_none_or(|probability| chance.draw() < probability)
            && !rule.only_guards()
    }

    /// Whether it is a browser that asks for leave, and some rule gives it: such a request never knows a password, so that
    /// rules which only guard do not ask for one.
    pub(super) fn is_given_leave(&self, rules: &Rules, subject: &Subject) -> bool {
        is_preflight(subject) && rules.iter().any(|rule| self.is_on(rule) && preflight(rule, subject).is_some())
    }

    pub(super) fn tally(&self, rule: &str) -> std::borrow::Cow<'_, Tally> {
        self.tallies.get(rule).map_or_else(|| std::borrow::Cow::Owned(Tally::default()), std::borrow::Cow::Borrowed)
    }

    /// How often the rule answered or refused since the file was read or its hits were reset.
    pub fn hits(&self, rule: &str) -> u64 {
        self.tallies.get(rule).map_or(0, |tally| tally.hits)
    }

    /// Since when the hits are counted.
    pub fn since(&self, rule: &str) -> DateTime<Utc> {
        self.tallies.get(rule).and_then(|tally| tally.since).unwrap_or(self.since)
    }

    /// Counts the rule's hits, its sequence and its limits anew.
    pub fn reset(&mut self, rule: &str, now: DateTime<Utc>) {
        self.tallies.insert(rule.to_owned(), Tally { since: Some(now), ..Tally::default() });
    }

    /// Counts everything anew because the file was saved. Which rules are switched on or off is kept, by their names.
    pub fn reloaded(&mut self, rules: &Rules, now: DateTime<Utc>) {
        self.tallies.clear();
        self.switched.retain(|name, _| rules.get(name).is_some());
        self.chance = rules.seed().map_or_else(|| self.chance.clone(), Chance::new);
        self.since = now;
    }

    /// Whether the rule is on: as the file says, unless it was switched.
    pub fn is_on(&self, rule: &Rule) -> bool {
        self.switched.get(rule.name()).copied().unwrap_or(!rule.off)
    }

    /// Switches a rule on or off.
    pub fn switch(&mut self, rule: &str, on: bool) {
        self.switched.insert(rule.to_owned(), on);
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

/// The answer to a browser that asks for leave to send what the rule would answer.
pub(super) fn preflight(rule: &Rule, subject: &Subject) -> Option<Answer> {
    let cors = rule.cors.as_ref().filter(|_| is_preflight(subject) && rule.when.fits_preflight(subject))?;
    Some(Answer { rule: rule.name().to_owned(), ..cors.preflight(subject, &rule.limits.methods) })
}

/// A page is to read a refusal, too.
fn with_cors(rule: &Rule, subject: &Subject, mut answer: Answer) -> Answer {
    if let Some(cors) = &rule.cors {
        cors.add_to(&mut answer.headers, subject);
    }
    answer
}

/// Whether it is the turn of a request: the `fits`th, counted from 1, that the conditions hold for; else why not.
pub(super) fn turn(turns: &Turns, fits: u64, answers: u64) -> Result<(), String> {
    if let Some(first) = turns.first.filter(|first| answers >= *first) {
        return Err(format!("first {first}: it answered {answers} already"));
    }
    match turns.every.filter(|every| !fits.is_multiple_of(*every)) {
        Some(every) => Err(format!("every {every}: {} more", every - fits % every)),
        None => Ok(()),
    }
}
