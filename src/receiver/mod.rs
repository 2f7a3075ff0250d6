//! Listens, records each request exactly as it came, and sends the answer that it is given.
//!
//! Owns the sockets and the time limits of receiving. HTTP/1 is read by a loop of its own, because a witness keeps the
//! bytes of a head, the framing of a body and the half of a request that came before something broke; HTTP/2 goes
//! through hyper. Knows [`capture`](crate::capture) and nothing else of the program: what a capture is worth, whether it
//! is kept and what is answered is the [`Intake`]'s to say.
//!
//! ```text
//! accept -> opening -> connection -+- head -> framing -> body --.
//!              |  ^                |                            +--> exchange --> Intake --> play --> client
//!              v  |                '- http2 (hyper) ------------'
//!              tls
//! ```

mod accept;
mod bind;
mod body;
mod connection;
mod door;
mod exchange;
mod fault;
mod framing;
mod head;
mod holder;
mod http2;
mod opening;
mod play;
mod reply;
mod stream;
pub mod tls;
mod unix;
mod waiting;
mod wire;

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio_util::sync::CancellationToken;

use crate::capture::{Answer, Capture, CaptureId, Ending, MAX_HEAD, Request, Tls};

pub use accept::serve;
pub use bind::{BindError, bind, next_free_port};
pub use door::Door;
pub use holder::Holder;
pub use unix::{UnixError, bind_unix};

/// What happens to a received request; the receiver knows nothing else of the program.
pub trait Intake: Send + Sync + 'static {
    /// Takes a capture over and says what to answer. Returns when the capture is committed, or when it is sure that it
    /// cannot be: then the answer is a 503.
    ///
    /// A capture with a [`problem`](Capture::problem) comes with its answer in place (or with none, when nobody is left
    /// to hear one). That answer is sent whatever is returned here, unless this is a 503.
    fn take(&self, capture: Capture) -> impl Future<Output = Taken> + Send;

    /// Whether a client that waits for `100 Continue` is left waiting. `request` has no body yet.
    fn withholds_continue(&self, request: &Request, remote: &str) -> bool {
        let _ = (request, remote);
        false
    }

    /// Told how the sending of an answer ended, unless it went out at once and whole as planned. Told once, and when the
    /// answer is a [`Reply::Later`], not before that has run to its end (or hookview stopped).
    fn ended(&self, id: CaptureId, ending: Ending) {
        let _ = (id, ending);
    }
}

/// A capture that was taken over.
pub struct Taken {
    /// Its number; `None` when it could not be kept.
    pub id: Option<CaptureId>,
    /// What to answer.
    pub reply: Reply,
}

/// What to answer.
pub enum Reply {
    /// This.
    Now(Answer),
    /// What this gives. The capture is committed already; the future is run to its end, whether or not the client still
    /// waits.
    Later(Pin<Box<dyn Future<Output = Answer> + Send>>),
}

impl Reply {
    /// Waits for the answer.
    async fn answer(self) -> Answer {
        match self {
            Self::Now(answer) => answer,
            Self::Later(answer) => answer.await,
        }
    }
}

impl Taken {
    /// An answer that is known, for a capture that was kept.
    pub fn now(id: CaptureId, answer: Answer) -> Self {
        Self { id: Some(id), reply: Reply::Now(answer) }
    }

    /// The answer when a capture could not be kept.
    pub fn not_kept(answer: Answer) -> Self {
        Self { id: None, reply: Reply::Now(answer) }
    }
}

/// How much is read of one request, and how long a client may take.
///
/// These bound one request: up to about three times `max_body` when it comes in chunks, whose framing is kept too. All
/// requests together are bounded by how many file descriptors the system gives us (and 200 streams, hyper's default, on
/// each HTTP/2 connection) until they reach the [`Intake`], which may make them wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The most bytes of a body that are kept; a longer one is answered 413.
    pub max_body: u64,
    /// The most bytes of a head; a longer one is answered 431.
    pub max_head: usize,
    /// From the first byte of a head to its last.
    pub head_timeout: Duration,
    /// The longest pause within a body, and within the sending of an answer.
    pub body_idle: Duration,
    /// From the first byte of a TLS handshake to its end.
    pub handshake_timeout: Duration,
    /// How long a connection may stay open without a request. Then it is closed without a word.
    pub keep_alive: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_body: 10 * 1024 * 1024,
            max_head: MAX_HEAD,
            head_timeout: Duration::from_secs(30),
            body_idle: Duration::from_secs(30),
            handshake_timeout: Duration::from_secs(10),
            keep_alive: Duration::from_secs(75),
        }
    }
}

impl Limits {
    /// How much of a body that is too long is read and thrown away, so that the client gets to see the answer.
    fn max_drain(&self) -> u64 {
        self.max_body.saturating_mul(8).max(1024 * 1024)
    }
}

/// What all connections share.
struct Receiver<I> {
    intake: Arc<I>,
    limits: Limits,
    /// From when on nothing new is begun.
    stop: CancellationToken,
    /// From when on nothing is waited for: the grace is over, but for the last words.
    too_late: CancellationToken,
}

impl<I> Receiver<I> {
    fn new(intake: Arc<I>, limits: Limits, stop: CancellationToken) -> Self {
        Self { intake, limits, stop, too_late: CancellationToken::new() }
    }
}

/// The two ends of a connection, as a capture has them, and the TLS between them.
#[derive(Clone, Debug, Default)]
struct Ends {
    remote: String,
    local: String,
    tls: Option<Tls>,
}

impl Ends {
    /// A capture of what came over this connection.
    fn capture(&self, request: Request, received_at: DateTime<Utc>) -> Capture {
        let capture = Capture::new(request, received_at, self.remote.clone(), self.local.clone());
        Capture { tls: self.tls.clone(), ..capture }
    }
}
