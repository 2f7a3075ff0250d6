//! Attempts as they come in, after the resend sheet was sent.

use std::time::Duration;

use crate::app::{ResendPlan, Scroll};
use crate::capture::Attempt;

/// The attempts of one run.
#[derive(Clone, Debug)]
pub struct Attempts {
    /// What is being sent.
    pub plan: ResendPlan,
    /// What came of it so far, oldest first.
    pub done: Vec<Attempt>,
    /// Whether more are to come.
    pub running: bool,
    /// When the run began, on the model's clock.
    pub since: Duration,
    /// The attempt with the cursor.
    pub scroll: Scroll,
}

impl Attempts {
    /// A run that has just begun.
    pub fn new(plan: ResendPlan, since: Duration) -> Self {
        Self { plan, done: Vec::new(), running: true, since, scroll: Scroll::default() }
    }

    /// The attempt with the cursor.
    pub fn chosen(&self) -> Option<&Attempt> {
        self.done.get(self.scroll.cursor)
    }

    /// How many were answered 2xx.
    pub fn accepted(&self) -> usize {
        self.done.iter().filter(|attempt| attempt.accepted()).count()
    }
}
