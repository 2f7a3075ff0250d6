//! A comparison on its way: what it has found so far, how far it is, and who may end it.

use super::blocks::{Block, Kind, Span};
use super::{BodyDiff, Stopped};

/// So many small steps are taken between two looks of whoever watches: about a millisecond.
const PATIENCE: u32 = 4096;

/// Whoever watches a comparison: sees what was found so far, says whether it goes on.
pub type Watch<'a> = dyn FnMut(&BodyDiff) -> bool + 'a;

/// A comparison on its way.
pub struct Making<'a> {
    /// What was found so far.
    pub diff: BodyDiff,
    watch: &'a mut Watch<'a>,
    left: u32,
    /// Lines of both bodies that were gone through, and how many there are.
    walked: usize,
    total: usize,
}

impl<'a> Making<'a> {
    /// The start, with so many lines in both bodies together.
    pub fn new(diff: BodyDiff, total: usize, watch: &'a mut Watch<'a>) -> Self {
        Self { diff, watch, left: PATIENCE, walked: 0, total: total.max(1) }
    }

    /// One small step: now and then asks whether to go on.
    pub fn step(&mut self) -> Result<(), Stopped> {
        self.left -= 1;
        if self.left == 0 { self.ask() } else { Ok(()) }
    }

    /// Shows what was found so far, and asks whether to go on.
    pub fn ask(&mut self) -> Result<(), Stopped> {
        self.left = PATIENCE;
        self.diff.percent = u8::try_from(100 * self.walked / self.total).unwrap_or(100).min(99);
        if (self.watch)(&self.diff) { Ok(()) } else { Err(Stopped) }
    }

    /// Notes that these lines were gone through.
    pub fn walked(&mut self, before: Span, after: Span) {
        self.walked += before.len() + after.len();
    }

    /// Lines that are equal: `shown` always, or only when asked for.
    pub fn equal(&mut self, before: Span, after: Span, shown: bool) {
        let kind = if shown { Kind::Context } else { Kind::Equal };
        if !before.is_empty() || !after.is_empty() {
            self.diff.blocks.push(Block { before, after, kind });
        }
    }

    /// Lines in which something differs.
    pub fn changed(&mut self, before: Span, after: Span) {
        let number = u32::try_from(self.diff.firsts.len()).unwrap_or(u32::MAX);
        self.diff.firsts.push(u32::try_from(self.diff.blocks.len()).unwrap_or(u32::MAX));
        self.diff.blocks.push(Block { before, after, kind: Kind::Changed(number) });
    }

    /// What was found, in the end or where it was stopped.
    pub fn end(mut self, outcome: Result<(), Stopped>) -> BodyDiff {
        if outcome.is_ok() {
            self.diff.percent = 100;
        }
        self.diff
    }
}
