//! What lies on the desk beside the program: its rules file and a template, both without a disk and a clock.

use std::io;
use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use hookview::app::sheet::{LabAsk, LabNews, LabRow};
use hookview::app::{Answers, Foreseen, RuleRow};
use hookview::capture::{Answer, Capture, CaptureId};
use hookview::lab::{Definition, Sample, Tryout, dialect_of};
use hookview::rules::{Book, Occasion, Rule, Rules};
use hookview::sender::judge_answer;
use hookview::store::Store;

use super::stage::first;

/// What the rules file is called.
const FILE: &str = "hookview.toml";
/// How long every trial of a template takes, in microseconds.
const TRIAL: u64 = 400;

/// A rules file, saved a minute before the first request arrives.
pub struct RulesFile {
    rules: Rules,
    book: Book,
    saved: DateTime<Utc>,
}

impl RulesFile {
    /// One that says this.
    pub fn new(text: &str) -> Self {
        let alone = |_: &Path, _: Option<&Path>| Err(io::Error::from(io::ErrorKind::NotFound));
        let saved = first() - TimeDelta::minutes(1);
        Self { rules: Rules::parse(text, Path::new(FILE), &alone).unwrap(), book: Book::new(1, saved), saved }
    }

    /// What a request is answered by the rules when it arrives; counts it.
    pub fn answer(&mut self, capture: &Capture) -> Option<Answer> {
        let occasion = Occasion { capture, now: capture.received_at };
        self.book.plan(&self.rules, &occasion).map(|plan| plan.answer)
    }

    /// How things stand with the rules.
    pub fn answers(&self) -> Answers {
        Answers {
            file: Some(FILE.to_owned()),
            place: Some(FILE.to_owned()),
            saved: Some(self.saved),
            rules: self.rules.iter().map(|rule| self.row(rule)).collect(),
            ..Answers::default()
        }
    }

    fn row(&self, rule: &Rule) -> RuleRow {
        RuleRow {
            name: rule.name().to_owned(),
            on: self.book.is_on(rule),
            line: rule.line(),
            when: rule.when_words(),
            answer: rule.answer_words(),
            hits: self.book.hits(rule.name()),
            first: rule.first(),
            since: self.book.since(rule.name()),
        }
    }

    /// What they would make of a capture if it came now.
    pub fn foresee(&self, capture: &Capture, now: DateTime<Utc>) -> Foreseen {
        let occasion = Occasion { capture, now };
        let plan = self.book.clone().plan(&self.rules, &occasion);
        let answer = plan.map_or_else(|| Answer::text(200, "OK\n", "default"), |plan| plan.answer);
        let sender = capture.identity.sender.as_deref();
        Foreseen {
            findings: self.book.explain(&self.rules, &occasion),
            judgement: sender.and_then(|sender| judge_answer(sender, &answer)),
            answer,
            ..Foreseen::default()
        }
    }
}

/// The lab's bench with a template on it.
pub struct Bench {
    /// What it says.
    pub template: &'static str,
    /// When it was saved.
    pub saved: DateTime<Utc>,
}

impl Bench {
    /// What the lab is told when it asks.
    pub fn news(&self, ask: &LabAsk, store: &Store) -> Vec<LabNews> {
        let all = || store.summaries().unwrap().iter().rev().map(|row| self.row(row.id, store)).collect();
        match ask {
            LabAsk::Open(_) => {
                vec![LabNews::Read(Ok(Box::new(self.definition())), self.saved), LabNews::Tried(all(), 0)]
            }
            LabAsk::Show(id) => vec![LabNews::Shown(*id, Some(Box::new(self.tryout(*id, store))), TRIAL)],
            LabAsk::More(_) | LabAsk::System(_) => Vec::new(),
        }
    }

    fn row(&self, id: CaptureId, store: &Store) -> LabRow {
        LabRow::of(id, &self.tryout(id, store))
    }

    fn definition(&self) -> Definition {
        Definition::of_body("slack.j2", self.template)
    }

    fn tryout(&self, id: CaptureId, store: &Store) -> Tryout {
        let capture = store.get(id).unwrap().unwrap();
        let (label, json) = (id.to_string(), &capture.request.body.bytes);
        let sample = Sample { json, label: &label, content_type: None, now: self.saved };
        Tryout::of(&self.definition(), dialect_of(capture.identity.sender.as_deref()), &sample)
    }
}
