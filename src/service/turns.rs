//! Waiting for one's turn: so many at once for each rule, and so many in line behind them.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The lines of all rules, by name. A rule that has changed its numbers begins another line.
#[derive(Debug, Default)]
pub(super) struct Turns(Mutex<HashMap<String, Arc<Line>>>);

/// One's turn, until dropped.
pub(super) type Turn = OwnedSemaphorePermit;

#[derive(Debug)]
struct Line {
    at_once: usize,
    turns: Arc<Semaphore>,
    waiting: AtomicUsize,
}

impl Turns {
    /// Waits for a turn; `None` when `queue` others are waiting already.
    pub(super) async fn take(&self, rule: &str, at_once: usize, queue: usize) -> Option<Turn> {
        let line = self.line(rule, at_once.max(1));
        if let Ok(turn) = line.turns.clone().try_acquire_owned() {
            return Some(turn);
        }
        let _place = Place::behind(&line.waiting, queue)?;
        line.turns.clone().acquire_owned().await.ok()
    }

    fn line(&self, rule: &str, at_once: usize) -> Arc<Line> {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(line) = lines.get(rule).filter(|line| line.at_once == at_once) {
            return line.clone();
        }
        let turns = Arc::new(Semaphore::new(at_once.min(Semaphore::MAX_PERMITS)));
        let line = Arc::new(Line { at_once, turns, waiting: AtomicUsize::new(0) });
        lines.insert(rule.to_owned(), line.clone());
        line
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

    #[tokio::test]
    async fn so_many_at_once_and_so_many_behind_them() {
        let turns = Turns::default();
        let first = turns.take("a", 1, 1).await;
        let mut second = Box::pin(turns.take("a", 1, 1));
        assert!(first.is_some() && (&mut second).now_or_never().is_none());
        assert!(turns.take("a", 1, 1).await.is_none(), "the line is full");
        assert!(turns.take("b", 1, 0).await.is_some(), "another rule has a line of its own");
        drop(first);
        assert!(second.await.is_some());
    }

    #[tokio::test]
    async fn who_leaves_the_line_makes_room_in_it() {
        let turns = Turns::default();
        let _first = turns.take("a", 1, 1).await;
        let mut leaves = Box::pin(turns.take("a", 1, 1));
        assert!((&mut leaves).now_or_never().is_none());
        drop(leaves);
        assert!(Box::pin(turns.take("a", 1, 1)).now_or_never().is_none(), "waits instead of being refused");
    }
}
