//! Reading `when`.

use std::sync::Arc;

use regex::{Regex, RegexBuilder};

use crate::capture::Outcome;
use crate::config::{ConfigError, Entry};
use crate::rules::when::{Condition, Jq, PathTest, Test, When, Window, parse_between};

pub(super) const KEYS: [&str; 15] = [
    "method",
    "path",
    "query",
    "header",
    "source",
    "sender",
    "verdict",
    "body",
    "json",
    "first",
    "every",
    "probability",
    "from",
    "until",
    "between",
];

pub(super) const TESTS: [&str; 3] = ["regex", "contains", "not"];

const OUTCOMES: [Outcome; 5] =
    [Outcome::Valid, Outcome::Stale, Outcome::Invalid, Outcome::Missing, Outcome::NotChecked];

pub(super) fn when(entry: &Entry) -> Result<When, ConfigError> {
    let (mut when, mut window) = (When::default(), Window::default());
    let fields = entry.table()?;
    for field in &fields {
        match field.name {
            "first" => when.turns.first = Some(field.number(1..=u64::MAX)?),
            "every" => when.turns.every = Some(field.number(1..=u64::MAX)?),
            "probability" => when.turns.probability = Some(probability(field)?),
            "from" => window.from = Some(moment(field)?),
            "until" => window.until = Some(moment(field)?),
            "between" => window.between = Some(field.parsed(parse_between)?),
            _ => when.conditions.extend(conditions(field)?),
        }
    }
    if !window.is_always() {
        when.conditions.push(Condition::Window(window));
    }
    when.conditions.sort_by_key(Condition::rank);
    Ok(when)
}

fn conditions(field: &Entry) -> Result<Vec<Condition>, ConfigError> {
    Ok(match field.name {
        "method" => vec![Condition::Method(test(field, &|text| Test::Is(text.to_uppercase()))?)],
        "path" => vec![Condition::Path(field.items().iter().map(path).collect::<Result<_, _>>()?)],
        "query" => named(field, Condition::Query)?,
        "header" => named(field, Condition::Header)?,
        "source" => {
            let networks = field.items().iter().map(|item| item.parsed(str::parse)).collect::<Result<_, _>>()?;
            vec![Condition::Source(networks)]
        }
        "sender" => vec![Condition::Sender(test(field, &|text| Test::IsAnyCase(text.to_owned()))?)],
        "verdict" => vec![Condition::Verdict(field.items().iter().map(outcome).collect::<Result<_, _>>()?)],
        "body" => vec![Condition::Body(plain_test(field)?)],
        "json" => field.items().iter().map(json).collect::<Result<_, _>>()?,
        _ => return Err(field.unknown("key of `when`", KEYS)),
    })
}

/// A test for each name in a table.
fn named(field: &Entry, condition: fn(String, Test) -> Condition) -> Result<Vec<Condition>, ConfigError> {
    if !field.is_table() {
        return Err(field.wrong(format_args!("must be a table of names, like {} = {{ name = \"value\" }}", field.name)));
    }
    field.table()?.iter().map(|entry| Ok(condition(entry.name.to_owned(), plain_test(entry)?))).collect()
}

fn plain_test(entry: &Entry) -> Result<Test, ConfigError> {
    test(entry, &|text| Test::Is(text.to_owned()))
}

/// A text, a list of which one must fit, true or false for being there, or a table with one of [`TESTS`].
fn test(entry: &Entry, is: &dyn Fn(&str) -> Test) -> Result<Test, ConfigError> {
    if entry.is_list() {
        let items = entry.items();
        return match &items[..] {
            [] => Err(entry.wrong("is an empty list, which nothing fits")),
            items => Ok(Test::OneOf(items.iter().map(|item| test(item, is)).collect::<Result<_, _>>()?)),
        };
    }
    match () {
        () if entry.is_flag() => Ok(if entry.flag()? { Test::There } else { Test::Absent }),
        () if entry.is_number() => Ok(is(&entry.json().to_string())),
        () if entry.is_text() => Ok(is(entry.text()?)),
        () if entry.is_table() => table_test(entry, is),
        () => Err(entry.wrong("must be a text, a list of texts, true, false, or a table like { regex = \"...\" }")),
    }
}

fn table_test(entry: &Entry, is: &dyn Fn(&str) -> Test) -> Result<Test, ConfigError> {
    match &entry.table()?[..] {
        [one] => match one.name {
            "regex" => Ok(Test::Fits(regex(one)?)),
            "contains" => Ok(Test::Contains(one.text()?.to_owned())),
            "not" => Ok(Test::Not(Box::new(test(one, is)?))),
            _ => Err(one.unknown("test", TESTS)),
        },
        _ => Err(entry.wrong("must have one of `regex`, `contains` and `not`")),
    }
}

fn regex(entry: &Entry) -> Result<Regex, ConfigError> {
    let build = |text: &str| RegexBuilder::new(text).size_limit(1 << 20).build();
    entry.parsed(|text| build(text).map_err(|error| error.to_string().lines().last().unwrap_or_default().to_owned()))
}

fn path(item: &Entry) -> Result<PathTest, ConfigError> {
    if item.is_text() {
        return PathTest::pattern(item.text()?).map_err(|problem| item.wrong(problem));
    }
    match item.is_table().then(|| item.table()).transpose()?.as_deref() {
        Some([one]) if one.name == "regex" => Ok(PathTest::Fits(regex(one)?)),
        _ => Err(item.wrong("must be a pattern like \"/hooks/{name}/**\", a list of them, or { regex = \"...\" }")),
    }
}

fn json(item: &Entry) -> Result<Condition, ConfigError> {
    Ok(Condition::Json(Arc::new(item.parsed(Jq::new)?)))
}

fn outcome(item: &Entry) -> Result<Outcome, ConfigError> {
    let word = item.text()?;
    let known = OUTCOMES.into_iter().find(|outcome| outcome.as_str() == word);
    known.ok_or_else(|| {
        let words = OUTCOMES.map(Outcome::as_str).join(", ");
        item.wrong(format_args!("cannot be {word:?}; there are {words}"))
    })
}

/// A part of one, or a percentage.
fn probability(field: &Entry) -> Result<f64, ConfigError> {
    let percent = |text: &str| text.trim().strip_suffix('%').and_then(|text| text.trim().parse::<f64>().ok());
    let part = if field.is_text() { percent(field.text()?).map(|percent| percent / 100.0) } else { field.decimal() };
    part.filter(|part| (0.0..=1.0).contains(part)).ok_or_else(|| field.wrong("must be from 0 to 1, or like \"10%\""))
}

fn moment(field: &Entry) -> Result<chrono::DateTime<chrono::Utc>, ConfigError> {
    let text = if field.is_text() { Some(field.text()?.to_owned()) } else { field.moment() };
    let moment = text.and_then(|text| chrono::DateTime::parse_from_rfc3339(&text).ok());
    moment.map(Into::into).ok_or_else(|| field.wrong("must be a moment with its zone, like 2026-11-22T12:00:00Z"))
}
