//! What rules did about a capture besides answering it.

use super::{Asker, Attempt, Run};

/// What rules did about a capture besides answering it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Deeds {
    /// Commands that were run, oldest first.
    pub runs: Vec<Run>,
    /// Tries at sending it on, oldest first.
    pub forwards: Vec<Attempt>,
}

impl Deeds {
    /// Of all attempts to send a capture, those of rules count.
    pub fn new(runs: Vec<Run>, attempts: Vec<Attempt>) -> Self {
        let is_forward = |attempt: &Attempt| matches!(attempt.by, Asker::Forward { .. });
        Self { runs, forwards: attempts.into_iter().filter(is_forward).collect() }
    }

    /// Whether all went well: every command ended with 0, and what was sent on was accepted in the end.
    pub fn went_well(&self) -> bool {
        self.runs.iter().all(Run::went_well) && self.forwards.last().is_none_or(Attempt::accepted)
    }
}
