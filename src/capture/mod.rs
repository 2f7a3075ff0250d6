//! What was received, exactly as it was: the request on the wire, when and from whom, its verdict, the answer it
//! got, and the attempts to send it again.
//!
//! Owns the words that every other room speaks. Knows nothing of sockets, stores, schemes or screens.

mod answer;
mod attempt;
mod changes;
mod chunked;
mod deeds;
mod endpoint;
mod finding;
mod head;
mod headers;
mod identity;
mod play;
mod request;
mod retry;
mod run;
mod security;
mod signed;
mod summary;
mod verdict;

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub use answer::{Answer, NEVER_MADE, Unsent, status_text};
pub use attempt::{Asker, Attempt, AttemptOutcome, AttemptTiming, Response, Signing};
pub use changes::{ChangePlace, Changes};
pub use chunked::{ChunkError, ChunkedDecoder, Progress};
pub use deeds::Deeds;
pub use endpoint::Endpoint;
pub use finding::{Finding, Lint};
pub use head::{Head, HeadError, MAX_HEAD, StartLine, head_length, parse_header_lines, parse_request, parse_response};
pub use headers::{Header, Headers};
pub use identity::{Identity, ObjectKey};
pub use play::{Ending, EndingKind, Fault, Play};
pub use request::{Body, HttpVersion, Request};
pub use retry::{Retry, Sameness};
pub use run::{Run, RunOutcome};
pub use security::{ClientCertificate, Tls};
pub use signed::Signed;
pub use summary::Summary;
pub use verdict::{Covers, Mark, Outcome, Verdict};

/// The number of a capture in its store, unique across sessions; shown as `#17`. Zero until the store has numbered it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CaptureId(pub u64);

impl fmt::Display for CaptureId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}

/// One received request as it came over the wire, with its verdict and the answer that it got.
#[derive(Clone, Debug, PartialEq)]
pub struct Capture {
    /// Zero until stored.
    pub id: CaptureId,
    /// When the first byte of the request arrived.
    pub received_at: DateTime<Utc>,
    /// Who sent it: `address:port`; `unix` over a Unix socket.
    pub remote: String,
    /// Which of our addresses it came to: `address:port`, or `unix:` and the path of the socket.
    pub local: String,
    /// The request itself.
    pub request: Request,
    /// How long its parts took to arrive.
    pub timing: Timing,
    /// What went wrong while receiving it, if anything.
    pub problem: Option<Problem>,
    /// The outcome of checking its signature.
    pub verdict: Verdict,
    /// Who sent it and what it says it is.
    pub identity: Identity,
    /// What we replied; `None` when the connection gave no chance to.
    pub answer: Option<Answer>,
    /// The capture that this one is a resend of, when it came from this hookview.
    pub resent_from: Option<CaptureId>,
    /// The TLS that it came over; `None` for a plain connection.
    pub tls: Option<Tls>,
    /// That it repeats an earlier capture.
    pub retry: Option<Retry>,
    /// Pinned captures are never evicted.
    pub pinned: bool,
    /// Whether rules do something about it beside answering that is still to end. Not kept: it is false of what was
    /// read.
    pub pending: bool,
}

/// How long the parts of a request took to arrive, in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timing {
    /// From the first byte of the head to its last.
    pub head_us: u64,
    /// From the end of the head to the last byte of the body.
    pub body_us: u64,
}

/// What went wrong while a request was being received. The capture holds what did arrive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// What sort of thing.
    pub kind: ProblemKind,
    /// A sentence for the reader, without a final stop: `the connection closed after 120 of 2319 body bytes`.
    pub text: String,
}

/// The sorts of [`Problem`]. The kebab-case names are part of the JSON output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProblemKind {
    /// The connection closed before the head was complete.
    HeadCut,
    /// The head did not arrive within the time limit.
    HeadStalled,
    /// The head is longer than the limit.
    HeadTooLarge,
    /// The first bytes are not an HTTP request.
    NotHttp,
    /// The connection closed before the body was complete.
    BodyCut,
    /// No body byte arrived within the time limit.
    BodyStalled,
    /// The body is longer than the limit; the first part is kept.
    BodyTooLarge,
    /// The framing of the body (chunk sizes, `Content-Length`) cannot be understood.
    BadFraming,
    /// The TLS handshake failed, so that there is no request.
    TlsFailed,
}

impl ProblemKind {
    /// The kebab-case name, as in the JSON output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::HeadCut => "head-cut",
            Self::HeadStalled => "head-stalled",
            Self::HeadTooLarge => "head-too-large",
            Self::NotHttp => "not-http",
            Self::BodyCut => "body-cut",
            Self::BodyStalled => "body-stalled",
            Self::BodyTooLarge => "body-too-large",
            Self::BadFraming => "bad-framing",
            Self::TlsFailed => "tls-failed",
        }
    }
}

impl Capture {
    /// A capture of `request` that nothing has looked at yet: unnumbered, unchecked, unanswered.
    pub fn new(request: Request, received_at: DateTime<Utc>, remote: String, local: String) -> Self {
        Self {
            id: CaptureId::default(),
            received_at,
            remote,
            local,
            request,
            timing: Timing::default(),
            problem: None,
            verdict: Verdict::default(),
            identity: Identity::default(),
            answer: None,
            resent_from: None,
            tls: None,
            retry: None,
            pinned: false,
            pending: false,
        }
    }

    /// Whether the whole request arrived and was kept.
    pub fn is_complete(&self) -> bool {
        self.problem.is_none()
    }

    /// Whether all is known that there will be to know of its answer: false while one is being made or played.
    pub fn is_settled(&self) -> bool {
        let settled = |answer: &Answer| answer.play.is_plain() || answer.ending.is_some();
        self.problem.is_some() || self.answer.as_ref().is_some_and(settled)
    }

    /// The light row that lists keep of this capture.
    pub fn summary(&self) -> Summary {
        Summary::of(self)
    }
}
