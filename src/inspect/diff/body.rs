//! Two bodies compared, each in the form that suits both: JSON by meaning, text line by line, else byte by byte.

use std::sync::Arc;

use bytes::Bytes;
use thiserror::Error;

use super::super::{BodyView, Hex, JsonIndex, LineIndex, NodeKind, NodePath, View, pretty};
use super::blocks::{Block, Kind};
use super::making::{Making, Watch};
use super::{Change, Document, Hidden, JsonDiff, Stopped, lines, walk};

/// Bytes in a row of bytes that are compared: two of them fit beside each other in 100 columns.
pub const BYTES: usize = 8;
/// So many paths that are left out are named.
const NAMED: usize = 20;

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

    /// How many bytes there are to compare.
    pub fn size(&self) -> usize {
        self.bytes().len()
    }

    /// The bytes to be compared with those of another body. JSON beside nothing is told line by line.
    fn bytes_beside(&self, other: &Self) -> Bytes {
        match self {
            Self::Json(index) if other.bytes().is_empty() => {
                pretty(index.bytes()).map_or_else(|_| index.bytes().clone(), Bytes::from)
            }
            body => body.bytes().clone(),
        }
    }
}

/// What the two bodies are compared as.
#[derive(Clone, Debug)]
pub enum Matter {
    /// JSON, by meaning.
    Json(Arc<Document>, Arc<Document>),
    /// Text, line by line.
    Text(Arc<LineIndex>, Arc<LineIndex>),
    /// Bytes.
    Bytes(Hex, Hex),
}

/// What differs between two bodies, as far as they were compared.
#[derive(Clone, Debug)]
pub struct BodyDiff {
    /// What they are compared as.
    pub matter: Matter,
    /// What differs, of JSON.
    pub json: JsonDiff,
    /// How much of the bodies was compared, in percent; 100 when all was.
    pub percent: u8,
    /// Both bodies as lines that belong beside each other.
    pub(super) blocks: Vec<Block>,
    /// The block of each change.
    pub(super) firsts: Vec<u32>,
}

/// Compares two bodies. `watch` sees now and then (about every millisecond) what was found so far, and says whether it
/// goes on; when not, what was found so far is what comes of it. Takes up to some seconds for two of 10 MiB.
pub fn body_diff((before, after): (&Comparable, &Comparable), hidden: &Hidden, watch: &mut Watch<'_>) -> BodyDiff {
    let matter = Matter::of(before, after);
    let total = matter.line_counts().0 + matter.line_counts().1;
    let start = BodyDiff {
        matter: matter.clone(),
        json: JsonDiff::default(),
        percent: 0,
        blocks: Vec::new(),
        firsts: Vec::new(),
    };
    let mut making = Making::new(start, total, watch);
    let outcome = making.ask().and_then(|()| compare(&matter, hidden, &mut making));
    making.end(outcome)
}

fn compare(matter: &Matter, hidden: &Hidden, making: &mut Making<'_>) -> Result<(), Stopped> {
    match matter {
        Matter::Json(one, other) => walk::documents((one, other), hidden, making),
        Matter::Text(one, other) => lines::texts((one, other), making),
        Matter::Bytes(one, other) => lines::bytes((&one.0, &other.0), BYTES, making),
    }
}

impl Matter {
    fn of(before: &Comparable, after: &Comparable) -> Self {
        if let (Comparable::Json(one), Comparable::Json(other)) = (before, after) {
            let document = |index: &Arc<JsonIndex>| Arc::new(Document::new(index.clone()));
            return Self::Json(document(one), document(other));
        }
        let (one, other) = (before.bytes_beside(after), after.bytes_beside(before));
        if matches!(before, Comparable::Bytes(_)) || matches!(after, Comparable::Bytes(_)) {
            return Self::Bytes(Hex(one), Hex(other));
        }
        Self::Text(Arc::new(LineIndex::build(one)), Arc::new(LineIndex::build(other)))
    }

    /// How many lines the bodies have.
    fn line_counts(&self) -> (usize, usize) {
        match self {
            Self::Json(one, other) => (one.line_count(), other.line_count()),
            Self::Text(one, other) => (one.row_count(), other.row_count()),
            Self::Bytes(one, other) => (one.row_count(BYTES), other.row_count(BYTES)),
        }
    }
}

impl BodyDiff {
    /// In how many places they differ.
    pub fn count(&self) -> usize {
        self.firsts.len()
    }

    /// Whether all was compared.
    pub fn is_whole(&self) -> bool {
        self.percent == 100
    }

    /// Where a JSON change is: in the second document, for what was removed in the first.
    pub fn path(&self, change: &Change) -> NodePath {
        match (&self.matter, change.before, change.after) {
            (Matter::Json(_, other), _, Some(after)) => other.path(after),
            (Matter::Json(one, _), Some(before), _) => one.path(before),
            _ => NodePath::default(),
        }
    }

    /// The number of the JSON change at a path.
    pub fn change_at_path(&self, path: &NodePath) -> Option<usize> {
        let Matter::Json(one, other) = &self.matter else { return None };
        let there = |document: &Document| Some(document.index().find(path)).filter(|id| document.path(*id) == *path);
        let (before, after) = (there(one), there(other));
        let changes = &self.json.changes;
        let is = changes.iter().position(|change| after.is_some() && change.after == after);
        let was =
            || changes.iter().position(|change| change.after.is_none() && before.is_some() && change.before == before);
        is.or_else(was)
    }

    /// What a JSON change is about: `number`, `string`; of one that changed it, both: `null, string`.
    pub fn kinds(&self, change: &Change) -> String {
        let Matter::Json(one, other) = &self.matter else { return String::new() };
        let kinds = [change.before.map(|id| one.index().kind(id)), change.after.map(|id| other.index().kind(id))];
        let mut names: Vec<&str> = kinds.into_iter().flatten().map(NodeKind::name).collect();
        names.dedup();
        names.join(", ")
    }

    /// The first byte that differs, where bytes are compared.
    pub fn first_difference(&self) -> Option<usize> {
        let Matter::Bytes(one, other) = &self.matter else { return None };
        let block = self.blocks.iter().find(|block| matches!(block.kind, Kind::Changed(_)))?;
        let start = block.before.start().max(block.after.start()) * BYTES;
        let (one, other) = (one.0.get(start..)?, other.0.get(start..)?);
        Some(start + one.iter().zip(other).take_while(|(one, other)| one == other).count())
    }

    /// The paths at which changes are left out, without the dot before them: the first ones, and how many more.
    pub fn hidden_paths(&self) -> Vec<String> {
        let path = |change: &Change| self.path(change).jq().trim_start_matches('.').to_owned();
        let mut paths: Vec<String> = self.json.hidden.iter().take(NAMED).map(path).collect();
        let more = self.json.hidden.len() - paths.len();
        paths.extend((more > 0).then(|| format!("{more} more")));
        paths
    }
}
