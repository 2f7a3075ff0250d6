//! Known answers: every case of every file in `tests/data/signatures`, and what holds for all schemes alike.
//!
//! A file has a `[given]` request and `[[case]]`s that change something about it and say which verdict is due.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use chrono::{DateTime, Utc};
use hookview::capture::{Body, Covers, Headers, Outcome, Request, Verdict};
use hookview::signature::{Checker, Schemes, Secret};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    given: Case,
    case: Vec<Case>,
}

/// A request and the verdict on it; what a case leaves out is as given.
#[derive(Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Case {
    /// What the case is about.
    why: String,
    /// The scheme that is expected, and with `named` the only one that is tried.
    scheme: Option<String>,
    named: Option<bool>,
    /// The only secret, called `test`; or all of them by name.
    secret: Option<String>,
    secrets: Option<BTreeMap<String, String>>,
    /// The arrival, in seconds since 1970.
    at: Option<i64>,
    method: Option<String>,
    /// The target of the request line.
    url: Option<String>,
    /// Header lines over the given ones, and names of given ones to leave out.
    headers: BTreeMap<String, String>,
    without: Vec<String>,
    body: Option<String>,
    verdict: Option<Outcome>,
    reason: Option<String>,
    signed_by: Option<String>,
    covers: Option<Vec<String>>,
    note: Option<String>,
}

impl Case {
    fn over(self, given: &Self) -> Self {
        let mut headers = given.headers.clone();
        headers.retain(|name, _| !self.without.contains(name));
        headers.extend(self.headers);
        let given = given.clone();
        Self {
            scheme: self.scheme.or(given.scheme),
            named: self.named.or(given.named),
            secrets: self.secrets.or_else(|| Some([("test".to_owned(), self.secret.or(given.secret)?)].into())),
            at: self.at.or(given.at),
            method: self.method.or(given.method),
            url: self.url.or(given.url),
            headers,
            body: self.body.or(given.body),
            secret: None,
            ..self
        }
    }

    fn request(&self) -> Request {
        let mut headers = Headers::default();
        for (name, value) in &self.headers {
            headers.push(name.clone(), value.clone());
        }
        Request {
            method: self.method.clone().unwrap_or("POST".to_owned()).into(),
            target: self.url.clone().unwrap_or("/".to_owned()).into(),
            headers,
            body: Body::whole(self.body.clone().unwrap_or_default()),
            ..Request::default()
        }
    }

    fn verdict(&self) -> Verdict {
        let secrets = self.secrets.iter().flatten();
        let secrets = secrets.map(|(name, value)| Secret::new(name, value.clone().into_bytes())).collect();
        let forced = self.scheme.as_deref().filter(|_| self.named == Some(true));
        let checker = Checker::new(Schemes::builtin(), secrets, forced).unwrap();
        checker.check(&self.request(), self.arrival())
    }

    fn arrival(&self) -> DateTime<Utc> {
        DateTime::from_timestamp(self.at.unwrap_or(1_767_225_600), 0).unwrap()
    }
}

fn cases() -> Vec<(String, Case)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/signatures");
    let mut cases = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let file: File = toml::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let named = |(index, case): (usize, Case)| {
            (format!("{name}, case {}: {}", index + 1, case.why), case.over(&file.given))
        };
        cases.extend(file.case.into_iter().enumerate().map(named));
    }
    cases
}

#[test]
fn known_answers() {
    for (name, case) in cases() {
        let verdict = case.verdict();
        assert_eq!(Some(verdict.outcome), case.verdict, "{name}: {verdict:?}");
        if matches!(verdict.outcome, Outcome::Valid | Outcome::Stale) {
            assert_eq!(verdict.scheme, case.scheme, "{name}");
        }
        assert_eq!(verdict.reason.is_empty(), verdict.outcome == Outcome::Valid, "{name}: {verdict:?}");
        if let Some(reason) = &case.reason {
            assert_eq!(verdict.reason, *reason, "{name}");
        }
        if case.signed_by.is_some() {
            assert_eq!(verdict.secret, case.signed_by, "{name}");
        }
        if let Some(note) = &case.note {
            assert_eq!(verdict.note, *note, "{name}");
        }
        if let Some(covers) = &case.covers {
            let has = |word: &str| covers.iter().any(|cover| cover == word);
            assert_eq!(verdict.covers, Covers { body: has("body"), time: has("time") }, "{name}");
        }
    }
}

#[test]
fn every_scheme_has_a_valid_and_a_bad_answer() {
    let cases = cases();
    let with = |outcome| -> BTreeSet<_> {
        cases
            .iter()
            .filter(|(_, case)| case.verdict == Some(outcome))
            .filter_map(|(_, case)| case.scheme.clone())
            .collect()
    };
    let all: BTreeSet<_> = Schemes::builtin().iter().map(|scheme| scheme.id.clone()).collect();
    assert_eq!(with(Outcome::Valid), all);
    assert_eq!(with(Outcome::Invalid), all);
}
