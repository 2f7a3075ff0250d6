//! Why the signature of a capture does not hold, also by what came shortly before it.

use super::Service;
use crate::capture::{Capture, CaptureId, Outcome};
use crate::signature::{Report, Scheme};

/// A redirect is followed at once: so many captures before are looked at.
const BEFORE: u64 = 16;

impl Service {
    /// Why the signature of a capture does not hold. Blocks for up to 100 ms: not for the loop.
    pub fn diagnose(&self, capture: &Capture) -> Report {
        let mut report = self.checker().diagnose(&capture.request, capture.received_at, &capture.verdict);
        let redirected = report.redirected;
        if let Some(hint) = report.hints.first_mut().filter(|_| redirected)
            && let Some(first) = self.carries_the_same(capture)
        {
            let (id, method, path) = (first.id, first.request.method_text(), first.request.path());
            hint.proof = format!("{id}, {method} {path}, carries the same signature, and there it holds");
        }
        report
    }

    /// A request shortly before this one whose signature is the same and valid.
    fn carries_the_same(&self, capture: &Capture) -> Option<Capture> {
        let checker = self.checker();
        let header = checker.schemes().get(capture.verdict.scheme.as_deref()?).map(Scheme::signature_headers)?.pop()?;
        let signature = capture.request.headers.get(&header)?;
        let before = (1..=BEFORE).map_while(|back| capture.id.0.checked_sub(back).filter(|id| *id > 0));
        before.filter_map(|id| self.store.get(CaptureId(id)).ok().flatten()).find(|other| {
            other.verdict.outcome == Outcome::Valid && other.request.headers.get(&header) == Some(signature)
        })
    }
}
