//! What a rule matches: conditions that must all hold, and whose turn it is among the requests for which they do.

pub(super) mod jq;
mod path;
mod source;
mod test;
mod window;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use crate::capture::Outcome;

use super::subject::Subject;

pub(super) use jq::Jq;
pub(super) use path::{Parts, PathTest};
pub(super) use source::Network;
pub(super) use test::Test;
pub(super) use window::{Window, parse_between};

/// What a rule matches.
#[derive(Clone, Debug, Default)]
pub(super) struct When {
    /// All of these hold, looked at in this order.
    pub conditions: Vec<Condition>,
    pub turns: Turns,
}

/// Which of the requests that fit are meant.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Turns {
    /// The first so many.
    pub first: Option<u64>,
    /// Every so manieth.
    pub every: Option<u64>,
    /// By chance, from 0 to 1.
    pub probability: Option<f64>,
}

/// Something that must hold of a request.
#[derive(Clone, Debug)]
pub(super) enum Condition {
    Method(Test),
    /// One of these.
    Path(Vec<PathTest>),
    Query(String, Test),
    Header(String, Test),
    Source(Vec<Network>),
    Window(Window),
    Sender(Test),
    Verdict(Vec<Outcome>),
    Body(Test),
    Json(Arc<Jq>),
}

impl When {
    /// The named parts of the path when all holds.
    pub fn fit(&self, subject: &Subject) -> Option<Parts> {
        self.fit_those(subject, |_| true)
    }

    /// Why not all holds, in words: making them takes longer than to see that it does not.
    pub fn misfit(&self, subject: &Subject) -> Option<String> {
        self.conditions.iter().find_map(|condition| condition.misfit(subject))
    }

    /// The same as far as the head tells, for a request whose body is still to come.
    pub fn fits_head(&self, subject: &Subject) -> bool {
        self.fit_those(subject, Condition::is_of_head).is_some()
    }

    /// Whether the request that a browser asks leave for would fit, as far as the question tells.
    pub fn fits_preflight(&self, subject: &Subject) -> bool {
        let told = |condition: &Condition| {
            matches!(condition, Condition::Path(_) | Condition::Query(..) | Condition::Source(_) | Condition::Window(_))
        };
        let wanted = subject.header("access-control-request-method");
        let method = self.conditions.iter().all(|condition| match condition {
            Condition::Method(test) => test.holds(&wanted),
            _ => true,
        });
        method && self.fit_those(subject, told).is_some()
    }

    /// Whether it depends on what only the whole request tells.
    pub fn needs_body(&self) -> bool {
        !self.conditions.iter().all(Condition::is_of_head)
    }

    /// `chance 10%`
    pub fn chance_words(&self) -> String {
        format!("chance {}", percent(self.turns.probability.unwrap_or(1.0)))
    }

    fn fit_those(&self, subject: &Subject, which: impl Fn(&Condition) -> bool) -> Option<Parts> {
        let mut parts = Parts::new();
        for condition in self.conditions.iter().filter(|condition| which(condition)) {
            parts.extend(condition.fit(subject)?);
        }
        Some(parts)
    }
}

impl Condition {
    /// Those of the head come first, and those that take the longest last.
    pub fn rank(&self) -> u8 {
        match self {
            Self::Method(_) => 0,
            Self::Path(_) => 1,
            Self::Query(..) => 2,
            Self::Header(..) => 3,
            Self::Source(_) => 4,
            Self::Window(_) => 5,
            Self::Sender(_) => 6,
            Self::Verdict(_) => 7,
            Self::Body(_) => 8,
            Self::Json(_) => 9,
        }
    }

    fn is_of_head(&self) -> bool {
        !matches!(self, Self::Sender(_) | Self::Verdict(_) | Self::Body(_) | Self::Json(_))
    }

    /// The named parts of the path when it holds.
    fn fit(&self, subject: &Subject) -> Option<Parts> {
        match self {
            Self::Path(tests) => tests.iter().find_map(|test| test.fit(subject)),
            _ => self.holds(subject).is_ok_and(|holds| holds).then(Parts::new),
        }
    }

    /// Why it does not hold.
    fn misfit(&self, subject: &Subject) -> Option<String> {
        match self.holds(subject) {
            Ok(true) => None,
            Ok(false) => Some(self.difference(subject)),
            Err(why) => Some(why),
        }
    }

    fn holds(&self, subject: &Subject) -> Result<bool, String> {
        Ok(match self {
            Self::Path(tests) => tests.iter().any(|test| test.fit(subject).is_some()),
            Self::Method(test) => test.holds(&[subject.request().method_text()]),
            Self::Query(name, test) => test.holds(&subject.field(name)),
            Self::Header(name, test) => test.holds(&subject.header(name)),
            Self::Source(networks) => {
                subject.source().is_some_and(|source| networks.iter().any(|network| network.has(source)))
            }
            Self::Window(window) => window.is_open(subject.now),
            Self::Sender(test) => test.holds(&sender(subject)),
            Self::Verdict(outcomes) => outcomes.contains(&subject.capture.verdict.outcome),
            Self::Body(test) => test.holds(&[String::from_utf8_lossy(subject.body()?)]),
            Self::Json(jq) => jq.holds(subject.value()?).map_err(|error| format!("json {}: {error}", jq.text()))?,
        })
    }

    /// Why it does not hold: what is wanted, and what there is.
    fn difference(&self, subject: &Subject) -> String {
        let values = |values: Vec<Cow<str>>| if values.is_empty() { "not there".to_owned() } else { values.join(", ") };
        let found = match self {
            Self::Method(_) => subject.request().method_text().into_owned(),
            Self::Query(name, _) => values(subject.field(name)),
            Self::Header(name, _) => values(subject.header(name)),
            Self::Source(_) => subject.capture.remote.clone(),
            Self::Window(_) => subject.now.format("%Y-%m-%d %H:%M:%SZ").to_string(),
            Self::Sender(_) => subject.capture.identity.sender.clone().unwrap_or_else(|| "not known".to_owned()),
            Self::Verdict(_) => subject.capture.verdict.outcome.as_str().to_owned(),
            Self::Path(_) => return format!("{self} is not {}", subject.path),
            Self::Body(_) | Self::Json(_) => return format!("{self} does not hold"),
        };
        format!("wants {self}, it is {found}")
    }
}

fn sender<'a>(subject: &'a Subject) -> Vec<Cow<'a, str>> {
    subject.capture.identity.sender.iter().map(Into::into).collect()
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Method(test) => write!(f, "method {}", bare(test)),
            Self::Path(tests) => write!(f, "path {}", joined(tests)),
            Self::Query(name, test) => write!(f, "query {name} {test}"),
            Self::Header(name, test) => write!(f, "header {name} {test}"),
            Self::Source(networks) => write!(f, "source {}", joined(networks)),
            Self::Window(window) => write!(f, "{window}"),
            Self::Sender(test) => write!(f, "sender {}", bare(test)),
            Self::Verdict(outcomes) => {
                write!(
                    f,
                    "verdict {}",
                    outcomes.iter().map(|outcome| outcome.as_str()).collect::<Vec<_>>().join(" or ")
                )
            }
            Self::Body(test) => write!(f, "body {test}"),
            Self::Json(jq) => write!(f, "json {}", jq.text()),
        }
    }
}

/// A test behind a name that needs no sign: `PUT` for `= PUT`.
fn bare(test: &Test) -> String {
    let words = test.to_string();
    words.strip_prefix("= ").map_or(words.clone(), str::to_owned)
}

fn joined<T: ToString>(items: &[T]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ")
}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = self.turns.first.map(|first| format!("first {first}"));
        let every = self.turns.every.map(|every| format!("every {every}"));
        let chance = self.turns.probability.map(|_| self.chance_words());
        let conditions = self.conditions.iter().map(ToString::to_string);
        let words: Vec<String> = conditions.chain([first, every, chance].into_iter().flatten()).collect();
        f.write_str(if words.is_empty() { "anything" } else { "" })?;
        f.write_str(&words.join(", "))
    }
}

/// `12.5%`, to a tenth.
fn percent(part: f64) -> String {
    format!("{:.1}", part * 100.0).trim_end_matches(".0").to_owned() + "%"
}
