//! What a template makes of all captures: the worst first, then the newest, with how many went how.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use crate::capture::CaptureId;
use crate::lab::{Grade, Tryout};

/// The longest sentence that is kept for a capture, in characters: there are many of them.
const WORDS: usize = 200;

/// What a template makes of one of all captures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabRow {
    /// The capture.
    pub id: CaptureId,
    /// How it went.
    pub grade: Grade,
    /// Bytes of the body.
    pub size: usize,
    /// What there is to say; nothing where it is good. May quote the capture.
    pub words: String,
}

impl LabRow {
    /// Of a tryout.
    pub fn of(id: CaptureId, tryout: &Tryout) -> Self {
        let grade = Grade::of(tryout);
        let words = if grade == Grade::Good { String::new() } else { tryout.words().chars().take(WORDS).collect() };
        Self { id, grade, size: tryout.output().map_or(0, |output| output.text.len()), words }
    }

    fn key(&self) -> Key {
        (Reverse(self.grade), Reverse(self.id))
    }
}

type Key = (Reverse<Grade>, Reverse<CaptureId>);

/// All rows.
#[derive(Clone, Debug, Default)]
pub struct Matrix {
    rows: BTreeMap<Key, LabRow>,
    grades: HashMap<CaptureId, Grade>,
    counts: [usize; 3],
}

impl Matrix {
    /// Takes a row, in place of the one that its capture had.
    pub fn insert(&mut self, row: LabRow) {
        self.remove(row.id);
        self.counts[row.grade as usize] += 1;
        self.grades.insert(row.id, row.grade);
        self.rows.insert(row.key(), row);
    }

    /// Forgets a capture.
    pub fn remove(&mut self, id: CaptureId) {
        if let Some(grade) = self.grades.remove(&id) {
            self.counts[grade as usize] -= 1;
            self.rows.remove(&(Reverse(grade), Reverse(id)));
        }
    }

    /// How many captures there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// How many went so: good, odd, failed.
    pub fn counts(&self) -> [usize; 3] {
        self.counts
    }

    /// Rows from the `n`th on, from zero.
    pub fn from(&self, n: usize) -> impl Iterator<Item = &LabRow> {
        self.rows.values().skip(n)
    }

    /// Where a capture is, from zero.
    pub fn position(&self, id: CaptureId) -> Option<usize> {
        let key = (Reverse(*self.grades.get(&id)?), Reverse(id));
        Some(self.rows.range(..key).count())
    }

    /// The next odd or failed capture behind this one, or before it; from the worst when it is none itself.
    pub fn next_problem(&self, of: Option<CaptureId>, forward: bool) -> Option<CaptureId> {
        let [_, odd, failed] = self.counts;
        let count = odd + failed;
        let at = of.and_then(|id| self.position(id)).filter(|at| *at < count);
        let next = match (at, forward) {
            (Some(at), true) => (at + 1) % count,
            (Some(at), false) => (at + count - 1) % count,
            (None, _) => 0,
        };
        self.from(next).next().filter(|_| count > 0).map(|row| row.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: u64, grade: Grade) -> LabRow {
        LabRow { id: CaptureId(id), grade, size: 1, words: String::new() }
    }

    #[test]
    fn the_worst_come_first_and_the_newest_of_them() {
        let mut matrix = Matrix::default();
        for (id, grade) in [(1, Grade::Good), (2, Grade::Failed), (3, Grade::Odd), (4, Grade::Failed), (5, Grade::Odd)]
        {
            matrix.insert(row(id, grade));
        }
        let ids = |matrix: &Matrix| matrix.from(0).map(|row| row.id.0).collect::<Vec<_>>();
        assert_eq!((ids(&matrix), matrix.counts()), (vec![4, 2, 5, 3, 1], [1, 2, 2]));
        assert_eq!(matrix.position(CaptureId(5)), Some(2));
        let next = |of: u64, forward| matrix.next_problem(Some(CaptureId(of)), forward).map(|id| id.0);
        assert_eq!([next(1, true), next(4, true), next(3, true), next(4, false)], [Some(4), Some(2), Some(4), Some(3)]);
        matrix.insert(row(4, Grade::Good));
        matrix.remove(CaptureId(3));
        matrix.remove(CaptureId(9));
        assert_eq!((ids(&matrix), matrix.counts(), matrix.len()), (vec![2, 5, 4, 1], [2, 1, 1], 4));
        assert_eq!(Matrix::default().next_problem(None, true), None);
    }
}
