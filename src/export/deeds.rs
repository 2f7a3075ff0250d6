//! What rules did about a capture, as its JSON object tells it.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::encoded::{Blob, Lines, write_time};
use crate::capture::{Asker, Attempt, AttemptOutcome, AttemptTiming, Response, Run, RunOutcome, Signing};

/// A command that was run.
#[derive(Serialize)]
pub(super) struct Ran {
    #[serde(serialize_with = "write_time")]
    at: DateTime<Utc>,
    rule: String,
    command: Vec<String>,
    outcome: RunOutcome,
    took_us: u64,
    stdout: Blob,
    /// Bytes written, more than there are in `stdout` when not all were kept; so is `stderr_size`.
    stdout_size: u64,
    stderr: Blob,
    stderr_size: u64,
}

/// A try at sending a capture on.
#[derive(Serialize)]
pub(super) struct Forwarded {
    #[serde(serialize_with = "write_time")]
    at: DateTime<Utc>,
    rule: String,
    /// Which try it was, from 1.
    nth: u32,
    url: String,
    signing: Signing,
    /// What the target answered; null when it did not.
    answer: Option<Upstream>,
    /// Why it did not answer; null when it did.
    failed: Option<String>,
    timing: AttemptTiming,
}

#[derive(Serialize)]
struct Upstream {
    status: u16,
    headers: Lines,
    body: Blob,
    body_size: u64,
}

impl Ran {
    pub fn of(run: &Run) -> Self {
        Self {
            at: run.at,
            rule: run.rule.clone(),
            command: run.command.clone(),
            outcome: run.outcome.clone(),
            took_us: run.took_us,
            stdout: Blob(run.stdout.clone()),
            stdout_size: run.stdout_total,
            stderr: Blob(run.stderr.clone()),
            stderr_size: run.stderr_total,
        }
    }
}

impl Forwarded {
    pub fn of(attempt: &Attempt) -> Self {
        let (rule, nth) = match &attempt.by {
            Asker::Forward { rule, nth } => (rule.clone(), *nth),
            Asker::Resend => (String::new(), 1),
        };
        let (answer, failed) = match &attempt.outcome {
            AttemptOutcome::Answered(response) => (Some(Upstream::of(response)), None),
            AttemptOutcome::Failed(why) => (None, Some(why.clone())),
        };
        let (at, url, timing) = (attempt.at, attempt.url.clone(), attempt.timing);
        Self { at, rule, nth, url, signing: attempt.signing.clone(), answer, failed, timing }
    }
}

impl Upstream {
    fn of(response: &Response) -> Self {
        Self {
            status: response.status,
            headers: Lines::of(&response.headers),
            body: Blob(response.body.clone()),
            body_size: response.body_total,
        }
    }
}
