//! The accept loops, and coming to a stop.

use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::{JoinError, JoinSet};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::{Door, Intake, Limits, Receiver};

/// How long requests in flight may take to finish once we are told to stop.
pub(super) const GRACE: Duration = Duration::from_secs(2);
/// How long it may take after that to tell what was not finished.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// Receives at all `doors` until `stop` is cancelled. Then accepts no more, closes what is idle, lets what is in
/// flight finish (2 seconds at most) and returns.
pub async fn serve<I: Intake, D: Into<Door>>(doors: Vec<D>, intake: Arc<I>, limits: Limits, stop: CancellationToken) {
    let receiver = Arc::new(Receiver::new(intake, limits, stop));
    let mut loops = JoinSet::new();
    for door in doors {
        loops.spawn(accept(door.into(), Arc::clone(&receiver)));
    }
    while loops.join_next().await.is_some() {}
}

async fn accept<I: Intake>(door: Door, receiver: Arc<Receiver<I>>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            biased;
            () = receiver.stop.cancelled() => break,
            Some(ended) = connections.join_next() => note_panic(ended),
            accepted = door.accept() => match accepted {
                Ok(caller) => door.serve(caller, Arc::clone(&receiver), &mut connections),
                Err(error) => recover(&error).await,
            },
        }
    }
    drop(door);
    let finished = async { while connections.join_next().await.is_some() {} };
    let mut finished = pin!(finished);
    if timeout(GRACE, finished.as_mut()).await.is_ok() {
        return;
    }
    receiver.too_late.cancel();
    if timeout(LAST_WORDS, finished).await.is_err() {
        tracing::warn!("connections still busy after {} s were cut", GRACE.as_secs());
    }
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
