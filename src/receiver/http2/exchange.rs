//! One HTTP/2 request to its answer, played as it is to be; and how that ended.

use std::future::pending;
use std::sync::Arc;

use hyper::body::Incoming;
use hyper::{Method, Response};
use tokio::sync::oneshot;
use tokio::time::sleep;

use crate::capture::{Answer, Ending, EndingKind, Fault, Timing};

use super::super::waiting::Made;
use super::super::wire::Moment;
use super::super::{Intake, Taken, reply};
use super::outgoing::Outgoing;
use super::{Shared, Tear, request};

/// Where hyper waits for a response. When this is dropped, hyper resets the stream.
type Tell = oneshot::Sender<Response<Outgoing>>;

/// Receives a request, hands it in and answers it.
pub(super) async fn run<I: Intake>(request: hyper::Request<Incoming>, tell: Tell, shared: Arc<Shared<I>>) {
    let (started, receiver) = (Moment::now(), &shared.receiver);
    let (parts, incoming) = request.into_parts();
    let is_head = parts.method == Method::HEAD;
    let length = request::declared_length(&parts.headers);
    let (body, fault) = request::read(incoming, length, &receiver.limits).await;
    let at = Moment::now();
    let request = request::as_request(&parts, body);
    let mut capture = shared.ends.capture(request, started.wall);
    capture.timing = Timing { head_us: 0, body_us: at.micros_since(started) };
    if let Some(taken) = receiver.hand_in(capture, fault).await {
        Player { tell, shared: &shared, at, is_head }.run(taken).await;
    }
}

/// Answers one request.
struct Player<'a, I> {
    tell: Tell,
    shared: &'a Shared<I>,
    /// When the request was complete.
    at: Moment,
    is_head: bool,
}

impl<I: Intake> Player<'_, I> {
    async fn run(mut self, taken: Taken) {
        let (receiver, at) = (&self.shared.receiver, self.at);
        let Made { answer, mut left } = receiver.make(taken.reply, at, self.tell.closed()).await;
        if let (None, Some(answer)) = (left, answer.as_ref().filter(|answer| answer.play.delay_ms > 0)) {
            let waited = receiver.unless_over(sleep(answer.play.delay()), self.tell.closed()).await;
            left = waited.err().map(|kind| at.ending(kind));
        }
        let ending = match (left, answer) {
            (Some(left), _) if left.kind == EndingKind::GaveUp => Some(Ending { kind: self.shared.lost(), ..left }),
            (Some(left), _) => Some(left),
            (None, None) => None,
            (None, Some(answer)) => {
                let is_plain = answer.play.is_plain();
                let kind = self.play(&answer).await;
                (kind != EndingKind::Sent || !is_plain).then(|| at.ending(kind))
            }
        };
        if let Some(ending) = ending {
            receiver.tell_ended(taken.id, ending);
        }
    }

    async fn play(mut self, answer: &Answer) -> EndingKind {
        match answer.play.fault {
            None | Some(Fault::NoContinue) => self.send(answer, EndingKind::Sent).await,
            Some(Fault::Drip { .. } | Fault::Cut { .. }) => {
                let has_body = reply::sends_body(answer, self.is_head);
                self.send(answer, if has_body { EndingKind::Played } else { EndingKind::Sent }).await
            }
            Some(Fault::Reset) => EndingKind::Played,
            Some(Fault::Close) => self.tear(Tear::Close).await,
            Some(Fault::Garbage) => self.tear(Tear::Garbage).await,
            Some(Fault::Hang) => tokio::select! {
                () = self.tell.closed() => EndingKind::GaveUp,
                () = self.shared.receiver.stop.cancelled() => EndingKind::Stopped,
            },
        }
    }

    /// `then` is what it comes to when all of it was taken.
    async fn send(self, answer: &Answer, then: EndingKind) -> EndingKind {
        let (body, taken) = Outgoing::of(answer, self.is_head);
        if self.tell.send(reply::response(answer, self.is_head).map(|()| body)).is_err() {
            return self.shared.lost();
        }
        match self.shared.receiver.unless_over(taken, pending()).await {
            Ok(Ok(())) => then,
            Ok(Err(_)) => self.shared.lost(),
            Err(kind) => kind,
        }
    }

    /// The stream is left without a word until the connection is gone.
    async fn tear(mut self, tear: Tear) -> EndingKind {
        let _ = self.shared.torn.set(tear);
        self.tell.closed().await;
        EndingKind::Played
    }
}

impl<I> Shared<I> {
    /// What it means that nobody is there to hear an answer.
    fn lost(&self) -> EndingKind {
        if self.receiver.too_late.is_cancelled() {
            EndingKind::Stopped
        } else if self.torn.initialized() {
            EndingKind::Broke
        } else {
            EndingKind::GaveUp
        }
    }
}
