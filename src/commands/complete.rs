//! Captures held back from the printer until all is known that it is to tell of them: how their answer ended, and what
//! rules did besides.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::{Receiver, Sender};
use tokio::time::{Instant, sleep_until};

use crate::capture::{Capture, CaptureId};
use crate::store::Committed;

/// What rules do besides answering is waited for this long, once the answer is settled.
const PATIENCE: Duration = Duration::from_secs(10);

/// Hands over captures in the order in which they are complete, those that never will be at the end.
pub(super) async fn hand_over(mut committed: Receiver<Committed>, printer: Sender<Arc<Capture>>) {
    let mut held = Held::default();
    loop {
        let overdue = held.due.front().map(|(at, _)| *at);
        let capture = tokio::select! {
            what = committed.recv() => match what {
                Some(what) => held.take(what, Instant::now()),
                None => break,
            },
            () = sleep_until(overdue.unwrap_or_else(Instant::now)), if overdue.is_some() => held.overdue(),
        };
        if let Some(capture) = capture
            && printer.send(capture).await.is_err()
        {
            return;
        }
    }
    for capture in held.settled() {
        if printer.send(capture).await.is_err() {
            return;
        }
    }
}

/// What is held back.
#[derive(Default)]
struct Held {
    captures: BTreeMap<CaptureId, Waiting>,
    /// Those that are settled and wait for what rules do, and how long; oldest first.
    due: VecDeque<(Instant, CaptureId)>,
}

/// What is known of a capture that is held back.
struct Waiting {
    /// The capture, once its answer is settled.
    settled: Option<Arc<Capture>>,
    /// Whether rules still do something.
    pending: bool,
}

impl Held {
    /// The capture that is complete with this.
    fn take(&mut self, what: Committed, now: Instant) -> Option<Arc<Capture>> {
        match what {
            Committed::Captured(capture) if capture.is_settled() && !capture.pending => Some(capture),
            Committed::Captured(capture) => {
                self.captures.insert(capture.id, Waiting { settled: None, pending: capture.pending });
                self.settle(capture, now)
            }
            Committed::Settled(capture) => self.settle(capture, now),
            Committed::Done(id) => {
                let waiting = self.captures.get_mut(&id)?;
                waiting.pending = false;
                let capture = waiting.settled.take()?;
                self.captures.remove(&id);
                Some(capture)
            }
            Committed::Evicted(_) => None,
        }
    }

    /// What is settled twice is told with how it ended.
    fn settle(&mut self, capture: Arc<Capture>, now: Instant) -> Option<Arc<Capture>> {
        let id = capture.id;
        let waiting = self.captures.get_mut(&id).filter(|_| capture.is_settled())?;
        if !waiting.pending {
            self.captures.remove(&id);
            return Some(capture);
        }
        if waiting.settled.replace(capture).is_none() {
            self.due.push_back((now + PATIENCE, id));
        }
        None
    }

    /// The next that has waited long enough, if it still waits.
    fn overdue(&mut self) -> Option<Arc<Capture>> {
        let (_, id) = self.due.pop_front()?;
        self.captures.remove(&id)?.settled
    }

    /// Those that nothing but what rules do is missing of, which nobody will tell any more.
    fn settled(self) -> impl Iterator<Item = Arc<Capture>> {
        self.captures.into_values().filter_map(|waiting| waiting.settled)
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use chrono::DateTime;
    use tokio::sync::mpsc;

    use super::*;
    use crate::capture::{Answer, Body, Ending, EndingKind, Play, Request, parse_request};

    /// A capture with an answer that is played or not, of which rules do something or not.
    fn capture(id: u64, delay_ms: u64, pending: bool) -> Capture {
        let head = Bytes::from_static(b"POST / HTTP/1.1\r\n\r\n");
        let request = Request::from_head(head.clone(), parse_request(&head).unwrap(), Body::default());
        let capture = Capture::new(request, DateTime::default(), String::new(), String::new());
        let play = Play { delay_ms, fault: None };
        let answer = Some(Answer { play, ..Answer::text(200, "", "") });
        Capture { id: CaptureId(id), answer, pending, ..capture }
    }

    fn ended(mut capture: Capture) -> Committed {
        let ending = Ending { kind: EndingKind::Sent, after_us: 1 };
        capture.answer.as_mut().unwrap().ending = Some(ending);
        Committed::Settled(Arc::new(capture))
    }

    fn captured(id: u64, delay_ms: u64, pending: bool) -> Committed {
        Committed::Captured(Arc::new(capture(id, delay_ms, pending)))
    }

    #[test]
    fn what_rules_do_and_how_the_answer_ends_is_waited_for() {
        let mut held = Held::default();
        let told = [
            captured(1, 0, true),
            captured(2, 5, true),
            captured(3, 5, false),
            captured(4, 0, false),
            Committed::Done(CaptureId(2)),
            ended(capture(3, 5, false)),
            Committed::Done(CaptureId(1)),
            ended(capture(2, 5, false)),
            ended(capture(2, 5, false)),
        ];
        let told = told.into_iter().filter_map(|what| held.take(what, Instant::now()));
        assert_eq!(told.map(|capture| capture.id.0).collect::<Vec<_>>(), [4, 3, 1, 2]);
        assert!(held.captures.is_empty());
    }

    #[test]
    fn what_rules_do_is_not_waited_for_longer_than_patience_has_it() {
        let (mut held, now) = (Held::default(), Instant::now());
        for (id, delay) in [(1, 0), (2, 0), (3, 5)] {
            assert_eq!(held.take(captured(id, delay, true), now), None);
        }
        assert!(held.take(Committed::Done(CaptureId(1)), now).is_some());
        assert_eq!(
            held.due.iter().map(|(at, id)| (*at, id.0)).collect::<Vec<_>>(),
            [1, 2].map(|id| (now + PATIENCE, id))
        );
        assert_eq!(held.overdue(), None, "it was told already");
        assert_eq!(held.overdue().map(|capture| capture.id.0), Some(2));
        assert_eq!(held.take(Committed::Done(CaptureId(2)), now), None, "nothing is told twice");
    }

    #[tokio::test]
    async fn what_is_settled_at_the_end_is_told() {
        let (store, committed) = mpsc::channel(8);
        let (printer, mut captures) = mpsc::channel(8);
        for what in [captured(1, 0, true), captured(2, 5, true)] {
            store.send(what).await.unwrap();
        }
        drop(store);
        hand_over(committed, printer).await;
        assert_eq!(captures.recv().await.map(|capture| capture.id.0), Some(1));
        assert_eq!(captures.recv().await, None);
    }
}
