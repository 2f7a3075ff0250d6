//! What can go wrong with a request, the sentence that says it, and the answer that it gets.

use std::time::Duration;

use crate::capture::{Answer, HeadError, Problem, ProblemKind};

use super::wire::Halt;

/// Something that went wrong while a request was being received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub problem: Problem,
    /// Whether the client may still hear an answer; not so when the connection broke.
    pub heard: bool,
}

impl Fault {
    pub fn new(kind: ProblemKind, text: impl Into<String>) -> Self {
        Self { problem: Problem { kind, text: text.into() }, heard: true }
    }

    /// The head stopped after `seen` bytes.
    pub fn head_halted(halt: Halt, seen: usize, limit: Duration) -> Self {
        let bytes = counted(seen as u64);
        match halt {
            Halt::TimedOut => {
                let limit = spelled(limit);
                Self::new(ProblemKind::HeadStalled, format!("the head was not complete after {limit}: {bytes} came"))
            }
            Halt::Closed => Self::new(
                ProblemKind::HeadCut,
                format!("the connection closed after {bytes}, before the end of the head"),
            ),
            Halt::Reset => Self {
                heard: false,
                ..Self::new(
                    ProblemKind::HeadCut,
                    format!("the client broke off after {bytes}, before the end of the head"),
                )
            },
        }
    }

    pub fn head_too_large(limit: usize) -> Self {
        Self::new(ProblemKind::HeadTooLarge, format!("the head is longer than the limit of {limit} bytes"))
    }

    pub fn not_http(error: &HeadError) -> Self {
        Self::new(ProblemKind::NotHttp, error.to_string())
    }

    /// The body stopped after `seen` bytes of `length`, where that is known.
    pub fn body_halted(halt: Halt, seen: u64, length: Option<u64>, limit: Duration) -> Self {
        let so_far = match length {
            Some(length) => format!("{seen} of {length} body bytes"),
            None => format!("{seen} body bytes, before the end of the body"),
        };
        match halt {
            Halt::TimedOut => {
                let limit = spelled(limit);
                Self::new(ProblemKind::BodyStalled, format!("nothing came for {limit} after {so_far}"))
            }
            Halt::Closed => Self::new(ProblemKind::BodyCut, format!("the connection closed after {so_far}")),
            Halt::Reset => {
                Self { heard: false, ..Self::new(ProblemKind::BodyCut, format!("the client broke off after {so_far}")) }
            }
        }
    }

    /// The client was not told to go on sending.
    pub fn for_want_of_continue(mut self) -> Self {
        self.problem.text.push_str("; 100 Continue was withheld on purpose");
        self
    }

    /// The body is `total` bytes long; at least that long, when not all of it was read.
    pub fn body_too_large(total: u64, limit: u64, all_seen: bool) -> Self {
        let text = if all_seen {
            format!("the body has {total} bytes, the limit is {limit}")
        } else {
            format!("the body is longer than the limit of {limit} bytes: {total} came before reading stopped")
        };
        Self::new(ProblemKind::BodyTooLarge, text)
    }

    pub fn bad_framing(text: impl Into<String>) -> Self {
        Self::new(ProblemKind::BadFraming, text)
    }

    /// The TLS handshake failed: nobody is left who would understand an answer.
    pub fn tls_failed(text: impl Into<String>) -> Self {
        Self { heard: false, ..Self::new(ProblemKind::TlsFailed, text) }
    }

    /// The TLS handshake took too long.
    pub fn tls_stalled(limit: Duration) -> Self {
        Self::tls_failed(format!("the TLS handshake was not complete after {}", spelled(limit)))
    }

    /// Plain HTTP came where a client must show a certificate.
    pub fn plain_http() -> Self {
        let text = "the client spoke HTTP to a port that asks for a client certificate: use https:// in its URL";
        Self::new(ProblemKind::TlsFailed, text)
    }

    /// What the client is told, when it can hear it.
    pub fn answer(&self) -> Option<Answer> {
        let (status, rule) = match self.problem.kind {
            ProblemKind::HeadCut => (400, "head cut short"),
            ProblemKind::HeadStalled => (408, "head stalled"),
            ProblemKind::HeadTooLarge => (431, "head too large"),
            ProblemKind::NotHttp => (400, "not HTTP"),
            ProblemKind::BodyCut => (400, "body cut short"),
            ProblemKind::BodyStalled => (408, "body stalled"),
            ProblemKind::BodyTooLarge => (413, "body too large"),
            ProblemKind::BadFraming => (400, "bad framing"),
            ProblemKind::TlsFailed => (400, "TLS failed"),
        };
        self.heard.then(|| Answer::text(status, format!("{}\n", self.problem.text), rule))
    }
}

fn counted(bytes: u64) -> String {
    if bytes == 1 { "1 byte".to_owned() } else { format!("{bytes} bytes") }
}

fn spelled(limit: Duration) -> String {
    if limit.subsec_millis() == 0 { format!("{} s", limit.as_secs()) } else { format!("{} ms", limit.as_millis()) }
}
