//! One HTTP/1 request from its first byte to its answer.

use tokio::time::Instant;

use crate::capture::{Answer, Body, Capture, Request, Timing};

use super::fault::Fault;
use super::framing::{After, Framing, expects_continue};
use super::stream::Stream;
use super::wire::{Moment, Wire};
use super::{Ends, Intake, Limits, Receiver, body, head, reply};

/// What is to become of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Another request may come.
    Request,
    /// Both sides are done.
    Close,
    /// We are done, and the client may still be sending.
    Linger,
}

/// Receives the request that the buffered bytes begin, hands it in and answers it. Its head must end before `until`.
pub(super) async fn run<I: Intake>(
    wire: &mut Wire<impl Stream>,
    ends: &Ends,
    receiver: &Receiver<I>,
    until: Instant,
) -> Next {
    let limits = &receiver.limits;
    let started = wire.read_at();
    let (mut request, mut fault) = head::read(wire, limits, until).await;
    let head_end = wire.read_at();
    if fault.is_none() {
        (request.body, fault) = receive_body(wire, &request, limits).await;
    }
    let is_broken = fault.is_some();
    let after = if is_broken { After::Close } else { After::of(&request) };
    let is_head = &request.method[..] == b"HEAD";

    let mut capture = ends.capture(request, started.wall);
    capture.timing = timing(started, head_end, wire.read_at());
    let Some(answer) = receiver.hand_in(capture, fault).await else { return Next::Close };

    let after = if receiver.stop.is_cancelled() { After::Close } else { after };
    let sent = wire.send(&reply::encode(&answer, is_head, after), limits.body_idle).await;
    match after {
        _ if sent.is_err() => Next::Close,
        After::Close if is_broken || !wire.buffered().is_empty() => Next::Linger,
        After::Close => Next::Close,
        After::Open | After::OpenAsAsked => Next::Request,
    }
}

fn timing(started: Moment, head_end: Moment, body_end: Moment) -> Timing {
    Timing { head_us: head_end.micros_since(started), body_us: body_end.micros_since(head_end) }
}

/// Reads the body that the head announces, asking for it first when the client waits to be asked.
async fn receive_body(wire: &mut Wire<impl Stream>, request: &Request, limits: &Limits) -> (Body, Option<Fault>) {
    let framing = match Framing::of(&request.headers) {
        Ok(framing) => framing,
        Err(text) => return (body::unframed(wire, limits).await, Some(Fault::bad_framing(text))),
    };
    let is_awaited = framing != Framing::Empty && wire.buffered().is_empty() && expects_continue(request);
    if is_awaited {
        // Also for a body that is too long, of which the first part is kept. When this cannot be sent, reading the body
        // finds out what is wrong.
        let _ = wire.send(reply::CONTINUE, limits.body_idle).await;
    }
    body::read(wire, framing, limits).await
}

impl<I: Intake> Receiver<I> {
    /// Hands a capture to the intake and says what to answer; nothing when nobody is left to hear it.
    pub(super) async fn hand_in(&self, mut capture: Capture, fault: Option<Fault>) -> Option<Answer> {
        let Some(fault) = fault else { return Some(self.intake.take(capture).await.reply.answer().await) };
        let own = fault.answer();
        capture.problem = Some(fault.problem);
        capture.answer.clone_from(&own);
        let taken = self.intake.take(capture).await.reply.answer().await;
        own.map(|own| if taken.status == 503 { taken } else { own })
    }
}
