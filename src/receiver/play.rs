//! Answering on HTTP/1: at once, late, badly on purpose or not at all; and how that ended.

use std::future::pending;
use std::time::Duration;

use tokio::time::{Instant, sleep, sleep_until};

use crate::capture::{Answer, Ending, EndingKind, Fault};

use super::framing::After;
use super::stream::Stream;
use super::waiting::Made;
use super::wire::{Moment, Wire};
use super::{Intake, Receiver, Taken, reply};

/// What is to become of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Another request may come.
    Request,
    /// Both sides are done.
    Close,
    /// We are done, and the client may still be sending.
    Linger,
    /// It is broken on purpose.
    Reset,
}

/// What an answer depends on besides itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    /// When the request was complete.
    pub at: Moment,
    pub is_head: bool,
    pub after: After,
    /// Whether something is wrong with the request, so that more of it may be coming.
    pub is_broken: bool,
    /// Whether the client waited for `100 Continue` in vain.
    pub in_vain: bool,
}

/// Answers one request.
pub(super) struct Player<'a, S, I> {
    pub wire: &'a mut Wire<S>,
    pub receiver: &'a Receiver<I>,
    pub asked: Asked,
}

impl<S: Stream, I: Intake> Player<'_, S, I> {
    /// Has the answer made, and plays it.
    pub async fn run(mut self, taken: Taken) -> Next {
        let Made { answer, mut left } = self.receiver.make(taken.reply, self.asked.at, self.wire.gone()).await;
        let due = answer.as_ref().filter(|answer| answer.play.delay_ms > 0);
        let due = due.map(|answer| Instant::now() + answer.play.delay());
        if let (None, Some(due)) = (left, due) {
            left = self.wait(due).await;
        }
        if let Some(left) = left {
            self.receiver.tell_ended(taken.id, left);
            self.answer_half_closed(answer.as_ref(), due).await;
            return Next::Close;
        }
        let Some(answer) = answer else { return Next::Close };
        let (kind, next) = self.play(&answer).await;
        if kind != EndingKind::Sent || !answer.play.is_plain() {
            self.receiver.tell_ended(taken.id, self.asked.at.ending(kind));
        }
        next
    }

    async fn wait(&mut self, due: Instant) -> Option<Ending> {
        let waited = self.receiver.unless_over(sleep_until(due), self.wire.gone()).await;
        waited.err().map(|kind| self.asked.at.ending(kind))
    }

    /// A client that went may have closed no more than its sending side. Whether it still listens cannot be seen, so it
    /// gets its answer, unless that would be a fault.
    async fn answer_half_closed(&mut self, answer: Option<&Answer>, due: Option<Instant>) {
        let Some(answer) = answer.filter(|answer| answer.play.fault.is_none()) else { return };
        let due = due.unwrap_or_else(Instant::now);
        if self.receiver.unless_over(sleep_until(due), pending()).await.is_ok() {
            let _ = self.send(&reply::encode(answer, self.asked.is_head, After::Close)).await;
        }
    }

    async fn play(&mut self, answer: &Answer) -> (EndingKind, Next) {
        match answer.play.fault {
            None => self.send_whole(answer).await,
            Some(Fault::NoContinue) => match self.send_whole(answer).await {
                (EndingKind::Sent, next) if self.asked.in_vain => (EndingKind::Played, next),
                sent => sent,
            },
            Some(Fault::Close) => (EndingKind::Played, Next::Linger),
            Some(Fault::Reset) => (EndingKind::Played, Next::Reset),
            Some(Fault::Hang) => (self.hang().await, Next::Close),
            Some(Fault::Drip { pause_ms }) => self.drip(answer, Duration::from_millis(pause_ms)).await,
            Some(Fault::Cut { .. }) => self.cut(answer).await,
            Some(Fault::Garbage) => self.last_words(reply::GARBAGE, EndingKind::Played).await,
        }
    }

    async fn send_whole(&mut self, answer: &Answer) -> (EndingKind, Next) {
        let after = self.after();
        match self.send(&reply::encode(answer, self.asked.is_head, after)).await {
            Ok(()) => (EndingKind::Sent, self.next(after)),
            Err(kind) => (kind, Next::Close),
        }
    }

    /// Throws away what more the client says: nothing of it will be answered.
    async fn hang(&mut self) -> EndingKind {
        tokio::select! {
            () = self.wire.outlast() => EndingKind::GaveUp,
            () = self.receiver.stop.cancelled() => EndingKind::Stopped,
        }
    }

    /// A client that closes is believed to have gone once a byte cannot be sent: it may have closed its sending side only.
    async fn drip(&mut self, answer: &Answer, pause: Duration) -> (EndingKind, Next) {
        let after = self.after();
        let bytes = reply::encode(answer, self.asked.is_head, after);
        let mut has_closed = false;
        for (at, byte) in bytes.chunks(1).enumerate() {
            if at > 0 {
                let gone = async { if has_closed { pending().await } else { self.wire.gone().await } };
                match self.receiver.unless_over(sleep(pause), gone).await {
                    Ok(()) => {}
                    Err(EndingKind::Stopped) => return (EndingKind::Stopped, Next::Close),
                    Err(_) => has_closed = true,
                }
            }
            match self.send(byte).await {
                Ok(()) => {}
                Err(EndingKind::Broke) if has_closed => return (EndingKind::GaveUp, Next::Close),
                Err(kind) => return (kind, Next::Close),
            }
        }
        (EndingKind::Played, self.next(after))
    }

    /// Where there is no body to be cut, the answer is whole.
    async fn cut(&mut self, answer: &Answer) -> (EndingKind, Next) {
        let is_cut = reply::sends_body(answer, self.asked.is_head);
        let bytes = reply::encode(answer, self.asked.is_head, After::Close);
        self.last_words(&bytes, if is_cut { EndingKind::Played } else { EndingKind::Sent }).await
    }

    async fn last_words(&mut self, bytes: &[u8], then: EndingKind) -> (EndingKind, Next) {
        match self.send(bytes).await {
            Ok(()) => (then, Next::Linger),
            Err(kind) => (kind, Next::Close),
        }
    }

    async fn send(&mut self, bytes: &[u8]) -> Result<(), EndingKind> {
        let idle = self.receiver.limits.body_idle;
        let sent = self.receiver.unless_over(self.wire.send(bytes, idle), pending()).await?;
        sent.map_err(|_| EndingKind::Broke)
    }

    fn after(&self) -> After {
        if self.receiver.stop.is_cancelled() { After::Close } else { self.asked.after }
    }

    fn next(&self, after: After) -> Next {
        match after {
            After::Close if self.asked.is_broken || !self.wire.buffered().is_empty() => Next::Linger,
            After::Close => Next::Close,
            After::Open | After::OpenAsAsked => Next::Request,
        }
    }
}
