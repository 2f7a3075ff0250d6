//! Which captures tell of one change: a sender that changes several objects at once sends a webhook for each.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Capture, CaptureId, Retry, Summary};

/// Of so many captures, the newest, it is known which change they tell of.
const MOST: usize = 50_000;

/// The captures that tell of each change.
#[derive(Debug, Default)]
pub struct Changes {
    members: HashMap<Arc<str>, Members>,
    /// The change of each of those that are known, oldest first.
    order: VecDeque<Arc<str>>,
}

#[derive(Debug, Default)]
struct Members {
    /// Rising.
    known: VecDeque<CaptureId>,
    /// So many came before those that are known.
    before: usize,
}

/// Which of the captures of its change a capture is, as far as they are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangePlace {
    /// Counted from one.
    pub nth: usize,
    /// How many there are.
    pub of: usize,
}

impl Changes {
    /// Takes note of a capture that came after those of which it was taken before.
    pub fn note(&mut self, capture: &Capture) {
        if let Some(change) = capture.identity.change.as_deref() {
            self.add(change, capture.id, is_first(capture.retry, capture.resent_from));
        }
    }

    /// The same of rows, oldest first.
    pub fn of<'a>(rows: impl IntoIterator<Item = &'a Summary>) -> Self {
        let mut changes = Self::default();
        for row in rows {
            if let Some(change) = row.change.as_deref() {
                changes.add(change, row.id, is_first(row.retry, row.resent_from));
            }
        }
        changes
    }

    /// Repetitions and resends are not counted.
    fn add(&mut self, change: &str, id: CaptureId, is_first: bool) {
        if !is_first {
            return;
        }
        let change = self.members.get_key_value(change).map_or_else(|| change.into(), |(known, _)| known.clone());
        self.members.entry(change.clone()).or_default().known.push_back(id);
        self.order.push_back(change);
        if self.order.len() > MOST {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        let Some(change) = self.order.pop_front() else { return };
        let Some(members) = self.members.get_mut(&change) else { return };
        members.known.pop_front();
        members.before += 1;
        if members.known.is_empty() {
            self.members.remove(&change);
        }
    }

    /// Which of those of its change a capture is; one that repeats another stands for it.
    pub fn place(&self, capture: &Capture) -> Option<ChangePlace> {
        let Members { known, before } = self.members.get(capture.identity.change.as_deref()?)?;
        let first = capture.retry.map(|retry| retry.of).or(capture.resent_from).unwrap_or(capture.id);
        let nth = before + known.binary_search(&first).ok()? + 1;
        Some(ChangePlace { nth, of: before + known.len() })
    }
}

fn is_first(retry: Option<Retry>, resent_from: Option<CaptureId>) -> bool {
    retry.is_none() && resent_from.is_none()
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::super::Request;
    use super::*;

    fn capture(id: u64, change: Option<&str>, resent_from: Option<u64>) -> Capture {
        let mut capture = Capture::new(Request::default(), DateTime::default(), "r".into(), "l".into());
        capture.id = CaptureId(id);
        capture.identity.change = change.map(str::to_owned);
        capture.resent_from = resent_from.map(CaptureId);
        capture
    }

    #[test]
    fn captures_of_a_change_are_counted_without_their_resends() {
        let all = [
            capture(1, Some("a"), None),
            capture(2, Some("b"), None),
            capture(3, Some("a"), Some(1)),
            capture(4, Some("a"), None),
            capture(5, None, None),
        ];
        let mut changes = Changes::default();
        for capture in &all {
            changes.note(capture);
        }
        let places = all.each_ref().map(|capture| changes.place(capture).map(|place| (place.nth, place.of)));
        assert_eq!(places, [Some((1, 2)), Some((1, 1)), Some((1, 2)), Some((2, 2)), None]);
        let rows = all.each_ref().map(Capture::summary);
        assert_eq!(Changes::of(&rows).place(&all[3]), Some(ChangePlace { nth: 2, of: 2 }));
    }

    #[test]
    fn old_changes_are_forgotten() {
        let mut changes = Changes::default();
        let first = capture(0, Some("first"), None);
        changes.note(&first);
        (1..=MOST as u64).for_each(|id| changes.note(&capture(id, Some(&id.to_string()), None)));
        assert_eq!((changes.place(&first), changes.members.len()), (None, MOST));
    }

    #[test]
    fn of_a_change_without_end_the_newest_are_known_and_all_are_counted() {
        let mut changes = Changes::default();
        let of = MOST + 2;
        (1..=of as u64).for_each(|id| changes.note(&capture(id, Some("same"), None)));
        let place = |id| changes.place(&capture(id, Some("same"), None));
        assert_eq!((place(2), place(3)), (None, Some(ChangePlace { nth: 3, of })));
        assert_eq!(place(of as u64), Some(ChangePlace { nth: of, of }));
        assert_eq!((changes.order.len(), changes.members["same"].known.len()), (MOST, MOST));
    }
}
