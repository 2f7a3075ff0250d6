//! A comparison as one JSON object. Numbers and texts are written as they came.

use std::collections::BTreeSet;

use bytes::Bytes;
use serde::Serialize;
use serde_json::value::RawValue;

use super::{Compared, header_value, name};
use crate::config::Settings;
use crate::inspect::{
    BodyDiff, Change, DiffForm, DiffLine, DiffRow, HeaderChange, JsonIndex, LineIndex, Matter, NodeId, compact,
};

/// What is printed.
#[derive(Serialize)]
struct Object {
    a: String,
    b: String,
    equal: bool,
    #[serde(flatten)]
    body: Body,
    headers: Vec<HeaderLine>,
    notes: Vec<String>,
}

#[derive(Serialize)]
#[serde(tag = "compared", rename_all = "lowercase")]
enum Body {
    Json { changes: Vec<Entry>, hidden: Vec<Entry>, repeated: Vec<Entry> },
    Text { lines: Vec<Lines> },
    Bytes { offset: Option<usize>, sizes: [usize; 2] },
}

#[derive(Serialize)]
struct Entry {
    op: &'static str,
    path: String,
    pointer: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<Box<RawValue>>,
    only_space: bool,
}

#[derive(Serialize)]
struct Lines {
    op: &'static str,
    before: Option<TextLine>,
    after: Option<TextLine>,
}

/// A line of text, numbered from 1.
#[derive(Serialize)]
struct TextLine {
    line: usize,
    text: String,
}

#[derive(Serialize)]
struct HeaderLine {
    op: &'static str,
    name: String,
    before: Option<String>,
    after: Option<String>,
}

/// The object as text.
pub fn object(compared: &Compared, settings: &Settings) -> serde_json::Result<String> {
    let (before, after) = compared.parts;
    let comparison = &compared.comparison;
    let diff = &comparison.body;
    let body = match &diff.matter {
        Matter::Json(..) => {
            let list = |changes: &[Change]| changes.iter().map(|change| entry(diff, change)).collect();
            let json = &diff.json;
            Body::Json { changes: list(&json.changes), hidden: list(&json.hidden), repeated: list(&json.repeated) }
        }
        Matter::Text(one, other) => {
            let rows = diff.rows(DiffForm::Side, &BTreeSet::new());
            let row = |n| diff.row(&rows, n).and_then(|row| lines((one, other), row));
            Body::Text { lines: (0..rows.len()).filter_map(row).collect() }
        }
        Matter::Bytes(one, other) => {
            Body::Bytes { offset: diff.first_difference(), sizes: [one.0.len(), other.0.len()] }
        }
    };
    let headers = comparison.headers.iter().map(|change| header(change, settings)).collect();
    let (a, b, notes) = (name(before), name(after), comparison.notes.clone());
    serde_json::to_string(&Object { a, b, equal: comparison.is_equal(), body, headers, notes })
}

/// The word for a sign: `add`, `remove`, `change`.
fn word(sign: char) -> &'static str {
    match sign {
        '+' => "add",
        '-' => "remove",
        _ => "change",
    }
}

fn entry(diff: &BodyDiff, change: &Change) -> Entry {
    let path = diff.path(change);
    let (before, after) = match &diff.matter {
        Matter::Json(one, other) => {
            (change.before.and_then(|id| raw(one.index(), id)), change.after.and_then(|id| raw(other.index(), id)))
        }
        Matter::Text(..) | Matter::Bytes(..) => (None, None),
    };
    let (op, only_space) = (word(change.sign()), change.only_space);
    Entry { op, path: path.jq(), pointer: path.pointer(), before, after, only_space }
}

/// A value as it came, on one line. What an index was made of is valid JSON.
fn raw(index: &JsonIndex, id: NodeId) -> Option<Box<RawValue>> {
    let text = String::from_utf8(compact(index.raw(id).as_bytes()).ok()?).ok()?;
    RawValue::from_string(text).ok()
}

fn lines((one, other): (&LineIndex, &LineIndex), row: DiffRow) -> Option<Lines> {
    let DiffRow::Line(line @ DiffLine { change: Some(_), .. }) = row else { return None };
    let text = |index: &LineIndex, at: usize| TextLine {
        line: at + 1,
        text: String::from_utf8_lossy(index.row(at)).into_owned(),
    };
    Some(Lines {
        op: word(line.sign),
        before: line.before.map(|at| text(one, at)),
        after: line.after.map(|at| text(other, at)),
    })
}

fn header(change: &HeaderChange, settings: &Settings) -> HeaderLine {
    let value = |value: &Option<Bytes>| value.as_ref().map(|value| header_value(&change.name, value, settings));
    HeaderLine {
        op: word(change.sign()),
        name: String::from_utf8_lossy(&change.name).into_owned(),
        before: value(&change.before),
        after: value(&change.after),
    }
}
