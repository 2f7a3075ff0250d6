//! Sends requests, again or on: our own HTTP/1.1 writer, because they must keep what HTTP libraries change (the case,
//! order and number of header lines, and odd ones), over TCP or TLS, one connection a request.
//!
//! Owns connecting, sending, and reading the answer within a time limit. Does not know what is sent or why: `export`
//! prepares that. Redirects are not followed, an answer is an answer.

mod answer;
mod resent;
mod tls;
mod verifier;

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::capture::{AttemptOutcome, AttemptTiming, Response};
use crate::export::{Outgoing, Url};

pub use answer::MAX_KEPT;
pub use resent::Resent;
pub use tls::{TlsError, TlsOptions};

/// Sends requests. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    tls: Arc<RwLock<tls::Connector>>,
    resent: Resent,
}

/// Why there is no answer. The text is the sentence of the attempt.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unanswered {
    /// It did not come, or not whole, within the time limit.
    #[error("{0}")]
    TooLate(String),
    /// The connection could not be made, or broke, or what came is no answer.
    #[error("{0}")]
    Failed(String),
}

#[derive(Debug, thiserror::Error)]
enum SendError {
    #[error("no such host: {0}")]
    NoSuchHost(String),
    #[error("connection refused by {0}: nothing listens there")]
    Refused(String),
    #[error("cannot connect to {0}: {1}")]
    Connect(String, io::Error),
    #[error("{0}")]
    Tls(String),
    #[error("{}", broken(.0))]
    Broken(io::Error),
    #[error(transparent)]
    Answer(#[from] answer::AnswerError),
}

impl Client {
    /// A client that trusts the system's certificates and those of `tls`. `resent` learns of the connections it opens.
    pub fn new(tls: &TlsOptions, resent: Resent) -> Result<Self, TlsError> {
        let tls = Arc::new(RwLock::new(tls::Connector::new(tls)?));
        Ok(Self { tls, resent })
    }

    /// Trusts and shows what these options say from the next connection on; so do all clones of this client. The error
    /// leaves it as it was.
    pub fn trust(&self, tls: &TlsOptions) -> Result<(), TlsError> {
        let other = tls::Connector::new(tls)?;
        *self.tls.write().unwrap_or_else(PoisonError::into_inner) = other;
        Ok(())
    }

    fn tls(&self) -> tls::Connector {
        self.tls.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Sends a request and reads what comes of it, all within `time_limit`. Dropping the future ends the attempt.
    pub async fn send(&self, outgoing: &Outgoing, time_limit: Duration) -> (AttemptOutcome, AttemptTiming) {
        let (answer, timing) = self.ask(outgoing, time_limit, MAX_KEPT).await;
        let failed = |error: Unanswered| AttemptOutcome::Failed(error.to_string());
        (answer.map_or_else(failed, AttemptOutcome::Answered), timing)
    }

    /// The same, keeping the first `keep` bytes of the answer's body, and telling an answer that is too late from one
    /// that cannot come.
    pub async fn ask(
        &self,
        outgoing: &Outgoing,
        time_limit: Duration,
        keep: usize,
    ) -> (Result<Response, Unanswered>, AttemptTiming) {
        let mut clock = Clock::start();
        let sent = tokio::time::timeout(time_limit, self.exchange(outgoing, keep, &mut clock)).await;
        let answer = match sent {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => Err(Unanswered::Failed(error.to_string())),
            Err(_) => Err(Unanswered::TooLate(clock.timed_out(time_limit))),
        };
        clock.timing.total_us = clock.elapsed();
        (answer, clock.timing)
    }

    async fn exchange(&self, outgoing: &Outgoing, keep: usize, clock: &mut Clock) -> Result<Response, SendError> {
        let stream = connect(&outgoing.url).await?;
        let local = stream.local_addr().map_err(SendError::Broken)?;
        let _noted = self.resent.note(local, outgoing.capture);
        if outgoing.url.is_tls() {
            let stream = self.tls().handshake(&outgoing.url, stream).await.map_err(SendError::Tls)?;
            converse(stream, outgoing, keep, clock).await
        } else {
            converse(stream, outgoing, keep, clock).await
        }
    }
}

/// Sends and reads at the same time: a target may answer, and close, before it has read everything.
async fn converse<S>(stream: S, outgoing: &Outgoing, keep: usize, clock: &mut Clock) -> Result<Response, SendError>
where
    S: AsyncRead + AsyncWrite,
{
    clock.timing.connect_us = clock.elapsed();
    let (reader, mut writer) = tokio::io::split(stream);
    let bytes = outgoing.request.wire_bytes();
    let mut writing = pin!(async move {
        writer.write_all(&bytes).await?;
        writer.flush().await
    });
    let expected = answer::Expected { is_head: outgoing.request.method == "HEAD", keep };
    let mut reading = pin!(answer::read(reader, expected, || clock.first_byte()));
    let written = tokio::select! {
        answer = &mut reading => return Ok(answer?),
        written = &mut writing => written,
    };
    match (reading.await, written) {
        (Err(error), Err(broken)) if error.is_silence() => Err(SendError::Broken(broken)),
        (answer, _) => Ok(answer?),
    }
}

/// Tries every address of the host in turn.
async fn connect(url: &Url) -> Result<TcpStream, SendError> {
    let no_such_host = || SendError::NoSuchHost(url.host());
    let addresses = tokio::net::lookup_host((url.host(), url.port())).await.map_err(|_| no_such_host())?;
    let mut last = no_such_host();
    for address in addresses {
        match TcpStream::connect(address).await {
            Ok(stream) => {
                // A small request in two segments would wait for an acknowledgement.
                let _ = stream.set_nodelay(true);
                return Ok(stream);
            }
            Err(error) => last = connect_error(url, address, error),
        }
    }
    Err(last)
}

fn connect_error(url: &Url, address: SocketAddr, error: io::Error) -> SendError {
    let name = format!("{}:{}", url.host(), url.port());
    let place = if name == address.to_string() { name } else { address.to_string() };
    match error.kind() {
        io::ErrorKind::ConnectionRefused => SendError::Refused(place),
        _ => SendError::Connect(place, error),
    }
}

/// A connection that broke, in words.
fn broken(error: &io::Error) -> String {
    if let Some(refused) = tls::refused(error) {
        return refused;
    }
    match error.kind() {
        io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => "the target reset the connection".to_owned(),
        _ => format!("the connection broke: {error}"),
    }
}

/// Takes the times of an attempt.
struct Clock {
    start: Instant,
    timing: AttemptTiming,
}

impl Clock {
    fn start() -> Self {
        Self { start: Instant::now(), timing: AttemptTiming::default() }
    }

    /// Microseconds since the start, at least one: zero says that a point was not reached.
    fn elapsed(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_micros()).unwrap_or(u64::MAX).max(1)
    }

    fn first_byte(&mut self) {
        self.timing.first_byte_us = self.elapsed();
    }

    fn timed_out(&self, limit: Duration) -> String {
        let stage = match self.timing {
            AttemptTiming { connect_us: 0, .. } => "not connected yet",
            AttemptTiming { first_byte_us: 0, .. } => "no answer",
            _ => "the answer did not end",
        };
        format!("timed out after {} s: {stage}", limit.as_secs_f64())
    }
}
