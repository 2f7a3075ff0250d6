//! Running a program over a text: depth first, with a stack of its own, so that no text ends ours.

use super::class::same_ignoring_case;
use super::node::Place;
use super::program::{Program, Step};
use crate::template::letters::is_word;

/// After so many steps it is given up: Python would go on, for minutes or for ever.
const MOST: u64 = 3_000_000;

/// Matching would take too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the pattern takes too long on this text: it backtracks more than {MOST} steps")]
pub struct TooHard;

/// Whether the text begins with a match.
pub(super) fn matches(program: &Program, text: &[char]) -> Result<bool, TooHard> {
    let mut machine = Machine { program, text, slots: vec![None; program.slots], left: MOST };
    Ok(machine.run(0, 0)?.is_some())
}

struct Machine<'p> {
    program: &'p Program,
    text: &'p [char],
    /// Where groups begin and end, and where rounds of repeats began.
    slots: Vec<Option<usize>>,
    left: u64,
}

/// What to do when the way taken leads to nothing.
enum Back {
    /// Go on at this step and place.
    Go(usize, usize),
    /// Forget what was saved meanwhile.
    Restore(usize, Option<usize>),
}

impl Machine<'_> {
    /// Runs from a step to its `End`; tells at which place that came.
    fn run(&mut self, mut step: usize, mut at: usize) -> Result<Option<usize>, TooHard> {
        let mut stack: Vec<Back> = Vec::new();
        loop {
            self.left = self.left.checked_sub(1).ok_or(TooHard)?;
            let goes_on = match &self.program.steps[step] {
                Step::End => return Ok(Some(at)),
                Step::Try { first, then } => {
                    stack.push(Back::Go(*then, at));
                    Some((*first, at))
                }
                Step::Save(slot) => {
                    stack.push(Back::Restore(*slot, self.slots[*slot]));
                    self.slots[*slot] = Some(at);
                    Some((step + 1, at))
                }
                Step::Inner { next, back, negated, keeps } => {
                    let (next, back, negated, keeps) = (*next, *back, *negated, *keeps);
                    let before = self.slots.clone();
                    let end = match at.checked_sub(back) {
                        Some(start) => self.run(step + 1, start)?,
                        None => None,
                    };
                    self.settle(&mut stack, before, end.is_some() && !negated);
                    (end.is_some() != negated).then(|| (next, end.filter(|_| keeps).unwrap_or(at)))
                }
                simple => self.simple(simple, step, at),
            };
            match goes_on {
                Some((next, place)) => (step, at) = (next, place),
                None => match self.back(&mut stack) {
                    Some((next, place)) => (step, at) = (next, place),
                    None => return Ok(None),
                },
            }
        }
    }

    /// Keeps what an inner match saved, for as long as the way taken holds; else puts back what was before.
    fn settle(&mut self, stack: &mut Vec<Back>, before: Vec<Option<usize>>, keep: bool) {
        if !keep {
            self.slots = before;
            return;
        }
        let changed = before.into_iter().enumerate().filter(|(slot, old)| self.slots[*slot] != *old);
        stack.extend(changed.map(|(slot, old)| Back::Restore(slot, old)));
    }

    fn back(&mut self, stack: &mut Vec<Back>) -> Option<(usize, usize)> {
        loop {
            match stack.pop()? {
                Back::Go(step, at) => return Some((step, at)),
                Back::Restore(slot, old) => self.slots[slot] = old,
            }
        }
    }

    /// A step that needs no stack: where it goes on.
    fn simple(&self, step: &Step, number: usize, at: usize) -> Option<(usize, usize)> {
        let next = number + 1;
        match step {
            Step::One(class) => self.text.get(at).filter(|char| class.has(**char)).map(|_| (next, at + 1)),
            Step::At(place) => self.is_at(*place, at).then_some((next, at)),
            Step::Jump(target) => Some((*target, at)),
            Step::Moved(slot) => (self.slots[*slot] != Some(at)).then_some((next, at)),
            Step::Back { group, ignore_case } => self.again(*group, *ignore_case, at).map(|end| (next, end)),
            Step::If { group, otherwise } => Some((if self.group(*group).is_some() { next } else { *otherwise }, at)),
            Step::Never | Step::End | Step::Try { .. } | Step::Save(_) | Step::Inner { .. } => None,
        }
    }

    fn group(&self, group: usize) -> Option<(usize, usize)> {
        self.slots[group * 2].zip(self.slots[group * 2 + 1])
    }

    /// Where the text of a group ends when it stands here once more.
    fn again(&self, group: usize, ignore_case: bool, at: usize) -> Option<usize> {
        let (start, end) = self.group(group)?;
        let wanted = &self.text[start..end];
        let there = self.text.get(at..at + wanted.len())?;
        let same = |one: char, other: char| one == other || (ignore_case && same_ignoring_case(one, other));
        wanted.iter().zip(there).all(|(one, other)| same(*one, *other)).then_some(at + wanted.len())
    }

    fn is_at(&self, place: Place, at: usize) -> bool {
        let is_end = at == self.text.len();
        match place {
            Place::TextStart => at == 0,
            Place::TextEnd => is_end,
            Place::LineStart => at == 0 || self.text[at - 1] == '\n',
            Place::LineEnd => is_end || self.text[at] == '\n',
            Place::End => is_end || (at + 1 == self.text.len() && self.text[at] == '\n'),
            Place::Border { ascii, negated } => {
                let is_word = |char: &char| is_word(*char) && (!ascii || char.is_ascii());
                let before = at.checked_sub(1).is_some_and(|before| is_word(&self.text[before]));
                let behind = self.text.get(at).is_some_and(is_word);
                // Python finds no place at all in an empty text, not even one that is no border.
                !self.text.is_empty() && (before != behind) != negated
            }
        }
    }
}
