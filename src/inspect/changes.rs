//! What the snapshots of a payload tell of the change that it is about.

use std::fmt;
use std::sync::Arc;

use super::{
    BodyDiff, BodyView, Change, Clean, Comparable, Hidden, JsonIndex, NodeKind, Snapshot, View, body_diff, cells,
};

/// Longer snapshots are not compared for a note.
const MOST: usize = 256 * 1024;

/// Fields that say when an object was saved, not what it is.
const DATES: [&str; 2] = ["updated", "last_updated"];

/// What the snapshots of a payload tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SnapshotChanges {
    /// What is odd about them: a sentence.
    pub odd: Option<String>,
    /// Whether there were two of them to compare.
    pub compared: bool,
    /// What changed, one line each.
    pub fields: Vec<FieldChange>,
}

/// What became of a field: `ipv4_max_prefixes 820 -> 840`. Foreign text, clean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldChange {
    path: Clean,
    how: Clean,
}

/// Compares the snapshots in a body, when it has both. An object that came to be or is gone has nothing to compare.
pub fn snapshot_changes(body: &BodyView) -> Option<SnapshotChanges> {
    let View::Json(tree) = &body.view else { return None };
    let index = tree.index();
    let snapshots = index.child_named(0, "snapshots").filter(|id| index.raw(*id).len() <= MOST)?;
    let kind = |which: Snapshot| Some(index.kind(index.child_named(snapshots, which.name())?));
    match (kind(Snapshot::Prechange)?, kind(Snapshot::Postchange)?) {
        (NodeKind::Object, NodeKind::Object) => compared(index),
        (NodeKind::Null, NodeKind::Object) if is_update(index) => {
            let odd = "an update, but prechange is null: what changed cannot be told".to_owned();
            Some(SnapshotChanges { odd: Some(odd), ..SnapshotChanges::default() })
        }
        _ => None,
    }
}

fn is_update(index: &JsonIndex) -> bool {
    index.child_named(0, "event").is_some_and(|id| index.value_text(id).starts_with("update"))
}

fn compared(index: &Arc<JsonIndex>) -> Option<SnapshotChanges> {
    let whole = Comparable::Json(index.clone());
    let (before, after) = (whole.snapshot(Snapshot::Prechange).ok()?, whole.snapshot(Snapshot::Postchange).ok()?);
    // `prechange` of some senders lacks these, so that they differ always.
    let diff = body_diff((&before, &after), &Hidden::new(DATES), &mut |_| true);
    let dates: Vec<&str> =
        DATES.into_iter().filter(|name| diff.hidden_paths().iter().any(|path| path == name)).collect();
    let odd = match (diff.count(), &dates[..]) {
        (0, []) => Some("nothing changed: prechange and postchange are the same".to_owned()),
        (0, dates) => Some(format!("nothing changed but {}: it was saved as it was", dates.join(" and "))),
        _ => None,
    };
    Some(SnapshotChanges { odd, compared: true, fields: fields(&diff) })
}

/// What changed from one JSON body to another, one line each; fields of `data` by their name alone.
pub fn body_changes((before, after): (&BodyView, &BodyView), hidden: &Hidden) -> Option<Vec<FieldChange>> {
    let (before, after) = (Comparable::from(before), Comparable::from(after));
    let both_json = matches!((&before, &after), (Comparable::Json(_), Comparable::Json(_)));
    both_json.then(|| fields(&body_diff((&before, &after), hidden, &mut |_| true)))
}

fn fields(diff: &BodyDiff) -> Vec<FieldChange> {
    diff.json.changes.iter().map(|change| FieldChange::of(diff, change)).collect()
}

impl FieldChange {
    fn of(diff: &BodyDiff, change: &Change) -> Self {
        let path = diff.path(change).jq();
        let path = path.trim_start_matches('.');
        let path = path.strip_prefix("data.").unwrap_or(path);
        let how = match diff.values(change) {
            (Some(before), Some(after)) => format!("{} -> {}", before.plain(), after.plain()),
            (Some(_), None) => "is gone".to_owned(),
            (None, _) => "is new".to_owned(),
        };
        Self { path: Clean::text(path), how: Clean::text(&how) }
    }

    /// In at most so many cells if that can be: `irr_as_set changed` where the values are too long.
    pub fn within(&self, width: usize) -> String {
        let whole = self.to_string();
        if cells(&whole) <= width || !self.how.as_str().contains(" -> ") {
            whole
        } else {
            format!("{} changed", self.path)
        }
    }
}

impl fmt::Display for FieldChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.path, self.how)
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::super::body_view;
    use super::*;
    use crate::capture::{Body, Headers};

    fn told(body: &str) -> Option<(Option<String>, Vec<String>)> {
        let body = body_view(&Headers::default(), &Body::whole(Bytes::copy_from_slice(body.as_bytes())));
        let changes = snapshot_changes(&body)?;
        Some((changes.odd, changes.fields.iter().map(ToString::to_string).collect()))
    }

    fn update(before: &str, after: &str) -> Option<(Option<String>, Vec<String>)> {
        told(&format!(r#"{{"event":"updated","snapshots":{{"prechange":{before},"postchange":{after}}}}}"#))
    }

    #[test]
    fn what_is_odd_is_said_and_what_changed_listed() {
        let odd = |before, after| update(before, after).and_then(|told| told.0).unwrap_or_default();
        assert_eq!(odd("null", "{}"), "an update, but prechange is null: what changed cannot be told");
        assert_eq!(odd(r#"{"a":1.0}"#, r#"{"a":1}"#), "nothing changed: prechange and postchange are the same");
        assert_eq!(
            odd(r#"{"a":1}"#, r#"{"a":1,"last_updated":2}"#),
            "nothing changed but last_updated: it was saved as it was"
        );
        let before = r#"{"max":820,"as_set":"A","gone":1,"updated":1}"#;
        let after = r#"{"max":840,"as_set":"B","new":{"x":1},"updated":2}"#;
        let fields = ["max 820 -> 840", "as_set \"A\" -> \"B\"", "gone is gone", "new is new"];
        assert_eq!(update(before, after), Some((None, fields.map(str::to_owned).to_vec())));
    }

    #[test]
    fn what_came_to_be_or_is_gone_is_nothing_odd() {
        let create = r#"{"event":"create","snapshots":{"prechange":null,"postchange":{"a":1}}}"#;
        let delete = r#"{"event":"delete","snapshots":{"prechange":{"a":1},"postchange":null}}"#;
        for body in
            [create, delete, r#"{"event":"update"}"#, r#"{"event":"update","snapshots":{"prechange":null}}"#, "1"]
        {
            assert_eq!(told(body), None, "{body}");
        }
    }
}
