//! Commands that a rule ran for a capture, each with what came of it.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::CaptureId;

/// One run of a command.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// Its number in the store; zero until stored.
    pub id: u64,
    /// The capture that it was run for.
    pub capture: CaptureId,
    /// When it was started.
    pub at: DateTime<Utc>,
    /// The rule that asked for it.
    pub rule: String,
    /// The program and its arguments.
    pub command: Vec<String>,
    /// What came of it.
    pub outcome: RunOutcome,
    /// The first part of what it wrote to its standard output.
    pub stdout: Bytes,
    /// Bytes that it wrote there in all.
    pub stdout_total: u64,
    /// The first part of what it wrote to its standard error.
    pub stderr: Bytes,
    /// Bytes that it wrote there in all.
    pub stderr_total: u64,
    /// How long it took, in microseconds.
    pub took_us: u64,
}

impl Run {
    /// Whether it ended with exit code 0.
    pub fn went_well(&self) -> bool {
        self.outcome == RunOutcome::Exited(0)
    }
}

/// What came of a command. The JSON form is part of the JSON output.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunOutcome {
    /// It ended with this exit code.
    Exited(i32),
    /// A signal of this number ended it.
    Killed(i32),
    /// It was ended, with its whole process group, after this many milliseconds.
    TimedOut(u64),
    /// It could not be started; the sentence says why.
    NotStarted(String),
    /// Too many were waiting already.
    Refused,
}
