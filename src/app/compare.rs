//! What the selected capture is compared with, and the comparison that is on the way.

use std::collections::BTreeSet;
use std::sync::Arc;

use thiserror::Error;

use super::detail::{Content, Tab};
use super::{Effect, FoldCommand, Level, Line, Model, Role};
use crate::capture::{Capture, CaptureId, Summary};
use crate::inspect::{
    BodyDiff, Comparable, Comparison, HeaderChange, Hidden, NoSnapshot, NodeKind, Snapshot, View, body_diff, body_view,
    header_diff,
};

/// What a capture is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// The capture that is marked A.
    Marked(CaptureId),
    /// The previous capture of the same object.
    SameObject(CaptureId),
    /// Nothing else: its own snapshots with each other.
    Snapshots,
    /// The previous capture on the same path.
    SamePath(CaptureId),
}

impl Basis {
    /// The capture that comes first in the comparison, when it is another one.
    pub fn capture(self) -> Option<CaptureId> {
        match self {
            Self::Marked(id) | Self::SameObject(id) | Self::SamePath(id) => Some(id),
            Self::Snapshots => None,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Marked(_) => "marked",
            Self::SameObject(_) => "same object",
            Self::Snapshots => "its snapshots",
            Self::SamePath(_) => "same path",
        }
    }

    fn is_like(self, other: Self) -> bool {
        std::mem::discriminant(&self) == std::mem::discriminant(&other)
    }
}

/// Which comparison is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CompareOrder {
    /// The capture.
    pub capture: CaptureId,
    /// What it is compared with.
    pub basis: Basis,
    /// Whether nothing is left out.
    pub all: bool,
}

/// A comparison with what it takes to make it, but for the other capture.
#[derive(Clone, Debug)]
pub struct CompareJob {
    /// Which one.
    pub order: CompareOrder,
    /// The capture.
    pub capture: Arc<Capture>,
    /// Its body.
    pub body: Comparable,
    /// Paths at which changes are left out.
    pub hidden: Vec<String>,
}

/// Why two captures could not be compared.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CompareError {
    /// It was stopped before its end.
    #[error("stopped")]
    Stopped,
    /// The other capture is not there.
    #[error("{0} is no longer in the store")]
    Gone(CaptureId),
    /// There are no snapshots.
    #[error(transparent)]
    NoSnapshot(#[from] NoSnapshot),
    /// Reading it failed.
    #[error("{0}")]
    Read(String),
}

/// Sees what a comparison has found so far, in the head and in the body, and says whether it goes on.
pub type Watch<'a> = dyn FnMut(&[HeaderChange], &BodyDiff) -> bool + 'a;

impl CompareJob {
    /// Makes the comparison; `other` is the capture that the order names. `watch` is asked about every millisecond. Takes
    /// up to some seconds for bodies of 10 MiB: not for the loop when they are big.
    pub fn run(&self, other: Option<&Capture>, watch: &mut Watch<'_>) -> Result<Comparison, CompareError> {
        let hidden = if self.order.all { Hidden::nothing() } else { Hidden::new(&self.hidden) };
        let (before, headers) = match (self.order.basis.capture(), other) {
            (None, _) => {
                let (before, after) = (Snapshot::Prechange, Snapshot::Postchange);
                let (before, after) = (self.body.snapshot(before)?, self.body.snapshot(after)?);
                let body = body_diff((&before, &after), &hidden.within_data(), &mut |body| watch(&[], body));
                return Ok(Comparison { headers: Vec::new(), body });
            }
            (Some(id), None) => return Err(CompareError::Gone(id)),
            (Some(_), Some(other)) => {
                let before = Comparable::from(&body_view(&other.request.headers, &other.request.body));
                (before, header_diff(&other.request, &self.capture.request))
            }
        };
        let body = body_diff((&before, &self.body), &hidden, &mut |body| watch(&headers, body));
        Ok(Comparison { headers, body })
    }
}

/// How the comparison stands that the Diff tab shows.
#[derive(Clone, Debug, Default)]
pub enum Standing {
    /// There is nothing to compare with.
    #[default]
    Nothing,
    /// It is being made, and nothing is known yet.
    Running,
    /// What was found, all or so far.
    Found {
        /// What was found.
        comparison: Arc<Comparison>,
        /// Whether it is still being made.
        going: bool,
    },
    /// It could not be made.
    Failed(CompareError),
}

impl Standing {
    /// Whether it is being made.
    fn is_going(&self) -> bool {
        matches!(self, Self::Running | Self::Found { going: true, .. })
    }

    /// Whether it was stopped before its end.
    fn is_stopped(&self) -> bool {
        match self {
            Self::Found { comparison, going } => !going && !comparison.body.is_whole(),
            Self::Failed(error) => *error == CompareError::Stopped,
            Self::Nothing | Self::Running => false,
        }
    }
}

/// What the Diff tab shows, and what was chosen for it.
#[derive(Clone, Debug, Default)]
pub struct Comparing {
    /// The comparison that is shown or on the way.
    pub order: Option<CompareOrder>,
    /// How it stands.
    pub standing: Standing,
    /// What is compared, in a line: numbers, times, verdicts, why these two.
    pub heading: Line,
    /// Whether nothing is left out.
    pub all: bool,
    /// The stretches of equal lines that are shown, of the comparison as it stands.
    pub unfolded: BTreeSet<usize>,
    /// What the user chose to compare with; where that is not to be had, the first that is.
    chosen: Option<Basis>,
}

impl Comparing {
    /// Whether what is shown stays although the other capture is gone: an eviction moves nothing on the screen.
    fn outlives(&self, shown: CaptureId, is_there: impl Fn(CaptureId) -> bool) -> bool {
        self.order.is_some_and(|order| {
            let gone = order.basis.capture().is_some_and(|id| !is_there(id));
            gone && order.capture == shown && order.all == self.all
        })
    }

    /// In how many places the capture differs, once that is known.
    pub fn count(&self, id: CaptureId) -> Option<usize> {
        match (&self.standing, self.order) {
            (Standing::Found { comparison, .. }, Some(order)) if order.capture == id => Some(comparison.body.count()),
            _ => None,
        }
    }
}

impl Model {
    /// What the selected capture can be compared with, best first.
    fn bases(&self) -> Vec<Basis> {
        const RECENT: usize = 10_000;
        let Some((row, loaded)) = self.list.selected_row().zip(self.detail.loaded()) else { return Vec::new() };
        let path = |row: &Summary| row.target.split('?').next().unwrap_or_default().to_owned();
        let earlier = || self.list.rows().rev().take(RECENT).filter(|other| other.id < row.id);
        let marked = self.mark.filter(|id| *id != row.id && self.list.row(*id).is_some());
        let same_object = earlier().find(|other| row.object.is_some() && other.object == row.object);
        let here = path(row);
        let same_path = earlier().find(|other| path(other) == here);
        let snapshots = match &loaded.body.view {
            View::Json(tree) => tree.index().child_named(0, "snapshots").is_some_and(|id| {
                [Snapshot::Prechange, Snapshot::Postchange]
                    .into_iter()
                    .filter_map(|which| tree.index().child_named(id, which.name()))
                    .filter(|snapshot| tree.index().kind(*snapshot) == NodeKind::Object)
                    .count()
                    == 2
            }),
            _ => false,
        };
        [
            marked.map(Basis::Marked),
            same_object.map(|row| Basis::SameObject(row.id)),
            snapshots.then_some(Basis::Snapshots),
            same_path.map(|row| Basis::SamePath(row.id)),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// The comparison that the screen shows and that is not there yet; from now on it is on the way.
    pub fn wanted_comparison(&mut self) -> Option<CompareJob> {
        if self.detail.tab != Tab::Diff {
            return None;
        }
        let possible = self.bases();
        let loaded = self.detail.loaded()?;
        if self.detail.comparing.outlives(loaded.capture.id, |id| self.list.row(id).is_some()) {
            return None;
        }
        let chosen = self.detail.comparing.chosen.and_then(|chosen| possible.iter().find(|one| one.is_like(chosen)));
        let Some(basis) = chosen.or(possible.first()).copied() else {
            self.nothing_to_compare();
            return None;
        };
        let order = CompareOrder { capture: loaded.capture.id, basis, all: self.detail.comparing.all };
        if self.detail.comparing.order == Some(order) {
            return None;
        }
        let (capture, body) = (loaded.capture.clone(), Comparable::from(&loaded.body));
        self.detail.comparing.heading = self.heading(order);
        self.detail.comparing.order = Some(order);
        self.detail.comparing.standing = Standing::Running;
        self.detail.comparing.unfolded.clear();
        self.detail.rebuild();
        Some(CompareJob { order, capture, body, hidden: self.look.hidden.clone() })
    }

    fn nothing_to_compare(&mut self) {
        if self.detail.comparing.order.take().is_some() {
            self.detail.comparing.standing = Standing::Nothing;
            self.detail.rebuild();
        }
    }

    /// Stops a comparison that nobody looks at any more: another tab or another capture is on the screen.
    pub fn left_comparison(&mut self) -> Option<Effect> {
        let order = self.detail.comparing.order.filter(|_| self.detail.comparing.standing.is_going())?;
        if self.detail.tab == Tab::Diff && self.list.selected() == Some(order.capture) {
            return None;
        }
        self.detail.comparing.order = None;
        self.detail.comparing.standing = Standing::Nothing;
        Some(Effect::StopComparing)
    }

    /// Takes what a comparison has found so far or in the end, when it is still the one that is shown.
    pub(super) fn compared(&mut self, order: CompareOrder, outcome: Result<Arc<Comparison>, CompareError>) {
        if self.detail.comparing.order != Some(order) || !self.detail.comparing.standing.is_going() {
            return;
        }
        self.detail.comparing.standing = match outcome {
            Ok(comparison) => Standing::Found { going: !comparison.body.is_whole(), comparison },
            Err(error) => Standing::Failed(error),
        };
        self.detail.compared();
    }

    /// Whether a comparison is on the way that the screen shows.
    pub(super) fn is_comparing(&self) -> bool {
        self.detail.tab == Tab::Diff && self.detail.comparing.standing.is_going()
    }

    /// Stops the comparison that is on the way; what it has found stays.
    pub(super) fn stop_comparing(&mut self) -> Vec<Effect> {
        let standing = &mut self.detail.comparing.standing;
        match standing {
            Standing::Found { going, .. } => *going = false,
            standing => *standing = Standing::Failed(CompareError::Stopped),
        }
        self.detail.compared();
        let key = self.look.keymap.hint(super::Action::Diff);
        self.say(Level::Info, format!("stopped; {key} compares once more"));
        vec![Effect::StopComparing]
    }

    /// Shows the tab with the comparison; one that was stopped is made anew.
    pub(super) fn show_comparison(&mut self) {
        if self.detail.tab == Tab::Diff && self.detail.comparing.standing.is_stopped() {
            self.detail.comparing.order = None;
        }
        self.show_tab(Tab::Diff);
    }

    /// `A #14 12:30:02 ✓   B #17 12:31:04 ✗   same object`
    fn heading(&self, order: CompareOrder) -> Line {
        let named = |line: Line, letter: &str, id: CaptureId| {
            let Some(row) = self.list.row(id) else { return line.and(Role::Text, format!("  {letter} {id} ")) };
            let (role, sign) = super::mark(row.mark);
            let time = self.look.zone.clock(row.received_at);
            line.and(Role::Strong, format!("  {letter} ")).and(Role::Text, format!("{id} {time} ")).and(role, sign)
        };
        match order.basis.capture() {
            None => Line::new(Role::Strong, "  A ")
                .and(Role::Text, "prechange")
                .and(Role::Strong, "   B ")
                .and(Role::Text, format!("postchange of {}", order.capture)),
            Some(other) => {
                let line = named(named(Line::default(), "A", other).and(Role::Text, " "), "B", order.capture);
                line.and(Role::Text, format!("   {}", order.basis.words()))
            }
        }
    }

    /// Marks the selected capture as A; on another capture, compares it with that.
    pub(super) fn mark_or_compare(&mut self) {
        let Some(selected) = self.list.selected() else { return };
        let mark = self.mark.filter(|id| self.list.row(*id).is_some());
        let keys = &self.look.keymap;
        let (again, clear) = (keys.hint(super::Action::Mark), keys.hint(super::Action::ClearMark));
        match mark {
            Some(mark) if mark != selected => {
                self.detail.comparing.chosen = None;
                self.show_tab(Tab::Diff);
            }
            Some(_) => {
                self.say(Level::Info, format!("{selected} is A; {again} on another capture compares, {clear} clears"));
            }
            None => {
                self.mark = Some(selected);
                self.detail.comparing.chosen = None;
                self.say(Level::Info, format!("{selected} is A; {again} on another capture compares the two"));
            }
        }
    }

    /// Takes the mark off.
    pub(super) fn clear_mark(&mut self) {
        self.detail.comparing.order = None;
        let text = match self.mark.take() {
            Some(id) => format!("{id} is no longer A"),
            None => format!("no capture is marked; {} marks one as A", self.look.keymap.hint(super::Action::Mark)),
        };
        self.say(Level::Info, text);
    }

    /// Compares with the next thing that there is to compare with.
    pub(super) fn next_basis(&mut self) {
        self.show_tab(Tab::Diff);
        let bases = self.bases();
        let now = self.detail.comparing.order.map(|order| order.basis);
        let at = bases.iter().position(|basis| Some(*basis) == now).map_or(0, |at| at + 1);
        match bases.len() {
            0 => {}
            1 => self.say(Level::Info, format!("there is nothing else to compare with than {}", bases[0].words())),
            count => {
                self.detail.comparing.order = None;
                self.detail.comparing.chosen = bases.get(at % count).copied();
            }
        }
    }

    /// The stretch of equal lines at the cursor of the diff tab, and whether its lines are shown.
    pub(super) fn equal_at_cursor(&self) -> Option<(usize, bool)> {
        let view = self.detail.view().filter(|_| self.detail.tab == Tab::Diff)?;
        let Content::Diff(page) = &view.content else { return None };
        page.fold_at(view.scroll.cursor, self.detail_size().1)
    }

    /// Whether a step to the right shows the equal lines at the cursor, or one to the left no longer does.
    pub(super) fn unfolds_equal(&self, right: bool) -> bool {
        let aside = self.detail.view().is_some_and(|view| view.scroll.left > 0);
        !aside && self.equal_at_cursor().is_some_and(|(_, shown)| shown != right)
    }

    /// Shows the equal lines at the cursor of the diff tab, or all of them, or no longer does.
    pub(super) fn fold_equal(&mut self, command: FoldCommand) {
        let (height, width) = self.detail_size();
        let here = self.equal_at_cursor();
        let Some(view) = self.detail.view_mut(height) else { return };
        let Content::Diff(page) = &view.content else { return };
        let (cursor, all) = (view.scroll.cursor, page.folds());
        let change = page.change_at(cursor, width);
        let unfolded = &mut self.detail.comparing.unfolded;
        match (command, here) {
            (FoldCommand::Toggle, Some((fold, true))) => {
                unfolded.remove(&fold);
            }
            (FoldCommand::Toggle, Some((fold, false))) => {
                unfolded.insert(fold);
            }
            (FoldCommand::OpenAll, _) => *unfolded = all,
            (FoldCommand::CloseAll, _) => unfolded.clear(),
            (FoldCommand::Toggle | FoldCommand::Depth(_), _) => return,
        }
        self.detail.compared();
        let Some(view) = self.detail.view_mut(height) else { return };
        let Content::Diff(page) = &view.content else { return };
        let row = here.map(|(fold, _)| page.row_of_fold(fold, width));
        let row = row.or_else(|| page.row_of(change?, width)).unwrap_or(cursor);
        let rows = page.len(width);
        view.scroll.hold(row, rows, height);
    }

    /// Shows what a comparison leaves out, or leaves it out again.
    pub(super) fn toggle_hidden(&mut self) {
        self.detail.comparing.all = !self.detail.comparing.all;
    }
}
