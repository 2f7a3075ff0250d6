//! How an answer is put on the wire when that is not at once and whole, and how it came out.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How an answer is played. The default sends it at once and whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Play {
    /// The wait before anything of it is sent, in milliseconds.
    pub delay_ms: u64,
    /// What is done instead of sending it well.
    pub fault: Option<Fault>,
}

/// A fault that is played on purpose. Its JSON form is part of the JSON output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Fault {
    /// The connection is closed in good order instead of an answer.
    Close,
    /// The connection is reset (RST) instead of an answer. HTTP/2: the stream is.
    Reset,
    /// Nothing is sent until the client gives up.
    Hang,
    /// The answer goes out a byte at a time.
    Drip {
        /// Between two bytes, in milliseconds.
        pause_ms: u64,
    },
    /// The body ends short of the length that was announced.
    Cut {
        /// Body bytes that are sent.
        after: u64,
    },
    /// Bytes that are no HTTP are sent instead of an answer.
    Garbage,
    /// A client that waits for `100 Continue` never gets it. One that does not wait is answered as usual.
    NoContinue,
}

/// How the sending of an answer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ending {
    /// Which way.
    pub kind: EndingKind,
    /// Microseconds from the last byte of the request until then.
    pub after_us: u64,
}

/// The ways in which the sending of an answer ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EndingKind {
    /// All of it went out.
    Sent,
    /// The fault was played to its end.
    Played,
    /// The client closed first.
    GaveUp,
    /// The connection broke, or the client stopped reading.
    Broke,
    /// hookview was stopped first.
    Stopped,
    /// hookview ended first without having a say in it: killed, or by a power cut. Nothing more is known, nor when.
    Lost,
}

impl Play {
    /// Whether the answer goes out at once and whole.
    pub fn is_plain(&self) -> bool {
        *self == Self::default()
    }

    /// The wait before anything of it is sent.
    pub fn delay(&self) -> Duration {
        Duration::from_millis(self.delay_ms)
    }
}
