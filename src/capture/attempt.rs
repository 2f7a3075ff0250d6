//! Attempts: captures sent again, each with what came of it.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{CaptureId, Headers};

/// One try at sending a capture again.
#[derive(Clone, Debug, PartialEq)]
pub struct Attempt {
    /// Its number in the store; zero until stored.
    pub id: u64,
    /// The capture that was sent.
    pub capture: CaptureId,
    /// Who asked for it.
    pub by: Asker,
    /// When sending began.
    pub at: DateTime<Utc>,
    /// Where to.
    pub url: String,
    /// How it was signed.
    pub signing: Signing,
    /// Whether headers or body were edited first.
    pub edited: bool,
    /// What came of it.
    pub outcome: AttemptOutcome,
    /// How long the parts took.
    pub timing: AttemptTiming,
}

/// Who asked for an attempt.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Asker {
    /// The user, who had it sent again.
    #[default]
    Resend,
    /// A rule that forwards.
    Forward {
        /// The rule's name.
        rule: String,
        /// Which try it is, from 1.
        nth: u32,
    },
}

/// How a resent request was signed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Signing {
    /// With the signature headers that were captured.
    #[default]
    Captured,
    /// Signed again with the secret of this name.
    With(String),
    /// With the signature headers left out.
    None,
}

/// What came of an attempt.
#[derive(Clone, Debug, PartialEq)]
pub enum AttemptOutcome {
    /// The target answered.
    Answered(Response),
    /// It did not; the sentence says why: `connection refused`.
    Failed(String),
}

/// What a target answered.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Response {
    /// The HTTP status code.
    pub status: u16,
    /// The words behind the status code on the status line; may be empty.
    pub reason: String,
    /// The header lines in wire order and case.
    pub headers: Headers,
    /// The body, the first part of it when it is over the limit.
    pub body: Bytes,
    /// Body bytes received in all.
    pub body_total: u64,
}

/// How long the parts of an attempt took, in microseconds from its start; zero for what was not reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttemptTiming {
    /// Until connected, TLS included.
    pub connect_us: u64,
    /// Until the first byte of the answer.
    pub first_byte_us: u64,
    /// Until the last byte of the answer, or the failure.
    pub total_us: u64,
}

impl Attempt {
    /// Whether the target answered 200 to 299.
    pub fn accepted(&self) -> bool {
        matches!(&self.outcome, AttemptOutcome::Answered(r) if (200..300).contains(&r.status))
    }
}
