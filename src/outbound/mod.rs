//! Sends requests, again or on: our own HTTP/1.1 writer, because they must keep what HTTP libraries change (the case,
//! order and number of header lines, and odd ones), over TCP or TLS.
//!
//! Owns connecting, sending, and reading the answer within a time limit. Does not know what is sent or why: `export`
//! prepares that. Redirects are not followed, an answer is an answer.

mod answer;
mod kept;
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
use tokio::time::error::Elapsed;

use crate::capture::{AttemptOutcome, AttemptTiming, Response};
use crate::export::{Outgoing, Url};

pub use answer::MAX_KEPT;
pub use resent::Resent;
pub use tls::{TlsError, TlsOptions};

use answer::Heard;
use kept::{Connection, Kept, Stream};

/// Sends requests. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    tls: Arc<RwLock<tls::Connector>>,
    kept: Kept,
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
        Ok(Self { tls, kept: Kept::default(), resent })
    }

    /// The same, keeping connections for so long when nothing is sent over them; for a second unless told.
    #[must_use]
    pub fn with_idle(self, idle: Duration) -> Self {
        Self { kept: Kept::for_idle(idle), ..self }
    }

    /// Trusts and shows what these options say from the next connection on; so do all clones of this client. The error
    /// leaves it as it was.
    pub fn trust(&self, tls: &TlsOptions) -> Result<(), TlsError> {
        let other = tls::Connector::new(tls)?;
        *self.tls.write().unwrap_or_else(PoisonError::into_inner) = other;
        self.kept.clear();
        Ok(())
    }

    fn tls(&self) -> tls::Connector {
        self.tls.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Sends a request over a connection of its own and reads what comes of it, all within `time_limit`. Dropping the future
    /// ends the attempt.
    pub async fn send(&self, outgoing: &Outgoing, time_limit: Duration) -> (AttemptOutcome, AttemptTiming) {
        let mut clock = Clock::start();
        let sending = async {
            let mut connection = self.connect(outgoing).await?;
            let answer = self.exchange(&mut connection, outgoing, MAX_KEPT, &mut clock).await;
            answer.map(|heard| heard.response).map_err(|failure| failure.error)
        };
        let sent = tokio::time::timeout(time_limit, sending).await;
        let failed = |error: Unanswered| AttemptOutcome::Failed(error.to_string());
        (clock.ended(sent, time_limit).map_or_else(failed, AttemptOutcome::Answered), clock.timing())
    }

    /// The same, keeping the first `keep` bytes of the answer's body, and telling an answer that is too late from one that
    /// cannot come. Many of these share connections.
    pub async fn ask(
        &self,
        outgoing: &Outgoing,
        time_limit: Duration,
        keep: usize,
    ) -> (Result<Response, Unanswered>, AttemptTiming) {
        let mut clock = Clock::start();
        let sent = tokio::time::timeout(time_limit, self.ask_over_kept(outgoing, keep, &mut clock)).await;
        (clock.ended(sent, time_limit), clock.timing())
    }

    /// A connection that was kept may be closed just now: then the request goes out over a new one, and nobody is told. But
    /// not when the target may have read it, and doing it twice is not the same as once.
    async fn ask_over_kept(&self, outgoing: &Outgoing, keep: usize, clock: &mut Clock) -> Result<Response, SendError> {
        let origin = outgoing.url.origin();
        let mut connection = match self.kept.take(&origin) {
            Some(kept) => kept,
            None => self.connect(outgoing).await?,
        };
        let mut heard = self.exchange(&mut connection, outgoing, keep, clock).await;
        if let Err(failure) = &heard
            && connection.is_kept
            && failure.is_unheard
            && (!failure.was_sent || is_idempotent(&outgoing.request.method))
        {
            connection = self.connect(outgoing).await?;
            heard = self.exchange(&mut connection, outgoing, keep, clock).await;
        }
        let heard = heard.map_err(|failure| failure.error)?;
        if heard.stays_open {
            self.kept.put(origin, connection);
        }
        Ok(heard.response)
    }

    async fn connect(&self, outgoing: &Outgoing) -> Result<Connection, SendError> {
        // Taken first: what is trusted may change while this goes on.
        let age = self.kept.age();
        let stream = connect(&outgoing.url).await?;
        let local = stream.local_addr().map_err(SendError::Broken)?;
        let stream: Box<dyn Stream> = if outgoing.url.is_tls() {
            Box::new(self.tls().handshake(&outgoing.url, stream).await.map_err(SendError::Tls)?)
        } else {
            Box::new(stream)
        };
        Ok(Connection { stream, local, is_kept: false, age })
    }

    async fn exchange(
        &self,
        connection: &mut Connection,
        outgoing: &Outgoing,
        keep: usize,
        clock: &mut Clock,
    ) -> Result<Heard, Failure> {
        let _noted = self.resent.note(connection.local, outgoing.capture);
        converse(&mut connection.stream, outgoing, keep, clock).await
    }
}

/// Why an exchange gave no answer, and how far it went.
struct Failure {
    error: SendError,
    /// Whether all of the request was handed to the system, so that the target may have it.
    was_sent: bool,
    /// Whether not a byte came back.
    is_unheard: bool,
}

/// RFC 9110, section 9.2.2.
fn is_idempotent(method: &[u8]) -> bool {
    [&b"GET"[..], b"HEAD", b"OPTIONS", b"TRACE", b"PUT", b"DELETE"].contains(&method)
}

/// Sends and reads at the same time: a target may answer, and close, before it has read everything.
async fn converse<S>(stream: S, outgoing: &Outgoing, keep: usize, clock: &mut Clock) -> Result<Heard, Failure>
where
    S: AsyncRead + AsyncWrite,
{
    clock.connected();
    let (reader, mut writer) = tokio::io::split(stream);
    let bytes = outgoing.request.wire_bytes();
    let mut writing = pin!(async move {
        writer.write_all(&bytes).await?;
        writer.flush().await
    });
    let expected = answer::Expected { is_head: outgoing.request.method == "HEAD", keep };
    let mut is_unheard = true;
    let (answer, written) = {
        let mut reading = pin!(answer::read(reader, expected, || {
            is_unheard = false;
            clock.first_byte();
        }));
        tokio::select! {
            answer = &mut reading => (answer, None),
            written = &mut writing => (reading.await, Some(written)),
        }
    };
    let was_sent = matches!(written, Some(Ok(())));
    match (answer, written) {
        (Ok(heard), _) => Ok(Heard { stays_open: heard.stays_open && was_sent, ..heard }),
        (Err(error), Some(Err(broken))) if error.is_silence() => {
            Err(Failure { error: SendError::Broken(broken), was_sent, is_unheard })
        }
        (Err(error), _) => Err(Failure { error: error.into(), was_sent, is_unheard }),
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

    fn connected(&mut self) {
        self.timing.connect_us = self.elapsed();
    }

    fn first_byte(&mut self) {
        self.timing.first_byte_us = self.elapsed();
    }

    /// What came of it, or that it took too long.
    fn ended(
        &self,
        sent: Result<Result<Response, SendError>, Elapsed>,
        limit: Duration,
    ) -> Result<Response, Unanswered> {
        match sent {
            Ok(answer) => answer.map_err(|error| Unanswered::Failed(error.to_string())),
            Err(_) => Err(Unanswered::TooLate(self.timed_out(limit))),
        }
    }

    /// The times of an attempt that ends now.
    fn timing(&self) -> AttemptTiming {
        AttemptTiming { total_us: self.elapsed(), ..self.timing }
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
