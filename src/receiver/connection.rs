//! A connection from its first byte to its close: which protocol it speaks, and one request after the other.

use std::sync::Arc;

use tokio::time::Instant;

use super::exchange::{self, Next};
use super::wire::{Stream, Wire};
use super::{Ends, Intake, Receiver, head, http2};

/// Serves a connection until it closes.
pub(super) async fn serve<S, I>(stream: S, ends: Ends, receiver: Arc<Receiver<I>>)
where
    S: Stream + Send + 'static,
    I: Intake,
{
    let mut wire = Wire::new(stream);
    let mut is_first = true;
    while request_begins(&mut wire, &receiver).await {
        let until = Instant::now() + receiver.limits.head_timeout;
        if is_first && head::opens_http2(&mut wire, until).await {
            return http2::serve(wire, ends, receiver).await;
        }
        is_first = false;
        match exchange::run(&mut wire, &ends, &receiver, until).await {
            Next::Request => {}
            Next::Close => return wire.close().await,
            Next::Linger => return linger(wire, &receiver).await,
        }
    }
}

/// Waits for the first byte of a request, passing over the empty lines that some clients send behind a body
/// (RFC 9112, section 2.2). False when the client closes, says nothing for too long, or we are stopping.
async fn request_begins<I>(wire: &mut Wire<impl Stream>, receiver: &Receiver<I>) -> bool {
    let until = Instant::now() + receiver.limits.keep_alive;
    loop {
        let empty = wire.buffered().iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        wire.consume(empty);
        if !wire.buffered().is_empty() {
            return true;
        }
        tokio::select! {
            biased;
            more = wire.more(until) => if more.is_err() { return false },
            () = receiver.stop.cancelled() => return false,
        }
    }
}

async fn linger<I>(wire: Wire<impl Stream>, receiver: &Receiver<I>) {
    let until = Instant::now() + receiver.limits.body_idle;
    tokio::select! {
        () = wire.linger(receiver.limits.max_drain(), until) => {}
        () = receiver.stop.cancelled() => {}
    }
}
