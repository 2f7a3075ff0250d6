//! Checking every capture again after the secrets changed; age is still judged at arrival.

use std::ops::ControlFlow;

use super::Service;
use crate::capture::{CaptureId, Mark, Verdict};
use crate::store::StoreError;

/// What checking again came to.
#[derive(Clone, Debug, Default)]
pub struct Rechecked {
    /// Captures looked at.
    pub total: usize,
    /// Those whose mark changed.
    pub changes: Vec<(CaptureId, Mark)>,
}

impl Service {
    /// Checks the captures of the session with the checker in force. Blocks: about 10 µs a capture of 3 KB.
    pub fn recheck(&self) -> Result<(Rechecked, Vec<(CaptureId, Verdict)>), StoreError> {
        let checker = self.checker();
        let mut done = Rechecked::default();
        let mut verdicts = Vec::new();
        self.store.for_each(|capture| {
            done.total += 1;
            if !capture.request.method.is_empty() {
                let verdict = checker.check(&capture.request, capture.received_at);
                if verdict != capture.verdict {
                    if verdict.mark() != capture.verdict.mark() {
                        done.changes.push((capture.id, verdict.mark()));
                    }
                    verdicts.push((capture.id, verdict));
                }
            }
            ControlFlow::Continue(())
        })?;
        Ok((done, verdicts))
    }
}
