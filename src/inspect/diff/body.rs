//! Two bodies compared, each in the form that suits both: JSON by meaning, text line by line, else byte by byte.

use std::sync::Arc;

use bytes::Bytes;
use thiserror::Error;

use super::super::{BodyView, Clean, Hex, JsonIndex, LineIndex, NodeId, NodeKind, Piece, Role, View, bytes_exact};
use super::rows::{DiffLine, DiffRow, byte_rows, json_rows, text_rows};
use super::{Change, Hidden, JsonDiff, Stopped, json_diff};

/// Bytes in a row of bytes that are compared: two of them fit beside each other in 100 columns.
const BYTES: usize = 8;
/// A value in a list of changes shows at most this many bytes.
const SHOWN: usize = 2048;

/// One of the two snapshots of an object that a payload can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Snapshot {
    /// The object before the change.
    Prechange,
    /// The object after it.
    Postchange,
}

impl Snapshot {
    /// Its key within `snapshots`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Prechange => "prechange",
            Self::Postchange => "postchange",
        }
    }
}

/// A body has no such snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NoSnapshot {
    /// The body is not JSON.
    #[error("the body is not JSON, so it has no snapshots")]
    NotJson,
    /// It is not there.
    #[error("the body has no snapshots.{}", .0.name())]
    Missing(Snapshot),
}

/// A body, or a part of one, to be compared.
#[derive(Clone, Debug)]
pub enum Comparable {
    /// JSON.
    Json(Arc<JsonIndex>),
    /// Text.
    Text(Bytes),
    /// Bytes.
    Bytes(Bytes),
}

impl From<&BodyView> for Comparable {
    fn from(body: &BodyView) -> Self {
        match &body.view {
            View::Json(tree) => Self::Json(tree.index().clone()),
            View::Text(text) => Self::Text(text.lines.bytes().clone()),
            View::Form(fields) => {
                let lines: Vec<String> = fields.iter().map(|(name, value)| format!("{name} = {value}\n")).collect();
                Self::Text(lines.concat().into())
            }
            View::Hex(_) => Self::Bytes(body.bytes.clone()),
            View::Multipart(_) if std::str::from_utf8(&body.bytes).is_err() => Self::Bytes(body.bytes.clone()),
            View::Multipart(_) | View::Empty => Self::Text(body.bytes.clone()),
        }
    }
}

impl Comparable {
    /// One of the snapshots in a body. `null` is one, too: what did not exist.
    pub fn snapshot(&self, which: Snapshot) -> Result<Self, NoSnapshot> {
        let Self::Json(index) = self else { return Err(NoSnapshot::NotJson) };
        let found = index.child_named(0, "snapshots").and_then(|id| index.child_named(id, which.name()));
        let id = found.ok_or(NoSnapshot::Missing(which))?;
        let part = Bytes::copy_from_slice(index.raw(id).as_bytes());
        JsonIndex::build(part).map(|index| Self::Json(Arc::new(index))).map_err(|_| NoSnapshot::Missing(which))
    }

    fn bytes(&self) -> &Bytes {
        match self {
            Self::Json(index) => index.bytes(),
            Self::Text(bytes) | Self::Bytes(bytes) => bytes,
        }
    }
}

/// What the two bodies are compared as.
#[derive(Clone, Debug)]
pub enum Matter {
    /// JSON, by meaning.
    Json(Arc<JsonIndex>, Arc<JsonIndex>),
    /// Text, line by line.
    Text(LineIndex, LineIndex),
    /// Bytes.
    Bytes(Hex, Hex),
}

/// What differs between two bodies.
#[derive(Clone, Debug)]
pub struct BodyDiff {
    /// What they are compared as.
    pub matter: Matter,
    /// Both bodies as rows that belong beside each other.
    pub rows: Vec<DiffRow>,
    /// In how many places they differ.
    pub count: usize,
    /// What differs, of JSON.
    pub json: JsonDiff,
}

/// Compares two bodies. `stop` is asked now and then; takes up to a second for two of 10 MiB.
pub fn body_diff(
    (before, after): (&Comparable, &Comparable),
    hidden: &Hidden,
    stop: &dyn Fn() -> bool,
) -> Result<BodyDiff, Stopped> {
    if let (Comparable::Json(one), Comparable::Json(other)) = (before, after) {
        let mut json = json_diff((one, other), &|path| hidden.hides(path), stop)?;
        hidden.set_apart(&mut json);
        if stop() {
            return Err(Stopped);
        }
        let rows = json_rows((one, other), &json);
        return Ok(BodyDiff {
            matter: Matter::Json(one.clone(), other.clone()),
            rows,
            count: json.changes.len(),
            json,
        });
    }
    let (one, other) = (before.bytes().clone(), after.bytes().clone());
    let json = JsonDiff::default();
    if matches!(before, Comparable::Bytes(_)) || matches!(after, Comparable::Bytes(_)) {
        let (one, other) = (Hex(one), Hex(other));
        let (rows, count) = byte_rows(&one, &other, BYTES);
        return Ok(BodyDiff { matter: Matter::Bytes(one, other), rows, count, json });
    }
    let (one, other) = (LineIndex::build(one), LineIndex::build(other));
    let (rows, count) = text_rows(&one, &other);
    Ok(BodyDiff { matter: Matter::Text(one, other), rows, count, json })
}

impl BodyDiff {
    /// What the line has in the first body and in the second; nothing where it is not there.
    pub fn sides(&self, line: DiffLine) -> (Vec<Piece>, Vec<Piece>) {
        let side = |place: Option<usize>, which| place.map(|at| self.line(which, at, line.closing)).unwrap_or_default();
        (side(line.before, false), side(line.after, true))
    }

    fn line(&self, second: bool, place: usize, closing: bool) -> Vec<Piece> {
        match &self.matter {
            Matter::Json(one, other) => (if second { other } else { one }).line(place, closing),
            Matter::Text(one, other) => {
                vec![(Role::Text, Clean::bytes((if second { other } else { one }).row(place)))]
            }
            Matter::Bytes(one, other) => {
                let row = (if second { other } else { one }).row(place, BYTES);
                vec![(Role::Text, Clean::text(&format!("{}  {}  {}", row.address, row.digits, row.text)))]
            }
        }
    }

    /// The value of a JSON change before and after, on one line each; a long one says how long it is.
    pub fn values(&self, change: &Change) -> (Option<Clean>, Option<Clean>) {
        let Matter::Json(one, other) = &self.matter else { return (None, None) };
        let text = |index: &JsonIndex, id| {
            let raw = index.raw(id);
            let shown = (0..=raw.len().min(SHOWN)).rev().find(|at| raw.is_char_boundary(*at)).unwrap_or(0);
            let spaced = raw[..shown].split_whitespace().collect::<Vec<_>>().join(" ");
            let text = if index.kind(id) == NodeKind::String { &raw[..shown] } else { &spaced };
            let rest = if shown < raw.len() { format!("… {}", bytes_exact(raw.len() as u64)) } else { String::new() };
            Clean::text(&format!("{text}{rest}"))
        };
        (change.before.map(|id| text(one, id)), change.after.map(|id| text(other, id)))
    }

    /// The same to be read: strings as they are meant.
    pub fn readable(&self, change: &Change) -> (Option<Clean>, Option<Clean>) {
        let Matter::Json(one, other) = &self.matter else { return (None, None) };
        let (before, after) = self.values(change);
        let meant = |index: &JsonIndex, id: Option<NodeId>, value: Option<Clean>| {
            let is_short = |id: &NodeId| index.kind(*id) == NodeKind::String && index.raw(*id).len() <= SHOWN;
            let meant = id.filter(is_short).map(|id| Clean::text(&format!("\"{}\"", index.value_text(id))));
            meant.or(value)
        };
        (meant(one, change.before, before), meant(other, change.after, after))
    }

    /// What a JSON change is about: `number`, `string`; of one that changed it, both: `null, string`.
    pub fn kinds(&self, change: &Change) -> String {
        let Matter::Json(one, other) = &self.matter else { return String::new() };
        let kinds = [change.before.map(|id| one.kind(id)), change.after.map(|id| other.kind(id))];
        let mut names: Vec<&str> = kinds.into_iter().flatten().map(NodeKind::name).collect();
        names.dedup();
        names.join(", ")
    }

    /// The first byte that differs, where bytes are compared.
    pub fn first_difference(&self) -> Option<usize> {
        let Matter::Bytes(one, other) = &self.matter else { return None };
        let (one, other) = (&one.0, &other.0);
        let shared = one.iter().zip(other).take_while(|(one, other)| one == other).count();
        (shared < one.len().max(other.len())).then_some(shared)
    }

    /// The paths at which changes are left out, without the dot before them; each once.
    pub fn hidden_paths(&self) -> Vec<String> {
        let path = |change: &Change| change.path.jq().trim_start_matches('.').to_owned();
        self.json.hidden.iter().map(path).collect()
    }
}
