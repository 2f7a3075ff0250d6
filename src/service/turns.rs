//! Waiting for one's turn: so many at once for each thing that a rule does, and so many in line behind them.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The lines, by what they are for and by how many have their turn at once: a rule that changes that begins another line.
#[derive(Debug, Default)]
pub(super) struct Turns(Mutex<HashMap<(Task, usize), Arc<Line>>>);

/// Something that a rule does, again and again.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Task {
    /// The rule's command in this place among those that run beside the answer.
    Command(String, usize),
    /// The rule's command that makes the answer.
    Output(String),
    /// The rule's forward.
    Forward(String),
}

/// One's turn, until dropped.
pub(super) type Turn = OwnedSemaphorePermit;

#[derive(Debug)]
struct Line {
    turns: Arc<Semaphore>,
    waiting: AtomicUsize,
}

impl Turns {
    /// Waits for a turn; `None` when `queue` others are waiting already.
    pub(super) async fn take(&self, task: Task, at_once: usize, queue: usize) -> Option<Turn> {
        let line = self.line(task, at_once.max(1));
        if let Ok(turn) = line.turns.clone().try_acquire_owned() {
            return Some(turn);
        }
        let _place = Place::behind(&line.waiting, queue)?;
        line.turns.clone().acquire_owned().await.ok()
    }

    fn line(&self, task: Task, at_once: usize) -> Arc<Line> {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let line = lines.entry((task, at_once)).or_insert_with(|| {
            let turns = Arc::new(Semaphore::new(at_once.min(Semaphore::MAX_PERMITS)));
            Arc::new(Line { turns, waiting: AtomicUsize::new(0) })
        });
        line.clone()
    }
}

/// A place in a line, until dropped.
struct Place<'a>(&'a AtomicUsize);

impl<'a> Place<'a> {
    fn behind(waiting: &'a AtomicUsize, most: usize) -> Option<Self> {
        let one_more = |before: usize| (before < most).then_some(before + 1);
        waiting.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more).ok().map(|_| Self(waiting))
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    fn first() -> Task {
        Task::Command("a".to_owned(), 0)
    }

    #[tokio::test]
    async fn so_many_at_once_and_so_many_behind_them() {
        let turns = Turns::default();
        let one = turns.take(first(), 1, 1).await;
        let mut two = Box::pin(turns.take(first(), 1, 1));
        assert!(one.is_some() && (&mut two).now_or_never().is_none());
        assert!(turns.take(first(), 1, 1).await.is_none(), "the line is full");
        let second = Task::Command("a".to_owned(), 1);
        assert!(turns.take(second, 1, 0).await.is_some(), "another command has a line of its own");
        drop(one);
        assert!(two.await.is_some());
    }

    #[tokio::test]
    async fn who_leaves_the_line_makes_room_in_it() {
        let turns = Turns::default();
        let _first = turns.take(first(), 1, 1).await;
        let mut leaves = Box::pin(turns.take(first(), 1, 1));
        assert!((&mut leaves).now_or_never().is_none());
        drop(leaves);
        assert!(Box::pin(turns.take(first(), 1, 1)).now_or_never().is_none(), "waits instead of being refused");
    }
}
