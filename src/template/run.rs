//! One render: its limits, its dialect, its clock, and what is noticed on the way.
//!
//! Everything that a filter, method or function needs from the engine hangs here; the methods that run template code
//! (`call`, `filter`, `test`, `attribute`, `item`, `iterate`, `truth`) are in the modules that own those questions.

use std::cell::Cell;

use chrono::{DateTime, Utc};

use super::Dialect;
use super::failure::Failure;

/// Steps that a render may take.
const STEPS: u64 = 3_000_000;

/// The state of one render.
pub struct Run {
    /// Whose template it is.
    pub dialect: Dialect,
    /// What time it is.
    pub now: DateTime<Utc>,
    /// Whether `{% autoescape %}` is on here.
    pub autoescape: Cell<bool>,
    steps: Cell<u64>,
}

impl Run {
    /// Counts one step: an iteration, a call, a node.
    pub fn step(&self) -> Result<(), Failure> {
        self.charge(1)
    }

    /// Counts work that grows with data: items copied, bytes made.
    pub fn charge(&self, steps: usize) -> Result<(), Failure> {
        let spent = self.steps.get().saturating_add(steps as u64);
        self.steps.set(spent);
        if spent > STEPS {
            Err(Failure::refused(format!("a template that takes more than {STEPS} steps")))
        } else {
            Ok(())
        }
    }
}
