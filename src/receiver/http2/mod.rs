//! HTTP/2 with prior knowledge, through hyper: its requests become captures like any other.
//!
//! What HTTP/2 does not carry cannot be shown: there are no head bytes, and names come in lower case. hyper groups
//! lines of the same name.

mod exchange;
mod outgoing;
mod request;

use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::AsyncReadExt;
use tokio::sync::{SetOnce, oneshot};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::accept::GRACE;
use super::stream::Stream;
use super::wire::Wire;
use super::{Ends, Intake, Receiver, reply};

/// What the streams of a connection share.
struct Shared<I> {
    ends: Ends,
    receiver: Arc<Receiver<I>>,
    /// Set by a stream whose answer is that the whole connection comes to an end.
    torn: SetOnce<Tear>,
}

/// How a connection is ended on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tear {
    Close,
    Garbage,
}

/// Serves a connection whose first bytes are those of HTTP/2.
pub(super) async fn serve<S, I>(wire: Wire<S>, ends: Ends, receiver: Arc<Receiver<I>>)
where
    S: Stream + Send + 'static,
    I: Intake,
{
    let (mut stream, read) = wire.into_parts();
    let streams = Streams::default();
    let shared = Arc::new(Shared { ends, receiver, torn: SetOnce::new() });
    speak(&mut stream, &read, &streams, &shared).await;
    if let Some(&tear) = shared.torn.get() {
        tear_down(Wire::new(stream), tear, &shared.receiver).await;
    } else {
        drop(stream);
    }
    streams.finish().await;
}

/// Lets hyper speak until the connection ends, or is to be ended. `read` was read from the stream already.
async fn speak<I: Intake>(stream: &mut (impl Stream + Send), read: &[u8], streams: &Streams, shared: &Arc<Shared<I>>) {
    let (reader, writer) = tokio::io::split(stream);
    let io = TokioIo::new(tokio::io::join(read.chain(reader), writer));
    let service = service_fn(|request| {
        let (tell, told) = oneshot::channel();
        streams.spawn(exchange::run(request, tell, Arc::clone(shared)));
        told
    });
    let receiver = &shared.receiver;
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder.auto_date_header(false).max_header_list_size(u32::try_from(receiver.limits.max_head).unwrap_or(u32::MAX));
    let mut connection = std::pin::pin!(builder.serve_connection(io, service));
    tokio::select! {
        _ = connection.as_mut() => return,
        _ = shared.torn.wait() => {}
        () = time_to_leave(streams, receiver) => {}
    }
    connection.as_mut().graceful_shutdown();
    tokio::select! {
        // First, so that the client hears of it also when nothing is waited for.
        biased;
        _ = connection.as_mut() => {}
        _ = shared.torn.wait() => {}
        () = receiver.too_late.cancelled() => {}
        () = sleep(GRACE), if !receiver.stop.is_cancelled() => {}
    }
}

/// Ends a connection that hyper does not hold any more.
async fn tear_down<I>(mut wire: Wire<impl Stream>, tear: Tear, receiver: &Receiver<I>) {
    let idle = receiver.limits.body_idle;
    if tear == Tear::Garbage {
        let _ = wire.send(reply::GARBAGE, idle).await;
    }
    tokio::select! {
        () = wire.linger(receiver.limits.max_drain(), Instant::now() + idle) => {}
        () = receiver.stop.cancelled() => {}
    }
}

async fn time_to_leave<I>(streams: &Streams, receiver: &Receiver<I>) {
    tokio::select! {
        () = receiver.stop.cancelled() => {}
        () = streams.idle(receiver.limits.keep_alive) => {}
    }
}

/// The requests of one connection that are being received, stored or answered. They run on their own: hyper drops what a client
/// takes back, a witness keeps it.
#[derive(Default)]
struct Streams(Mutex<Activity>);

#[derive(Default)]
struct Activity {
    running: JoinSet<()>,
    /// Whether a request came since anybody last looked.
    was_busy: bool,
}

impl Streams {
    fn lock(&self) -> MutexGuard<'_, Activity> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut activity = self.lock();
        while activity.running.try_join_next().is_some() {}
        activity.running.spawn(task);
        activity.was_busy = true;
    }

    /// Returns when nothing happened for `limit` (and at most as long again).
    async fn idle(&self, limit: Duration) {
        loop {
            sleep(limit).await;
            let mut activity = self.lock();
            while activity.running.try_join_next().is_some() {}
            if activity.running.is_empty() && !mem::take(&mut activity.was_busy) {
                return;
            }
        }
    }

    async fn finish(&self) {
        let mut running = mem::take(&mut self.lock().running);
        while running.join_next().await.is_some() {}
    }
}
