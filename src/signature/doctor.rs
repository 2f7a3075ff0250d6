//! The doctor: what would make a signature hold that does not. For display only; nothing is ever accepted by it.

use chrono::{DateTime, Utc};

use super::checker::Checker;
use crate::capture::{Request, Verdict};

/// What the doctor found out about a signature that does not hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Near misses that would make it hold, the likeliest first; empty when none does.
    pub hints: Vec<Hint>,
    /// How many variants were tried.
    pub tried: usize,
    /// Whether all were tried; false when the body is so big that the budget ended it.
    pub complete: bool,
}

/// A near miss: shows neither a secret nor a digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// What is wrong, in words, without a final stop: `the sender signs with secret staging`.
    pub cause: String,
    /// What was seen to hold: `HMAC-SHA512 matches with the last byte (0a) removed`.
    pub proof: String,
    /// What to do about it.
    pub fix: String,
}

impl Checker {
    /// Looks for the near miss behind a verdict that is not valid. Blocks for up to 100 ms: not for the drawing thread.
    pub fn diagnose(&self, _request: &Request, _arrived: DateTime<Utc>, _verdict: &Verdict) -> Report {
        Report::default()
    }
}
