//! HTTP/2 with prior knowledge, through hyper: its requests become captures like any other.
//!
//! What HTTP/2 does not carry cannot be shown: there are no head bytes, and names come in lower case. hyper groups
//! lines of the same name.

use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt, Full};
use hyper::body::{Frame, Incoming};
use hyper::header::CONTENT_LENGTH;
use hyper::http::request::Parts;
use hyper::http::uri::{Authority, PathAndQuery};
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper::{HeaderMap, Method, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::AsyncReadExt;
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::capture::{Body, Headers, HttpVersion, Request, Timing, parse_header_lines};

use super::accept::GRACE;
use super::fault::Fault;
use super::stream::Stream;
use super::wire::{Halt, Moment, Wire};
use super::{Ends, Intake, Limits, Receiver, reply};

/// Serves a connection whose first bytes are those of HTTP/2.
pub(super) async fn serve<S, I>(wire: Wire<S>, ends: Ends, receiver: Arc<Receiver<I>>)
where
    S: Stream + Send + 'static,
    I: Intake,
{
    let (stream, read) = wire.into_parts();
    let (reader, writer) = tokio::io::split(stream);
    let io = TokioIo::new(tokio::io::join(std::io::Cursor::new(read).chain(reader), writer));

    let (streams, ends) = (Streams::default(), Arc::new(ends));
    let service = service_fn(|request| {
        let (tell, told) = oneshot::channel();
        let (receiver, ends) = (Arc::clone(&receiver), Arc::clone(&ends));
        streams.spawn(async move {
            if let Some(response) = exchange(request, &ends, &receiver).await {
                let _ = tell.send(response);
            }
        });
        told
    });
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder.auto_date_header(false).max_header_list_size(u32::try_from(receiver.limits.max_head).unwrap_or(u32::MAX));
    let mut connection = std::pin::pin!(builder.serve_connection(io, service));
    tokio::select! {
        _ = connection.as_mut() => {}
        () = time_to_leave(&streams, &receiver) => {
            connection.as_mut().graceful_shutdown();
            let _ = timeout(GRACE, connection).await;
        }
    }
    streams.finish().await;
}

async fn time_to_leave<I>(streams: &Streams, receiver: &Receiver<I>) {
    tokio::select! {
        () = receiver.stop.cancelled() => {}
        () = streams.idle(receiver.limits.keep_alive) => {}
    }
}

/// The requests of one connection that are being received or stored. They run on their own: hyper drops what a client
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

/// One request to its response; none when nobody is left to hear it.
async fn exchange<I: Intake>(
    request: hyper::Request<Incoming>,
    ends: &Ends,
    receiver: &Receiver<I>,
) -> Option<Response<Full<Bytes>>> {
    let started = Moment::now();
    let (parts, incoming) = request.into_parts();
    let is_head = parts.method == Method::HEAD;
    let (body, fault) = read(incoming, declared_length(&parts.headers), &receiver.limits).await;
    let mut capture = ends.capture(as_request(&parts, body), started.wall);
    capture.timing = Timing { head_us: 0, body_us: Moment::now().micros_since(started) };
    let answer = receiver.hand_in(capture, fault).await?;
    Some(reply::response(&answer, is_head))
}

fn declared_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn as_request(parts: &Parts, body: Body) -> Request {
    let uri = &parts.uri;
    let authority = uri.authority().map(Authority::as_str);
    let target = uri.path_and_query().map(PathAndQuery::as_str).or(authority).unwrap_or_default();
    let pseudo = [
        (":method", Some(parts.method.as_str())),
        (":scheme", uri.scheme_str()),
        (":authority", authority),
        (":path", uri.path_and_query().map(PathAndQuery::as_str)),
    ];
    let pseudo = pseudo.into_iter().filter_map(|(name, value)| Some((name, value?.as_bytes())));
    let fields = lines(pseudo.chain(named(&parts.headers)));
    let start = format!("{} {target} {}\r\n", parts.method, HttpVersion::Http2);
    Request {
        version: HttpVersion::Http2,
        method: Bytes::copy_from_slice(parts.method.as_str().as_bytes()),
        target: Bytes::copy_from_slice(target.as_bytes()),
        headers: parse_header_lines(&fields),
        head: [start.as_bytes(), &fields].concat().into(),
        body,
    }
}

fn named(headers: &HeaderMap) -> impl Iterator<Item = (&str, &[u8])> {
    headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()))
}

/// Fields in the form that HTTP/1 has on the wire, with the blank line.
fn lines<'a>(fields: impl Iterator<Item = (&'a str, &'a [u8])>) -> Bytes {
    let mut lines = BytesMut::new();
    for (name, value) in fields {
        for part in [name.as_bytes(), b": ", value, b"\r\n"] {
            lines.extend_from_slice(part);
        }
    }
    lines.extend_from_slice(b"\r\n");
    lines.freeze()
}

/// Reads a body, as far as the limits allow.
async fn read(mut incoming: Incoming, declared: Option<u64>, limits: &Limits) -> (Body, Option<Fault>) {
    let mut received = Received::default();
    let end = received.fill(&mut incoming, limits).await;
    let is_over = received.total > limits.max_body;
    let total = declared.filter(|_| is_over).unwrap_or(received.total).max(received.total);
    let fault = match end {
        _ if is_over => {
            Some(Fault::body_too_large(total, limits.max_body, declared.is_some() || end == Ok(End::Reached)))
        }
        Ok(_) => None,
        Err(halt) => Some(Fault::body_halted(halt, total, declared, limits.body_idle)),
    };
    let bytes = Bytes::from(received.kept.into_boxed_slice());
    (Body { bytes, total, framed: None, trailers: received.trailers }, fault)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Reached,
    GivenUp,
}

/// A body as it comes in.
#[derive(Default)]
struct Received {
    kept: Vec<u8>,
    total: u64,
    trailers: Headers,
}

impl Received {
    /// Takes frames in until the end, or until it is far past the limit. Not less: a client whose stream is closed
    /// while it sends may not look at the answer.
    async fn fill(&mut self, incoming: &mut Incoming, limits: &Limits) -> Result<End, Halt> {
        loop {
            match timeout(limits.body_idle, incoming.frame()).await {
                Err(_) => return Err(Halt::TimedOut),
                Ok(None) => return Ok(End::Reached),
                Ok(Some(Err(_))) => return Err(Halt::Reset),
                Ok(Some(Ok(frame))) => self.add(frame, limits),
            }
            if self.total > limits.max_drain() {
                return Ok(End::GivenUp);
            }
        }
    }

    fn add(&mut self, frame: Frame<Bytes>, limits: &Limits) {
        match frame.into_data() {
            Ok(data) => {
                let room = limits.max_body.saturating_sub(self.kept.len() as u64);
                let room = usize::try_from(room).unwrap_or(usize::MAX);
                self.kept.extend_from_slice(&data[..data.len().min(room)]);
                self.total += data.len() as u64;
            }
            Err(frame) => {
                let trailers = frame.trailers_ref().map(|trailers| parse_header_lines(&lines(named(trailers))));
                self.trailers = trailers.unwrap_or_default();
            }
        }
    }
}
