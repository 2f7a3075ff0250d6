//! What we replied to a request.

use bytes::Bytes;

use super::{Ending, EndingKind, Fault, Headers, Play};

/// What the receiver replied, and when.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status code.
    pub status: u16,
    /// The header lines of the answer, less those that the transport adds (`Content-Length`, `Connection`, `Date`).
    pub headers: Headers,
    /// The body of the answer.
    pub body: Bytes,
    /// What decided it: the name of a rule, `default`, or why something else was needed (`body too large`).
    pub rule: String,
    /// Why it was answered so, or why a handshake was not; empty when there is nothing to say. May hold foreign text:
    /// show it only as `Clean`.
    pub note: String,
    /// Microseconds from the last byte of the request until the answer was ready to be committed with the capture.
    pub after_us: u64,
    /// How it is sent.
    pub play: Play,
    /// How sending it ended, when that was not at once and as planned; `None` also while it goes on.
    pub ending: Option<Ending>,
}

impl Answer {
    /// A `text/plain` answer.
    pub fn text(status: u16, body: impl Into<Bytes>, rule: &str) -> Self {
        let mut headers = Headers::default();
        headers.push("Content-Type", "text/plain; charset=utf-8");
        Self { status, headers, body: body.into(), rule: rule.to_owned(), ..Self::default() }
    }

    /// The status that the client got, or will as far as is known; zero when it got none.
    pub fn sent_status(&self) -> u16 {
        let left = self.ending.is_some_and(|ending| matches!(ending.kind, EndingKind::GaveUp | EndingKind::Stopped));
        let sent = match self.play.fault {
            Some(Fault::Close | Fault::Reset | Fault::Hang | Fault::Garbage) => false,
            Some(Fault::Drip { .. } | Fault::Cut { .. }) => true,
            Some(Fault::NoContinue) => !left,
            None => !left || self.play.delay_ms == 0,
        };
        if sent { self.status } else { 0 }
    }
}
