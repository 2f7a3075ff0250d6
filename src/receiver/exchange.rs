//! One HTTP/1 request from its first byte to its answer.

use tokio::time::Instant;

use crate::capture::{Body, Capture, Request, Timing};

use super::fault::Fault;
use super::framing::{After, Framing, expects_continue};
use super::play::{Asked, Next, Player};
use super::stream::Stream;
use super::wire::{Moment, Wire};
use super::{Ends, Intake, Receiver, Reply, Taken, body, head, reply};

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
    let (head_end, mut in_vain) = (wire.read_at(), false);
    if fault.is_none() {
        (request.body, fault, in_vain) = receive_body(wire, &request, &ends.remote, receiver).await;
    }
    let at = wire.read_at();
    let is_broken = fault.is_some();
    let after = if is_broken { After::Close } else { After::of(&request) };
    let is_head = &request.method[..] == b"HEAD";

    let mut capture = ends.capture(request, started.wall);
    capture.timing = timing(started, head_end, at);
    let Some(taken) = receiver.hand_in(capture, fault).await else { return Next::Close };
    let asked = Asked { at, is_head, after, is_broken, in_vain };
    Player { wire, receiver, asked }.run(taken).await
}

fn timing(started: Moment, head_end: Moment, body_end: Moment) -> Timing {
    Timing { head_us: head_end.micros_since(started), body_us: body_end.micros_since(head_end) }
}

/// Reads the body that the head announces, asking for it first when the client waits to be asked. The last of the three
/// is whether it waited in vain.
async fn receive_body<I: Intake>(
    wire: &mut Wire<impl Stream>,
    request: &Request,
    remote: &str,
    receiver: &Receiver<I>,
) -> (Body, Option<Fault>, bool) {
    let limits = &receiver.limits;
    let framing = match Framing::of(&request.headers) {
        Ok(framing) => framing,
        Err(text) => return (body::unframed(wire, limits).await, Some(Fault::bad_framing(text)), false),
    };
    let is_awaited = framing != Framing::Empty && wire.buffered().is_empty() && expects_continue(request);
    let in_vain = is_awaited && receiver.intake.withholds_continue(request, remote);
    if is_awaited && !in_vain {
        // Also for a body that is too long, of which the first part is kept. When this cannot be sent, reading the body
        // finds out what is wrong.
        let _ = wire.send(reply::CONTINUE, limits.body_idle).await;
    }
    let (body, fault) = body::read(wire, framing, limits).await;
    let fault = if in_vain && body.total == 0 { fault.map(Fault::for_want_of_continue) } else { fault };
    (body, fault, in_vain)
}

impl<I: Intake> Receiver<I> {
    /// Hands a capture to the intake and says what to answer; nothing when nobody is left to hear it.
    pub(super) async fn hand_in(&self, mut capture: Capture, fault: Option<Fault>) -> Option<Taken> {
        let Some(fault) = fault else { return Some(self.intake.take(capture).await) };
        let own = fault.answer();
        capture.problem = Some(fault.problem);
        capture.answer.clone_from(&own);
        let Taken { id, reply } = self.intake.take(capture).await;
        let answer = reply.answer().await;
        own.map(|own| Taken { id, reply: Reply::Now(if answer.status == 503 { answer } else { own }) })
    }
}
