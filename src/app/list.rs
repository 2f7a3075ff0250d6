//! The list of captures: rows, which of them are shown, the selection, and following.
//!
//! The selection and the first row on the screen are capture ids, never row numbers: arrivals append, so nothing above
//! them moves, and evictions take rows away without moving the rest.

use std::collections::VecDeque;

use super::{Filter, Found, Scan};
use crate::capture::{CaptureId, Mark, Summary};

/// The list of captures of the session, oldest first.
#[derive(Clone, Debug, Default)]
pub struct List {
    rows: VecDeque<Summary>,
    /// The rows that the filter shows, ascending; `None` while it shows all.
    shown: Option<VecDeque<CaptureId>>,
    filter: Filter,
    selected: Option<CaptureId>,
    top: Option<CaptureId>,
    /// Whether the newest row is selected as it arrives.
    following: bool,
    /// Whether the window stands still although the list follows: something passing is open, or a key was just pressed.
    frozen: bool,
    /// The newest capture when the window last stopped: what came later is new.
    seen: CaptureId,
    failed: usize,
    unchecked: usize,
}

/// What a frame showed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Drawn {
    selected: Option<CaptureId>,
    top: Option<CaptureId>,
}

/// Where the list stands, to come back to.
#[derive(Clone, Debug)]
pub struct Place {
    selected: Option<CaptureId>,
    top: Option<CaptureId>,
    following: bool,
    filter: Filter,
}

impl List {
    /// A list of these rows, ascending by id, that follows.
    pub fn new(rows: Vec<Summary>) -> Self {
        let mut list = Self { following: true, ..Self::default() };
        list.append(rows);
        list.select_last();
        list
    }

    /// All rows, filtered or not.
    pub fn total(&self) -> usize {
        self.rows.len()
    }

    /// Number of rows that the filter shows.
    pub fn len(&self) -> usize {
        self.shown.as_ref().map_or(self.rows.len(), VecDeque::len)
    }

    /// Whether the filter shows none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many signatures failed, of all rows.
    pub fn failed(&self) -> usize {
        self.failed
    }

    /// How many signatures could not be checked, of all rows.
    pub fn unchecked(&self) -> usize {
        self.unchecked
    }

    /// The shown row at `index`.
    pub fn at(&self, index: usize) -> Option<&Summary> {
        match &self.shown {
            Some(ids) => self.row(*ids.get(index)?),
            None => self.rows.get(index),
        }
    }

    /// The row of a capture, shown or not.
    pub fn row(&self, id: CaptureId) -> Option<&Summary> {
        self.position(id).ok().and_then(|at| self.rows.get(at))
    }

    /// Every row, shown or not, oldest first.
    pub fn rows(&self) -> impl DoubleEndedIterator<Item = &Summary> {
        self.rows.iter()
    }

    /// Which of the webhooks of its change a capture is, counted from one, and all of these, oldest first; `None` when it
    /// is the only one. Webhooks of one change come close together: only rows near it are looked at. Repetitions and
    /// resends are not counted; each stands for what it repeats.
    pub fn change_of(&self, id: CaptureId) -> Option<(usize, Vec<&Summary>)> {
        const NEAR: usize = 5000;
        let at = self.position(id).ok()?;
        let row = self.rows.get(at)?;
        let change = row.change.as_ref()?;
        let first = row.retry.map(|retry| retry.of).or(row.resent_from).unwrap_or(id);
        let near = self.rows.range(at.saturating_sub(NEAR)..self.rows.len().min(at + NEAR));
        let is_first = |row: &Summary| row.retry.is_none() && row.resent_from.is_none();
        let rows: Vec<_> = near.filter(|row| row.change.as_ref() == Some(change) && is_first(row)).collect();
        let nth = rows.iter().position(|row| row.id == first)? + 1;
        (rows.len() > 1).then_some((nth, rows))
    }

    /// The newest capture.
    pub fn newest(&self) -> Option<&Summary> {
        self.rows.back()
    }

    fn position(&self, id: CaptureId) -> Result<usize, usize> {
        self.rows.binary_search_by_key(&id, |row| row.id)
    }

    /// The index among the shown rows of a capture, else of the first one behind it.
    fn index(&self, id: CaptureId) -> Result<usize, usize> {
        self.shown.as_ref().map_or_else(|| self.position(id), |ids| ids.binary_search(&id))
    }

    /// The selected capture.
    pub fn selected(&self) -> Option<CaptureId> {
        self.selected
    }

    /// The selected capture, when the filter shows it.
    pub fn selected_shown(&self) -> Option<CaptureId> {
        self.selected.filter(|id| self.index(*id).is_ok())
    }

    /// The row of the selected capture.
    pub fn selected_row(&self) -> Option<&Summary> {
        self.row(self.selected?)
    }

    /// The index of the selected capture among the shown rows.
    pub fn selected_index(&self) -> Option<usize> {
        self.index(self.selected?).ok()
    }

    /// Whether the newest row is selected as it arrives.
    pub fn is_following(&self) -> bool {
        self.following
    }

    /// How many captures came since following stopped and were not reached yet.
    pub fn new_count(&self) -> usize {
        self.rows.len() - self.position(self.seen).map_or_else(|at| at, |at| at + 1)
    }

    /// The first shown row on a screen of `height` rows.
    pub fn window_start(&self, height: usize) -> usize {
        let last = self.len().saturating_sub(height);
        match self.top {
            Some(top) if self.frozen || !self.following => self.index(top).unwrap_or_else(|at| at).min(last),
            _ => last,
        }
    }

    /// Rows that came in. A list that follows and is not frozen selects the newest, and so does one that has no row
    /// selected yet.
    pub fn arrive(&mut self, rows: Vec<Summary>) {
        self.append(rows);
        if self.selected.is_none() || (self.following && !self.frozen) {
            self.select_last();
        }
    }

    /// Makes the window stand still without ending the following.
    pub fn freeze(&mut self, height: usize) {
        if self.frozen || !self.following {
            return;
        }
        self.top = self.at(self.window_start(height)).map(|row| row.id);
        self.frozen = true;
        self.mark_seen();
    }

    /// Lets the window move again; a list that follows goes to its end.
    pub fn thaw(&mut self) {
        if self.frozen {
            self.frozen = false;
            self.select_last();
        }
    }

    /// Whether the window stands still although the list follows.
    pub fn is_frozen(&self) -> bool {
        self.frozen
    }

    fn append(&mut self, rows: Vec<Summary>) {
        for row in rows {
            if self.rows.back().is_some_and(|last| last.id >= row.id) {
                self.insert(row);
                continue;
            }
            self.count(row.mark, 1);
            if let Some(ids) = self.shown.as_mut().filter(|_| self.filter.shows(&row)) {
                ids.push_back(row.id);
            }
            self.rows.push_back(row);
        }
    }

    /// Puts a row back where it was, a deleted one say.
    pub fn insert(&mut self, row: Summary) {
        let Err(at) = self.position(row.id) else { return };
        self.count(row.mark, 1);
        if let Some(ids) = self.shown.as_mut().filter(|_| self.filter.shows(&row))
            && let Err(at) = ids.binary_search(&row.id)
        {
            ids.insert(at, row.id);
        }
        self.rows.insert(at, row);
    }

    /// Takes rows away; the selection goes to the nearest row left.
    pub fn remove(&mut self, gone: &[CaptureId]) {
        for id in gone {
            let Ok(at) = self.position(*id) else { continue };
            if let Some(row) = self.rows.remove(at) {
                self.count(row.mark, -1);
            }
            if let Some(ids) = &mut self.shown
                && let Ok(at) = ids.binary_search(id)
            {
                ids.remove(at);
            }
        }
        if self.selected.is_some_and(|id| self.position(id).is_err()) {
            self.select_nearest();
            self.selected = self.selected.filter(|id| self.position(*id).is_ok());
        }
    }

    fn count(&mut self, mark: Mark, by: isize) {
        match mark {
            Mark::Failed => self.failed = self.failed.saturating_add_signed(by),
            Mark::Unchecked => self.unchecked = self.unchecked.saturating_add_signed(by),
            Mark::Verified | Mark::Unsigned => {}
        }
    }

    /// Changes a row in place. A row that stops matching the filter stays until the filter is edited.
    pub fn change(&mut self, id: CaptureId, change: impl FnOnce(&mut Summary)) {
        let Ok(at) = self.position(id) else { return };
        let Some(row) = self.rows.get_mut(at) else { return };
        let before = row.mark;
        change(row);
        let after = row.mark;
        self.count(before, -1);
        self.count(after, 1);
    }

    /// Selects a shown row; following stops.
    pub fn select_index(&mut self, index: usize, height: usize) {
        self.pause(height);
        let Some(id) = self.at(index.min(self.len().saturating_sub(1))).map(|row| row.id) else { return };
        self.selected = Some(id);
        self.seen = self.seen.max(id);
        self.keep_visible(height);
    }

    /// Selects a capture when it is shown; says whether it is.
    pub fn select(&mut self, id: CaptureId, height: usize) -> bool {
        let found = self.index(id).ok();
        if let Some(index) = found {
            self.select_index(index, height);
        }
        found.is_some()
    }

    /// Moves the selection by so many rows, from one that is not shown to the nearest. At the end, moving on changes
    /// nothing, not even following.
    pub fn step(&mut self, by: isize, height: usize) {
        let Some(index) = self.selected_index() else {
            self.select_nearest();
            return self.keep_visible(height);
        };
        let target = index.saturating_add_signed(by).min(self.len().saturating_sub(1));
        if target != index {
            self.select_index(target, height);
        }
    }

    /// Moves the window by so many rows; the selection stays, even out of sight.
    pub fn wheel(&mut self, by: isize, height: usize) {
        self.pause(height);
        let start = self.window_start(height).saturating_add_signed(by).min(self.len().saturating_sub(height));
        self.top = self.at(start).map(|row| row.id);
    }

    /// Moves the window as little as it takes to show the selection.
    pub fn keep_visible(&mut self, height: usize) {
        let Some(index) = self.selected_index() else { return };
        let start = self.window_start(height).min(index).max((index + 1).saturating_sub(height));
        self.top = self.at(start).map(|row| row.id);
    }

    /// Anchors a window that stands still where it is seen, so that rows that come later do not move it.
    pub fn anchor(&mut self, height: usize) {
        if height > 0 && (self.frozen || !self.following) {
            self.top = self.at(self.window_start(height)).map(|row| row.id);
        }
    }

    /// Stops following; the window stays where it is.
    pub fn pause(&mut self, height: usize) {
        if !self.following || self.rows.is_empty() {
            return;
        }
        let start = self.window_start(height);
        self.top = self.at(start).map(|row| row.id);
        self.following = false;
        if !self.frozen {
            self.mark_seen();
        }
        self.frozen = false;
    }

    /// Remembers what has been seen: what comes later is new.
    pub fn mark_seen(&mut self) {
        self.seen = self.newest().map_or(self.seen, |row| row.id);
    }

    /// Goes to the newest row and follows from there on.
    pub fn follow(&mut self) {
        self.following = true;
        self.frozen = false;
        self.select_last();
    }

    /// Selects the newest shown row, in a list that follows.
    pub fn select_last(&mut self) {
        self.selected = self.at(self.len().wrapping_sub(1)).map(|row| row.id).or(self.selected);
        self.mark_seen();
    }

    /// What a frame showed: the selected capture and the first row.
    pub fn drawn(&self, height: usize) -> Drawn {
        Drawn { selected: self.selected, top: self.at(self.window_start(height)).map(|row| row.id) }
    }

    /// Goes back to what was last drawn when an arrival moved a list that follows since, and stands still there.
    pub fn back_to(&mut self, drawn: Drawn) {
        let moved = self.following && !self.frozen && self.selected != drawn.selected;
        if let Some(selected) = drawn.selected.filter(|id| moved && self.index(*id).is_ok()) {
            (self.selected, self.top, self.seen) = (drawn.selected, drawn.top, selected);
            self.frozen = true;
        }
    }

    /// What the list is narrowed to.
    pub fn filter(&self) -> &Filter {
        &self.filter
    }

    /// Changes what the list is narrowed to; the selection goes to the nearest row that is shown; of a list
    /// that follows, to the newest.
    pub fn set_filter(&mut self, height: usize, change: impl FnOnce(&mut Filter)) {
        change(&mut self.filter);
        self.refilter();
        if self.following && !self.frozen {
            return self.select_last();
        }
        self.select_nearest();
        self.keep_visible(height);
    }

    /// Takes what a search through the store found. Rows are only added: those that are shown stay where they are, and
    /// what is found among arrivals does not move the selection.
    pub fn found(&mut self, found: Found, height: usize) {
        let start = self.at(self.window_start(height)).map(|row| row.id);
        for id in &found.ids {
            self.show(*id);
        }
        self.filter.add_found(found.ids);
        if found.total > 0 {
            self.filter.scan = (!found.done).then_some(Scan { scanned: found.scanned, total: found.total });
        }
        self.top = start.or(self.top);
        if found.total > 0 {
            self.select_nearest();
        }
    }

    /// Shows a row that the search found, unless the filter asks for more than words.
    fn show(&mut self, id: CaptureId) {
        let fits = self.row(id).is_some_and(|row| self.filter.admits(row));
        if let Some(ids) = self.shown.as_mut().filter(|_| fits)
            && let Err(at) = ids.binary_search(&id)
        {
            ids.insert(at, id);
        }
    }

    fn refilter(&mut self) {
        let filter = &self.filter;
        let ids = || self.rows.iter().filter(|row| filter.shows(row)).map(|row| row.id).collect();
        self.shown = filter.is_active().then(ids);
    }

    fn select_nearest(&mut self) {
        let Some(selected) = self.selected else { return self.select_last() };
        let Err(behind) = self.index(selected) else { return };
        let distance = |row: &Summary| row.id.0.abs_diff(selected.0);
        let around = [behind, behind.wrapping_sub(1)].into_iter().filter_map(|at| self.at(at));
        if let Some(nearest) = around.min_by_key(|row| distance(row)).map(|row| row.id) {
            self.selected = Some(nearest);
        }
    }

    /// Where the list stands now.
    pub fn place(&self, height: usize) -> Place {
        let top = self.at(self.window_start(height)).map(|row| row.id);
        Place { selected: self.selected, top, following: self.following, filter: self.filter.clone() }
    }

    /// Goes back to where the list stood. A list that was paused since stays so.
    pub fn restore(&mut self, place: Place) {
        let generation = self.filter.generation + 1;
        self.filter = place.filter;
        self.filter.generation = generation;
        self.refilter();
        self.top = place.top;
        self.following &= place.following;
        self.selected = place.selected.filter(|id| self.row(*id).is_some()).or(self.selected);
        self.select_nearest();
    }

    /// The next row of trouble behind the selection (or before it), wrapping around.
    pub fn next_problem(&self, forward: bool) -> Option<usize> {
        let (len, start) = (self.len(), self.selected_index().unwrap_or(0));
        let step = |by: usize| if forward { (start + by) % len } else { (start + len - by % len) % len };
        (1..=len).map(step).find(|index| self.at(*index).is_some_and(Summary::is_problem))
    }

    /// The captures on the screen and the selected one: they must not be evicted while somebody looks.
    pub fn on_screen(&self, height: usize) -> Vec<CaptureId> {
        let start = self.window_start(height);
        let ids = (start..start + height).map_while(|index| self.at(index)).map(|row| row.id);
        ids.chain(self.selected).collect()
    }
}
