//! Texts compared line by line, and bytes row by row.

use std::collections::HashMap;

use super::super::LineIndex;
use super::Stopped;
use super::align::{Run, align};
use super::blocks::Span;
use super::making::Making;

/// So many equal lines are shown around what differs.
const AROUND: usize = 3;

/// Compares two texts line by line.
pub fn texts((before, after): (&LineIndex, &LineIndex), making: &mut Making<'_>) -> Result<(), Stopped> {
    let mut numbers = HashMap::with_capacity(before.row_count() + after.row_count());
    let one = numbered(before, &mut numbers, making)?;
    let other = numbered(after, &mut numbers, making)?;
    drop(numbers);
    let ends = (one.len(), other.len());
    align((&one, &other), making, &mut |making, run| found(&run, ends, AROUND, making))
}

/// The same number for the same line.
fn numbered<'a>(
    text: &'a LineIndex,
    numbers: &mut HashMap<&'a [u8], u32>,
    making: &mut Making<'_>,
) -> Result<Vec<u32>, Stopped> {
    let mut all = Vec::with_capacity(text.row_count());
    for row in 0..text.row_count() {
        making.step()?;
        let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
        all.push(*numbers.entry(text.row(row)).or_insert(next));
    }
    Ok(all)
}

/// Compares bytes with those at the same offset, `width` a row.
pub fn bytes((before, after): (&[u8], &[u8]), width: usize, making: &mut Making<'_>) -> Result<(), Stopped> {
    let ends = (before.len().div_ceil(width), after.len().div_ceil(width));
    let (mut one, mut other) = (before.chunks(width), after.chunks(width));
    let (mut start, mut was_equal) = (0, None);
    for row in 0..=ends.0.max(ends.1) {
        making.step()?;
        let equal = (row < ends.0.max(ends.1)).then(|| one.next() == other.next());
        if equal == was_equal {
            continue;
        }
        if let Some(equal) = was_equal {
            let range = |end: usize| start.min(end)..row.min(end);
            found(&Run { before: range(ends.0), after: range(ends.1), equal }, ends, 0, making);
        }
        (start, was_equal) = (row, equal);
    }
    Ok(())
}

/// A run as blocks: of equal lines so many are shown that stand around what differs.
fn found(run: &Run, ends: (usize, usize), around: usize, making: &mut Making<'_>) {
    let (length, others) = (run.before.len(), run.after.len());
    let span = |from: usize, to: usize| {
        (Span::new(run.before.start + from, to - from), Span::new(run.after.start + from, to - from))
    };
    making.walked(Span::new(run.before.start, length), Span::new(run.after.start, others));
    if !run.equal {
        return making.changed(Span::new(run.before.start, length), Span::new(run.after.start, others));
    }
    let head = if run.before.start == 0 && run.after.start == 0 { 0 } else { around };
    let tail = if (run.before.end, run.after.end) == ends { 0 } else { around };
    let mut put = |from: usize, to: usize, shown: bool| making.equal(span(from, to).0, span(from, to).1, shown);
    if length <= head + tail + 1 {
        return put(0, length, true);
    }
    put(0, head, true);
    put(head, length - tail, false);
    put(length - tail, length, true);
}
