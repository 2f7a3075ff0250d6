//! How a connection opens: with a TLS handshake or with HTTP, which the first byte tells.

use std::sync::Arc;

use tokio::time::Instant;

use crate::capture::{HttpVersion, Request};

use super::fault::Fault;
use super::framing::After;
use super::play::{Asked, Player};
use super::stream::Stream;
use super::tls::{HANDSHAKE, ServerTls, shake};
use super::wire::Wire;
use super::{Ends, Intake, Receiver, connection, head};

/// Serves a connection to a listener that speaks TLS: HTTP comes over it, or plain, unless clients must show a certificate.
pub(super) async fn serve<S, I>(stream: S, ends: Ends, tls: ServerTls, receiver: Arc<Receiver<I>>)
where
    S: Stream + Send + 'static,
    I: Intake,
{
    let mut wire = Wire::new(stream);
    if !connection::request_begins(&mut wire, &receiver).await {
        return;
    }
    if wire.buffered().first() == Some(&HANDSHAKE) {
        return secured(wire, ends, &tls, receiver).await;
    }
    if !tls.asks_client() {
        return connection::serve(wire, ends, receiver).await;
    }
    let until = Instant::now() + receiver.limits.head_timeout;
    refuse(&mut wire, &ends, &receiver, until).await;
    connection::linger(wire, &receiver).await;
}

/// Keeps the head of a request that came plain where it must not, and says so.
async fn refuse<I: Intake>(wire: &mut Wire<impl Stream>, ends: &Ends, receiver: &Receiver<I>, until: Instant) {
    let started = wire.read_at();
    let (request, fault) = head::read(wire, &receiver.limits, until).await;
    let fault = fault.unwrap_or_else(Fault::plain_http);
    let is_head = &request.method[..] == b"HEAD";
    let asked = Asked { at: wire.read_at(), is_head, after: After::Close, is_broken: true, in_vain: false };
    if let Some(taken) = receiver.hand_in(ends.capture(request, started.wall), Some(fault)).await {
        Player { wire, receiver, asked }.run(taken).await;
    }
}

async fn secured<S, I>(wire: Wire<S>, mut ends: Ends, tls: &ServerTls, receiver: Arc<Receiver<I>>)
where
    S: Stream + Send + 'static,
    I: Intake,
{
    let started = wire.read_at();
    let shaken = tokio::select! {
        shaken = shake(wire, tls, receiver.limits.handshake_timeout) => shaken,
        () = receiver.stop.cancelled() => return,
    };
    match shaken {
        Ok((stream, settled)) => {
            ends.tls = Some(settled);
            connection::serve(Wire::new(stream), ends, receiver).await;
        }
        Err(remains) => {
            let (failed, stream) = *remains;
            ends.tls = Some(failed.tls);
            let request = Request { version: HttpVersion::Unknown, head: failed.came, ..Request::default() };
            receiver.hand_in(ends.capture(request, started.wall), Some(failed.fault)).await;
            // What the client has sent meanwhile is read, or the reset that it causes would take our alert away.
            if let Some(stream) = stream {
                connection::linger(Wire::new(stream), &receiver).await;
            }
        }
    }
}
