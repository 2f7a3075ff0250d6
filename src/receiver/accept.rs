//! The accept loops, and coming to a stop.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinError, JoinSet};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::{Ends, Intake, Limits, Receiver, connection};

/// How long requests in flight may take to finish once we are told to stop.
pub(super) const GRACE: Duration = Duration::from_secs(2);
/// The part of it that is left to what has to be told when the rest is over.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// Receives on all `listeners` until `stop` is cancelled. Then accepts no more, closes what is idle, lets what is in
/// flight finish (2 seconds at most) and returns.
pub async fn serve<I: Intake>(listeners: Vec<TcpListener>, intake: Arc<I>, limits: Limits, stop: CancellationToken) {
    let receiver = Arc::new(Receiver::new(intake, limits, stop));
    let mut loops = JoinSet::new();
    for listener in listeners {
        loops.spawn(accept(listener, Arc::clone(&receiver)));
    }
    while loops.join_next().await.is_some() {}
}

async fn accept<I: Intake>(listener: TcpListener, receiver: Arc<Receiver<I>>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            biased;
            () = receiver.stop.cancelled() => break,
            Some(ended) = connections.join_next() => note_panic(ended),
            accepted = listener.accept() => match accepted.and_then(|(stream, _)| Ok((ends(&stream)?, stream))) {
                Ok((ends, stream)) => {
                    connections.spawn(connection::serve(stream, ends, Arc::clone(&receiver)));
                }
                Err(error) => recover(&error).await,
            },
        }
    }
    drop(listener);
    let finished = async { while connections.join_next().await.is_some() {} };
    let mut finished = pin!(finished);
    if timeout(GRACE - LAST_WORDS, finished.as_mut()).await.is_ok() {
        return;
    }
    receiver.too_late.cancel();
    if timeout(LAST_WORDS, finished).await.is_err() {
        tracing::warn!("connections still busy after {} s were cut", GRACE.as_secs());
    }
}

/// Both ends of a fresh connection. Answers are small and wanted now, so they wait for no others to travel with.
fn ends(stream: &TcpStream) -> io::Result<Ends> {
    stream.set_nodelay(true)?;
    Ok(Ends { remote: readable(stream.peer_addr()?), local: readable(stream.local_addr()?) })
}

/// An IPv4 client of an IPv6 socket has an address that nobody would recognise (`[::ffff:10.0.0.1]:4711`).
fn readable(address: SocketAddr) -> String {
    SocketAddr::new(address.ip().to_canonical(), address.port()).to_string()
}

/// A client that is gone already concerns nobody. Anything else (no file descriptors left, say) passes with time.
async fn recover(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset, NotConnected};
    if !matches!(error.kind(), ConnectionAborted | ConnectionReset | NotConnected) {
        tracing::warn!(%error, "a connection could not be accepted");
        sleep(Duration::from_millis(100)).await;
    }
}

fn note_panic(ended: Result<(), JoinError>) {
    if let Err(error) = ended {
        tracing::error!(%error, "a connection ended badly");
    }
}
