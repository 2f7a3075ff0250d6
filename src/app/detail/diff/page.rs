//! The rows of a comparison: a list of changes, two sides, or one above the other.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use super::fit::{around, clip, filled, marked, pair};
use super::{PageLine, Target, sign};
use crate::app::{Line, Role, Span};
use crate::inspect::{
    BodyDiff, Change, Comparison, DiffForm, DiffLine, DiffRow, DiffRows, DiffSide, JsonIndex, Matter, NodeId, NodePath,
    cells,
};

/// Two columns need this much room; else they are shown one after the other.
const SIDE: usize = 99;

/// How a comparison is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// The changes, two rows each.
    List,
    /// Two columns, where there is room.
    Side,
    /// What was above what is.
    Unified,
}

/// The rows of a comparison.
#[derive(Clone, Debug)]
pub struct DiffPage {
    comparison: Arc<Comparison>,
    form: Form,
    /// The stretches of equal lines that are shown.
    unfolded: BTreeSet<usize>,
    side: OnceLock<Arc<DiffRows>>,
    unified: OnceLock<Arc<DiffRows>>,
    /// What comes behind the rows: headers, what was left out.
    tail: Vec<PageLine>,
}

impl DiffPage {
    /// A comparison in one of the ways to show it.
    pub(super) fn new(comparison: Arc<Comparison>, form: Form, unfolded: BTreeSet<usize>, tail: Vec<PageLine>) -> Self {
        Self { comparison, form, unfolded, side: OnceLock::new(), unified: OnceLock::new(), tail }
    }

    fn body(&self) -> &BodyDiff {
        &self.comparison.body
    }

    fn is_list(&self) -> bool {
        self.form == Form::List
    }

    fn is_beside(&self, width: usize) -> bool {
        self.form == Form::Side && width >= SIDE
    }

    /// How many columns it needs for two sides, when it is to show them and has only so many.
    pub fn lacks(&self, width: usize) -> Option<usize> {
        (self.form == Form::Side && !self.is_beside(width)).then_some(SIDE)
    }

    /// The rows on a screen of this width, counted when they are first asked for.
    fn rows(&self, width: usize) -> &DiffRows {
        let beside = self.is_beside(width);
        let (rows, form) = if beside { (&self.side, DiffForm::Side) } else { (&self.unified, DiffForm::Unified) };
        rows.get_or_init(|| Arc::new(self.body().rows(form, &self.unfolded)))
    }

    fn body_len(&self, width: usize) -> usize {
        match (self.is_list(), self.count()) {
            (_, 0) => 0,
            (true, count) => 2 * count,
            (false, _) => self.rows(width).len(),
        }
    }

    /// Number of rows on a screen of this width.
    pub fn len(&self, width: usize) -> usize {
        self.body_len(width) + self.tail.len()
    }

    /// Row `n` with all that belongs to it, two sides as they fit; empty behind the end.
    pub fn row(&self, n: usize, width: usize) -> Line {
        if let Some(at) = n.checked_sub(self.body_len(width)) {
            return self.tail.get(at).map(|line| line.line.clone()).unwrap_or_default();
        }
        if self.is_list() {
            let change = self.body().json.changes.get(n / 2);
            return change.map(|change| self.listed(change, n % 2 == 1, None)).unwrap_or_default();
        }
        match self.body().row(self.rows(width), n) {
            Some(DiffRow::Equal(count)) => folded(count, self.is_beside(width).then(|| half(width))),
            Some(DiffRow::Line(line)) if self.is_beside(width) => self.beside(line, width, 0),
            Some(DiffRow::Line(line)) => self.under(line, None),
            None => Line::default(),
        }
    }

    /// Row `n` as it fits, `left` cells moved aside, and how many of these are still to be cut off.
    pub fn fitted(&self, n: usize, width: usize, left: usize) -> (Line, usize) {
        let in_body = n < self.body_len(width);
        if in_body && self.is_list() && left == 0 {
            let change = self.body().json.changes.get(n / 2);
            return (change.map(|change| self.listed(change, n % 2 == 1, Some(width))).unwrap_or_default(), 0);
        }
        let line = (in_body && !self.is_list()).then(|| self.body().row(self.rows(width), n)).flatten();
        match line {
            Some(DiffRow::Line(line)) if self.is_beside(width) => (self.beside(line, width, left), 0),
            Some(DiffRow::Line(line)) => (self.under(line, Some((width, left))), 0),
            Some(DiffRow::Equal(_)) => (self.row(n, width), 0),
            _ => (self.row(n, width), left),
        }
    }

    /// What a row behind the changes stands for.
    pub fn target(&self, n: usize, width: usize) -> &Target {
        let line = n.checked_sub(self.body_len(width)).and_then(|at| self.tail.get(at));
        line.map_or(&Target::None, |line| &line.target)
    }

    fn listed(&self, change: &Change, values: bool, width: Option<usize>) -> Line {
        const INDENT: usize = 5;
        if !values {
            let note = if change.only_space { "   only white space differs" } else { "" };
            let (role, sign) = sign(change.sign());
            return Line::new(role, sign)
                .and(Role::Text, " ")
                .and(Role::Key, self.body().path(change).jq())
                .and(Role::Text, note)
                .hanging(2);
        }
        let mut line = Line::text(" ".repeat(INDENT)).hanging(INDENT);
        let room = width.map_or(usize::MAX, |width| width.saturating_sub(INDENT));
        line.spans.extend(match self.body().values(change) {
            (Some(before), Some(after)) => pair(&marked(before), &marked(after), room),
            (before, after) => clip(&marked(before.or(after).unwrap_or_default()), 0, room),
        });
        line
    }

    /// The whole line, or as much as fits into a width, moved aside; its sign stays.
    fn under(&self, line: DiffLine, fit: Option<(usize, usize)>) -> Line {
        let (before, after) = self.body().sides(line);
        let side = if line.after.is_none() || line.sign == '-' { before } else { after };
        let (role, sign) = sign(line.sign);
        let mut shown = Line::new(role, sign).and(Role::Text, " ").hanging(2);
        let side = marked(side);
        shown.spans.extend(match fit {
            None => side,
            Some((width, 0)) => around(&side, width.saturating_sub(2)),
            Some((width, left)) => clip(&side, left, width.saturating_sub(2)),
        });
        shown
    }

    fn beside(&self, line: DiffLine, width: usize, left: usize) -> Line {
        let half = half(width);
        let (before, after) = self.body().sides(line);
        let side = |there: bool, side: DiffSide| {
            let (role, sign) = sign(if there { line.sign } else { ' ' });
            let (spans, room) = (marked(side), half - 2);
            let spans = if left == 0 { around(&spans, room) } else { clip(&spans, left, room) };
            [vec![Span::new(role, sign), Span::new(Role::Text, " ")], filled(spans, room)].concat()
        };
        let mut shown = Line { spans: side(line.before.is_some(), before), hang: 0 };
        shown = shown.and(Role::Text, "│ ");
        shown.spans.extend(side(line.after.is_some(), after));
        shown
    }

    /// The stretch of equal lines at a row, and whether its lines are shown.
    pub fn fold_at(&self, n: usize, width: usize) -> Option<(usize, bool)> {
        let there = !self.is_list() && n < self.body_len(width);
        there.then(|| self.rows(width).fold_at(n)).flatten()
    }

    /// All stretches of equal lines; none in a list.
    pub fn folds(&self) -> BTreeSet<usize> {
        if self.is_list() { self.unfolded.clone() } else { self.body().folds().collect() }
    }

    /// The row with which a stretch of equal lines begins.
    pub fn row_of_fold(&self, fold: usize, width: usize) -> usize {
        self.rows(width).row_of_fold(fold)
    }

    /// The number of the change that a row belongs to, from zero, or the last one before it.
    pub fn change_at(&self, n: usize, width: usize) -> Option<usize> {
        if n >= self.body_len(width) {
            return None;
        }
        if self.is_list() { Some(n / 2) } else { self.body().change_at(self.rows(width), n) }
    }

    /// The first row of a change.
    pub fn row_of(&self, change: usize, width: usize) -> Option<usize> {
        if self.is_list() {
            return (change < self.count()).then_some(2 * change);
        }
        self.body().row_of_change(self.rows(width), change)
    }

    /// The first row of the next change behind this row, or of the one before it; around the ends.
    pub fn next_change(&self, n: usize, forward: bool, width: usize) -> Option<usize> {
        let last = self.count().checked_sub(1)?;
        let next = match (self.change_at(n, width), forward) {
            (Some(at), true) if at < last => at + 1,
            (_, true) => 0,
            (Some(at), false) if at > 0 => at - 1,
            (_, false) => last,
        };
        self.row_of(next, width)
    }

    /// How many changes there are.
    pub fn count(&self) -> usize {
        self.body().count()
    }

    fn change(&self, n: usize, width: usize) -> Option<&Change> {
        self.body().json.changes.get(self.change_at(n, width)?)
    }

    /// The kind of the JSON change at a row, and in at most `room` cells what became of what.
    pub fn words(&self, n: usize, width: usize, room: usize) -> Option<Line> {
        let change = self.change(n, width)?;
        let mut line = Line::text(format!("{}  ", self.body().kinds(change)));
        let room = room.saturating_sub(line.width());
        line.spans.extend(match self.body().values(change) {
            (Some(before), Some(after)) => pair(&marked(before), &marked(after), room),
            (Some(_), None) => vec![Span::new(Role::Text, "is gone")],
            (None, _) => vec![Span::new(Role::Text, "is new")],
        });
        Some(line)
    }

    /// The path of the JSON change at a row.
    pub fn path_at(&self, n: usize, width: usize) -> Option<NodePath> {
        self.change(n, width).map(|change| self.body().path(change))
    }

    /// The first row of the JSON change at a path; without a path, or where nothing changed there, of the first one.
    pub fn row_of_path(&self, path: Option<&NodePath>, width: usize) -> Option<usize> {
        let at = path.and_then(|path| self.body().change_at_path(path));
        (!self.body().json.changes.is_empty()).then(|| self.row_of(at.unwrap_or(0), width)).flatten()
    }

    /// The JSON value that a row tells of: as it is, or as it was when it is gone.
    pub fn node_at(&self, n: usize, width: usize) -> Option<(&JsonIndex, NodeId)> {
        let Matter::Json(one, other) = &self.body().matter else { return None };
        let change = self.change(n, width)?;
        let after = change.after.map(|id| (other.index(), id));
        after.or(change.before.map(|id| (one.index(), id)))
    }

    /// Rows that hold `needle` in any case, the first so many rows of all.
    pub fn search(&self, needle: &str, width: usize) -> Vec<usize> {
        const MOST: usize = 100_000;
        let needle = needle.to_lowercase();
        let whole = |row: usize| match self.is_beside(width).then(|| self.body().row(self.rows(width), row)) {
            Some(Some(DiffRow::Line(line))) => {
                let (before, after) = self.body().sides(line);
                format!("{}\n{}", before.plain(), after.plain())
            }
            _ => self.row(row, width).plain(),
        };
        (0..self.len(width).min(MOST)).filter(|row| whole(*row).to_lowercase().contains(&needle)).collect()
    }
}

/// The room of each of two columns.
fn half(width: usize) -> usize {
    (width - 3) / 2
}

/// Lines that are not shown; in two columns on both sides.
fn folded(count: usize, half: Option<usize>) -> Line {
    let text = format!("    ⋮ {count} equal line{}", if count == 1 { "" } else { "s" });
    let Some(half) = half else { return Line::new(Role::Dim, text) };
    let pad = " ".repeat(half.saturating_sub(cells(&text)));
    Line::new(Role::Dim, format!("{text}{pad}│ {text}"))
}
