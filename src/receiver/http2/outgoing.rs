//! The body of a response on its way out, which tells when all of it was taken.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::sync::oneshot;
use tokio::time::{Instant, Sleep, sleep};

use crate::capture::{Answer, Fault};

use super::super::reply;

/// The most that is given at a time. hyper asks for more when the client has room for it, so what was asked for is close
/// to what was sent.
const PIECE: usize = 16 * 1024;

/// A body that is given in pieces, or byte by byte with pauses.
pub(super) struct Outgoing {
    rest: Bytes,
    pace: Option<Pace>,
    taken: Option<oneshot::Sender<()>>,
}

struct Pace {
    pause: Duration,
    due: Pin<Box<Sleep>>,
}

impl Outgoing {
    /// What is sent of an answer's body; the receiver hears when all of it was taken, and an error when the client went
    /// before.
    pub fn of(answer: &Answer, is_head: bool) -> (Self, oneshot::Receiver<()>) {
        let pace = match answer.play.fault {
            Some(Fault::Drip { pause_ms }) => Some(Pace::every(Duration::from_millis(pause_ms))),
            _ => None,
        };
        let (tell, told) = oneshot::channel();
        let rest = answer.body.slice_ref(reply::body(answer, is_head));
        let mut body = Self { rest, pace, taken: Some(tell) };
        body.note_end();
        (body, told)
    }

    fn note_end(&mut self) {
        if self.rest.is_empty()
            && let Some(taken) = self.taken.take()
        {
            let _ = taken.send(());
        }
    }
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.rest.is_empty() {
            return Poll::Ready(None);
        }
        let most = match &mut self.pace {
            Some(pace) => {
                ready!(pace.poll(context));
                1
            }
            None => PIECE,
        };
        let length = most.min(self.rest.len());
        let piece = self.rest.split_to(length);
        self.note_end();
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.rest.len() as u64)
    }
}

impl Pace {
    fn every(pause: Duration) -> Self {
        Self { pause, due: Box::pin(sleep(Duration::ZERO)) }
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        ready!(self.due.as_mut().poll(context));
        self.due.as_mut().reset(Instant::now() + self.pause);
        Poll::Ready(())
    }
}
