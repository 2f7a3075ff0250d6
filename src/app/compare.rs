//! What the selected capture is compared with: which ones there are, the order for the comparison, and what keys make
//! of the one that is shown.

use std::sync::Arc;

use super::comparison::{Basis, CompareError, CompareJob, CompareOrder, Standing};
use super::detail::{Content, Tab};
use super::{Effect, FoldCommand, Level, Line, Model, Role};
use crate::capture::{CaptureId, Summary};
use crate::inspect::{Comparable, Comparison, NodeKind, Snapshot, View};

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
