//! Which lines of two texts, or which items of two arrays, belong together.
//!
//! What is alike at both ends, then what comes once in each and in the same order; between those again, and where it
//! has become short, by the fewest edits (Myers). Takes time in proportion to the length, whatever stands there.

use std::collections::HashMap;
use std::ops::Range;

use super::Stopped;
use super::making::Making;

/// So many items together are compared by the fewest edits: some milliseconds at the worst.
const SHORT: usize = 2000;
/// So often what comes once is looked for between what came once; beyond that all of it is taken as changed.
const DEPTH: u32 = 8;

/// A stretch that is equal, or one that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Its items in the first sequence.
    pub before: Range<usize>,
    /// Its items in the second.
    pub after: Range<usize>,
    /// Whether they are equal.
    pub equal: bool,
}

/// Takes the runs as they are found.
pub type Each<'a> = dyn FnMut(&mut Making<'_>, Run) + 'a;

/// Finds the runs of two sequences, in order; of two that follow each other one is equal.
pub fn align((before, after): (&[u32], &[u32]), making: &mut Making<'_>, each: &mut Each<'_>) -> Result<(), Stopped> {
    let mut aligning = Aligning { before, after, held: None, each };
    aligning.region((0..before.len(), 0..after.len()), 0, making)?;
    if let Some(run) = aligning.held.take() {
        (aligning.each)(making, run);
    }
    Ok(())
}

/// A part of the first sequence, and the part of the second that belongs to it.
type Region = (Range<usize>, Range<usize>);

struct Aligning<'a, 'e> {
    before: &'a [u32],
    after: &'a [u32],
    /// A run that the next one may continue.
    held: Option<Run>,
    each: &'a mut Each<'e>,
}

impl Aligning<'_, '_> {
    fn region(&mut self, (b, a): Region, depth: u32, making: &mut Making<'_>) -> Result<(), Stopped> {
        making.step()?;
        let (one, other) = (&self.before[b.clone()], &self.after[a.clone()]);
        let head = one.iter().zip(other).take_while(|(one, other)| one == other).count();
        let rest = one[head..].iter().rev().zip(other[head..].iter().rev());
        let tail = rest.take_while(|(one, other)| one == other).count();
        self.found((b.start..b.start + head, a.start..a.start + head), true, making);
        self.middle((b.start + head..b.end - tail, a.start + head..a.end - tail), depth, making)?;
        self.found((b.end - tail..b.end, a.end - tail..a.end), true, making);
        Ok(())
    }

    /// What is neither alike at the start nor at the end.
    fn middle(&mut self, (b, a): Region, depth: u32, making: &mut Making<'_>) -> Result<(), Stopped> {
        if b.is_empty() || a.is_empty() {
            self.found((b, a), false, making);
            return Ok(());
        }
        if b.len() + a.len() <= SHORT {
            self.fewest_edits((b, a), making);
            return making.ask();
        }
        let anchors = if depth < DEPTH { self.anchors((b.clone(), a.clone()), making)? } else { Vec::new() };
        if anchors.is_empty() {
            self.found((b, a), false, making);
            return Ok(());
        }
        let (mut one, mut other) = (b.start, a.start);
        for (at, to) in anchors {
            if at >= one && to >= other {
                self.region((one..at, other..to), depth + 1, making)?;
                self.found((at..at + 1, to..to + 1), true, making);
                (one, other) = (at + 1, to + 1);
            }
        }
        self.region((one..b.end, other..a.end), depth + 1, making)
    }

    fn fewest_edits(&mut self, (b, a): Region, making: &mut Making<'_>) {
        let (one, other) = (&self.before[b.clone()], &self.after[a.clone()]);
        for op in similar::capture_diff_slices(similar::Algorithm::Myers, one, other) {
            let (old, new) = (op.old_range(), op.new_range());
            let region = (b.start + old.start..b.start + old.end, a.start + new.start..a.start + new.end);
            self.found(region, op.tag() == similar::DiffTag::Equal, making);
        }
    }

    /// What comes once in each, as many as stand in the same order in both.
    fn anchors(&self, (b, a): Region, making: &mut Making<'_>) -> Result<Vec<(usize, usize)>, Stopped> {
        let mut seen: HashMap<u32, (u32, u32, usize)> = HashMap::with_capacity(b.len());
        for item in &self.before[b.clone()] {
            making.step()?;
            seen.entry(*item).or_default().0 += 1;
        }
        for at in a {
            making.step()?;
            if let Some((_, count, place)) = seen.get_mut(&self.after[at]) {
                (*count, *place) = (*count + 1, at);
            }
        }
        let once = |at: usize| match seen.get(&self.before[at]) {
            Some((1, 1, to)) => Some((at, *to)),
            _ => None,
        };
        rising(b.filter_map(once), making)
    }

    /// Notes a run; gives on the one before it, unless this one continues it.
    fn found(&mut self, (before, after): Region, equal: bool, making: &mut Making<'_>) {
        if before.is_empty() && after.is_empty() {
            return;
        }
        match &mut self.held {
            Some(held) if held.equal == equal => (held.before.end, held.after.end) = (before.end, after.end),
            held => {
                if let Some(run) = held.replace(Run { before, after, equal }) {
                    (self.each)(making, run);
                }
            }
        }
    }
}

/// The longest part of the pairs in which the second numbers rise as the first ones do (patience sorting).
fn rising(
    pairs: impl Iterator<Item = (usize, usize)>,
    making: &mut Making<'_>,
) -> Result<Vec<(usize, usize)>, Stopped> {
    // All pairs, the one before each in its row, and the last pair of the best row of each length.
    let (mut all, mut before, mut last) = (Vec::<(usize, usize)>::new(), Vec::<Option<usize>>::new(), Vec::new());
    for pair in pairs {
        making.step()?;
        let length = last.partition_point(|at: &usize| all[*at].1 < pair.1);
        all.push(pair);
        before.push(length.checked_sub(1).map(|shorter| last[shorter]));
        match last.get_mut(length) {
            Some(at) => *at = all.len() - 1,
            None => last.push(all.len() - 1),
        }
    }
    let row = std::iter::successors(last.last().copied(), |at| before[*at]);
    let mut rising: Vec<(usize, usize)> = row.map(|at| all[at]).collect();
    rising.reverse();
    Ok(rising)
}
