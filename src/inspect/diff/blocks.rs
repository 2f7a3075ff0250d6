//! Two bodies as stretches of lines that belong beside each other, and the rows that these make on a screen.
//!
//! The lines are those of a JSON document that is open everywhere, of a text, or rows of bytes. However much differs,
//! there is one block for each change and few around it; rows are counted, and made one by one.

use std::collections::BTreeSet;
use std::ops::Range;

use super::{BodyDiff, Matter, sign};

/// Lines that follow each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    start: u32,
    len: u32,
}

impl Span {
    /// So many lines from this one on; of more than 2³² the first ones.
    pub fn new(start: usize, len: usize) -> Self {
        let short = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Self { start: short(start), len: short(len) }
    }

    /// The first line.
    pub fn start(self) -> usize {
        self.start as usize
    }

    /// How many lines.
    pub fn len(self) -> usize {
        self.len as usize
    }

    /// The line behind the last one.
    pub fn end(self) -> usize {
        self.start() + self.len()
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.len == 0
    }

    /// The line at this place, when there are so many.
    fn get(self, place: usize) -> Option<usize> {
        (place < self.len()).then(|| self.start() + place)
    }
}

/// Whether the lines of a block differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// They are equal, and not shown unless asked for.
    Equal,
    /// They are equal, and shown for what is around them.
    Context,
    /// They differ: the change of this number.
    Changed(u32),
}

/// Lines of the first body and lines of the second that belong beside each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// Of the first body.
    pub before: Span,
    /// Of the second.
    pub after: Span,
    /// Whether they differ.
    pub kind: Kind,
}

/// How the lines that changed are put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiffForm {
    /// What was beside what is.
    Side,
    /// What was above what is.
    Unified,
}

/// The rows of a comparison, counted. Good for the comparison that they were made of, until that has grown.
#[derive(Clone, Debug)]
pub struct DiffRows {
    form: DiffForm,
    /// The row that each block begins with, and the one behind the last.
    starts: Vec<u32>,
    /// The stretches of equal lines, in their order.
    stretches: Vec<Stretch>,
}

/// Blocks of equal lines behind each other: there is one for each key of an object whose keys are in another order.
#[derive(Clone, Debug)]
struct Stretch {
    blocks: Range<usize>,
    lines: usize,
    is_shown: bool,
}

/// A row of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiffRow {
    /// So many lines that are equal, not shown.
    Equal(usize),
    /// A line of the first body, of the second, or of both.
    Line(DiffLine),
}

/// A line of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiffLine {
    /// The number of the line in the first body.
    pub before: Option<usize>,
    /// The number of the line in the second body.
    pub after: Option<usize>,
    /// The number of the change that it belongs to, from zero.
    pub change: Option<usize>,
    /// `+`, `-`, `~`, a blank when equal. Of a line that is there in both, `-` and `+` show the one or the other.
    pub sign: char,
}

impl Block {
    /// The lines at one place of the block.
    fn line(&self, place: usize) -> DiffLine {
        let (before, after) = (self.before.get(place), self.after.get(place));
        match self.kind {
            Kind::Changed(number) => {
                let sign = sign(before.is_some(), after.is_some());
                DiffLine { before, after, change: Some(number as usize), sign }
            }
            Kind::Equal | Kind::Context => DiffLine { before, after, change: None, sign: ' ' },
        }
    }

    /// Rows beside each other.
    fn height(&self) -> usize {
        self.before.len().max(self.after.len())
    }

    /// A row of a change that has what was above what is: line by line, or all that was first.
    fn unified(&self, row: usize, by_line: bool) -> DiffLine {
        let (was, is) = (self.before.len(), self.after.len());
        let (place, after) = match row.checked_sub(2 * was.min(is)) {
            None if by_line => (row / 2, row % 2 == 1),
            Some(rest) if by_line => (was.min(is) + rest, is > was),
            _ if row < was => (row, false),
            _ => (row - was, true),
        };
        DiffLine { sign: if after { '+' } else { '-' }, ..self.line(place) }
    }
}

impl BodyDiff {
    /// The rows in this form; of the equal stretches those are shown that begin with one of the blocks `unfolded`.
    pub fn rows(&self, form: DiffForm, unfolded: &BTreeSet<usize>) -> DiffRows {
        let (mut starts, mut row) = (Vec::with_capacity(self.blocks.len() + 1), 0_usize);
        let mut stretches: Vec<Stretch> = Vec::new();
        for (at, block) in self.blocks.iter().enumerate() {
            starts.push(u32::try_from(row).unwrap_or(u32::MAX));
            row += match (block.kind, stretches.last_mut().filter(|stretch| stretch.blocks.end == at)) {
                (Kind::Equal, Some(stretch)) => {
                    stretch.blocks.end += 1;
                    stretch.lines += block.height();
                    if stretch.is_shown { block.height() } else { 0 }
                }
                (Kind::Equal, None) => {
                    let is_shown = unfolded.contains(&at);
                    stretches.push(Stretch { blocks: at..at + 1, lines: block.height(), is_shown });
                    if is_shown { block.height() } else { 1 }
                }
                (Kind::Changed(_), _) if form == DiffForm::Unified => block.before.len() + block.after.len(),
                _ => block.height(),
            };
        }
        starts.push(u32::try_from(row).unwrap_or(u32::MAX));
        DiffRows { form, starts, stretches }
    }

    /// A row, from zero; nothing behind the end.
    pub fn row(&self, rows: &DiffRows, n: usize) -> Option<DiffRow> {
        let (at, offset) = rows.block_at(n)?;
        let block = self.blocks.get(at)?;
        if let Some(stretch) = rows.stretch(at).filter(|stretch| !stretch.is_shown) {
            return Some(DiffRow::Equal(stretch.lines));
        }
        let by_line = matches!(self.matter, Matter::Bytes(..));
        Some(DiffRow::Line(match (block.kind, rows.form) {
            (Kind::Changed(_), DiffForm::Unified) => block.unified(offset, by_line),
            _ => block.line(offset),
        }))
    }

    /// The stretches of equal lines that are shown only when asked for, by their first blocks.
    pub fn folds(&self) -> impl Iterator<Item = usize> + '_ {
        let is_equal = |at: usize| self.blocks.get(at).is_some_and(|block| block.kind == Kind::Equal);
        (0..self.blocks.len()).filter(move |at| is_equal(*at) && !at.checked_sub(1).is_some_and(is_equal))
    }

    /// The number of the change at a row, or of the last one before it.
    pub fn change_at(&self, rows: &DiffRows, n: usize) -> Option<usize> {
        let (at, _) = rows.block_at(n)?;
        self.firsts.partition_point(|block| *block as usize <= at).checked_sub(1)
    }

    /// The first row of a change.
    pub fn row_of_change(&self, rows: &DiffRows, change: usize) -> Option<usize> {
        let block = *self.firsts.get(change)? as usize;
        rows.starts.get(block).map(|row| *row as usize)
    }
}

impl DiffRows {
    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.starts.last().map_or(0, |row| *row as usize)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The stretch of equal lines at a row, by its first block, and whether its lines are shown.
    pub fn fold_at(&self, n: usize) -> Option<(usize, bool)> {
        let stretch = self.stretch(self.block_at(n)?.0)?;
        Some((stretch.blocks.start, stretch.is_shown))
    }

    /// The row with which a stretch of equal lines begins.
    pub fn row_of_fold(&self, run: usize) -> usize {
        self.starts.get(run).map_or(0, |row| *row as usize)
    }

    /// The stretch of equal lines that a block belongs to.
    fn stretch(&self, block: usize) -> Option<&Stretch> {
        let behind = self.stretches.partition_point(|stretch| stretch.blocks.start <= block);
        self.stretches.get(behind.checked_sub(1)?).filter(|stretch| stretch.blocks.contains(&block))
    }

    /// The block that makes a row, and which of its rows it is.
    fn block_at(&self, n: usize) -> Option<(usize, usize)> {
        let behind = self.starts.partition_point(|start| *start as usize <= n);
        let at = behind.checked_sub(1).filter(|at| at + 1 < self.starts.len())?;
        Some((at, n - self.starts[at] as usize))
    }
}
