//! Attempts as they come in, after the resend sheet was sent.

use crate::app::detail::{Look, response_lines};
use crate::app::{Line, ResendPlan, Scroll};
use crate::capture::{Attempt, AttemptOutcome};

/// The attempts of one run.
#[derive(Clone, Debug)]
pub struct Attempts {
    /// What is being sent.
    pub plan: ResendPlan,
    /// What came of it so far, oldest first.
    pub done: Vec<Attempt>,
    /// Whether more are to come.
    pub running: bool,
    /// Whether no more are wanted.
    pub stopping: bool,
    /// The attempt with the cursor.
    pub scroll: Scroll,
    /// The lines of its answer.
    pub answer: Vec<Line>,
}

impl Attempts {
    /// A run that has just begun.
    pub fn new(plan: ResendPlan) -> Self {
        let (done, answer) = (Vec::new(), Vec::new());
        Self { plan, done, running: true, stopping: false, scroll: Scroll::default(), answer }
    }

    /// Adds an attempt; a cursor on the last one goes to it.
    pub fn add(&mut self, attempt: Attempt, look: &Look) {
        let at_end = self.scroll.cursor + 1 >= self.done.len();
        self.done.push(attempt);
        self.go(if at_end { self.done.len() - 1 } else { self.scroll.cursor }, look);
    }

    /// Puts the cursor on an attempt, the nearest there is.
    pub fn go(&mut self, at: usize, look: &Look) {
        self.scroll.cursor = at.min(self.done.len().saturating_sub(1));
        self.answer = match self.chosen().map(|attempt| &attempt.outcome) {
            Some(AttemptOutcome::Answered(response)) => response_lines(response, |name| look.is_secret(name)),
            _ => Vec::new(),
        };
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
