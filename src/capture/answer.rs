//! What we replied to a request.

use bytes::Bytes;
use serde::Serialize;

use super::{Ending, EndingKind, Fault, Headers, Play};

/// What stands for the rule where no answer was made.
pub const NEVER_MADE: &str = "not answered";

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

    /// The status that the client got; zero when it got none, or none yet.
    pub fn sent_status(&self) -> u16 {
        if self.unsent().is_none() { self.status } else { 0 }
    }

    /// Why the client got no status; `None` when it got the one of this answer, as far as that can be seen from here.
    pub fn unsent(&self) -> Option<Unsent> {
        let kind = self.ending.map(|ending| ending.kind);
        let left = kind.and_then(|kind| match kind {
            EndingKind::GaveUp => Some(Unsent::GaveUp),
            EndingKind::Stopped => Some(Unsent::Stopped),
            EndingKind::Lost => Some(Unsent::Lost),
            EndingKind::Sent | EndingKind::Played | EndingKind::Broke => None,
        });
        match self.play.fault {
            _ if self.status == 0 || kind == Some(EndingKind::Lost) => left.or(Some(Unsent::UnderWay)),
            Some(Fault::Close) => Some(Unsent::Close),
            Some(Fault::Reset) => Some(Unsent::Reset),
            Some(Fault::Hang) => Some(Unsent::Hang),
            Some(Fault::Garbage) => Some(Unsent::Garbage),
            Some(Fault::Drip { pause_ms }) => {
                let left = left.or((kind == Some(EndingKind::Broke)).then_some(Unsent::GaveUp));
                left.filter(|_| !self.dripped_status(pause_ms)).or_else(|| self.not_yet())
            }
            Some(Fault::Cut { .. }) if self.play.delay_ms == 0 => None,
            Some(Fault::Cut { .. } | Fault::NoContinue) | None => left.or_else(|| self.not_yet()),
        }
    }

    /// Whether `HTTP/1.1 200` had gone out when it ended, a byte every so many milliseconds.
    fn dripped_status(&self, pause_ms: u64) -> bool {
        let last = self.play.delay_ms.saturating_add(pause_ms.saturating_mul(11));
        self.ending.is_some_and(|ending| ending.after_us / 1000 >= last)
    }

    fn not_yet(&self) -> Option<Unsent> {
        (self.ending.is_none() && self.play.delay_ms > 0).then_some(Unsent::UnderWay)
    }

    /// What stands in place of an answer that was never made.
    pub fn never_made(ending: Ending) -> Self {
        Self { rule: NEVER_MADE.to_owned(), ending: Some(ending), ..Self::default() }
    }
}

/// Why a client got no status. The kebab-case names are part of the JSON output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unsent {
    /// The connection was closed on purpose.
    Close,
    /// It was reset on purpose.
    Reset,
    /// Nothing was sent on purpose.
    Hang,
    /// Something that is no HTTP was sent on purpose.
    Garbage,
    /// The client went before the answer did.
    GaveUp,
    /// hookview was stopped before.
    Stopped,
    /// hookview ended before without having a say in it: killed, or by a power cut.
    Lost,
    /// It may still come.
    UnderWay,
}

/// `200 OK`, with the usual words where the answer gave none.
pub fn status_text(status: u16, reason: &str) -> String {
    let usual = match status {
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        408 => "Request Timeout",
        413 => "Content Too Large",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        _ => "",
    };
    let reason = if reason.is_empty() { usual } else { reason };
    format!("{status} {reason}").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_that_no_client_got_is_none() {
        let unsent = |delay_ms, fault, kind: Option<(EndingKind, u64)>| {
            let ending = kind.map(|(kind, ms)| Ending { kind, after_us: ms * 1000 });
            let answer = Answer { play: Play { delay_ms, fault }, ending, ..Answer::text(200, "OK", "a") };
            assert_eq!(answer.sent_status() == 0, answer.unsent().is_some());
            answer.unsent()
        };
        let drip = Some(Fault::Drip { pause_ms: 100 });
        for (delay_ms, fault, ending, expected) in [
            (0, None, None, None),
            (0, None, Some((EndingKind::Sent, 5)), None),
            (0, None, Some((EndingKind::Broke, 5)), None),
            (0, None, Some((EndingKind::GaveUp, 5)), Some(Unsent::GaveUp)),
            (500, None, None, Some(Unsent::UnderWay)),
            (500, None, Some((EndingKind::Sent, 501)), None),
            (500, None, Some((EndingKind::Stopped, 90)), Some(Unsent::Stopped)),
            (500, None, Some((EndingKind::Lost, 0)), Some(Unsent::Lost)),
            (0, Some(Fault::Hang), Some((EndingKind::GaveUp, 90)), Some(Unsent::Hang)),
            (0, Some(Fault::Hang), Some((EndingKind::Lost, 0)), Some(Unsent::Lost)),
            (0, Some(Fault::Reset), Some((EndingKind::Played, 1)), Some(Unsent::Reset)),
            (0, Some(Fault::Cut { after: 1 }), None, None),
            (0, drip, None, None),
            (0, drip, Some((EndingKind::GaveUp, 1099)), Some(Unsent::GaveUp)),
            (0, drip, Some((EndingKind::Broke, 300)), Some(Unsent::GaveUp)),
            (0, drip, Some((EndingKind::GaveUp, 1100)), None),
            (500, drip, Some((EndingKind::GaveUp, 1100)), Some(Unsent::GaveUp)),
            (500, drip, Some((EndingKind::GaveUp, 1600)), None),
            (0, Some(Fault::NoContinue), Some((EndingKind::GaveUp, 90)), Some(Unsent::GaveUp)),
            (0, Some(Fault::NoContinue), Some((EndingKind::Played, 90)), None),
        ] {
            assert_eq!(unsent(delay_ms, fault, ending), expected, "{delay_ms} {fault:?} {ending:?}");
        }
        let never = Answer::never_made(Ending { kind: EndingKind::Stopped, after_us: 1 });
        assert_eq!((never.sent_status(), never.unsent()), (0, Some(Unsent::Stopped)));
    }
}
