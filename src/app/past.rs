//! What the captures of an object changed, in few words: worked out off the loop, once for each that the context column
//! shows.

use std::collections::BTreeMap;

use super::{Effect, Model};
use crate::capture::{Capture, CaptureId, Summary};
use crate::inspect::{Clean, FieldChange, Hidden, body_changes, body_view, snapshot_changes};

/// Captures of an object that the column shows.
const MOST: usize = 8;
/// Among so many of the newest captures they are looked for.
const RECENT: usize = 10_000;
/// Longer bodies are not compared for a few words.
const LONGEST: u64 = 256 * 1024;

/// What is known of the captures that were shown.
#[derive(Clone, Debug, Default)]
pub struct Past {
    /// Nothing while it is being worked out.
    told: BTreeMap<CaptureId, Option<Told>>,
}

/// What a capture changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    first: First,
    /// How many more changes there are.
    pub more: usize,
}

/// What there is to say of a capture before everything else.
#[derive(Clone, Debug, PartialEq, Eq)]
enum First {
    /// The first change.
    Change(FieldChange),
    /// Nothing did.
    Nothing,
    /// Its event, where there is nothing to compare: `create`.
    Event(Clean),
}

/// Captures of an object, and to each the one before it.
#[derive(Clone, Debug)]
pub struct PastJob {
    rows: Vec<(CaptureId, Option<CaptureId>)>,
    hidden: Vec<String>,
}

impl Past {
    /// What a capture changed, when that is known.
    pub fn told(&self, id: CaptureId) -> Option<&Told> {
        self.told.get(&id)?.as_ref()
    }

    /// Takes what was worked out.
    pub(super) fn take(&mut self, told: Vec<(CaptureId, Told)>) {
        self.told.extend(told.into_iter().map(|(id, told)| (id, Some(told))));
    }

    /// Captures that are no more have no history.
    pub(super) fn forget(&mut self, ids: &[CaptureId]) {
        for id in ids {
            self.told.remove(id);
        }
    }
}

impl Model {
    /// The newest captures of the object that the selected one is about, oldest first.
    pub fn object_rows(&self) -> Vec<&Summary> {
        let rows = self.recent_of_object(MOST);
        rows.into_iter().rev().collect()
    }

    /// So many of the newest captures of the object, newest first.
    fn recent_of_object(&self, most: usize) -> Vec<&Summary> {
        let Some(object) = self.detail.loaded().and_then(|loaded| loaded.capture.identity.object.as_ref()) else {
            return Vec::new();
        };
        self.list.rows().rev().take(RECENT).filter(|row| row.object.as_ref() == Some(object)).take(most).collect()
    }

    /// What has to be worked out before the column says what each capture of the object changed; asked for once.
    pub fn wanted_past(&mut self) -> Option<Effect> {
        if self.panes().is_none_or(|panes| panes.context.width == 0) {
            return None;
        }
        let recent = self.recent_of_object(MOST + 1);
        let before = |at: usize| recent.get(at + 1).map(|row| row.id);
        let pairs = recent.iter().enumerate().take(MOST).map(|(at, row)| (row.id, before(at)));
        let rows: Vec<_> = pairs.filter(|(id, _)| !self.past.told.contains_key(id)).collect();
        if rows.is_empty() {
            return None;
        }
        self.past.told.extend(rows.iter().map(|(id, _)| (*id, None)));
        Some(Effect::TellPast(PastJob { rows, hidden: self.look.hidden.clone() }))
    }
}

impl PastJob {
    /// Works it out; `get` reads a capture from the store.
    pub fn run(&self, get: impl Fn(CaptureId) -> Option<Capture>) -> Vec<(CaptureId, Told)> {
        let small = |id| get(id).filter(|capture| capture.request.body.total <= LONGEST);
        let told = |(id, before): &(CaptureId, Option<CaptureId>)| {
            let told = Told::of(&small(*id)?, || small((*before)?), &self.hidden)?;
            Some((*id, told))
        };
        self.rows.iter().filter_map(told).collect()
    }
}

impl Told {
    /// From its snapshots where they are there, else from the capture `before` it; its event where there is nothing to
    /// compare.
    fn of(capture: &Capture, before: impl Fn() -> Option<Capture>, hidden: &[String]) -> Option<Self> {
        let body = body_view(&capture.request.headers, &capture.request.body);
        if let Some(changes) = snapshot_changes(&body).filter(|changes| changes.compared) {
            return Some(Self::first_of(changes.fields));
        }
        let event = capture.identity.event.as_deref().unwrap_or_default();
        let compared = || {
            let before = before()?;
            let before = body_view(&before.request.headers, &before.request.body);
            body_changes((&before, &body), &Hidden::new(hidden)).map(Self::first_of)
        };
        let word = || (!event.is_empty()).then(|| Self { first: First::Event(Clean::text(event)), more: 0 });
        if event.is_empty() || event.starts_with("update") { compared().or_else(word) } else { word() }
    }

    fn first_of(changes: Vec<FieldChange>) -> Self {
        let more = changes.len().saturating_sub(1);
        Self { first: changes.into_iter().next().map_or(First::Nothing, First::Change), more }
    }

    /// The first thing, with its values where they fit so many cells: `ipv4_max_prefixes 820 -> 840`, `irr_as_set
    /// changed`.
    pub fn text(&self, width: usize) -> String {
        match &self.first {
            First::Change(change) => change.within(width),
            First::Nothing => "nothing changed".to_owned(),
            First::Event(event) => event.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::capture::{Body, Request};
    use crate::sender::identify;

    fn capture(event: &str, data: &str, snapshots: &str) -> Capture {
        let body = format!(
            r#"{{"event": "{event}", "timestamp": "{}", "model": "router", "username": "u", "request_id": "r",
                "data": {data}{snapshots}}}"#,
            data.len()
        );
        let request = Request { body: Body::whole(body), ..Request::default() };
        let mut capture = Capture::new(request, DateTime::default(), "r".into(), "l".into());
        capture.identity = identify(&capture.request);
        capture
    }

    fn told(capture: &Capture, before: Option<&Capture>) -> Option<(String, usize)> {
        let told = Told::of(capture, || before.cloned(), &["timestamp".to_owned()])?;
        Some((told.text(20), told.more))
    }

    #[test]
    fn snapshots_say_what_changed() {
        let both = |before, after| format!(r#", "snapshots": {{"prechange": {before}, "postchange": {after}}}"#);
        let update = capture("update", "{}", &both(r#"{"a": 1, "b": 2, "c": 3}"#, r#"{"a": 9, "b": 8, "c": 7}"#));
        assert_eq!(told(&update, None), Some(("a 1 -> 9".to_owned(), 2)));
        let same = capture("update", "{}", &both(r#"{"a": 1}"#, r#"{"a": 1, "updated": 2}"#));
        assert_eq!(told(&same, None), Some(("nothing changed".to_owned(), 0)));
        let long = capture("update", "{}", &both(r#"{"a": "Gr\u00fc\u00dfe"}"#, r#"{"a": "a longer one by far"}"#));
        assert_eq!(told(&long, None), Some(("a changed".to_owned(), 0)));
        assert_eq!(Told::of(&long, || None, &[]).unwrap().text(80), "a \"Grüße\" -> \"a longer one by far\"");
        let create = capture("create", "{}", &both("null", r#"{"a": 1}"#));
        assert_eq!(told(&create, Some(&update)), Some(("create".to_owned(), 0)));
    }

    #[test]
    fn without_snapshots_the_capture_before_says_it() {
        let nothing = r#", "snapshots": {"prechange": null, "postchange": {"asn": 2}}"#;
        let (one, two) = (capture("update", r#"{"asn": 1}"#, ""), capture("update", r#"{"asn": 20}"#, ""));
        assert_eq!(told(&two, Some(&one)), Some(("asn 1 -> 20".to_owned(), 0)));
        assert_eq!(told(&two, Some(&two)), Some(("nothing changed".to_owned(), 0)));
        assert_eq!(told(&two, None), Some(("update".to_owned(), 0)));
        let bare = capture("update", r#"{"asn": 30}"#, nothing);
        assert_eq!(told(&bare, Some(&bare)), Some(("nothing changed".to_owned(), 0)), "prechange tells nothing");
    }
}
